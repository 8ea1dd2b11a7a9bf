"""A venue that is brought over: what it holds before it is live, and who is judged when it is.

M is 5 % of the notional; margin calls are turned off.
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given risk call=100.0001%
    and market 1
    and mark 100
"""

SCENARIOS = {
    "L01 nobody is judged until the venue is live, and then all are [LD-1 LD-3 LD-12]": """
        given loading begins
        and A has 1045
        and B has 5000
        and A holds +10 that cost 2000
        and B holds -10 that cost -2000
        when mark 70                         # E = 1045 + 700 - 2000
        then nothing
        and A state=NORMAL equity=-255 maintenance=35
        when A deposits 500
        then refused LOADING value=2 limit=1
        when B buys 10 from A at 70
        then refused LOADING value=2 limit=1
        when mark 100
        then nothing
        when live                            # E = 1045 + 1000 - 2000 < M = 50
        then CANCEL_ORDERS A equity=45 maintenance=50
        and LIQUIDATION_ORDER A id=1 side=SHORT size=2
        when A has 5
        then refused NOT_LOADING value=1 limit=2
    """,
    "L02 what of the deposits is gone is carried in [LD-5 LD-7]": """
        given loading begins
        and A has 700 deposits=1000
        when B has 1250 deposits=1000
        then venue deposits=2000 balances=1950 carried=50 fees=0
        when A holds +7 that cost 711        # bought at 101 and at 102
        then market 1 long=7 short=0 imbalance=7
        and venue unrealised=0               # -11 of A, 11 of the outside
        when B holds -7 that cost -715
        then market 1 imbalance=0
        and A equity=689 balance=700 lots=7
        and B equity=1265
        when live
        then venue deposits=2000 balances=1950 carried=50
    """,
    "L03 an open order goes on where it was, with its id [LD-2 LD-9]": """
        given loading begins last=41
        and A has 430
        and B has 5000
        and A holds +6 that cost 1000
        and B holds -6 that cost -600
        when A waits for 40 side=SHORT size=10 filled=4
        then A state=LIQUIDATING
        when live                            # E = 30 < 1.05 * 30: it has no buffer yet
        then nothing
        when A sells 6 to B at 100 fills=40
        then LIQUIDATION_FILL A id=40 size=6 position=0
        and LIQUIDATION_ORDER_ENDED A id=40 outcome=FILLED size=10 needed=0
        and LIQUIDATION_ENDED A state=NORMAL equity=30
        when A buys 10 from B at 101         # E = 30 - 10 < M = 50
        then CANCEL_ORDERS A equity=20
        and LIQUIDATION_ORDER A id=42
    """,
    "L04 a market out of balance is to be accepted [LD-11]": """
        given loading begins
        and A has 5000
        and B has 5000
        and A holds +10 that cost 1000
        and B holds -4 that cost -400
        when live
        then refused IMBALANCED value=6 limit=0
        when live accept=1
        then nothing
        and market 1 long=10 short=4 imbalance=6
    """,
    "L05 a debt is found again, and paid by the fund of its market [LD-12 WF-22]": """
        given fund 1 deposits 15
        and loading begins
        and A has -20 in=1
        and B has -10
        when live
        then CANCEL_ORDERS A equity=-20
        and CANCEL_ORDERS B equity=-10
        and INSURANCE_PAYOUT A fund=1 amount=15
        and BAD_DEBT A amount=5
        and BAD_DEBT B amount=10             # of no market
        when fund 1 deposits 100
        then INSURANCE_PAYOUT A amount=5
        and LIQUIDATION_ENDED A equity=0
        and debt 10
        when B deposits 10
        then LIQUIDATION_ENDED B state=NORMAL
    """,
    "L06 a venue with an account is never loaded [LD-2]": """
        given A deposits 5
        and A withdraws 5
        when loading begins
        then refused NOT_EMPTY value=1 limit=0
        given A closes
        and loading begins
        when loading begins
        then refused LOADING
        given A has 5
        and live
        when loading begins
        then refused NOT_EMPTY value=1
    """,
    "L07 a deadline that passes meanwhile ends its order when the venue is live [LD-9 LD-12]": """
        given loading begins last=7
        and A has 1045
        and B has 5000
        and A holds +10 that cost 2000
        and B holds -10 that cost -2000
        and A waits for 7 side=SHORT size=2 deadline=1000
        and wait 1000
        when mark 100
        then nothing
        when live                            # E = 45 of 50
        then LIQUIDATION_ORDER_ENDED A id=7 outcome=EXPIRED needed=2
        and AUTO_DELEVERAGE A with=B size=2
        and LOSS_ALLOCATION A needed=2 size=2
        and LIQUIDATION_ENDED A equity=45 maintenance=40
    """,
    "L08 a loaded order closes what its account has, and no more [LD-8]": """
        given loading begins last=41
        and A has 430
        and B has 5000
        when A waits for 40 side=SHORT size=10 filled=4
        then refused NOT_REDUCING value=1 limit=0        # no position in market 1
        given A holds +6 that cost 1000
        and B holds -6 that cost -600
        when A waits for 40 side=LONG size=10 filled=4
        then refused NOT_REDUCING value=1 limit=2
        when A waits for 40 side=SHORT size=11 filled=4
        then refused NOT_REDUCING value=11 limit=10
        and A state=NORMAL
        when A waits for 40 side=SHORT size=10 filled=4
        then A state=LIQUIDATING
        when live
        then nothing
        when A sells 6 to B at 100 fills=40
        then LIQUIDATION_FILL A id=40 size=6 position=0
        and LIQUIDATION_ORDER_ENDED A id=40 outcome=FILLED size=10 needed=0
        and LIQUIDATION_ENDED A state=NORMAL equity=30
        and A lots=0
    """,
    "L09 a loaded order is waited for no longer than one that is issued here [LD-8 WF-13]": """
        given loading begins last=7
        and A has 1045
        and B has 5000
        and A holds +10 that cost 2000
        and B holds -10 that cost -2000
        when A waits for 7 side=SHORT size=1 deadline=1001
        then refused OUT_OF_RANGE value=1001000000 limit=1000000000
        when A waits for 7 side=SHORT size=1 deadline=1000
        and live
        then nothing
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A id=7 outcome=EXPIRED needed=1
        and AUTO_DELEVERAGE A with=B size=1
        and LOSS_ALLOCATION A needed=1 size=1
        and LIQUIDATION_ENDED A state=MARGIN_CALL equity=45 maintenance=45
    """,
    "L11 what was reserved elsewhere is cancelled or confirmed here [MN-5 MN-4 MN-3 LD-1]": """
        given loading begins
        and A has 600
        and A has reserved 400 as=4
        and A has reserved 30 as=9
        when A cancels 4
        then refused LOADING
        when A has reserved 1 as=9
        then refused ALREADY_EXISTS value=9
        when live
        then venue deposits=600 balances=600 reserved=430
        when A has reserved 1 as=2
        then refused NOT_LOADING
        when A cancels 4
        and A confirms 9
        then A balance=1000
        and venue deposits=1000 reserved=0
    """,
    "L10 all are decided on, riskiest first, before anything is booked [LD-10 LD-12 JD-5]": """
        given loading begins
        and A has 20
        and C has 40
        and A holds +10 that cost 1000
        and C holds -10 that cost -1000
        when live                            # M = 50: A is at 0.4 of it, C at 0.8
        then CANCEL_ORDERS A equity=20 maintenance=50
        and CANCEL_ORDERS C equity=40 maintenance=50
        and LIQUIDATION_ORDER A id=1 side=SHORT size=7       # 1.05 * MM(3) = 15.75 <= 20
        and LIQUIDATION_ORDER C id=2 side=LONG size=3        # 1.05 * MM(7) = 36.75 <= 40
    """,
}


@pytest.mark.parametrize("title", SCENARIOS)
def test_scenario(title: str) -> None:
    play(BACKGROUND + SCENARIOS[title])
