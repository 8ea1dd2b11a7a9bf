"""Losses of a gap: which leg bears them, what funds pay, what holders pay, and what stays as debt.

E is equity, M maintenance at 5 %; the fund has nothing unless it is said; margin calls are turned
off. L is what a leg's holders are asked for.
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given risk call=100.0001%
    and market 1
    and market 2
    and C deposits 100000
    and mark 1=100 2=200
"""

SCENARIOS = {
    "G01 a leg whose mark stood still bears nothing [LS-4 LS-17]": """
        given market 2 mm=0.5%
        and mark 2=60000
        and A deposits 13000
        and B deposits 10000
        and A buys 1000 from B at 100        # junk, from an accomplice
        and A buys 5 from C at 60000 in=2
        when mark 1=50                       # E = 13000 - 50000, M = 2500 + 1500
        then CANCEL_ORDERS A equity=-37000 maintenance=4000
        and AUTO_DELEVERAGE A market=1 with=B size=1000 price=87 quote=-87000 loss=37000
        and LOSS_ALLOCATION A market=1 quote=50000 loss=37000 haircut=37000
        and AUTO_DELEVERAGE A market=2 with=C size=5 price=60000 quote=-300000 loss=0
        and LOSS_ALLOCATION A market=2 quote=300000 loss=0 haircut=0
        and LIQUIDATION_ENDED A equity=0
        and B balance=23000                  # 10000 + 50000 - 37000
        and C balance=100000
    """,
    "G02 two legs bear a loss by what each lost; an odd atom goes to the larger one [LS-4]": """
        given A deposits 154
        and A buys 10 from C at 100
        and A buys 10 from C at 200 in=2
        when mark 1=90 2=170         # E = 154 - 100 - 300; 246 * 100 / 400 = 61.5, and 184.5
        then CANCEL_ORDERS A equity=-246 maintenance=130
        and AUTO_DELEVERAGE A market=1 with=C size=10 quote=-961 loss=61
        and LOSS_ALLOCATION A market=1 loss=61 haircut=61
        and AUTO_DELEVERAGE A market=2 with=C size=10 quote=-1885 loss=185
        and LOSS_ALLOCATION A market=2 loss=185 haircut=185
        and LIQUIDATION_ENDED A equity=0
    """,
    "G03 accounts share what a fund has by what each lacks [LS-5 LS-8 LS-18]": """
        given fund 1 deposits 35
        and A deposits 70
        and D deposits 60
        and A buys 10 from C at 100
        and D buys 10 from C at 100
        when mark 90                         # E of A is -30, of D -40: 35 * 30 / 70, 35 * 40 / 70
        then CANCEL_ORDERS D equity=-40
        and CANCEL_ORDERS A equity=-30
        and INSURANCE_PAYOUT D amount=20
        and INSURANCE_PAYOUT A amount=15
        # C pays 20 + 15, told by lots: 17.5 each
        and AUTO_DELEVERAGE D with=C size=10 rank=1 quote=-918 loss=18
        and AUTO_DELEVERAGE A with=C size=10 rank=1 quote=-917 loss=17
        and LOSS_ALLOCATION D loss=40 amount=20 haircut=20
        and LOSS_ALLOCATION A loss=30 amount=15 haircut=15
        and LIQUIDATION_ENDED D equity=0
        and LIQUIDATION_ENDED A equity=0
        and fund 1 balance=0
    """,
    "G04 a fund pays for this mark and for what is older, holders for the former [LS-5]": """
        given A deposits 60
        and B deposits 1000
        and A buys 10 from B at 100
        and B stands at 0 at 0
        then POSITION_MISMATCH B
        when mark 90                         # E = -40, and nobody is there
        then CANCEL_ORDERS A
        and LOSS_ALLOCATION A size=0 loss=40
        and BAD_DEBT A amount=40
        when fund 1 deposits 33
        and B moves -10 at 90
        and mark 89                       # E = -50, of which 10 are this mark's: 6.6 and 26.4 of 33
        then INSURANCE_PAYOUT A fund=1 amount=33
        and AUTO_DELEVERAGE A with=B size=10 quote=-893 loss=3
        and LOSS_ALLOCATION A needed=10 size=10 loss=10 amount=7 haircut=3
        and BAD_DEBT A amount=14             # 50 - 33 - 3
        and A state=BANKRUPT balance=-14 lots=0
    """,
    "G05 both sides of a market are closed against each other first [LS-6 LS-16]": """
        given A deposits 60
        and D deposits 140
        and A buys 6 from D at 100
        and A buys 4 from C at 100
        and D buys 10 from C at 200 in=2
        when mark 1=90 2=179                 # A: E = 60 - 100; D: E = 140 + 60 - 210
        then CANCEL_ORDERS A equity=-40 maintenance=45
        and CANCEL_ORDERS D equity=-10 maintenance=117
        and AUTO_DELEVERAGE A market=1 with=D side=SHORT size=6 quote=-540 loss=0 rank=0 equity=-10
        and AUTO_DELEVERAGE A market=1 with=C side=SHORT size=4 quote=-400 loss=40 rank=1
        and LOSS_ALLOCATION A market=1 needed=10 size=10 touched=2 loss=40 haircut=40
        and LOSS_ALLOCATION D market=1 side=SHORT needed=6 size=6 touched=1 quote=-540 loss=0
        and AUTO_DELEVERAGE D market=2 with=C size=10 price=180 quote=-1800 loss=10
        and LOSS_ALLOCATION D market=2 loss=10 haircut=10
        and LIQUIDATION_ENDED A equity=0
        and LIQUIDATION_ENDED D equity=0
    """,
    "G06 a loss of which no holder closes a lot is debt [LS-6 LS-22]": """
        given A deposits 60
        and D deposits 160
        and A buys 10 from D at 100
        and D buys 10 from C at 200 in=2
        when mark 1=90 2=173                 # A: E = -40; D: E = 160 + 100 - 270
        then CANCEL_ORDERS A equity=-40
        and CANCEL_ORDERS D equity=-10 maintenance=132
        and AUTO_DELEVERAGE A market=1 with=D size=10 price=90 quote=-900 loss=0
        and LOSS_ALLOCATION A market=1 size=10 loss=40 haircut=0
        and LOSS_ALLOCATION D market=1 size=10 loss=0 haircut=0
        and AUTO_DELEVERAGE D market=2 with=C size=10 quote=-1740 loss=10
        and LOSS_ALLOCATION D market=2 loss=10 haircut=10
        and BAD_DEBT A amount=40
        and LIQUIDATION_ENDED D equity=0
        and debt 40
    """,
    "G07 a holder pays no more than it has to spare [LS-17 LS-22]": """
        given A deposits 100
        and B deposits 203
        and A buys 10 from B at 100
        and B buys 10 from C at 200 in=2
        when mark 1=80 2=176                 # A: E = -100; B: E = 203 + 200 - 240, M = 40 + 88
        then CANCEL_ORDERS A equity=-100
        and AUTO_DELEVERAGE A with=B size=10 price=87 quote=-875 loss=75 equity=163
        and LOSS_ALLOCATION A quote=800 loss=100 haircut=75          # 163 - 88
        and BAD_DEBT A amount=25
        and MARGIN_CALL B equity=88 maintenance=88
    """,
    "G08 what one holder cannot pay is offered once to the others [LS-17]": """
        given A deposits 100
        and B deposits 249
        and A buys 5 from B at 100
        and A buys 5 from C at 100
        and B buys 10 from C at 200 in=2
        when mark 1=80 2=176                 # B: E = 249 + 100 - 240, M = 20 + 88
        then CANCEL_ORDERS A equity=-100
        # due are 50 each; the mark gave each 100, of which B can spare 109 - 88
        and AUTO_DELEVERAGE A with=B size=5 rank=1 quote=-421 loss=21 equity=109
        and AUTO_DELEVERAGE A with=C size=5 rank=2 quote=-479 loss=79
        and LOSS_ALLOCATION A quote=800 loss=100 haircut=100
        and LIQUIDATION_ENDED A equity=0
        and MARGIN_CALL B equity=88 maintenance=88
    """,
    "G09 PRO_RATA in steps: one step goes to the larger remainder [LS-14]": """
        given market 1 policy=PRO_RATA size_step=10
        and A deposits 60
        and B deposits 1000
        and D deposits 10000
        and A buys 10 from B at 100
        and D buys 10 from B at 100
        and D buys 30 from C at 100
        when mark 90                         # of one step, B's two have 0.4 and C's three 0.6
        then CANCEL_ORDERS A
        and AUTO_DELEVERAGE A with=C size=10 rank=1 quote=-940 loss=40
        and LOSS_ALLOCATION A policy=PRO_RATA touched=1 haircut=40
        and LIQUIDATION_ENDED A
        and B lots=-20
    """,
    "G10 PRO_RATA in steps: what is less than a step is closed in order [LS-14 LS-15]": """
        given market 1 policy=PRO_RATA
        and A deposits 90
        and B deposits 1000
        and D deposits 10000
        and A buys 15 from B at 100
        and D buys 5 from B at 100
        and D buys 30 from C at 100
        and market 1 policy=PRO_RATA size_step=10
        when mark 90                         # 15: a step of C, and 5 of B; E = -60, 4 a lot
        then CANCEL_ORDERS A equity=-60
        and AUTO_DELEVERAGE A with=B size=5 rank=1 quote=-470 loss=20
        and AUTO_DELEVERAGE A with=C size=10 rank=2 quote=-940 loss=40
        and LOSS_ALLOCATION A policy=PRO_RATA needed=15 size=15 touched=2 haircut=60
        and LIQUIDATION_ENDED A
        and B lots=-15
        and C lots=-20
    """,
    "G11 QUEUE in steps: an odd lot of the first stays his, while others have steps [LS-10]": """
        given A deposits 120
        and B deposits 1000
        and A buys 13 from B at 100
        and A buys 7 from C at 100
        and D deposits 10000
        and D buys 13 from C at 100
        and market 1 size_step=10
        when mark 90                         # E = -80, 4 a lot
        then CANCEL_ORDERS A equity=-80
        and AUTO_DELEVERAGE A with=B size=10 rank=1 quote=-940 loss=40
        and AUTO_DELEVERAGE A with=C size=10 rank=2 quote=-940 loss=40
        and LOSS_ALLOCATION A policy=QUEUE needed=20 size=20
        and LIQUIDATION_ENDED A
        and B lots=-3
    """,
    "G12 QUEUE in steps: what is less than a step is closed in order [LS-10]": """
        given A deposits 90
        and B deposits 1000
        and A buys 13 from B at 100
        and A buys 2 from C at 100
        and D deposits 10000
        and D buys 18 from C at 100
        and market 1 size_step=10
        when mark 90                         # 15: a step of B, and of 5 his 3, C's 2; E = -60
        then CANCEL_ORDERS A equity=-60
        and AUTO_DELEVERAGE A with=B size=13 rank=1 quote=-1222 loss=52
        and AUTO_DELEVERAGE A with=C size=2 rank=2 quote=-188 loss=8
        and LOSS_ALLOCATION A policy=QUEUE needed=15 size=15 touched=2
        and LIQUIDATION_ENDED A
        and C lots=-18
    """,
    "G13 accounts that are closed together settle each by itself [LS-8 LS-18 LS-19]": """
        given risk buffer=0%
        and market 1 discount=2%
        and A deposits 100
        and D deposits 500
        and A buys 10 from C at 100
        and mark 93                          # E = 30: MM(6) = 28
        then CANCEL_ORDERS A equity=30 maintenance=47
        and LIQUIDATION_ORDER A id=1 size=4
        when risk buffer=100%
        and mark 99                          # E = 90 < 2 * 50: the order stays
        and D buys 100 from C at 99
        then nothing
        when wait 1000
        and mark 93                          # D: E = 500 - 600; A: 30 again, and a rest of 4
        then LIQUIDATION_ORDER_ENDED A id=1 needed=4 outcome=EXPIRED
        and CANCEL_ORDERS D equity=-100
        # C pays 100, told by lots: 96.15 and 3.85
        and AUTO_DELEVERAGE D with=C size=100 quote=-9396 loss=96
        and AUTO_DELEVERAGE A with=C size=4 quote=-376 loss=4
        # D gets 9300 + 100, A 372 - min(ceil(7.44), floor(30 * 19 / 47))
        and LOSS_ALLOCATION D needed=100 size=100 quote=9300 loss=100 discount=0 haircut=100
        and LOSS_ALLOCATION A needed=4 size=4 quote=372 loss=0 discount=8 haircut=0
        and LIQUIDATION_ENDED D equity=0
        and LIQUIDATION_ORDER A id=2 size=4 equity=22 maintenance=28         # 2 * MM(2) = 20
        and fund 1 balance=8
    """,
    "G14 a bankrupt account is closed at any mark, its old loss is nobody's [LS-4 LS-22 JD-8]": """
        given A deposits 60
        and B deposits 1000
        and A buys 10 from B at 100
        and B stands at 0 at 0
        then POSITION_MISMATCH B
        when mark 90                         # E = -40
        then CANCEL_ORDERS A
        and LOSS_ALLOCATION A needed=10 size=0 loss=40 haircut=0
        and BAD_DEBT A amount=40
        and A state=BANKRUPT lots=10
        when mark 90
        then nothing
        when B moves -4 at 90
        and mark 90
        then AUTO_DELEVERAGE A with=B size=4 price=90 quote=-360 loss=0
        and LOSS_ALLOCATION A needed=10 size=4 loss=0
        and A state=BANKRUPT equity=-40 lots=6
        when B moves -6 at 90
        and mark 89                          # 6 of the 46 are this mark's
        then AUTO_DELEVERAGE A with=B size=6 price=90 quote=-540 loss=6
        and LOSS_ALLOCATION A needed=6 size=6 loss=6 haircut=6 equity=-46
        and BAD_DEBT A amount=40
        and debt 40
    """,
    "G15 a bankrupt account that has equity again is liquidated as any other [JD-8 JD-10]": """
        given A deposits 60
        and B deposits 1000
        and A buys 10 from B at 100
        and B stands at 0 at 0
        then POSITION_MISMATCH B
        when mark 90                         # E = -40
        then CANCEL_ORDERS A
        and LOSS_ALLOCATION A size=0
        and BAD_DEBT A amount=40
        when mark 95                         # E = 10 of 48; 1.05 * MM(1) = 5.25
        then CANCEL_ORDERS A equity=10 maintenance=48
        and LIQUIDATION_ORDER A id=1 size=9
        and A state=LIQUIDATING
        when mark 102                        # E = 80 >= 1.05 * 51
        then LIQUIDATION_ORDER_ENDED A id=1 outcome=RECOVERED
        and LIQUIDATION_ENDED A state=NORMAL equity=80 maintenance=51
    """,
    "G16 a deposit ends a bankruptcy [JD-8 JD-10 WF-21]": """
        given A deposits 60
        and B deposits 1000
        and A buys 10 from B at 100
        and B stands at 0 at 0
        then POSITION_MISMATCH B
        when mark 90
        then CANCEL_ORDERS A
        and LOSS_ALLOCATION A size=0
        and BAD_DEBT A amount=40
        when A deposits 39                   # E = -1
        then A state=BANKRUPT
        when A deposits 47                   # E = 46 >= M = 45
        then LIQUIDATION_ENDED A state=NORMAL equity=46 maintenance=45
        and A lots=10
    """,
    "G17 rests of both sides are closed against each other, for their discounts [LS-6 LS-19]": """
        given market 1 discount=2%
        and A deposits 142
        and D deposits 150
        and A buys 10 from C at 100
        and D sells 20 to C at 100
        and D buys 4 from C at 200 in=2
        when mark 1=90 2=140                 # A: 42 of 45; D: 150 + 200 - 240 of 90 + 28
        then CANCEL_ORDERS D equity=110 maintenance=118
        and CANCEL_ORDERS A equity=42 maintenance=45
        and LIQUIDATION_ORDER D id=1 side=LONG size=4        # 1.05 * (MM(16) + 28) = 105
        and LIQUIDATION_ORDER A id=2 side=SHORT size=2       # 1.05 * MM(8) = 37.8
        when report 1 2
        then LIQUIDATION_ORDER_ENDED D id=1
        and LIQUIDATION_ORDER_ENDED A id=2
        and AUTO_DELEVERAGE A with=D side=SHORT size=2 rank=0 quote=-180
        # for D's other 2 A, which is long 8 more, comes before C, who lost as much unleveraged
        and AUTO_DELEVERAGE D with=A side=LONG size=2 rank=1 quote=180 equity=42 position=8
        # min(ceil(7.2), floor(110 * 18 / 118)), min(ceil(3.6), floor(42 * 9 / 45))
        and LOSS_ALLOCATION D side=SHORT needed=4 size=4 touched=2 quote=-360 discount=8
        and LOSS_ALLOCATION A side=LONG needed=2 size=2 touched=1 quote=180 discount=4
        and LIQUIDATION_ENDED D equity=102 maintenance=100
        and LIQUIDATION_ENDED A equity=38 maintenance=27
        and fund 1 balance=12
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_gaps(text: str) -> None:
    play(BACKGROUND + text)
