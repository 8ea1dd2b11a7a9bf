"""Work in pieces: where a command pauses, what goes on, and what passes in between.

Maintenance is 5 %, the fund is empty and margin calls are turned off, unless a case says otherwise.
A unit is spent for each timer; for each account that new parameters or a later pass look at; for
each margin call; thrice for each candidate, as it begins, is decided and is settled; for each
booking of a take-over, a share or a need, and each instruction that tells of it; for each payer of
a debt that is spread, and each debtor that gets it. And one for each begun four of accounts whose
losses are laid on legs, holders who are looked at or chosen, holders who are asked what they can
pay, and accounts whose gains are sought; and for each full four of positions that are ranked.
"""

import pytest

from tests.scenarios.play import play

THREE_LONGS = """
    given risk call=100.0001% units=4
    and market 1 policy=QUEUE
    and mark 100
    and A deposits 60
    and B deposits 60
    and C deposits 60
    and D deposits 1000
    and E deposits 1000
    and F deposits 1000
    and G deposits 1000
    and A buys 10 from D at 100
    and B buys 10 from E at 100
    and C buys 5 from F at 100
    and C buys 5 from G at 100
    when mark 90                         # E = -40 of each long; all begin, losses are laid on legs
    then CANCEL_ORDERS A equity=-40
    and CANCEL_ORDERS B equity=-40
    and CANCEL_ORDERS C equity=-40
    and pending
"""
"""Three bankrupt longs against four shorts, of whom two close 10 and two 5 lots."""

SCENARIOS = {
    "K01 it begins, decides, books, tells and settles, four units at a time [WK-1 WK-2 WK-3]": f"""
        {THREE_LONGS}
        when continue                    # they are decided; D, E, F and G are chosen
        then pending
        and D lots=-10
        when continue                    # the shares of those four
        then pending
        and D lots=0 balance=1100        # booked at the mark, and has paid nothing yet
        and G lots=0
        and A lots=10
        and venue deposits=4180 funds=0 fees=0
        when continue                    # the needs; all are asked, and pay at once
        then pending
        and A lots=0 balance=0
        and D balance=1060
        and G balance=1030
        when continue
        then AUTO_DELEVERAGE A with=D size=10 rank=1 loss=40
        and AUTO_DELEVERAGE B with=E size=10 rank=2 loss=40
        and AUTO_DELEVERAGE C with=F size=5 rank=3 loss=20
        and AUTO_DELEVERAGE C with=G size=5 rank=4 loss=20
        and pending
        when continue
        then LOSS_ALLOCATION A needed=10 size=10 touched=1 haircut=40
        and LOSS_ALLOCATION B needed=10 size=10 touched=1 haircut=40
        and LOSS_ALLOCATION C needed=10 size=10 touched=2 haircut=40
        and LIQUIDATION_ENDED A equity=0
        and pending
        when continue                    # and the first two of the next pass, D and E
        then LIQUIDATION_ENDED B equity=0
        and LIQUIDATION_ENDED C equity=0
        and pending
        when continue                    # F and G are looked at
        then done
        when continue
        then refused NOTHING_DUE value=0 limit=0
    """,
    "K02 a deposit is booked between the pieces, anything else is refused [WK-4 WK-5]": f"""
        {THREE_LONGS}
        when H deposits 100
        then pending
        and H balance=100
        when D withdraws 1
        then refused ALLOCATION_PENDING value=0 limit=0
        when mark 95
        then refused ALLOCATION_PENDING
        when D buys 1 from E at 90
        then refused ALLOCATION_PENDING
        when fund 1 deposits 5
        then refused ALLOCATION_PENDING
        when wait 1000
        and tick
        then refused ALLOCATION_PENDING
        when B deposits 100              # it began with E = -40, and that stays decided
        then pending
        and B balance=160 lots=10 state=LIQUIDATING
        when continue
        then pending
        when continue
        then pending
        when continue
        then pending
        when continue
        then AUTO_DELEVERAGE A with=D
        and AUTO_DELEVERAGE B with=E loss=40
        and AUTO_DELEVERAGE C with=F
        and AUTO_DELEVERAGE C with=G
        when continue
        then LOSS_ALLOCATION A
        and LOSS_ALLOCATION B haircut=40
        and LOSS_ALLOCATION C
        and LIQUIDATION_ENDED A equity=0
        when continue                    # B is settled as it is now
        then LIQUIDATION_ENDED B equity=100
        and LIQUIDATION_ENDED C equity=0
        and pending
        when continue                    # in the next pass B, too; nothing is to be done about H
        then done
        when mark 95
        then nothing
        when D withdraws 1
        then D balance=1059
    """,
    "K03 who pays in between is judged in the next pass of the work [WK-1 WK-4]": """
        given risk call=120% clear=140% units=3
        and market 1 policy=QUEUE
        and mark 100
        and A deposits 60
        and B deposits 15
        and D deposits 1000
        and A buys 10 from D at 100
        and B buys 1 from D at 100
        when mark 90                     # B: E = 5, M = 5; A: E = -40, begins, its loss is laid
        then MARGIN_CALL B equity=5 maintenance=5
        and CANCEL_ORDERS A
        and pending
        when B deposits 1                # 6 * 10^6 < 1_400_000 * 5: the call goes on
        then pending
        when B deposits 1                # 7 * 10^6 >= 1_400_000 * 5
        then pending
        and B state=MARGIN_CALL equity=7
        when continue                    # A is decided; D is chosen, and its share is booked
        then pending
        when continue                    # A's need; D is asked; and the first of what is told
        then AUTO_DELEVERAGE A with=D size=10 loss=40
        and pending
        and B state=MARGIN_CALL
        when continue                    # A is settled; D is looked at
        then LOSS_ALLOCATION A
        and LIQUIDATION_ENDED A
        and pending
        when continue
        then MARGIN_CALL_CLEARED B equity=7 maintenance=5
        and done
    """,
    "K04 everybody is looked at by new parameters, then called [WK-1]": """
        given risk call=100.0001% units=2
        and market 1
        and mark 100
        and A deposits 100
        and B deposits 100
        and C deposits 10000
        and A buys 10 from C at 100
        and B buys 10 from C at 100
        when risk call=250% clear=300%   # A, B, C and the account of the fund
        then pending
        and A state=NORMAL
        when continue
        then pending
        when continue                    # E = 100, M = 50
        then MARGIN_CALL A
        and MARGIN_CALL B
        and done
    """,
    "K05 a timer, each payer of a debt that is spread, and who gets it [WK-1]": """
        given risk gate_floor=1000000 spread=1000
        and market 1
        and mark 100
        and M deposits 1000000
        and A deposits 1000
        and A buys 1 from M at 100
        and A sells 1 to M at 400
        and B deposits 1000
        and B buys 1 from M at 100
        and B sells 1 to M at 200
        and C deposits 10
        and C buys 1 from M at 100
        when C sells 1 to M at 100 fee=110
        then CANCEL_ORDERS C
        and BAD_DEBT C amount=100
        when risk units=2                # A, B, C, M and the account of the fund
        then pending
        when continue
        then pending
        when continue
        then done
        when wait 1000
        and tick                         # the timer; the gains of A, B and M are sought
        then pending
        and A balance=1300
        when continue
        then LOSS_SPREAD A amount=75
        and LOSS_SPREAD B amount=25
        and pending
        and A balance=1225
        and C balance=-100
        when continue                    # and A is looked at
        then LIQUIDATION_ENDED C equity=0
        and pending
        and C balance=0
        when continue                    # B
        then done
        and debt 0
    """,
    "K06 what funds pay is told at once, a leg that they take over is a unit [WK-1 WK-2]": """
        given risk call=100.0001% units=1
        and fund 1 deposits 10000
        and market 1
        and mark 100
        and A deposits 60
        and B deposits 60
        and D deposits 10000
        and A buys 10 from D at 100
        and B buys 10 from D at 100
        when mark 90
        then CANCEL_ORDERS A
        and pending
        when continue
        then CANCEL_ORDERS B
        and pending
        when continue                    # losses are laid on legs, then payouts cost nothing
        then INSURANCE_PAYOUT A amount=40
        and INSURANCE_PAYOUT B amount=40
        and pending
        when continue                    # a step is finished, though it costs two
        then TAKE_OVER A size=10
        and pending
        when continue
        then TAKE_OVER B size=10
        and pending
        when continue
        then LIQUIDATION_ENDED A equity=0
        and pending
        when continue
        then LIQUIDATION_ENDED B equity=0
        and done
    """,
    "K07 of nine holders four are looked at, and asked, for a unit [WK-1 LS-14 LS-17]": """
        given risk call=100.0001% units=3
        and market 1 policy=PRO_RATA
        and mark 100
        and A deposits 108
        and B deposits 1000
        and C deposits 1000
        and D deposits 1000
        and E deposits 1000
        and F deposits 1000
        and G deposits 1000
        and H deposits 1000
        and I deposits 1000
        and J deposits 1000
        and A buys 2 from B at 100
        and A buys 2 from C at 100
        and A buys 2 from D at 100
        and A buys 2 from E at 100
        and A buys 2 from F at 100
        and A buys 2 from G at 100
        and A buys 2 from H at 100
        and A buys 2 from I at 100
        and A buys 2 from J at 100
        when mark 90                     # E = -72; A begins, its loss is laid, it is decided
        then CANCEL_ORDERS A equity=-72
        and pending
        when continue                    # four, four and one are looked at, then all are chosen
        then pending
        and B lots=-2
        when continue                    # three shares
        then pending
        and D lots=0 balance=1020
        and E lots=-2
        when continue
        then pending
        when continue
        then pending
        and J lots=0 balance=1020
        and A lots=18
        when continue                    # A's need; four and four are asked
        then pending
        and A lots=0 balance=-72
        and B balance=1020
        when continue                    # the ninth; all pay at once, then it is told
        then AUTO_DELEVERAGE A with=B size=2 loss=8
        and AUTO_DELEVERAGE A with=C size=2 loss=8
        and pending
        and A balance=0
        and J balance=1012
        when continue
        then AUTO_DELEVERAGE A with=D size=2 loss=8
        and AUTO_DELEVERAGE A with=E size=2 loss=8
        and AUTO_DELEVERAGE A with=F size=2 loss=8
        when continue
        then AUTO_DELEVERAGE A with=G size=2 loss=8
        and AUTO_DELEVERAGE A with=H size=2 loss=8
        and AUTO_DELEVERAGE A with=I size=2 loss=8
        when continue
        then AUTO_DELEVERAGE A with=J size=2 loss=8
        and LOSS_ALLOCATION A needed=18 size=18 touched=9 haircut=72
        and LIQUIDATION_ENDED A equity=0
        and pending
        when continue                    # the nine are looked at
        and continue
        then pending
        when continue
        then done
    """,
    "K08 paid in at a pause chooses nobody, and has nobody pay more [WK-2 WK-4 LS-11 LS-17]": """
        given risk call=100.0001% units=1
        and market 1 policy=QUEUE
        and market 2
        and mark 1=100 2=100
        and A deposits 60
        and D deposits 150
        and E deposits 400
        and H deposits 100000
        and A buys 10 from D at 100
        and H buys 10 from E at 100
        and D buys 10 from H at 100 in=2
        when mark 1=80 2=82              # A: E = -140; D: E = 170, M = 40 + 41; E: E = 600
        then CANCEL_ORDERS A equity=-140
        and pending
        when D deposits 10000            # by rank it would come behind E now
        then pending
        and D balance=10150
        when continue                    # A's loss is laid
        and continue                     # it is decided
        and continue                     # four positions are ranked, and D is chosen
        and continue
        then pending
        and D lots=0 balance=10350
        and E lots=-10
        when continue                    # A's need
        and D deposits 5
        and continue                     # D is asked: it had 170 - 41 when the mark came
        then pending
        and D balance=10226
        when continue
        then AUTO_DELEVERAGE A with=D size=10 rank=1 loss=129
        when continue
        then LOSS_ALLOCATION A haircut=129
        when continue
        then BAD_DEBT A amount=11
        and pending
        when continue                    # D is looked at
        then done
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS)
def test_scenario(text: str) -> None:
    play(text)
