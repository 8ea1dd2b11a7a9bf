"""Trades that nobody can use to move a loss to others: what they take below zero goes back.

E is equity, M maintenance at 5 %; T is what a price worse than mark took from a side.
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given risk call=100.0001%
    and market 1
    and fund 1 deposits 10000
    and B deposits 100000
    and C deposits 100
    and mark 100
"""

SCENARIOS = {
    "B01 a leg dumped on a friend [BK-6 GD-13]": """
        given A deposits 100
        and A buys 10 from B at 100
        when A sells 10 to C at 1            # E = 100 - 990, T = 990
        then TRADE_REPRICED A with=C side=SHORT size=10 price=1 amount=890 mark=100 equity=-890
        and A state=NORMAL balance=0 lots=0
        and C balance=-790 equity=200 maintenance=50 lots=10
        and fund 1 balance=10000
        and debt 0
    """,
    "B02 orders that are accepted one by one, sent in parallel [BK-6]": """
        given market 1 mm=1% im=2%
        and A deposits 40
        when A buys 5 from C at 105          # E = 40 - 25
        then nothing
        and A equity=15 maintenance=5
        when A buys 5 from C at 105          # E = -10, T = 25
        then TRADE_REPRICED A with=C side=LONG size=5 price=105 amount=10 equity=-10 position=10
        and CANCEL_ORDERS A equity=0 maintenance=10
        and TAKE_OVER A size=10 quote=1000
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        and C equity=140 lots=-10
        and fund 1 equity=10000
    """,
    "B03 a fill far below its limit is refused, and repriced without it [BK-6 GD-12]": """
        given market 1 fee=1%
        and A deposits 100
        and A buys 10 from B at 100
        when mark 94                         # 1.05 * MM(7) = 34.65, 3 cost 2.82: 37.47 <= 40
        then CANCEL_ORDERS A equity=40 maintenance=47
        and LIQUIDATION_ORDER A id=1 size=3
        when A sells 2 to B at 20 fills=1
        then refused LIQUIDATION_PRICE value=20 limit=94
        when A sells 2 to B at 20            # without the order: E = 40 - 148, T = 148; M = 38
        then TRADE_REPRICED A with=B size=2 amount=108 equity=-108 maintenance=38 position=8
        and LIQUIDATION_ORDER_ENDED A size=0 needed=3 outcome=REPLACED
        and TAKE_OVER A size=8 quote=752 discount=0 equity=0
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        and fund 1 balance=10000 equity=10000 lots=8
    """,
    "B04 a buyer that pays too much [BK-6]": """
        given A deposits 100
        and A sells 10 to B at 100
        when A buys 10 from C at 210         # E = 100 - 1100, T = 1100
        then TRADE_REPRICED A with=C side=LONG size=10 price=210 amount=1000 equity=-1000
        and A balance=0 lots=0
        and C equity=200 lots=-10
    """,
    "B05 the fee of the venue comes first, and is not paid back [BK-6 WF-22]": """
        given A deposits 100
        and D deposits 100
        and A buys 10 from B at 100
        and D buys 10 from B at 100
        when A sells 10 to C at 95 fee=80    # E = 100 - 50 - 80, T = 50
        then TRADE_REPRICED A amount=30 equity=-30
        and A balance=0
        when D sells 10 to C at 95 fee=170   # E = -120: 70 are the fee's
        then TRADE_REPRICED D amount=50 equity=-120
        and CANCEL_ORDERS D equity=-70
        and INSURANCE_PAYOUT D amount=70
        and LIQUIDATION_ENDED D equity=0
        and C equity=120 lots=20
    """,
    "B06 a market that leaves trades as they are [BK-6]": """
        given market 1 reprices=0
        and A deposits 100
        and A buys 10 from B at 100
        when A sells 10 to C at 1
        then CANCEL_ORDERS A equity=-890
        and INSURANCE_PAYOUT A amount=890
        and LIQUIDATION_ENDED A equity=0
        and C equity=1090
    """,
    "B07 a loss that the leg of another market would bring to the fund [BK-6]": """
        given market 2
        and mark 2=100
        and A deposits 200
        and A buys 10 from B at 100
        and A buys 1 from B at 100 in=2
        when A sells 10 to C at 50           # E = 200 - 500
        then TRADE_REPRICED A with=C amount=300 equity=-300 maintenance=5
        and CANCEL_ORDERS A equity=0
        and TAKE_OVER A market=2 fund=1 size=1 quote=100
        and LIQUIDATION_ENDED A equity=0
        and fund 1 balance=10000 equity=10000
    """,
    "B08 one atom of debt [BK-6 GD-10]": """
        given D deposits 1
        and E deposits 10
        and mark 10
        when D buys 1 from E at 10
        then MARGIN_CALL D equity=1 maintenance=1
        when D sells 1 to E at 8
        then TRADE_REPRICED D with=E amount=1 equity=-1 maintenance=0
        and MARGIN_CALL_CLEARED D
        and D state=NORMAL balance=0
        and debt 0
        when E withdraws 11                  # it gained 2 and gave one back
        then nothing
        and E balance=0
    """,
    "B09 who has equity left bears the price that he agreed to [BK-6]": """
        given A deposits 100
        and A buys 10 from B at 100
        when A sells 10 to C at 90           # E = 0
        then nothing
        and A balance=0
        and C equity=200 lots=10
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_repriced(text: str) -> None:
    play(BACKGROUND + text)
