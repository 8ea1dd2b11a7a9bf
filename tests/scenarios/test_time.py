"""What waits for time: slices and their cooldown, deadlines, retries of what nobody closes.

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
    "W01 below the level of take-over the fund is asked for whole legs, not slices [WF-3]": """
        given fund 1 deposits 100
        when mark 87                         # E = 12 < 2/3 * 44
        then CANCEL_ORDERS A equity=12 maintenance=44
        and TAKE_OVER A size=10 quote=870
        and LIQUIDATION_ENDED A equity=12
    """,
    "W02 slices, one after each cooldown [WF-8 WF-19 TM-3 GD-20]": """
        given risk take_over=50%
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
        given risk take_over=50%
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
        given market 1 slice=2 cooldown=500 timeout=1000 discount=2%
        when mark 90                         # E = 42: 9 of 10 may stay
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1 sliced=0
        when report 1
        then LIQUIDATION_ORDER_ENDED A
        and AUTO_DELEVERAGE A size=1 quote=-90
        and LOSS_ALLOCATION A discount=2     # min(ceil(1.8), floor(42 * 4 / 45) = 3)
        and LIQUIDATION_ORDER A id=2 size=1 equity=40 maintenance=41
    """,
    "W05 a recovery ends the liquidation during the cooldown [TM-4]": """
        given risk take_over=50%
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
        given risk take_over=50%
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
    "W07 a fall below the level of take-over does not wait for the cooldown [JD-7 WF-25]": """
        given risk take_over=50%
        and fund 1 deposits 100
        when mark 88                         # E = 22 = M / 2
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1
        when A sells 2 to B at 88 fills=1    # E = 22 >= 36 / 2
        then LIQUIDATION_FILL A
        and LIQUIDATION_ORDER_ENDED A
        when mark 87                         # E = 14 < 35 / 2
        then TAKE_OVER A with=F1 size=8 quote=696
        and LIQUIDATION_ENDED A equity=14
    """,
    "W08 the rest of a slice that expired is closed otherwise, then comes the cooldown [WF-19]": """
        given risk take_over=50%
        when mark 88
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=2
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A outcome=EXPIRED needed=2
        and AUTO_DELEVERAGE A with=B size=2 quote=-176
        and LOSS_ALLOCATION A size=2
        and A state=LIQUIDATING lots=8 equity=22 maintenance=36
        when wait 500
        and tick
        then LIQUIDATION_ORDER A id=2 size=2
    """,
    "W11 nobody to close a rest: retried until somebody is there [WF-20 LS-20 LS-22 JD-7]": """
        given market 1 timeout=1000
        when mark 90                         # E = 42
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when B stands at 0 at 100            # the counterparty leaves by reconciliation
        then POSITION_MISMATCH B position=-10 stated=0
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A outcome=EXPIRED
        and LOSS_ALLOCATION A needed=1 size=0 touched=0 skipped=0
        and A state=LIQUIDATING
        when mark 89                         # E = 32 of 45: it waits
        then nothing
        when wait 999
        and B moves -4 at 89
        then nothing
        when wait 1
        and tick                             # MM(7) = 32
        then LIQUIDATION_ORDER A id=2 size=3 deadline=3000
        when report 2
        then LIQUIDATION_ORDER_ENDED A
        and AUTO_DELEVERAGE A with=B size=3 quote=-267
        and LOSS_ALLOCATION A needed=3 size=3 touched=1
        and LIQUIDATION_ENDED A state=MARGIN_CALL equity=32 maintenance=32
    """,
    "W12 a deposit during a retry saves the account [JD-7]": """
        given market 1 timeout=1000
        and B stands at 0 at 100
        then POSITION_MISMATCH B
        when mark 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1
        when report 1
        then LIQUIDATION_ORDER_ENDED A
        and LOSS_ALLOCATION A size=0
        when A deposits 2                    # E = 44 < 45
        then nothing
        when A deposits 1
        then LIQUIDATION_ENDED A equity=45 maintenance=45
        when wait 1000
        and tick
        then nothing
    """,
    "W13 once a rest finds somebody there is no more waiting [WF-18 WF-20]": """
        given market 1 timeout=1000 discount=2%
        and B stands at 0 at 100
        then POSITION_MISMATCH B
        when mark 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when report 1
        then LIQUIDATION_ORDER_ENDED A
        and LOSS_ALLOCATION A size=0 discount=0
        when B moves -20 at 90
        then nothing
        when wait 1000
        and tick
        then LIQUIDATION_ORDER A id=2 size=1
        when report 2
        then LIQUIDATION_ORDER_ENDED A id=2 needed=1
        and AUTO_DELEVERAGE A with=B size=1 quote=-90
        and LOSS_ALLOCATION A size=1 discount=2
        and LIQUIDATION_ORDER A id=3 equity=40 maintenance=41
    """,
    "W15 whose order expires with a mark is judged together with the others [TM-1]": """
        given market 1 timeout=1000
        and D deposits 146
        and D buys 10 from B at 100
        when mark 90                         # D: 46 >= 45
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when wait 1000
        and mark 89                          # A: 32 of 45, D: 36 of 45
        then LIQUIDATION_ORDER_ENDED A id=1 outcome=EXPIRED
        and CANCEL_ORDERS D equity=36
        and LIQUIDATION_ORDER D id=2 size=2                  # MM(8) = 36 <= 36
        and AUTO_DELEVERAGE A with=B size=1 quote=-89
        and LOSS_ALLOCATION A
        and LIQUIDATION_ORDER A id=3 size=2 equity=32        # MM(7) = 32 <= 32
    """,
    "W16 timers due at once fire in the order of time, then of making [TM-1]": """
        given D deposits 142
        and market 1 timeout=1000
        and D buys 10 from B at 100
        when mark 90
        then CANCEL_ORDERS A
        and CANCEL_ORDERS D
        and LIQUIDATION_ORDER A id=1 size=1
        and LIQUIDATION_ORDER D id=2 size=1
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A id=1 outcome=EXPIRED
        and LIQUIDATION_ORDER_ENDED D id=2 outcome=EXPIRED
        and AUTO_DELEVERAGE A with=B size=1 rank=1
        and AUTO_DELEVERAGE D with=B size=1 rank=1
        and LOSS_ALLOCATION A
        and LOSS_ALLOCATION D
        and LIQUIDATION_ENDED A equity=42 maintenance=41
        and LIQUIDATION_ENDED D
    """,
    "W17 of two slices the longer cooldown counts [WF-19]": """
        given risk take_over=50%
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
    "W18 a rest waits for the longest timeout of the markets that it still holds [WF-20]": """
        given market 1 timeout=1000
        and market 2 timeout=3000
        and mark 2=100
        and A deposits 100
        and A buys 10 from B at 100 in=2
        and B stands at 0 at 0
        then POSITION_MISMATCH B
        when B stands at 0 at 0 in=2
        then POSITION_MISMATCH B
        when mark 1=90 2=90                  # E = 242 - 200 = 42, M = 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 market=1 size=10
        and LIQUIDATION_ORDER A id=2 market=2 size=1
        when wait 100
        and report 1 2
        then LIQUIDATION_ORDER_ENDED A id=1
        and LIQUIDATION_ORDER_ENDED A id=2
        and LOSS_ALLOCATION A market=1 needed=10 size=0
        and LOSS_ALLOCATION A market=2 needed=1 size=0
        when A moves -10 at 90 in=2          # E = 42 of 45
        and wait 2900
        and tick                             # the deadlines of orders that have ended
        then nothing
        when tick
        then refused NOTHING_DUE value=3000000000 limit=3100000000
        when wait 100
        and tick
        then LIQUIDATION_ORDER A id=3 market=1 size=1 deadline=4100
        when wait 100
        and report 3
        then LIQUIDATION_ORDER_ENDED A id=3
        and LOSS_ALLOCATION A market=1 needed=1 size=0
        when wait 900
        and tick                             # the deadline of 3
        then nothing
        when tick
        then refused NOTHING_DUE value=4100000000 limit=4200000000
    """,
    "W19 the cooldown of a slice whose rest found nobody comes before the timeout [WF-19]": """
        given risk take_over=50%
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
