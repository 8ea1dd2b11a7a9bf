"""The engine was away, or its time is put forward: what waits for it waits longer (TM-6 to TM-8).

E is equity, M maintenance at 5 %; the buffer is off, and so are margin calls.
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
    "W31 a deadline moves by the gap [TM-6]": """
        when mark 90                         # E = 42 of 45: 1 of 10 to close
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1 deadline=1000
        when wait 400
        and mark 90                          # 600 are left of the deadline
        then nothing
        when start after 6500
        then nothing
        when tick
        then refused NOTHING_DUE value=6900000000 limit=7500000000
        when wait 599
        and A sells 1 to B at 90 fills=1     # in time
        then LIQUIDATION_FILL A position=9
        and LIQUIDATION_ORDER_ENDED A outcome=FILLED
        and LIQUIDATION_ENDED A
    """,
    "W32 so does a second term, which then ends [TM-6]": """
        given risk second_term=2000
        when mark 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1
        when wait 1000
        and tick
        then CANCEL_LIQUIDATION_ORDER A id=1 deadline=3000
        when start after 3600000
        then nothing
        when wait 1999
        and tick
        then refused NOTHING_DUE limit=3603000000000
        when wait 1
        and tick
        then LIQUIDATION_ORDER_ENDED A outcome=EXPIRED
        and AUTO_DELEVERAGE A size=1
        and LOSS_ALLOCATION A
        and LIQUIDATION_ENDED A
    """,
    "W33 so does the cooldown of a slice [TM-6]": """
        given risk take_over=50%
        when mark 88
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=2 sliced=1
        when A sells 2 to B at 88 fills=1    # retry at 500
        then LIQUIDATION_FILL A
        and LIQUIDATION_ORDER_ENDED A
        when start after 60000
        then nothing
        when wait 499
        and tick
        then refused NOTHING_DUE limit=60500000000
        when wait 1
        and tick
        then LIQUIDATION_ORDER A id=2 size=2 deadline=61500
    """,
    "W34 an ended order is kept so much longer [TM-6 WF-28]": """
        given risk late_fill=1000
        when mark 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when report 1
        then LIQUIDATION_ORDER_ENDED A
        and AUTO_DELEVERAGE A size=1
        and LOSS_ALLOCATION A
        and LIQUIDATION_ENDED A
        when wait 999
        and start after 9000
        then nothing
        when A sells 1 to B at 90 fills=1    # it was moved: the fund, which has nothing
        then LATE_FILL A id=1
        and AUTO_DELEVERAGE F1 with=A size=1
        and LOSS_ALLOCATION F1
    """,
    "W38 one that was past its time stays past it [TM-6 WF-28]": """
        given risk late_fill=1000
        when mark 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when report 1
        then LIQUIDATION_ORDER_ENDED A
        and AUTO_DELEVERAGE A size=1
        and LOSS_ALLOCATION A
        and LIQUIDATION_ENDED A
        when wait 1000
        and log time +0
        then nothing
        when start after 9000
        then nothing
        when A sells 1 to B at 90 fills=1
        then refused UNKNOWN_LIQUIDATION
    """,
    "W35 log time that is put forward moves the same, and never goes back [TM-7]": """
        when mark 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 deadline=1000
        when wait 400
        and log time +3600000
        then nothing
        when log time -1
        then refused OUT_OF_RANGE value=3600399000000 limit=3600400000000
        when wait 599
        and tick
        then refused NOTHING_DUE limit=3601000000000
        when wait 1
        and tick
        then LIQUIDATION_ORDER_ENDED A outcome=EXPIRED
        and AUTO_DELEVERAGE A size=1
        and LOSS_ALLOCATION A
        and LIQUIDATION_ENDED A
    """,
    "W36 a debt is due when it was, and waits again for marks of this start [TM-6 TM-8 FD-12]": """
        given risk spread=1000 gate_floor=1000000
        and D deposits 1000
        and D buys 1 from B at 100
        and D sells 1 to B at 400
        and C deposits 10
        and C buys 1 from B at 100
        when C sells 1 to B at 100 fee=110
        then CANCEL_ORDERS C
        and BAD_DEBT C amount=100
        when start after 5000
        then nothing
        when tick                            # due since 1,000; A's market has an old mark
        then nothing
        when wait 1000
        and tick                             # and still has
        then nothing
        when mark 100
        then nothing
        when wait 1000
        and tick
        then LOSS_SPREAD D amount=100
        and LIQUIDATION_ENDED C
    """,
    "W37 where nobody holds a position no mark is waited for [TM-8]": """
        given risk spread=1000 gate_floor=1000000
        and market 2
        and mark 2=100
        and D deposits 1000
        and D buys 1 from B at 100 in=2
        and D sells 1 to B at 400 in=2
        and C deposits 10
        and C buys 1 from B at 100 in=2
        when C sells 1 to B at 100 fee=110 in=2
        then CANCEL_ORDERS C
        and BAD_DEBT C amount=100
        when A sells 10 to B at 100
        then nothing
        when start after 5000
        then nothing
        when tick
        then LOSS_SPREAD D amount=100
        and LIQUIDATION_ENDED C
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_gaps_of_time(text: str) -> None:
    play(BACKGROUND + text)
