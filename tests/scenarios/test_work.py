"""Work in pieces: where a command pauses, what goes on, and what passes in between.

Maintenance is 5 %, the fund is empty and margin calls are turned off, unless a case says otherwise.
A unit is spent for each timer; for each account that new parameters or a later pass look at; for
each margin call; thrice for each candidate, as it begins, is decided and is settled; for each
booking of a take-over, a share or a need, and each instruction that tells of it; for each payer of
a debt that is spread, and each debtor that gets it.
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
    when mark 90                         # E = -40 of each long; all begin, A is decided
    then CANCEL_ORDERS A equity=-40
    and CANCEL_ORDERS B equity=-40
    and CANCEL_ORDERS C equity=-40
    and pending
"""
"""Three bankrupt longs against four shorts, of whom two close 10 and two 5 lots."""

SCENARIOS = {
    "K01 it begins, decides, books, tells and settles, four units at a time [WK-1 WK-2 WK-3]": f"""
        {THREE_LONGS}
        when continue                    # B and C are decided; D's and E's shares
        then pending
        and D lots=0 balance=1100        # booked at the mark, and has paid nothing yet
        and E lots=0
        and F lots=-5
        and A lots=10
        and venue deposits=4180 funds=0 fees=0
        when continue                    # F's and G's shares, the needs of A and B
        then pending
        and A lots=0 balance=-40
        and C lots=10
        when continue                    # C's; losses are paid at once, then they are told
        then AUTO_DELEVERAGE A with=D size=10 rank=1 loss=40
        and AUTO_DELEVERAGE B with=E size=10 rank=2 loss=40
        and AUTO_DELEVERAGE C with=F size=5 rank=3 loss=20
        and pending
        and D balance=1060
        and G balance=1030
        and C balance=0 lots=0
        when continue
        then AUTO_DELEVERAGE C with=G size=5 rank=4 loss=20
        and LOSS_ALLOCATION A needed=10 size=10 touched=1 haircut=40
        and LOSS_ALLOCATION B needed=10 size=10 touched=1 haircut=40
        and LOSS_ALLOCATION C needed=10 size=10 touched=2 haircut=40
        and pending
        when continue                    # and the first of the next pass, D
        then LIQUIDATION_ENDED A equity=0
        and LIQUIDATION_ENDED B equity=0
        and LIQUIDATION_ENDED C equity=0
        and pending
        when continue                    # E, F and G are looked at
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
        then AUTO_DELEVERAGE A with=D
        and AUTO_DELEVERAGE B with=E loss=40
        and AUTO_DELEVERAGE C with=F
        when continue
        then AUTO_DELEVERAGE C with=G
        and LOSS_ALLOCATION A
        and LOSS_ALLOCATION B haircut=40
        and LOSS_ALLOCATION C
        when continue                    # B is settled as it is now
        then LIQUIDATION_ENDED A equity=0
        and LIQUIDATION_ENDED B equity=100
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
        when mark 90                     # B: E = 5, M = 5; A: E = -40, begins and is decided
        then MARGIN_CALL B equity=5 maintenance=5
        and CANCEL_ORDERS A
        and pending
        when B deposits 1                # 6 * 10^6 < 1_400_000 * 5: the call goes on
        then pending
        when B deposits 1                # 7 * 10^6 >= 1_400_000 * 5
        then pending
        and B state=MARGIN_CALL equity=7
        when continue                    # D's share, A's need, and the first of what is told
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
        and tick                         # the timer, and the first who pays
        then LOSS_SPREAD A amount=75
        and pending
        and A balance=1225
        when continue
        then LOSS_SPREAD B amount=25
        and LIQUIDATION_ENDED C equity=0
        and pending
        and C balance=0
        when continue                    # A and B are looked at
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
        when continue                    # behind the last who begins payouts cost nothing
        then CANCEL_ORDERS B
        and INSURANCE_PAYOUT A amount=40
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
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS)
def test_scenario(text: str) -> None:
    play(text)
