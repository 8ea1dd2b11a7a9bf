"""Who is a counterparty of an allocation: as seen before it, with or without equity, or skipped.

There is no book: below 2/3 of maintenance (5 %) all is resolved. Margin calls are turned off.
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given risk call=100.0001%
    and market 1
    and market 2
    and mark 1=100 2=100
"""

ONE_WHO_CANNOT_PAY = """
        given A deposits 60
        and B deposits 1000
        and C deposits 977
        and D deposits 1000
        and A buys 10 from B at 100
        and C sells 2 to D at 80
        and C sells 50 to B at 100 in=2
        when mark 1=90 2=119                 # A: E = -40, Q = 940; C: E = 977 - 20 - 950 = 7
        then CANCEL_ORDERS A equity=-40
        # C has lost: -20 / 160 over 180 / 7 of leverage; 7 + 180 - 188 = -1
        and AUTO_DELEVERAGE A with=B size=10 quote=-940 rank=1
"""

THEN_IT_IS_LIQUIDATED = """
        and LIQUIDATION_ENDED A equity=0
        and CANCEL_ORDERS C equity=7 maintenance=307
        and AUTO_DELEVERAGE C with=B market=2 size=50
        and LOSS_ALLOCATION C market=2
        and AUTO_DELEVERAGE C with=D market=1 size=2 quote=181
        and LOSS_ALLOCATION C market=1
        and LIQUIDATION_ENDED C equity=0
"""

SCENARIOS = {
    "A19 a fund that has paid is a counterparty with what it has left [LS-8 LS-4]": """
        given fund 1 deposits 1000
        and A deposits 60
        and B deposits 1000
        and A sells 10 to B at 100
        and mark 110                         # the fund takes over the short at 106
        then CANCEL_ORDERS A
        and TAKE_OVER A side=SHORT size=10 quote=-1060
        and LIQUIDATION_ENDED A
        when C deposits 60000
        and D deposits 60000
        and C buys 1000 from D at 110
        and mark 48                          # C: E = 60000 - 62000, Q = 50000
        then CANCEL_ORDERS C equity=-2000
        # The fund cannot carry 990. It pays 1000 of 2000, and has 1580 - 1000; Q = 49000
        and AUTO_DELEVERAGE C with=F1 size=10 rank=1 quote=-490 equity=580 position=-10
        and AUTO_DELEVERAGE C with=D size=990 rank=2 quote=-48510 equity=122000
        and LOSS_ALLOCATION C size=1000 quote=49000 amount=1000 haircut=1000
        and LIQUIDATION_ENDED C equity=0
        and fund 1 balance=570 lots=0        # 0 + 1060 - 490
    """,
    "A20 QUEUE counts who is skipped on the way, and nobody after the need [LS-13]": (
        ONE_WHO_CANNOT_PAY
        + """
        and LOSS_ALLOCATION A policy=QUEUE touched=1 skipped=0
        """
        + THEN_IT_IS_LIQUIDATED
    ),
    "A21 PRO_RATA counts all who cannot pay [LS-13]": (
        """
        given market 1 policy=PRO_RATA
        """
        + ONE_WHO_CANNOT_PAY
        + """
        and LOSS_ALLOCATION A policy=PRO_RATA touched=1 skipped=1
        """
        + THEN_IT_IS_LIQUIDATED
    ),
    "A22 the leverage of one without equity is the cap [LS-11 JD-7]": """
        given risk take_over=0%
        and A deposits 133
        and B deposits 1000
        and D deposits 200
        and A buys 10 from D at 100
        and D buys 20 from B at 100 in=2
        when mark 1=90 2=90                  # A: 33 of 45; D: 100 of 135
        then CANCEL_ORDERS A equity=33 maintenance=45
        and LIQUIDATION_ORDER A id=1 size=4
        and CANCEL_ORDERS D equity=100 maintenance=135
        and LIQUIDATION_ORDER D id=2 market=2
        when mark 2=85                       # D: E = 0, but its order is out
        then nothing
        when report 1                        # Q = 360 - floor(33 * 18 / 45) = 347
        then LIQUIDATION_ORDER_ENDED A id=1
        # profit 10 %, leverage 2^40: 0 + 360 - 347 = 13 are left to D
        and AUTO_DELEVERAGE A with=D size=4 quote=-347 score=109951162777 equity=0
        and LOSS_ALLOCATION A haircut=-13 skipped=0
        and LIQUIDATION_ORDER A id=3 equity=20 maintenance=27
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_counterparties(text: str) -> None:
    play(BACKGROUND + text)
