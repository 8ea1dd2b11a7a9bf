"""Insurance funds: the inventory that one must carry, and whom it pays what of a loss.

E is equity, M maintenance at 5 %; margin calls are turned off.
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
    "T11 a fund that cannot carry its inventory is closed at the mark [FD-2 FD-3 JD-9]": """
        given fund 1 deposits 100
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A quote=900
        and LIQUIDATION_ENDED A
        when mark 88                         # E = 60 + 880 - 900 = 40 < M = 44
        # MM(9) = 39.6 <= 40: 1 lot is closed, at 88
        then AUTO_DELEVERAGE F1 with=B size=1 price=88 quote=-88 loss=0
        and LOSS_ALLOCATION F1 needed=1 size=1 quote=88 loss=0 amount=0 haircut=0
        and fund 1 equity=40 maintenance=40 lots=9
        when mark 80                         # E = 40 - 72 = -32: all; the mark gave B 72
        then AUTO_DELEVERAGE F1 with=B size=9 quote=-752 price=83 loss=32
        and LOSS_ALLOCATION F1 needed=9 size=9 quote=720 loss=32 haircut=32
        and fund 1 balance=0 lots=0
    """,
    "T21 a fund whose inventory finds nobody waits for the next mark [FD-4 LS-20]": """
        given fund 1 deposits 100
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A quote=900
        and LIQUIDATION_ENDED A
        when B stands at 0 at 0
        then POSITION_MISMATCH B
        when mark 88                         # E = 40 < M = 44; that nobody came is not told
        then nothing
        when mark 88
        then nothing
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
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A quote=900
        and LIQUIDATION_ENDED A
        when F1 sells 10 to C at 80          # 60 + 800 - 900
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
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A size=10 quote=900
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
    "T24 a fund below its own maintenance takes nothing, even what would help it [LS-2]": """
        given fund 1 deposits 100
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A size=10 quote=900
        and LIQUIDATION_ENDED A
        when B stands at 0 at 0
        then POSITION_MISMATCH B
        when mark 88                         # E_fund = 40 < 44, and nobody is there
        then nothing
        when D deposits 100
        and D moves -10 at 88
        then nothing
        when D sells 1 to B at 88 fee=90     # E = 10 of 49; 1.05 * MM(2) = 9.45
        then CANCEL_ORDERS D equity=10 maintenance=49
        and LIQUIDATION_ORDER D id=1 side=LONG size=9
        and fund 1 equity=40 maintenance=44 lots=10
    """,
    "T25 a fund takes no more of a discount than its balance has room for [LS-3 BD-6]": """
        given market 1 discount=2%
        and fund 1 deposits 1152921504606846972      # 2^60 - 4
        and A deposits 110
        and A buys 10 from B at 100
        when mark 90                         # E = 10: the discount would be min(18, 10)
        then CANCEL_ORDERS A
        and TAKE_OVER A size=10 quote=900 discount=4
        and LIQUIDATION_ENDED A equity=6
        and fund 1 balance=1152921504606846976 lots=10
    """,
    "T26 inventories of two funds meet before any trader is closed [LS-9 FD-2]": """
        given fund 1 deposits 100
        and fund 2 deposits 1000
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A fund=1 amount=40
        and TAKE_OVER A fund=1 quote=900
        and LIQUIDATION_ENDED A
        when F2 sells 10 to B at 90          # B has none left
        and C sells 5 to B at 90
        and mark 88                          # E of F1 = 60 - 20 < 44; MM(9) = 40
        then AUTO_DELEVERAGE F1 with=F2 side=SHORT size=1 rank=1 quote=-88
        and LOSS_ALLOCATION F1 needed=1 size=1 touched=1
        and fund 1 lots=9
        and fund 2 lots=-9
        and C lots=-5
    """,
    "T27 a fund below zero is closed by the gap rule, and keeps what nobody bears [FD-3 FD-5]": """
        given fund 1 deposits 100
        and A deposits 60
        and A buys 10 from B at 100
        and mark 90
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A quote=900
        and LIQUIDATION_ENDED A
        when B stands at -4 at 100
        then POSITION_MISMATCH B
        when mark 70                         # E = 60 - 200; B's 4 lots were given 80
        then AUTO_DELEVERAGE F1 with=B size=4 price=90 quote=-360 loss=80
        and LOSS_ALLOCATION F1 needed=10 size=4 loss=140 amount=0 haircut=80
        and fund 1 balance=60 equity=-60 lots=6
        when B moves -6 at 70
        and mark 70
        then AUTO_DELEVERAGE F1 with=B size=6 price=70 quote=-420 loss=0
        and LOSS_ALLOCATION F1 needed=6 size=6 loss=0
        and fund 1 balance=-60 lots=0
        and debt 0
    """,
    "T28 a debt is paid within the share of its market [FD-6 FD-10 WF-22]": """
        given market 1 reprices=0 share=5%
        and fund 1 deposits 1000
        and A deposits 120
        and A buys 10 from B at 100
        when A sells 10 to C at 80
        then CANCEL_ORDERS A equity=-80
        and INSURANCE_PAYOUT A amount=50     # 5 % of 1000
        and BAD_DEBT A amount=30
        when fund 1 deposits 400             # 5 % of 1350, less 50
        then INSURANCE_PAYOUT A amount=17
        and fund 1 balance=1333
        and A state=BANKRUPT balance=-13
        when wait 28800000                   # all of it has left the window
        and fund 1 deposits 1
        then INSURANCE_PAYOUT A amount=13
        and LIQUIDATION_ENDED A equity=0
        and fund 1 balance=1321
    """,
    "T29 what no leg lost is paid within the share of the market, too [LS-5 FD-10]": """
        given market 1 share=5%
        and fund 1 deposits 1000
        and A deposits 100
        when A moves +10 at 150              # no mark took it
        then CANCEL_ORDERS A equity=-400
        and INSURANCE_PAYOUT A amount=50
        and LOSS_ALLOCATION A size=0 loss=0 amount=0
        and BAD_DEBT A amount=350
        when C moves -10 at 100
        and mark 90                          # 100 of 450 are this mark's; nothing is left for them
        then AUTO_DELEVERAGE A with=C size=10 quote=-1000 loss=100
        and LOSS_ALLOCATION A size=10 loss=100 amount=0 haircut=100
        and BAD_DEBT A amount=350
        and fund 1 balance=950
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_funds(text: str) -> None:
    play(BACKGROUND + text, funds=2)
