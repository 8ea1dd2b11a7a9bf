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
    "T01 below two thirds all legs are taken over at once, the largest first [WF-1 WF-3]": """
        given fund 1 deposits 1000
        and A deposits 300
        and A buys 10 from B at 100
        and A sells 10 to B at 200 in=2
        when mark 1=90 2=218                 # E = 300 - 100 - 180 = 20, M = 45 + 109 = 154
        then CANCEL_ORDERS A equity=20 maintenance=154
        # -Q = 2180 + floor(20 * 109 / 154) = 2180 + 14; then E = 6, M = 45: Q = 900 - 6
        and TAKE_OVER A market=2 side=SHORT size=10 quote=-2194 equity=20 maintenance=154
        and TAKE_OVER A market=1 side=LONG size=10 quote=894 equity=6 maintenance=45
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        and A balance=0 lots1=0 lots2=0
        and fund 1 balance=1000 equity=1020 lots1=10 lots2=-10
    """,
    "T02 one tick above two thirds: to the book [WF-2]": """
        given fund 1 deposits 1000
        and A deposits 133
        and A buys 10 from B at 100
        when mark 90                         # E = 33 >= 2/3 * 45 = 30
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1
        when report 1
        then LIQUIDATION_ORDER_ENDED A
        # 1.05 * MM(6) = 1.05 * 27 <= 33: 4 to close; Q = 360 - floor(33 * 18 / 45) = 347
        and TAKE_OVER A size=4 quote=347
        and LIQUIDATION_ORDER A id=2 equity=20 maintenance=27
    """,
    "T03 a fall below two thirds while an order is out waits for the order [WF-2 JD-7]": """
        given fund 1 deposits 1000
        and A deposits 133
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=4
        when mark 88                         # E = 13 < 2/3 * 44
        then nothing
        when report 1
        then LIQUIDATION_ORDER_ENDED A
        # MM(6) = ceil(26.4): Q = 352 - floor(13 * 17 / 44); then all: Q = 528 - 8
        and TAKE_OVER A size=4 quote=347 equity=13 maintenance=44
        and TAKE_OVER A size=6 quote=520 equity=8 maintenance=27
        and LIQUIDATION_ENDED A state=NORMAL
    """,
    "T04 the fund bears the loss beyond the equity [LS-1 LS-3]": """
        given fund 1 deposits 1000
        and A deposits 60
        and A buys 10 from B at 100
        when mark 90                         # E = -40: Q = 900 + 40
        then CANCEL_ORDERS A
        and TAKE_OVER A size=10 quote=940 equity=-40
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        and fund 1 balance=1000 equity=960
    """,
    "T05 the fund sells what it took over [GD-21]": """
        given fund 1 deposits 1000
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and TAKE_OVER A quote=940
        and LIQUIDATION_ENDED A
        when F1 sells 10 to C at 92
        then fund 1 balance=980 lots=0       # 1000 + 920 - 940
    """,
    "T06 the fund must carry what it takes: one atom too little [LS-1 LS-2 LS-4]": """
        given fund 1 deposits 84             # 84 + 900 - 940 = 44 < 45
        and A deposits 60
        and A buys 10 from B at 100
        when mark 90
        then CANCEL_ORDERS A
        # The fund pays 40 of 40 first; B buys back at the mark
        and AUTO_DELEVERAGE A with=B size=10 quote=-900
        and LOSS_ALLOCATION A size=10 quote=900 amount=40 haircut=0
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        and fund 1 balance=44 lots=0
    """,
    "T07 just enough [LS-2]": """
        given fund 1 deposits 85
        and A deposits 60
        and A buys 10 from B at 100
        when mark 90
        then CANCEL_ORDERS A
        and TAKE_OVER A quote=940
        and LIQUIDATION_ENDED A
        and fund 1 equity=45 maintenance=45
    """,
    "T08 a fund without capacity pays a part of the loss, ADL the rest [LS-4 LS-16 LS-21]": """
        given fund 1 deposits 15
        and A deposits 60
        and A buys 10 from B at 100
        when mark 90                         # loss 40: 15 by the fund, B closes for 925
        then CANCEL_ORDERS A
        and AUTO_DELEVERAGE A with=B size=10 price=92 quote=-925
        and LOSS_ALLOCATION A needed=10 size=10 quote=925 amount=15 haircut=25
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        and fund 1 balance=0
        and B balance=100075                 # + 1000 - 925
    """,
    "T09 the fund pays only for the lots that found a counterparty [LS-18]": """
        given fund 1 deposits 15
        and A deposits 60
        and A buys 10 from B at 100
        and B stands at -4 at 100
        then POSITION_MISMATCH B position=-10 stated=-4
        when mark 90                         # it would pay 15 for 10, so floor(15 * 4 / 10) for 4
        then CANCEL_ORDERS A equity=-40
        and AUTO_DELEVERAGE A with=B size=4 quote=-370       # 925 * 4 / 10
        and LOSS_ALLOCATION A needed=10 size=4 quote=370 amount=6 haircut=10
        and A state=LIQUIDATING balance=36 equity=-24        # 60 - 400 + 370 + 6; -40 * 6 / 10
        and fund 1 balance=9
    """,
    "T10 and nothing when there is none [LS-18 LS-20]": """
        given fund 1 deposits 15
        and A deposits 60
        and A buys 10 from B at 100
        and B stands at 0 at 0
        then POSITION_MISMATCH B
        when mark 90
        then CANCEL_ORDERS A
        and LOSS_ALLOCATION A needed=10 size=0 quote=0 amount=0
        and A equity=-40
        and fund 1 balance=15
    """,
    "T11 an insolvent fund is deleveraged at mark as long as it has equity [FD-2 FD-3 JD-9]": """
        given fund 1 deposits 100
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and TAKE_OVER A quote=940
        and LIQUIDATION_ENDED A
        when mark 88                         # E = 100 + 880 - 940 = 40 < M = 44
        # MM(9) = 39.6 <= 40: 1 lot is closed, at 88
        then AUTO_DELEVERAGE F1 with=B size=1 price=88 quote=-88
        and LOSS_ALLOCATION F1 needed=1 size=1 quote=88 amount=0 haircut=0
        and fund 1 equity=40 maintenance=40 lots=9
        when mark 80                         # E = 40 - 72 = -32: all, at 80 + 32 / 9
        then AUTO_DELEVERAGE F1 with=B size=9 quote=-752 price=83
        and LOSS_ALLOCATION F1 needed=9 size=9 quote=752 haircut=32
        and fund 1 balance=0 lots=0
    """,
    "T12 two funds, each for its market [LS-3]": """
        given fund 1 deposits 1000
        and market 3 fund=2
        and fund 2 deposits 2000
        and mark 3=300
        and A deposits 300
        and A buys 10 from B at 100
        and A buys 10 from B at 300 in=3
        when mark 1=90 3=281                 # E = 300 - 100 - 190 = 10, M = 45 + 141
        then CANCEL_ORDERS A equity=10 maintenance=186
        and TAKE_OVER A market=3 fund=2 with=F2 quote=2803   # 2810 - floor(10 * 141 / 186)
        and TAKE_OVER A market=1 fund=1 with=F1 quote=897    # 900 - 3
        and LIQUIDATION_ENDED A
        and fund 1 lots1=10
        and fund 2 lots3=10
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
        and TAKE_OVER A quote=940            # E_fund = 60, M = 45: 15 are free
        and LIQUIDATION_ENDED A
        when D deposits 10
        and D buys 1 from B at 90
        and D sells 1 to B at 60             # a loss of 30, a debt of 20
        then CANCEL_ORDERS D
        and INSURANCE_PAYOUT D amount=15
        and BAD_DEBT D amount=5
        and fund 1 balance=85 equity=45 maintenance=45
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
    "T18 a bankrupt account that trades again is liquidated again [JD-8 JD-10]": """
        given market 1 reprices=0
        and A deposits 100
        and A buys 10 from B at 100
        and A sells 10 to B at 88
        then CANCEL_ORDERS A
        and BAD_DEBT A amount=20
        when A buys 1 from B at 100          # E = -20 < M = 5: B closes at 120
        then CANCEL_ORDERS A equity=-20 maintenance=5
        and AUTO_DELEVERAGE A with=B size=1 price=120 quote=-120
        and LOSS_ALLOCATION A size=1 haircut=20
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        and debt 0
    """,
    "T19 a fill of an account below zero pays no fee, and leaves a debt [WF-15 WF-22]": """
        given A deposits 135
        and market 1 dust=1000 fee=1%
        and A buys 10 from B at 100
        and fund 1 deposits 3
        when mark 90                         # E = 35 < M = 45; all is dust
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=10 price=87
        when mark 80                         # E = -65, and the order is out
        then nothing
        when A sells 5 to C at 87 fills=1    # E = 135 - 5 * 13 - 5 * 20 = -30: no fee
        then LIQUIDATION_FILL A size=5 fee=0 equity=-30
        when A sells 5 to C at 80
        then nothing
        when report 1
        then LIQUIDATION_ORDER_ENDED A size=5 needed=5 outcome=DONE
        and INSURANCE_PAYOUT A amount=3
        and BAD_DEBT A amount=27
    """,
    "T20 the fee of a take-over is what equity is left [WF-15 LS-3]": """
        given market 1 fee=1%
        and fund 1 deposits 1000
        and A deposits 300
        and A buys 10 from B at 100
        and A sells 10 to B at 200 in=2
        when mark 1=90 2=219                 # E = 10, M = 45 + 110 = 155
        then CANCEL_ORDERS A equity=10 maintenance=155
        and TAKE_OVER A market=2 quote=-2197 fee=0           # -(2190 + floor(10 * 110 / 155))
        and TAKE_OVER A market=1 quote=897 fee=0             # E = 0 after it
        and LIQUIDATION_ENDED A equity=0
    """,
    "T21 a fund whose inventory finds nobody waits for no time, but for the next mark [FD-4]": """
        given fund 1 deposits 100
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and TAKE_OVER A quote=940
        and LIQUIDATION_ENDED A
        when B stands at 0 at 0
        then POSITION_MISMATCH B
        when mark 88                         # E = 40 < M = 44
        then LOSS_ALLOCATION F1 needed=1 size=0 touched=0
        when mark 88
        then LOSS_ALLOCATION F1 needed=1 size=0
        when tick
        then refused NOTHING_DUE limit=0
        when B withdraws 1                   # no loss is unallocated
        then nothing
        when B moves -4 at 88
        then nothing
        when mark 88
        then AUTO_DELEVERAGE F1 with=B size=1 quote=-88
        and LOSS_ALLOCATION F1 needed=1 size=1
        and fund 1 state=NORMAL lots=9
    """,
    "T22 a fund that sold its inventory too low is below zero, and left alone [FD-5 JD-9]": """
        given market 1 reprices=0
        and fund 1 deposits 100
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and TAKE_OVER A quote=940
        and LIQUIDATION_ENDED A
        when F1 sells 10 to C at 80          # 100 + 800 - 940
        then fund 1 state=NORMAL balance=-40 lots=0
        when D deposits 10
        and D buys 1 from B at 90
        and D sells 1 to B at 70             # a debt of 10, and nobody to pay it
        then CANCEL_ORDERS D
        and BAD_DEBT D amount=10
        when fund 1 deposits 30
        then nothing
        when fund 1 deposits 15              # 5, after all
        then INSURANCE_PAYOUT D amount=5
        and fund 1 balance=0
        and debt 5
    """,
    "T23 dust and slices are for orders, steps for the inventory of a fund too [FD-2 WF-7]": """
        given market 1 size_step=2 dust=5000 slice=2
        and fund 1 deposits 100
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and TAKE_OVER A size=10 quote=940
        and LIQUIDATION_ENDED A
        when mark 87                         # E = 30 < M = 44; MM(6) = 27, MM(7) = 31
        then AUTO_DELEVERAGE F1 with=B size=4 price=87 quote=-348
        and LOSS_ALLOCATION F1 needed=4 size=4
        and fund 1 equity=30 maintenance=27 lots=6
        when mark 86                         # E = 24 < M = 26; MM(5) = 22
        then AUTO_DELEVERAGE F1 with=B size=2
        and LOSS_ALLOCATION F1 needed=2 size=2
        and fund 1 equity=24 maintenance=18 lots=4
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_takeover(text: str) -> None:
    play(BACKGROUND + text, funds=2)
