"""Take-over by the insurance fund, its limits, and the debts that it pays.

Without the book: below 2/3 of maintenance, or with a rest. E is equity, M maintenance at 5 %;
margin calls are turned off.
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given risk call=100.0001%
    and market 1
    and market 2
    and B deposits 100000
    and C deposits 100000
    and mark 1=100 2=200
"""

SCENARIOS = {
    "T01 below two thirds all legs are taken over at once, the largest first [WF-1 WF-3 LS-3]": """
        given market 1 discount=2%
        and market 2 discount=2%
        and fund 1 deposits 1000
        and A deposits 300
        and A buys 10 from B at 100
        and A sells 10 to B at 200 in=2
        when mark 1=90 2=218                 # E = 300 - 100 - 180 = 20, M = 45 + 109 = 154
        then CANCEL_ORDERS A equity=20 maintenance=154
        # less than 2 % is what the equity covers: floor(20 * 109 / 154), floor(20 * 45 / 154)
        and TAKE_OVER A market=2 side=SHORT size=10 quote=-2180 discount=14 maintenance=154
        and TAKE_OVER A market=1 side=LONG size=10 quote=900 discount=5 equity=20 maintenance=154
        and LIQUIDATION_ENDED A state=NORMAL equity=1
        and A balance=1 lots1=0 lots2=0
        and fund 1 balance=1019 equity=1019 lots1=10 lots2=-10
    """,
    "T02 one tick above two thirds: to the book [WF-2]": """
        given market 1 discount=2%
        and fund 1 deposits 1000
        and A deposits 133
        and A buys 10 from B at 100
        when mark 90                         # E = 33 >= 2/3 * 45 = 30
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=4 price=89         # 1.05 * MM(6) = 1.05 * 27 <= 33
        when report 1
        then LIQUIDATION_ORDER_ENDED A
        # d = min(ceil(2 % of 360) = 8, floor(33 * 18 / 45) = 13)
        and TAKE_OVER A size=4 quote=360 discount=8
        and LIQUIDATION_ORDER A id=2 size=1 equity=25 maintenance=27         # 1.05 * 23 <= 25
    """,
    "T03 a fall below two thirds asks the fund, though an order is out [WF-23 WF-25 JD-7]": """
        given market 1 discount=2%
        and fund 1 deposits 1000
        and A deposits 133
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=4
        when mark 88                         # E = 13 < 2/3 * 44
        then LIQUIDATION_ORDER_ENDED A id=1 size=0 needed=4 outcome=REPLACED
        # d = min(ceil(2 % of 880) = 18, 13)
        and TAKE_OVER A size=10 quote=880 discount=13 equity=13 maintenance=44
        and LIQUIDATION_ENDED A state=NORMAL equity=0
    """,
    "T04 the fund bears the loss beyond the equity [LS-1 LS-3 LS-5]": """
        given fund 1 deposits 1000
        and A deposits 60
        and A buys 10 from B at 100
        when mark 90                         # E = -40, all of which the mark of now took
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A fund=1 amount=40
        and TAKE_OVER A size=10 quote=900 discount=0 equity=-40
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        and fund 1 balance=960 equity=960 lots=10
    """,
    "T05 the fund sells what it took over [GD-21]": """
        given fund 1 deposits 1000
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A quote=900
        and LIQUIDATION_ENDED A
        when F1 sells 10 to C at 92
        then fund 1 balance=980 lots=0       # 1000 - 40 + 920 - 900
    """,
    "T06 the fund must carry what it takes: one atom too little [LS-1 LS-2 LS-5]": """
        given fund 1 deposits 84             # 84 - 40 = 44 < 45
        and A deposits 60
        and A buys 10 from B at 100
        when mark 90
        then CANCEL_ORDERS A
        # The fund pays 40 of 40 first; B buys back at the mark
        and INSURANCE_PAYOUT A amount=40
        and AUTO_DELEVERAGE A with=B size=10 quote=-900 loss=0
        and LOSS_ALLOCATION A size=10 quote=900 loss=40 amount=40 haircut=0
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        and fund 1 balance=44 lots=0
    """,
    "T07 just enough [LS-2]": """
        given fund 1 deposits 85
        and A deposits 60
        and A buys 10 from B at 100
        when mark 90
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A quote=900
        and LIQUIDATION_ENDED A
        and fund 1 equity=45 maintenance=45
    """,
    "T08 a fund without capacity pays a part of the loss, holders the rest [LS-4 LS-16 LS-21]": """
        given fund 1 deposits 15
        and A deposits 60
        and A buys 10 from B at 100
        when mark 90                         # loss 40: 15 by the fund, B closes for 900 + 25
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=15
        and AUTO_DELEVERAGE A with=B size=10 price=92 quote=-925 loss=25
        and LOSS_ALLOCATION A needed=10 size=10 quote=900 loss=40 amount=15 haircut=25
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        and fund 1 balance=0
        and B balance=100075                 # + 1000 - 925
    """,
    "T09 who closes a part pays what that part was given; the rest is debt [LS-17 LS-18 LS-22]": """
        given fund 1 deposits 15
        and A deposits 60
        and A buys 10 from B at 100
        and B stands at -4 at 100
        then POSITION_MISMATCH B position=-10 stated=-4
        when mark 86                         # E = -80, of which the fund pays 15
        then CANCEL_ORDERS A equity=-80
        and INSURANCE_PAYOUT A amount=15
        and AUTO_DELEVERAGE A with=B size=4 price=100 quote=-400 loss=56     # 14 * 4 < 65
        and LOSS_ALLOCATION A needed=10 size=4 quote=344 loss=80 amount=15 haircut=56
        and BAD_DEBT A amount=9              # 80 - 15 - 56
        and A state=BANKRUPT balance=75 equity=-9 lots=6     # 60 + 15 - 56 + 56
        and fund 1 balance=0
    """,
    "T10 the fund pays for a position that finds nobody, too [LS-5 LS-20 LS-22]": """
        given fund 1 deposits 15
        and A deposits 60
        and A buys 10 from B at 100
        and B stands at 0 at 0
        then POSITION_MISMATCH B
        when mark 90
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=15
        and LOSS_ALLOCATION A needed=10 size=0 touched=0 quote=0 loss=40 amount=15 haircut=0
        and BAD_DEBT A amount=25
        and A state=BANKRUPT equity=-25 lots=10
        and fund 1 balance=0
    """,
    "T12 the fund takes legs of two markets over, whoever else has money [LS-3 GD-4]": """
        given fund 1 deposits 3000
        and fund 2 deposits 2000             # no market names it
        and market 1 discount=2%
        and market 3 discount=2%
        and mark 3=300
        and A deposits 300
        and A buys 10 from B at 100
        and A buys 10 from B at 300 in=3
        when mark 1=90 3=281                 # E = 300 - 100 - 190 = 10, M = 45 + 141
        then CANCEL_ORDERS A equity=10 maintenance=186
        and TAKE_OVER A market=3 fund=1 with=F1 quote=2810 discount=7        # floor(10 * 141 / 186)
        and TAKE_OVER A market=1 fund=1 with=F1 quote=900 discount=2
        and LIQUIDATION_ENDED A equity=1
        and fund 1 balance=3009 lots1=10 lots3=10
        and fund 2 balance=2000
    """,
    "T13 debt: bankrupt until the fund is paid into [MG-6 WF-22 FD-7]": """
        given market 1 reprices=0
        and A deposits 100
        and A buys 10 from B at 100
        when A sells 10 to B at 88           # a loss of 120
        then CANCEL_ORDERS A equity=-20 maintenance=0
        and BAD_DEBT A amount=20
        and A state=BANKRUPT balance=-20
        and debt 20
        when fund 1 deposits 15
        then INSURANCE_PAYOUT A fund=1 amount=15
        and A state=BANKRUPT balance=-5
        and debt 5
        when fund 1 deposits 15
        then INSURANCE_PAYOUT A fund=1 amount=5
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        and fund 1 balance=10
        and debt 0
    """,
    "T14 debt: the fund pays at once what it has [WF-22 JD-8]": """
        given market 1 reprices=0
        and fund 1 deposits 15
        and A deposits 100
        and A buys 10 from B at 100
        when A sells 10 to B at 88
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=15
        and BAD_DEBT A amount=5
        and fund 1 balance=0
        when A deposits 4
        then A state=BANKRUPT balance=-1
        when A deposits 2                    # 1 pays the rest
        then LIQUIDATION_ENDED A state=NORMAL equity=1
        and A state=NORMAL balance=1
    """,
    "T15 debts are paid in the order in which they arose [FD-6]": """
        given market 1 reprices=0
        and A deposits 100
        and D deposits 100
        and A buys 10 from B at 100
        and D buys 10 from B at 100
        and D sells 10 to B at 88
        then CANCEL_ORDERS D
        and BAD_DEBT D amount=20
        when A sells 10 to B at 88
        then CANCEL_ORDERS A
        and BAD_DEBT A amount=20
        and debt 40
        when fund 1 deposits 25
        then INSURANCE_PAYOUT D amount=20
        and LIQUIDATION_ENDED D state=NORMAL
        and INSURANCE_PAYOUT A amount=5
        and debt 15
    """,
    "T16 a fund pays from what it need not hold for its inventory [FD-1 FD-6]": """
        given market 1 reprices=0
        and fund 1 deposits 100
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A quote=900            # E_fund = 60, M = 45: 15 are free
        and LIQUIDATION_ENDED A
        when D deposits 10
        and D buys 1 from B at 90
        and D sells 1 to B at 60             # a loss of 30, a debt of 20
        then CANCEL_ORDERS D
        and INSURANCE_PAYOUT D amount=15
        and BAD_DEBT D amount=5
        and fund 1 balance=45 equity=45 maintenance=45
        when mark 91                         # E_fund = 55, M = 46: 9 are free
        then INSURANCE_PAYOUT D amount=5
        and LIQUIDATION_ENDED D state=NORMAL
    """,
    "T17 gains wait while a debt is open, what was paid in does not [GD-8 GD-10 MG-10 MG-11]": """
        given market 1 reprices=0
        and risk gate_floor=0 gate=0%
        and A deposits 100
        and A buys 10 from B at 100
        and A sells 10 to B at 88
        then CANCEL_ORDERS A
        and BAD_DEBT A amount=20
        when B withdraws 100001              # of 100120
        then refused LOSS_UNALLOCATED value=100001 limit=100000
        when B withdraws 100000
        then B balance=120
        when B withdraws 1
        then refused LOSS_UNALLOCATED value=1 limit=0
        when A withdraws 1
        then refused ACCOUNT_IN_LIQUIDATION value=1
        when fund 1 deposits 20
        then INSURANCE_PAYOUT A amount=20
        and LIQUIDATION_ENDED A
        when B withdraws 1
        then B balance=119
    """,
    "T18 a bankrupt account that trades again is closed, at nobody's loss [JD-8 JD-10 LS-4]": """
        given market 1 reprices=0
        and A deposits 100
        and A buys 10 from B at 100
        and A sells 10 to B at 88
        then CANCEL_ORDERS A
        and BAD_DEBT A amount=20
        when A buys 1 from B at 100          # E = -20: no mark has moved, B closes at 100
        then AUTO_DELEVERAGE A with=B size=1 price=100 quote=-100 loss=0
        and LOSS_ALLOCATION A size=1 loss=0 haircut=0 equity=-20 maintenance=5
        and BAD_DEBT A amount=20
        and A state=BANKRUPT balance=-20 lots=0
        and debt 20
    """,
    "T19 a fill of an account below zero pays no fee, and leaves a debt [WF-15 WF-22 WF-24]": """
        given A deposits 135
        and market 1 dust=1000 fee=1% discount=2.4% reprices=0
        and A buys 10 from B at 100
        and fund 1 deposits 3
        when mark 90                         # E = 35 < M = 45; all is dust
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=10 price=88
        when A sells 1 to C at 90 fee=30     # E = 5 < 2/3 * 41: the fund is asked, and cannot
        then LIQUIDATION_ORDER_REDUCED A id=1 side=SHORT size=9 needed=9
        when A sells 5 to C at 88 fills=1    # E = 5 - 10: no fee, and nothing that a mark took
        then LIQUIDATION_FILL A size=5 fee=0 equity=-5
        and LIQUIDATION_ORDER_ENDED A size=5 needed=4 outcome=REPLACED
        and INSURANCE_PAYOUT A amount=3
        and AUTO_DELEVERAGE A with=B size=4 price=90 quote=-360 loss=0
        and LOSS_ALLOCATION A needed=4 size=4 loss=0 amount=0 haircut=0
        and BAD_DEBT A amount=2
    """,
    "T20 discounts do not depend on the order of the legs, and are no fee [WF-9 LS-3]": """
        given market 1 fee=1% discount=2%
        and market 2 fee=1% discount=2%
        and fund 1 deposits 1000
        and A deposits 300
        and A buys 10 from B at 100
        when A sells 5 to B at 200 in=2 fee=290      # E = 10, M = 50 + 50
        then CANCEL_ORDERS A equity=10 maintenance=100
        # each min(ceil(2 % of 1000) = 20, floor(10 * 50 / 100) = 5)
        and TAKE_OVER A market=1 quote=1000 discount=5 fee=0 equity=10 maintenance=100
        and TAKE_OVER A market=2 quote=-1000 discount=5 fee=0 equity=10 maintenance=100
        and LIQUIDATION_ENDED A equity=0
        and fund 1 balance=1010
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_takeover(text: str) -> None:
    play(BACKGROUND + text, funds=2)
