"""What waits for time: slices and their cooldown, deadlines, retries of a loss that nobody takes.

E is equity, M maintenance at 5 %; the buffer is off, and so are margin calls. At 90 A has
E = 142 - 100 = 42 and M = 45: 9 of 10 lots may stay (ceil(40.5) <= 42).
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given risk call=100.0001% buffer=0%
    and market 1 slice=2 cooldown=500 timeout=1000
    and A deposits 142
    and B deposits 100000
    and mark 100
    and A buys 10 from B at 100
"""

SCENARIOS = {
    "W01 below the level of take-over there are no slices [WF-3]": """
        when mark 87                         # E = 12 < 2/3 * 44
        then CANCEL_ORDERS A equity=12 maintenance=44
        and AUTO_DELEVERAGE A
        and LOSS_ALLOCATION A
        and LIQUIDATION_ENDED A
    """,
    "W02 slices, one after each cooldown [WF-8 WF-19 TM-3 GD-20]": """
        given risk take_over=0%
        when mark 88                         # E = 22, M = 44: 5 of 10 may stay, cut to 2
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=2 sliced=1 deadline=1000
        when wait 100
        and A sells 2 to B at 88 fills=1     # E = 22 < MM(8) = 36
        then LIQUIDATION_FILL A position=8
        and LIQUIDATION_ORDER_ENDED A
        when wait 499
        and mark 88
        then nothing
        when tick
        then refused NOTHING_DUE value=599000000 limit=600000000
        when wait 1
        and tick                             # MM(5) = 22: 3 to close, cut to 2
        then LIQUIDATION_ORDER A id=2 size=2 sliced=1 deadline=1600
        when A sells 2 to B at 88 fills=2
        then LIQUIDATION_FILL A position=6
        and LIQUIDATION_ORDER_ENDED A
        when wait 500
        and tick                             # the last one is no slice
        then LIQUIDATION_ORDER A id=3 size=1 sliced=0 deadline=2100
        when A sells 1 to B at 88 fills=3    # E = 22 = MM(5)
        then LIQUIDATION_FILL A equity=22 maintenance=22
        and LIQUIDATION_ORDER_ENDED A
        and LIQUIDATION_ENDED A state=MARGIN_CALL
    """,
    "W03 no cooldown: the next slice follows at once [WF-19]": """
        given risk take_over=0%
        and market 1 slice=2
        when mark 88
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=2
        when A sells 2 to B at 88 fills=1
        then LIQUIDATION_FILL A
        and LIQUIDATION_ORDER_ENDED A
        and LIQUIDATION_ORDER A id=2 size=2
    """,
    "W04 an order that was not cut is followed without a cooldown [WF-19]": """
        when mark 90                         # E = 42: 9 of 10 may stay
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1 sliced=0
        when report 1
        then LIQUIDATION_ORDER_ENDED A
        and AUTO_DELEVERAGE A size=1 quote=-87
        and LOSS_ALLOCATION A
        and LIQUIDATION_ORDER A id=2 size=1 equity=39 maintenance=41
    """,
    "W05 a recovery ends the liquidation during the cooldown [TM-4]": """
        given risk take_over=0%
        when mark 88
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1
        when A sells 2 to B at 88 fills=1
        then LIQUIDATION_FILL A
        and LIQUIDATION_ORDER_ENDED A
        when mark 90                         # E = 22 + 16 = 38 >= MM(8) = 36
        then LIQUIDATION_ENDED A equity=38 maintenance=36
        when wait 500
        and tick                             # the retry is stale: nobody is judged
        then nothing
        and A state=NORMAL
    """,
    "W06 a stale retry does not cut a newer cooldown short [TM-3 TM-4]": """
        given risk take_over=0%
        and mark 88
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1
        when A sells 2 to B at 88 fills=1    # retry at 500
        then LIQUIDATION_FILL A
        and LIQUIDATION_ORDER_ENDED A
        when wait 100
        and mark 90
        then LIQUIDATION_ENDED A
        when wait 100
        and mark 88
        then CANCEL_ORDERS A equity=22 maintenance=36
        and LIQUIDATION_ORDER A id=2 size=2
        when A sells 2 to B at 88 fills=2    # retry at 700
        then LIQUIDATION_FILL A
        and LIQUIDATION_ORDER_ENDED A
        when wait 300
        and tick                             # the one of 500
        then nothing
        when wait 200
        and tick
        then LIQUIDATION_ORDER A id=3 size=1
    """,
    "W07 a fall below the level of take-over does not wait for the cooldown [JD-7]": """
        given risk take_over=50%
        when mark 88                         # E = 22 = M / 2
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1
        when A sells 2 to B at 88 fills=1    # E = 22 >= 36 / 2
        then LIQUIDATION_FILL A
        and LIQUIDATION_ORDER_ENDED A
        when mark 87                         # E = 14 < 35 / 2
        then AUTO_DELEVERAGE A with=B size=8 quote=-682
        and LOSS_ALLOCATION A
        and LIQUIDATION_ENDED A equity=0
    """,
    "W08 the rest of a slice that expired is resolved, then the cooldown [WF-19]": """
        given risk take_over=0%
        when mark 88
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=2
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A outcome=EXPIRED needed=2
        # Q = 176 - floor(22 * (44 - 36) / 44) = 172
        and AUTO_DELEVERAGE A with=B size=2 quote=-172
        and LOSS_ALLOCATION A size=2
        and A state=LIQUIDATING lots=8 equity=18
        when wait 500
        and tick
        then LIQUIDATION_ORDER A id=2 size=2
    """,
    "W09 two orders, two deadlines; the attempt ends with the later one [WF-7 WF-13]": """
        given market 1 timeout=1000 dust=2000
        and market 2 timeout=3000 dust=2000
        and mark 2=100
        and A deposits 100
        and A buys 10 from B at 100 in=2
        when mark 1=84 2=100                 # E = 242 - 160 = 82, M = 42 + 50
        then CANCEL_ORDERS A equity=82 maintenance=92
        # need = 10, MM(8) = 40: dust makes it all; the other leg is not needed
        and LIQUIDATION_ORDER A id=1 market=2 size=10 deadline=3000
        when wait 3000
        and tick
        then LIQUIDATION_ORDER_ENDED A id=1
        # Q = 1000 - floor(82 * 50 / 92) = 956
        and AUTO_DELEVERAGE A market=2 size=10 quote=-956
        and LOSS_ALLOCATION A
        and LIQUIDATION_ORDER A id=2 market=1 size=10 deadline=4000 equity=38 maintenance=42
    """,
    "W10 both legs at once: the larger frees enough, the rest of the other is void [WF-6]": """
        given market 1 timeout=1000
        and market 2 timeout=3000
        and mark 2=100
        and risk take_over=0%
        and A deposits 100
        and A buys 10 from B at 100 in=2
        when mark 1=80 2=100                 # E = 242 - 200 = 42, M = 40 + 50: need 48
        then CANCEL_ORDERS A equity=42 maintenance=90
        # MM(0) of market 2 frees 50 > 48: kept k with MM(k) <= 2
        and LIQUIDATION_ORDER A id=1 market=2 size=10 deadline=3000
        when mark 1=77                       # E = 12, M = 39 + 50
        then nothing
        when A sells 9 to B at 100 in=2 fills=1
        then LIQUIDATION_FILL A size=9 equity=12 maintenance=44
        when report 1
        then LIQUIDATION_ORDER_ENDED A needed=1
        and AUTO_DELEVERAGE A market=2 size=1 quote=-99      # 100 - floor(12 * 5 / 44)
        and LOSS_ALLOCATION A market=2
        and LIQUIDATION_ORDER A id=2 market=1 size=8 equity=11 maintenance=39
    """,
    "W11 nobody to take it: retried until somebody is there [WF-20 LS-17 LS-20 LS-22 JD-7]": """
        given B sells 5 to C at 100
        then refused UNKNOWN_ACCOUNT value=3
        given C deposits 1000
        and C moves +10 at 100
        and B stands at 0 at 100             # the counterparty leaves by reconciliation
        then POSITION_MISMATCH B position=-10 stated=0
        when mark 85                         # E = -8, Q = 858: no short is left
        then CANCEL_ORDERS A equity=-8
        and LOSS_ALLOCATION A needed=10 size=0 touched=0 skipped=0
        and A state=LIQUIDATING
        when C withdraws 1                   # what it paid in leaves, whatever the loss
        then C balance=999
        when mark 86                         # E = 2 of 43: it waits
        then nothing
        when wait 999
        and B sells 4 to C at 86
        then nothing
        when wait 1
        and tick                             # Q = 860 - 2: 4 of 10
        then AUTO_DELEVERAGE A with=B size=4 quote=-344
        and LOSS_ALLOCATION A needed=10 size=4 quote=343
        when mark 95                         # E = 1 + 6 * 9 = 55 >= 29
        then LIQUIDATION_ENDED A state=NORMAL equity=55 maintenance=29
        and fund 1 balance=1
        when C withdraws 1
        then nothing
    """,
    "W12 a deposit during a retry saves the account [JD-7]": """
        given B stands at 0 at 100
        then POSITION_MISMATCH B
        when mark 85
        then CANCEL_ORDERS A
        and LOSS_ALLOCATION A size=0
        when A deposits 50                   # E = 42 < 43
        then nothing
        when A deposits 1
        then LIQUIDATION_ENDED A equity=43 maintenance=43
        when wait 1000
        and tick
        then nothing
    """,
    "W13 once its rests find takers a shortfall is over: no more waiting [WF-18]": """
        given market 1 timeout=1000
        and B stands at 0 at 100
        then POSITION_MISMATCH B
        when mark 85
        then CANCEL_ORDERS A equity=-8
        and LOSS_ALLOCATION A size=0
        when mark 90                         # E = 42 >= 2/3 * 45, but the retry is awaited
        then nothing
        when B moves -20 at 90
        and wait 1000
        and tick
        then LIQUIDATION_ORDER A id=1 size=1
        when report 1
        then LIQUIDATION_ORDER_ENDED A id=1 needed=1
        and AUTO_DELEVERAGE A with=B size=1 quote=-87        # 90 - floor(42 * (45 - 41) / 45)
        and LOSS_ALLOCATION A size=1
        and LIQUIDATION_ORDER A id=2 equity=39 maintenance=41
    """,
    "W14 rests of several orders go in order of id, with what is left then [WF-1 WF-18]": """
        given market 1 timeout=1000
        and market 2 timeout=1000
        and risk take_over=0%
        and mark 2=100
        and A deposits 100
        and A buys 10 from B at 100 in=2
        when mark 1=90 2=90                  # E = 242 - 200 = 42, M = 90: need 48
        then CANCEL_ORDERS A equity=42 maintenance=90
        and LIQUIDATION_ORDER A id=1 market=1 size=10
        and LIQUIDATION_ORDER A id=2 market=2 size=1         # MM(9) = 41 <= 45 - 3
        when report 2
        then LIQUIDATION_ORDER_ENDED A id=2 needed=1
        when report 1
        then LIQUIDATION_ORDER_ENDED A id=1 needed=10
        and AUTO_DELEVERAGE A market=1 size=10 quote=-879    # 900 - floor(42 * 45 / 90)
        and LOSS_ALLOCATION A market=1
        and AUTO_DELEVERAGE A market=2 size=1 quote=-89      # 90 - floor(21 * 4 / 45)
        and LOSS_ALLOCATION A market=2
        and LIQUIDATION_ORDER A id=3 market=2 equity=20 maintenance=41
    """,
    "W15 whose order expires with a mark is judged together with the others [TM-1]": """
        given market 1 timeout=1000
        and D deposits 146
        and D buys 10 from B at 100
        when mark 90                         # D: 46 >= 45
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when wait 1000
        and mark 89                          # A: 32 of 45, D: 36 of 45: A is riskier
        then LIQUIDATION_ORDER_ENDED A id=1 outcome=EXPIRED
        and AUTO_DELEVERAGE A with=B size=1 quote=-87        # 89 - floor(32 * (45 - 41) / 45)
        and LOSS_ALLOCATION A
        and LIQUIDATION_ORDER A id=2 size=3 equity=30        # MM(6) = 27 <= 30
        and CANCEL_ORDERS D equity=36
        and LIQUIDATION_ORDER D id=3 size=2                  # MM(8) = 36 <= 36
    """,
    "W16 timers due at once fire in the order of time, then of making [TM-1]": """
        given D deposits 142
        and market 1 timeout=1000
        and D buys 10 from B at 100
        when mark 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        and CANCEL_ORDERS D
        and LIQUIDATION_ORDER D id=2 size=1
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A id=1 outcome=EXPIRED
        and LIQUIDATION_ORDER_ENDED D id=2 outcome=EXPIRED
        and AUTO_DELEVERAGE A size=1
        and LOSS_ALLOCATION A
        and LIQUIDATION_ORDER A id=3
        and AUTO_DELEVERAGE D size=1
        and LOSS_ALLOCATION D
        and LIQUIDATION_ORDER D id=4
    """,
    "W17 of two slices the longer cooldown counts [WF-19]": """
        given risk take_over=0%
        and market 2 slice=2 cooldown=200 timeout=1000
        and mark 2=100
        and A deposits 78
        and A buys 10 from B at 100 in=2
        when mark 1=90 2=90                  # E = 20, M = 90: all of one leg, 6 of the other
        then CANCEL_ORDERS A equity=20 maintenance=90
        and LIQUIDATION_ORDER A id=1 market=1 size=2 sliced=1
        and LIQUIDATION_ORDER A id=2 market=2 size=2 sliced=1
        when A sells 2 to B at 90 fills=1
        then LIQUIDATION_FILL A
        and LIQUIDATION_ORDER_ENDED A id=1
        when A sells 2 to B at 90 in=2 fills=2
        then LIQUIDATION_FILL A
        and LIQUIDATION_ORDER_ENDED A id=2
        when wait 200
        and tick
        then refused NOTHING_DUE limit=500000000
        when wait 300
        and tick
        then LIQUIDATION_ORDER A id=3 market=1 size=2
        and LIQUIDATION_ORDER A id=4 market=2 size=2
    """,
    "W18 a shortfall waits for the longest timeout of the markets that it still holds [WF-20]": """
        given market 1 timeout=1000
        and market 2 timeout=3000
        and mark 2=100
        and A deposits 100
        and A buys 10 from B at 100 in=2
        and B stands at 0 at 0
        then POSITION_MISMATCH B
        when B stands at 0 at 0 in=2
        then POSITION_MISMATCH B
        when mark 1=80 2=80                  # E = 242 - 400
        then CANCEL_ORDERS A equity=-158 maintenance=80
        and LOSS_ALLOCATION A market=1 size=0
        and LOSS_ALLOCATION A market=2 size=0
        when wait 1000
        and tick
        then refused NOTHING_DUE limit=3000000000
        when B moves -10 at 80 in=2
        and wait 2000
        and tick
        then LOSS_ALLOCATION A market=1 size=0
        and AUTO_DELEVERAGE A with=B market=2 size=10 quote=-879     # 800 + 158 / 2
        and LOSS_ALLOCATION A market=2 size=10
        when tick
        then refused NOTHING_DUE limit=4000000000
    """,
    "W19 the cooldown of a slice whose rest found nobody comes before the timeout [WF-19]": """
        given risk take_over=0%
        when mark 88                         # E = 22 of 44
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=2 sliced=1
        when B stands at 0 at 0
        then POSITION_MISMATCH B
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A outcome=EXPIRED
        and LOSS_ALLOCATION A needed=2 size=0
        when B withdraws 1                   # E = 22: there is no loss
        then nothing
        when tick
        then refused NOTHING_DUE limit=1500000000
        when wait 500
        and tick
        then LIQUIDATION_ORDER A id=2 size=2 deadline=2500
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_time(text: str) -> None:
    play(BACKGROUND + text)
