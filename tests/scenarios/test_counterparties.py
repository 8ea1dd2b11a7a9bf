"""Who is a counterparty of an allocation: with what it has left, without equity, or skipped.

Maintenance is 5 %; margin calls are turned off.
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given risk call=100.0001%
    and market 1
    and market 2
    and mark 1=100 2=100
"""

ONE_WITHOUT_ROOM = """
        given A deposits 60
        and B deposits 1000
        and C deposits 1152921504606846957   # 2^60 - 19
        and D deposits 1000
        and A buys 10 from B at 100
        and D buys 2 from C at 100
        when mark 1=90                       # A: E = -40; C would gain 20, and has no leverage
        then CANCEL_ORDERS A equity=-40
        and AUTO_DELEVERAGE A with=B size=10 quote=-940 loss=40 rank=1
"""

SCENARIOS = {
    "A19 a fund that has paid is a counterparty with what it has left [LS-5 LS-17]": """
        given fund 1 deposits 1000
        and A deposits 60
        and B deposits 1000
        and A sells 10 to B at 100
        and mark 110                         # the fund pays 40 and takes over the short
        then CANCEL_ORDERS A
        and INSURANCE_PAYOUT A amount=40
        and TAKE_OVER A side=SHORT size=10 quote=-1100
        and LIQUIDATION_ENDED A
        when C deposits 60000
        and D deposits 60000
        and C buys 1000 from D at 110
        and mark 48                          # C: E = 60000 - 62000
        then CANCEL_ORDERS C equity=-2000
        # The fund has E = 960 + 620, M = 24, and pays its balance; 1040 are left for 1000 lots
        and INSURANCE_PAYOUT C amount=960
        and AUTO_DELEVERAGE C with=F1 size=10 rank=1 quote=-490 loss=10 equity=620 position=-10
        and AUTO_DELEVERAGE C with=D size=990 rank=2 quote=-48550 loss=1030 equity=122000
        and LOSS_ALLOCATION C size=1000 quote=48000 loss=2000 amount=960 haircut=1040
        and LIQUIDATION_ENDED C equity=0
        and fund 1 balance=610 lots=0        # 0 + 1100 - 490
    """,
    "A20 QUEUE counts who is skipped on the way, and nobody after the need [LS-13]": (
        ONE_WITHOUT_ROOM
        + """
        and LOSS_ALLOCATION A policy=QUEUE touched=1 skipped=0
        and LIQUIDATION_ENDED A equity=0
        """
    ),
    "A21 PRO_RATA counts all whose balance has no room [LS-13]": (
        """
        given market 1 policy=PRO_RATA
        """
        + ONE_WITHOUT_ROOM
        + """
        and LOSS_ALLOCATION A policy=PRO_RATA touched=1 skipped=1
        and LIQUIDATION_ENDED A equity=0
        """
    ),
    "A22 the leverage of one without equity is the cap [LS-11 JD-7]": """
        given A deposits 133
        and B deposits 1000
        and D deposits 200
        and A buys 10 from D at 100
        and D buys 20 from B at 100 in=2
        when mark 1=90 2=90                  # A: 33 of 45; D: 100 of 135
        then CANCEL_ORDERS A equity=33 maintenance=45
        and CANCEL_ORDERS D equity=100 maintenance=135
        and LIQUIDATION_ORDER A id=1 size=4
        and LIQUIDATION_ORDER D id=2 market=2
        when mark 2=85                     # D: E = 0, but its order is out, and no fund can take it
        then nothing
        when report 1
        then LIQUIDATION_ORDER_ENDED A id=1
        # profit 10 %, leverage 2^40
        and AUTO_DELEVERAGE A with=D size=4 quote=-360 score=109951162777 equity=0
        and LOSS_ALLOCATION A haircut=0 skipped=0
        and LIQUIDATION_ENDED A equity=33 maintenance=27
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_counterparties(text: str) -> None:
    play(BACKGROUND + text)
