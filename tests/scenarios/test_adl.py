"""Auto-deleveraging: who is closed and how much, under QUEUE and PRO_RATA.

The fund has no money, so holders bear what an account lacks: at most what the mark gave the lots
that they close. Maintenance is 5 %; margin calls are turned off. Score: profit * leverage, profit =
uPnL / |cost|, leverage = notional / E.
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given risk call=100.0001%
    and market 1 policy=QUEUE
    and market 2 policy=PRO_RATA
    and mark 1=100 2=100
"""

SCENARIOS = {
    "A01 QUEUE: by score, the last one in part [LS-10 LS-12 LS-16]": """
        given A deposits 60
        and B deposits 1000
        and C deposits 400
        and D deposits 2000
        and A buys 6 from B at 100
        and A buys 3 from C at 100
        and A buys 1 from D at 100
        when mark 90                         # E = -40: 4 a lot
        then CANCEL_ORDERS A
        # All have profit 10 %. Leverage: C 270 / 430, B 540 / 1060, D 90 / 2010
        and AUTO_DELEVERAGE A with=C side=SHORT size=3 rank=1 score=62790 quote=-282 equity=430
        and AUTO_DELEVERAGE A with=B side=SHORT size=6 rank=2 score=50943 quote=-564 equity=1060
        and AUTO_DELEVERAGE A with=D side=SHORT size=1 rank=3 score=4477 quote=-94 equity=2010
        and LOSS_ALLOCATION A policy=QUEUE needed=10 size=10 touched=3 skipped=0 haircut=40
        and LIQUIDATION_ENDED A equity=0
        and B balance=1036                   # 1000 + 600 - 564
    """,
    "A02 QUEUE: nobody beyond the need is touched [LS-10]": """
        given A deposits 60
        and B deposits 1000
        and C deposits 300
        and D deposits 2000
        and A buys 10 from B at 100
        and D buys 12 from C at 100
        when mark 90
        then CANCEL_ORDERS A
        # C: 1080 / 420 of leverage; B: 900 / 1100
        and AUTO_DELEVERAGE A with=C size=10 rank=1 quote=-940 position=-12
        and LOSS_ALLOCATION A touched=1 size=10
        and LIQUIDATION_ENDED A
        and C lots=-2 balance=360            # 300 + 1000 - 940
        and B lots=-10 balance=1000
    """,
    "A03 QUEUE: equal scores go by account [LS-10]": """
        given A deposits 60
        and D deposits 1000
        and B deposits 1000
        and C deposits 1000
        and A buys 2 from D at 100
        and A buys 6 from C at 100
        and A buys 2 from B at 100
        when mark 90
        then CANCEL_ORDERS A
        # C 540 / 1060; B and D both 180 / 1020
        and AUTO_DELEVERAGE A with=C size=6
        and AUTO_DELEVERAGE A with=B size=2 score=17647
        and AUTO_DELEVERAGE A with=D size=2 score=17647
        and LOSS_ALLOCATION A
        and LIQUIDATION_ENDED A
    """,
    "A04 QUEUE: losers come last, the least leveraged of them first [LS-12]": """
        given A deposits 60
        and B deposits 1000
        and C deposits 1000
        and D deposits 5000
        and A buys 10 from B at 100
        and mark 80
        then CANCEL_ORDERS A
        # E = -140: B, whom the mark gave 200, closes at 94
        and AUTO_DELEVERAGE A with=B size=10 score=133333 quote=-940
        and LOSS_ALLOCATION A haircut=140
        and LIQUIDATION_ENDED A
        # C and D are short at 80, E is long at 100
        when D sells 5 to B at 80
        and C sells 5 to B at 80
        and mark 100
        and E deposits 60
        and E buys 10 from B at 100
        and mark 90                          # B has no position left against E: C, D lost 10 each
        then CANCEL_ORDERS E
        # profit -50 / 400; leverage 450 / 950 of C, 450 / 4950 of D: -0.125 / leverage
        and AUTO_DELEVERAGE E with=C size=5 rank=1 score=-263889 quote=-470
        and AUTO_DELEVERAGE E with=D size=5 rank=2 score=-1375001 quote=-470
        and LOSS_ALLOCATION E needed=10 size=10
        and LIQUIDATION_ENDED E
    """,
    "A05 PRO_RATA: largest remainder [LS-14]": """
        given A deposits 60
        and B deposits 1000
        and C deposits 1000
        and D deposits 1000
        and E deposits 5000
        and A buys 10 from E at 100 in=2
        and E buys 7 from B at 100 in=2
        and E buys 4 from C at 100 in=2
        and E buys 4 from D at 100 in=2
        when mark 2=90                       # E = -40: 4 a lot; E is long 5 itself
        then CANCEL_ORDERS A
        # 10 * 7 / 15 = 4.67, 10 * 4 / 15 = 2.67 twice: 4 + 2 + 2, and 2 are left: B and C
        and AUTO_DELEVERAGE A with=B size=5 rank=1 quote=-470
        and AUTO_DELEVERAGE A with=C size=3 rank=2 quote=-282
        and AUTO_DELEVERAGE A with=D size=2 rank=3 quote=-188
        and LOSS_ALLOCATION A policy=PRO_RATA needed=10 size=10 touched=3 haircut=40
        and LIQUIDATION_ENDED A
        and B lots2=-2
        and C lots2=-1
        and D lots2=-2
        and E lots2=5
    """,
    "A06 PRO_RATA: a share of nothing is left out [LS-14 LS-15]": """
        given A deposits 6
        and B deposits 1000
        and C deposits 1000
        and E deposits 50000
        and A buys 1 from E at 100 in=2
        and E buys 7 from B at 100 in=2
        and E buys 3 from C at 100 in=2
        when mark 2=90                       # 1 * 7 / 10 and 1 * 3 / 10: the larger remainder
        then CANCEL_ORDERS A
        and AUTO_DELEVERAGE A with=B size=1 quote=-94
        and LOSS_ALLOCATION A touched=1 skipped=0
        and LIQUIDATION_ENDED A
    """,
    "A07 PRO_RATA: all is taken when all is needed [LS-14 LS-15]": """
        given A deposits 60
        and B deposits 1000
        and C deposits 1000
        and A buys 7 from C at 100 in=2
        and A buys 3 from B at 100 in=2
        when mark 2=90
        then CANCEL_ORDERS A
        and AUTO_DELEVERAGE A with=B size=3 quote=-282
        and AUTO_DELEVERAGE A with=C size=7 quote=-658
        and LOSS_ALLOCATION A touched=2
        and LIQUIDATION_ENDED A
    """,
    "A08 who has nothing to spare is closed at the mark, and pays nothing [LS-7 LS-17]": """
        given A deposits 60
        and B deposits 1000
        and C deposits 1000
        and A buys 8 from B at 100
        and A buys 2 from C at 100
        and C sells 50 to B at 100 in=2
        when mark 1=90 2=119                 # A: E = -40; C: 1000 + 20 - 950 = 70, M = 9 + 298
        then CANCEL_ORDERS A equity=-40
        and CANCEL_ORDERS C equity=70 maintenance=307
        and LIQUIDATION_ORDER C id=1 market=2 size=41        # 1.05 * (9 + MM(9)) = 66.15 <= 70
        # C comes first, with 0.1 * 180 / 70; of 40 it is due 8, but it has less than it must
        and AUTO_DELEVERAGE A with=C size=2 rank=1 score=257142 quote=-180 loss=0 equity=70
        and AUTO_DELEVERAGE A with=B size=8 rank=2 quote=-760 loss=40
        and LOSS_ALLOCATION A skipped=0 touched=2 loss=40 haircut=40
        and LIQUIDATION_ENDED A equity=0
        and C equity=70 maintenance=298 lots=0
    """,
    "A09 whose balance just has room for what it is closed for takes part [LS-7 BD-6]": """
        given A deposits 60
        and B deposits 1000
        and C deposits 1152921504606846896   # 2^60 - 80
        and A buys 8 from B at 100
        and A buys 2 from C at 100
        when mark 60                         # A: E = 60 - 400; C gains 80
        then CANCEL_ORDERS A equity=-340
        # 340 * 8 / 10 and 340 * 2 / 10: no more than 40 a lot
        and AUTO_DELEVERAGE A with=B size=8 quote=-752 loss=272
        and AUTO_DELEVERAGE A with=C size=2 quote=-188 loss=68
        and LOSS_ALLOCATION A needed=10 size=10 touched=2 skipped=0 quote=600 loss=340 haircut=340
        and LIQUIDATION_ENDED A equity=0
        and C balance=1152921504606846908    # + 80 - 68
    """,
    "A10 whose balance would not fit is skipped; what nobody closes stays [LS-7 LS-22]": """
        given A deposits 60
        and B deposits 1000
        and C deposits 1152921504606846897   # 2^60 - 79
        and A buys 8 from B at 100
        and A buys 2 from C at 100
        when mark 60
        then CANCEL_ORDERS A equity=-340
        and AUTO_DELEVERAGE A with=B size=8 quote=-800 loss=320      # all that the mark gave it
        and LOSS_ALLOCATION A needed=10 size=8 touched=1 skipped=1 quote=480 loss=340 haircut=320
        and BAD_DEBT A amount=20
        and A state=BANKRUPT equity=-20 lots=2
        when mark 60                         # asked again; there still is no room
        then nothing
        when C withdraws 1
        and mark 60                          # the mark has not moved: nobody bears anything
        then AUTO_DELEVERAGE A with=C size=2 quote=-120 loss=0
        and LOSS_ALLOCATION A needed=2 size=2 skipped=0 loss=0 haircut=0
        and BAD_DEBT A amount=20
        and A state=BANKRUPT balance=-20 lots=0
    """,
    "A11 a deleveraged hedge is judged in the same command [LS-16]": """
        given A deposits 60
        and B deposits 225
        and C deposits 100000
        and A buys 10 from B at 100
        and B buys 18 from C at 100 in=2
        when mark 1=90 2=90                  # B: 225 + 100 - 180 = 145 >= 45 + 81 = 126
        then CANCEL_ORDERS A
        and AUTO_DELEVERAGE A with=B size=10 quote=-940 equity=145 maintenance=126
        and LOSS_ALLOCATION A
        and LIQUIDATION_ENDED A
        and B equity=105 maintenance=81      # 145 - 40; the long is hedged no more
        when mark 2=88                       # 105 - 36 = 69 < 80
        then CANCEL_ORDERS B equity=69 maintenance=80
        and LIQUIDATION_ORDER B market=2 side=SHORT
    """,
    "A12 nobody pays out of what he must hold; the rest is debt [LS-17 LS-22]": """
        given A deposits 60
        and B deposits 200
        and C deposits 100000
        and A buys 10 from B at 100
        and B buys 18 from C at 100 in=2
        when mark 1=90 2=90                  # B: 120 < 45 + 81, but A with E = -40 is riskier
        then CANCEL_ORDERS A
        and CANCEL_ORDERS B equity=120 maintenance=126
        and LIQUIDATION_ORDER B market=2 side=SHORT size=3   # 1.05 * (45 + MM(15)) = 118.65
        and AUTO_DELEVERAGE A with=B size=10 quote=-939 loss=39      # 120 - 81
        and LOSS_ALLOCATION A loss=40 haircut=39
        and BAD_DEBT A amount=1
        and B equity=81 maintenance=81       # its order stays: 81 < 1.05 * 81
    """,
    "A13 one whom nothing else in the command concerns is judged in the next pass [JD-1]": """
        given risk call=125%
        and A deposits 100
        and B deposits 145
        and C deposits 100000
        and A buys 10 from B at 100
        and B buys 18 from C at 100 in=2     # E = 145, M = 50 + 90
        then MARGIN_CALL B equity=145 maintenance=140
        when A buys 1 from C at 100 fee=166  # E = -66, of which no mark took any; scores are all 0
        then CANCEL_ORDERS A equity=-66 maintenance=55
        and AUTO_DELEVERAGE A with=B size=10 score=0 quote=-1000 loss=0
        and AUTO_DELEVERAGE A with=C size=1 score=0 quote=-100 loss=0
        and LOSS_ALLOCATION A loss=0 haircut=0
        and BAD_DEBT A amount=66
        and MARGIN_CALL_CLEARED B equity=145 maintenance=90  # 145 >= 1.35 * 90
    """,
    "A14 parts of a loss are whole atoms, by the largest remainders [LS-17 LS-21]": """
        given A deposits 61
        and B deposits 1000
        and C deposits 1000
        and D deposits 1000
        and A buys 3 from B at 100
        and A buys 3 from C at 100
        and A buys 4 from D at 100
        when mark 90                         # E = -39: 15.6 of D, 11.7 each of B and C
        then CANCEL_ORDERS A
        and AUTO_DELEVERAGE A with=D size=4 quote=-375 price=93 loss=15
        and AUTO_DELEVERAGE A with=B size=3 quote=-282 price=94 loss=12
        and AUTO_DELEVERAGE A with=C size=3 quote=-282 loss=12
        and LOSS_ALLOCATION A quote=900 loss=39 haircut=39
        and LIQUIDATION_ENDED A equity=0
        and fund 1 balance=0
    """,
    "A15 a short that is liquidated: the longs sell [LS-16]": """
        given A deposits 60
        and B deposits 1000
        and A sells 10 to B at 100
        when mark 110                        # E = -40
        then CANCEL_ORDERS A
        and AUTO_DELEVERAGE A with=B side=LONG size=10 price=106 quote=1060 loss=40 position=10
        and LOSS_ALLOCATION A side=SHORT size=10 quote=-1100 loss=40 haircut=40
        and LIQUIDATION_ENDED A equity=0
        and B balance=1060
    """,
    "A16 the fund's own inventory on the other side goes first [LS-9]": """
        given fund 1 deposits 1000
        and A deposits 60
        and B deposits 1000
        and A sells 10 to B at 100
        and mark 110                         # the fund pays 40 and takes over the short: E = 960
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A side=SHORT size=10 quote=-1100
        and LIQUIDATION_ENDED A
        when C deposits 62200
        and D deposits 60000
        and C buys 1000 from D at 110
        and mark 48                          # C: E = 62200 - 62000, M = 2400
        then CANCEL_ORDERS C equity=200 maintenance=2400
        # The fund cannot carry 990: 960 + 620 < 2376. 1.05 * MM(79) = 199.5
        and LIQUIDATION_ORDER C id=1 size=921
        when report 1
        then LIQUIDATION_ORDER_ENDED C
        and AUTO_DELEVERAGE C with=F1 size=10 rank=1 quote=-480 equity=1580
        and AUTO_DELEVERAGE C with=D size=911 rank=2 quote=-43728
        and LOSS_ALLOCATION C size=921 amount=0 haircut=0
        and LIQUIDATION_ENDED C equity=200 maintenance=190
        and fund 1 lots=0 balance=1580       # 960 + 1100 - 480
    """,
    "A17 the fund's own inventory goes first under PRO_RATA, too [LS-9]": """
        given fund 1 deposits 1000
        and A deposits 60
        and B deposits 1000
        and A sells 10 to B at 100 in=2
        and mark 2=110                       # the fund pays 40 and takes over the short: E = 960
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A side=SHORT size=10 quote=-1100
        and LIQUIDATION_ENDED A
        when C deposits 62200
        and D deposits 60000
        and C buys 1000 from D at 110 in=2
        and mark 2=48                        # C: E = 62200 - 62000, M = 2400
        then CANCEL_ORDERS C equity=200 maintenance=2400
        and LIQUIDATION_ORDER C id=1 size=921
        when report 1
        then LIQUIDATION_ORDER_ENDED C
        and AUTO_DELEVERAGE C with=F1 size=10 rank=1 quote=-480 equity=1580
        and AUTO_DELEVERAGE C with=D size=911 rank=2 quote=-43728
        and LOSS_ALLOCATION C size=921 amount=0 haircut=0
        and LIQUIDATION_ENDED C equity=200 maintenance=190
        and fund 1 lots2=0 balance=1580      # 960 + 1100 - 480
    """,
    "A18 the rest of an order that the book did not take [LS-19 LS-21 WF-18]": """
        given market 1 discount=2%
        and A deposits 133
        and B deposits 1000
        and A buys 10 from B at 100
        when mark 90                         # E = 33 >= 2/3 * 45
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=4 price=89
        when B sells 1 to A at 90            # an ordinary trade of the two does not count
        and A sells 1 to B at 90 fills=1
        then LIQUIDATION_FILL A size=1 position=10
        when report 1
        then LIQUIDATION_ORDER_ENDED A size=1 needed=3
        # d = min(ceil(2 % of 270) = 6, floor(33 * (45 - 32) / 45) = 9)
        and AUTO_DELEVERAGE A with=B size=3 quote=-270 price=90 loss=0
        and LOSS_ALLOCATION A needed=3 size=3 quote=270 discount=6 haircut=0
        and LIQUIDATION_ORDER A id=2 equity=27 maintenance=32 size=2         # 1.05 * 23 <= 27
        and fund 1 balance=6
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_adl(text: str) -> None:
    play(BACKGROUND + text)
