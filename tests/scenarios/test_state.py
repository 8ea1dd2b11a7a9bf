"""What accounts, markets and the venue hold: who opens them, who owes a debt, where each atom is.

M is 5 % of the notional; margin calls are turned off.
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given risk call=100.0001%
    and market 1
    and market 2
    and B deposits 5000
    and mark 1=100 2=100
"""

SCENARIOS = {
    "S01 a first deposit opens an account, and another one adds to it [ST-1]": """
        when A deposits 60
        then A state=NORMAL balance=60 equity=60 maintenance=0 lots=0
        when A deposits 40
        then A state=NORMAL balance=100 equity=100
        and fund 1 state=NORMAL balance=0
    """,
    "S02 a closed account is unknown, and its id opens another one [ST-2 GD-11]": """
        given A deposits 60
        and A buys 10 from B at 100
        when A closes
        then refused HAS_POSITIONS value=1
        when mark 90                         # E = -40: B closes at 94
        then CANCEL_ORDERS A
        and AUTO_DELEVERAGE A with=B
        and LOSS_ALLOCATION A
        and LIQUIDATION_ENDED A equity=0
        when A closes
        then A is unknown
        when A buys 1 from B at 90
        then refused UNKNOWN_ACCOUNT value=1
        when A closes
        then refused UNKNOWN_ACCOUNT value=1
        when A deposits 70
        then A state=NORMAL balance=70 equity=70 lots=0
        when A closes
        then refused HAS_BALANCE value=70
    """,
    "S03 a debt counts to the market that was booked last [ST-3 FD-10]": """
        given market 1 reprices=0 share=0.0001%      # not an atom of the fund
        and market 2 share=3%
        and A deposits 100
        and D deposits 100
        and fund 1 deposits 1000
        and A buys 10 from B at 100 in=2
        and D buys 10 from B at 100 in=2
        and A buys 1 from B at 100
        and A sells 10 to B at 92 in=2       # a loss of 80: E = 20 >= 5
        when A sells 1 to B at 60            # in market 1, for which the fund pays nothing
        then CANCEL_ORDERS A equity=-20
        and BAD_DEBT A amount=20
        and fund 1 balance=1000
        when D sells 9 to B at 92 in=2       # a loss of 72
        then nothing
        when D moves -1 at 50 in=2           # 50 more, booked by an update: 22 of 30
        then CANCEL_ORDERS D equity=-22
        and INSURANCE_PAYOUT D fund=1 amount=22
        and LIQUIDATION_ENDED D equity=0
        and fund 1 balance=978
        when market 1 reprices=0 share=2%    # of 1000
        then INSURANCE_PAYOUT A fund=1 amount=20
        and LIQUIDATION_ENDED A equity=0
    """,
    "S04 positions have their cost, and are gone at size 0 [ST-4 ST-5]": """
        given A deposits 100
        and C deposits 100
        when A buys 10 from B at 100
        and C buys 4 from B at 100
        then market 1 mark=100 long=14 short=14
        when mark 110                        # 10 * 110 - 1000, -14 * 110 + 1400
        then A lots=10 equity=200 maintenance=55
        and B lots=-14 equity=4860 maintenance=77
        when A sells 10 to B at 110
        then A lots=0 balance=200 equity=200 maintenance=0
        and B lots=-4 balance=4900 equity=4860
        and market 1 mark=110 long=4 short=4
    """,
    "S05 the outside is the counterparty of one-sided updates [ST-6 ST-9]": """
        given A deposits 100
        when A moves +10 at 100              # outside -10, which cost -1000
        then market 1 long=10 short=0 imbalance=10
        and venue deposits=5100 balances=5100 unrealised=0
        when B moves -4 at 100               # outside -6, -600
        then market 1 long=10 short=4 imbalance=6
        when mark 110                        # 100 - 40 - 60
        then venue balances=5100 unrealised=0
        when A moves -4 at 110               # outside -2, which cost -160 and are worth -220
        then A lots=6 balance=140 equity=200
        and B equity=4960
        and market 1 long=6 short=4 imbalance=2
        and venue deposits=5100 balances=5140 unrealised=-40
        when A stands at 0 at 110            # outside 4, 440
        then POSITION_MISMATCH A position=6 stated=0
        and A balance=140 equity=140
        and venue deposits=5100 balances=5140 unrealised=-40
    """,
    "S06 net deposits are balances, unrealised PnL, funds and fees [ST-7 ST-10]": """
        given A deposits 100
        and A buys 10 from B at 100 fee=3
        and B buys 1 from A at 100 fee=-1
        when B withdraws 10
        then A balance=97 lots=9
        and B balance=4991 lots=-9
        and venue deposits=5090 balances=5088 unrealised=0 funds=0 fees=2
        when mark 95                         # -45 and 45
        then venue deposits=5090 balances=5088 unrealised=0 funds=0 fees=2
        when fund 1 deposits 200
        then venue deposits=5290 funds=200
        when mark 89                         # A: E = 97 - 99, the fund pays 2 and takes 9 over
        then CANCEL_ORDERS A equity=-2
        and INSURANCE_PAYOUT A amount=2
        and TAKE_OVER A size=9 quote=801
        and LIQUIDATION_ENDED A equity=0
        and venue deposits=5290 balances=4991 unrealised=99 funds=198 fees=2
    """,
    "S07 rows of withdrawals are judged one after the other [GD-10 CM-3 MG-8]": """
        given risk kept=0
        and A deposits 200
        and A buys 10 from B at 100
        when rows withdraw A 150, A 1, B 40  # of A 50 stay, initial 5 %
        then MARGIN_CALL A equity=50
        and refused NOT_WITHDRAWABLE row=1 value=1 limit=0
        and A balance=50
        and B balance=4960
        and venue deposits=5010
    """,
    "S08 what is reserved is withdrawn, and not paid out yet [MN-1 MN-2 MN-3 MN-4 GD-11]": """
        given risk reservations=1
        and A deposits 1000
        and C deposits 100
        when A reserves 400 as=7
        then A balance=600 equity=600
        and venue deposits=5700 balances=5700 reserved=400
        when A reserves 1 as=8
        then refused CAPACITY value=8 limit=1
        when A reserves 1 as=7
        then refused ALREADY_EXISTS value=7
        when A cancels 7
        then A balance=1000
        and venue deposits=6100 reserved=0
        when A reserves 1000 as=8
        and C buys 10 from B at 100
        when mark 80                         # E = -100: B gives 100 of its 200 back
        then CANCEL_ORDERS C equity=-100
        and AUTO_DELEVERAGE C with=B
        and LOSS_ALLOCATION C
        and LIQUIDATION_ENDED C equity=0
        when A closes
        then refused HAS_RESERVATIONS value=1
        when A confirms 8
        then venue deposits=5100 reserved=0
        when A confirms 8
        then refused UNKNOWN_RESERVATION value=8
        when A closes
        then A is unknown
    """,
    "S09 what is adjusted has a payer, and is no deposit [MN-6 MN-7]": """
        given A deposits 200
        and A buys 10 from B at 100 fee=50
        and A sells 10 to B at 100
        when A is adjusted by 20 reason=4 payer=2      # of the fees
        then A balance=170
        and venue deposits=5200 balances=5170 fees=30
        when A is adjusted by 31 reason=1 payer=2
        then refused NOT_WITHDRAWABLE value=31 limit=30
        when A is adjusted by -170 reason=2 payer=3     # to the venue
        then A balance=0
        and venue deposits=5030 balances=5000 fees=30
        when A is adjusted by -1 reason=3 payer=2
        then refused NOT_WITHDRAWABLE value=-1 limit=0
        when A is adjusted by 5 reason=5 payer=2
        then refused REASON_MISMATCH value=2 limit=1
        given fund 1 deposits 10
        when A is adjusted by 11 reason=5 payer=1 fund=1
        then refused NOT_WITHDRAWABLE value=11 limit=10
        when A is adjusted by 10 reason=5 payer=1 fund=1
        then A balance=10
        and venue deposits=5040 balances=5010 funds=0 fees=30
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_state(text: str) -> None:
    play(BACKGROUND + text, funds=2)
