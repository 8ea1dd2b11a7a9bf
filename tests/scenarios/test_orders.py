"""Liquidation orders: what ends one that is open, its rest, and further attempts at the book.

E is equity, M maintenance at 5 %; the buffer is off, and so are margin calls. At 90 A has
E = 142 - 100 = 42 and M = 45: 9 of 10 lots may stay (ceil(40.5) <= 42).
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given risk call=100.0001% buffer=0%
    and market 1 timeout=1000
    and A deposits 142
    and B deposits 100000
    and mark 100
    and A buys 10 from B at 100
"""

SCENARIOS = {
    "W09 two orders, two deadlines; the attempt ends with the later one [WF-7 WF-13]": """
        given market 1 timeout=1000 dust=2000
        and market 2 timeout=3000 dust=2000
        and mark 2=100
        and A deposits 100
        and A buys 10 from B at 100 in=2
        when mark 1=90 2=90                  # E = 242 - 200 = 42, M = 45 + 45: need 48
        then CANCEL_ORDERS A equity=42 maintenance=90
        and LIQUIDATION_ORDER A id=1 market=1 size=10 deadline=1000
        # need = 3, MM(9) = 41: dust makes it all
        and LIQUIDATION_ORDER A id=2 market=2 size=10 deadline=3000
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A id=1 outcome=EXPIRED
        when wait 2000
        and tick
        then LIQUIDATION_ORDER_ENDED A id=2 outcome=EXPIRED
        and AUTO_DELEVERAGE A market=1 size=10 quote=-900
        and LOSS_ALLOCATION A market=1
        and AUTO_DELEVERAGE A market=2 size=10 quote=-900
        and LOSS_ALLOCATION A market=2
        and LIQUIDATION_ENDED A equity=42 maintenance=0
    """,
    "W10 both legs at once: the larger frees enough, the rest of the other is void [WF-6]": """
        given market 1 timeout=1000
        and market 2 timeout=3000
        and mark 2=100
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
        and AUTO_DELEVERAGE A market=2 size=1 quote=-100
        and LOSS_ALLOCATION A market=2
        and LIQUIDATION_ORDER A id=2 market=1 size=7 equity=12 maintenance=39        # MM(3) = 12
    """,
    "W14 of equal legs that of the lower market goes first, and so do their rests [WF-1 WF-18]": """
        given market 1 timeout=1000
        and market 2 timeout=1000
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
        and AUTO_DELEVERAGE A market=1 size=10 quote=-900
        and LOSS_ALLOCATION A market=1
        and AUTO_DELEVERAGE A market=2 size=1 quote=-90
        and LOSS_ALLOCATION A market=2
        and LIQUIDATION_ENDED A equity=42 maintenance=41
    """,
    "W20 rests go in order of their orders, to the fund as well as to the book [WF-18]": """
        given risk buffer=50%
        and market 1 timeout=1000
        and market 2 timeout=1000 attempts=2
        and mark 2=110
        and fund 1 deposits 1000
        and A deposits 105
        and A buys 10 from B at 110 in=2
        when mark 1=90 2=102              # E = 247 - 100 - 80, M = 45 + 51; need 1.5 * 96 - 67 = 77
        then CANCEL_ORDERS A equity=67 maintenance=96
        and LIQUIDATION_ORDER A id=1 market=2 size=10        # frees 76.5
        and LIQUIDATION_ORDER A id=2 market=1 size=1
        when report 2 1
        then LIQUIDATION_ORDER_ENDED A id=2
        and LIQUIDATION_ORDER_ENDED A id=1
        and LIQUIDATION_ORDER A id=3 market=2 size=10 attempt=2
        and TAKE_OVER A market=1 size=1 quote=90
        when report 3
        then LIQUIDATION_ORDER_ENDED A id=3
        and TAKE_OVER A market=2 size=10 quote=1020
        and LIQUIDATION_ENDED A equity=67 maintenance=41
    """,
    "O01 an account below zero has no orders: holders close all of it [WF-23 LS-4 GD-19]": """
        when mark 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when mark 80                         # E = 42 - 100
        then LIQUIDATION_ORDER_ENDED A id=1 size=0 needed=1 outcome=REPLACED
        and AUTO_DELEVERAGE A with=B size=10 price=85 quote=-858 loss=58
        and LOSS_ALLOCATION A needed=10 size=10 quote=800 loss=58 haircut=58 equity=-58
        and LIQUIDATION_ENDED A state=NORMAL equity=0
        when report 1                        # late: nothing is wrong with it
        then nothing
    """,
    "O02 an order ends when its account has the buffer again [WF-23]": """
        given risk buffer=5%
        when mark 90                         # 1.05 * MM(8) = 37.8 <= 42
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=2
        when A deposits 5                    # E = 47 < 1.05 * 45 = 47.25
        then nothing
        when A deposits 1
        then LIQUIDATION_ORDER_ENDED A id=1 size=0 needed=2 outcome=RECOVERED
        and LIQUIDATION_ENDED A state=NORMAL equity=48 maintenance=45
        when mark 88                         # E = 28, M = 44; 1.05 * MM(5) = 23.1
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=2 size=5
        when mark 89                         # E = 38 of 45
        then nothing
        when mark 91                         # E = 58 >= 1.05 * 46
        then LIQUIDATION_ORDER_ENDED A id=2 needed=5 outcome=RECOVERED
        and LIQUIDATION_ENDED A state=NORMAL equity=58 maintenance=46
    """,
    "O03 an order is cut to the position, and ends with it [WF-23 WF-24]": """
        given market 2
        and mark 2=100
        and A deposits 100
        and A buys 10 from B at 100 in=2
        when mark 1=90 2=90                  # E = 42, M = 90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 market=1 size=10
        and LIQUIDATION_ORDER A id=2 market=2 size=1
        when A sells 3 to B at 90            # 7 are held
        then LIQUIDATION_ORDER_REDUCED A id=1 market=1 side=SHORT size=7 needed=7
        when A sells 2 to B at 90 fills=1
        then LIQUIDATION_FILL A id=1 size=2 position=5
        when A sells 1 to B at 90            # 2 are filled, 4 are held
        then LIQUIDATION_ORDER_REDUCED A id=1 size=6 needed=4
        when A sells 5 to B at 90 fills=1
        then refused LIQUIDATION_OVERFILL value=5 limit=4
        when A sells 4 to B at 90            # E = 42 < M = 45
        then LIQUIDATION_ORDER_ENDED A id=1 size=2 needed=4 outcome=POSITION_GONE
        when report 2                        # of 1 there is no rest
        then LIQUIDATION_ORDER_ENDED A id=2 needed=1 outcome=DONE
        and AUTO_DELEVERAGE A market=2 size=1 quote=-90
        and LOSS_ALLOCATION A market=2 needed=1
        and LIQUIDATION_ENDED A equity=42 maintenance=41
    """,
    "O04 a fund that could not is asked again when an order has ended [WF-25]": """
        given market 1 timeout=1000 discount=2%
        and fund 1 deposits 20
        when mark 88                         # E = 22 of 44; the fund would have 20 + 18 < 44
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=5 price=87         # MM(5) = 22; ceil(0.98 * 88)
        when fund 1 deposits 100
        and mark 88                          # it has been asked
        then nothing
        when A sells 1 to B at 88 fills=1
        then LIQUIDATION_FILL A size=1 equity=22 maintenance=40
        when report 1
        then LIQUIDATION_ORDER_ENDED A id=1 size=1 needed=4
        # the whole leg, not the rest; d = min(ceil(2 % of 792) = 16, 22)
        and TAKE_OVER A size=9 quote=792 discount=16 equity=22 maintenance=40
        and LIQUIDATION_ENDED A equity=6
    """,
    "O05 and again when its account has fallen anew [WF-23 WF-25]": """
        given market 1 timeout=1000 discount=2%
        and fund 1 deposits 20
        when mark 88
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=5
        when fund 1 deposits 100
        and mark 89                          # E = 32 >= 2/3 * 45
        then nothing
        when mark 88
        then LIQUIDATION_ORDER_ENDED A id=1 size=0 needed=5 outcome=REPLACED
        and TAKE_OVER A size=10 quote=880 discount=18 equity=22 maintenance=44
        and LIQUIDATION_ENDED A equity=4
    """,
    "O06 three attempts at the book, each with a worse limit, then holders [WF-11 WF-18]": """
        given market 2 discount=2% attempts=3 timeout=1000
        and mark 2=10000
        and D deposits 14200
        and D buys 10 from B at 10000 in=2
        when mark 2=9000                     # E = 4200, M = 4500: 9 may stay; Q = 9000 - 420
        then CANCEL_ORDERS D equity=4200 maintenance=4500
        and LIQUIDATION_ORDER D id=1 attempt=1 size=1 price=8820 deadline=1000       # 98 %
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED D id=1 outcome=EXPIRED
        and LIQUIDATION_ORDER D id=2 attempt=2 size=1 price=8640 deadline=2000       # 96 %
        when report 2
        then LIQUIDATION_ORDER_ENDED D id=2 outcome=DONE
        and LIQUIDATION_ORDER D id=3 attempt=3 size=1 price=8580 deadline=2000       # Q
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED D id=3 outcome=EXPIRED
        and AUTO_DELEVERAGE D with=B size=1 quote=-9000
        and LOSS_ALLOCATION D needed=1 size=1 discount=180   # min(2 %, 420)
        and LIQUIDATION_ORDER D id=4 attempt=1 size=1 price=8820 equity=4020 maintenance=4050
    """,
    "O07 two attempts of a short; the rest of a fill is tried again [WF-12 WF-18]": """
        given market 2 discount=2% attempts=2 timeout=1000
        and mark 2=10000
        and D deposits 14200
        and D sells 10 to B at 10000 in=2
        when mark 2=11000                    # E = 4200, M = 5500: 7 may stay; -Q = 33000 + 1260
        then CANCEL_ORDERS D equity=4200 maintenance=5500
        and LIQUIDATION_ORDER D id=1 attempt=1 side=LONG size=3 price=11220          # 102 %
        when D buys 1 from B at 11220 in=2 fills=1
        then LIQUIDATION_FILL D size=1 fee=0 equity=3980 maintenance=4950
        when report 1
        then LIQUIDATION_ORDER_ENDED D id=1 size=1 needed=2
        # -Q / 2 = (22000 + floor(3980 * 1100 / 4950)) / 2 = 11442; 104 % is the lower
        and LIQUIDATION_ORDER D id=2 attempt=2 side=LONG size=2 price=11440
        when report 2
        then LIQUIDATION_ORDER_ENDED D id=2 needed=2
        and AUTO_DELEVERAGE D with=B side=LONG size=2 quote=22000
        and LOSS_ALLOCATION D side=SHORT needed=2 size=2 quote=-22000 discount=440
        and LIQUIDATION_ORDER D id=3 attempt=1 size=1 price=11220 equity=3540 maintenance=3850
    """,
    "O08 the fund takes the legs that it can, and their orders end [WF-3 WF-23 WF-25]": """
        given market 2
        and fund 1 deposits 60
        and mark 2=100
        and A deposits 100
        and A buys 10 from B at 100 in=2
        when mark 1=95 2=90                  # E = 242 - 150 = 92, M = 48 + 45
        then CANCEL_ORDERS A equity=92 maintenance=93
        and LIQUIDATION_ORDER A id=1 market=1 size=1         # MM(9) = 43
        when mark 1=90                       # E = 42 < 2/3 * 90; the fund can carry 45, not 90
        then LIQUIDATION_ORDER_ENDED A id=1 needed=1 outcome=REPLACED
        and TAKE_OVER A market=1 size=10 quote=900 equity=42 maintenance=90
        and LIQUIDATION_ORDER A id=2 market=2 size=1 equity=42 maintenance=45
    """,
    "O09 the guards of discount, fee and attempts [WF-9 GD-4 GD-7]": """
        when market 1 discount=2.5%          # twice of it is not below the 5 % of maintenance
        then refused OUT_OF_RANGE value=25000 limit=24999
        when market 1 fee=1% discount=0.9%   # the fee is at most the discount
        then refused OUT_OF_RANGE value=9000 limit=10000
        when market 1 attempts=4
        then refused OUT_OF_RANGE value=4 limit=3
        when risk take_over=49.9999%
        then refused OUT_OF_RANGE value=499999 limit=500000
        when market 1 fee=1% discount=2.4999% attempts=3
        then nothing
    """,
    "O10 further attempts of a slice are slices, and a cooldown follows the last [WF-18 WF-19]": """
        given risk take_over=50%
        and market 1 slice=2 cooldown=500 timeout=1000 attempts=2
        when mark 88                         # E = 22: MM(5) = 22
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 attempt=1 size=2 sliced=1
        when report 1
        then LIQUIDATION_ORDER_ENDED A id=1
        and LIQUIDATION_ORDER A id=2 attempt=2 size=2 sliced=1 deadline=1000
        when wait 100
        and report 2
        then LIQUIDATION_ORDER_ENDED A id=2
        and AUTO_DELEVERAGE A size=2 quote=-176
        and LOSS_ALLOCATION A size=2
        when wait 500
        and tick
        then LIQUIDATION_ORDER A id=3 attempt=1 size=2 sliced=1
    """,
    "O11 a discount is of the lots that found somebody [LS-19 LS-20]": """
        given market 1 timeout=1000 discount=2%
        and B stands at -2 at 100
        then POSITION_MISMATCH B
        when mark 89                         # E = 32: MM(7) = 32
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=3
        when report 1
        then LIQUIDATION_ORDER_ENDED A id=1
        and AUTO_DELEVERAGE A with=B size=2 quote=-178
        # min(ceil(3.56), floor(32 * (45 - 36) / 45))
        and LOSS_ALLOCATION A needed=3 size=2 quote=178 discount=4
        and LIQUIDATION_ORDER A id=2 size=2 equity=28 maintenance=36         # MM(6) = 27
    """,
    "O12 a late fill of the first order finds what was moved of the second [WF-27 WF-28]": """
        given market 1 attempts=2 timeout=1000
        and fund 1 deposits 1000
        and risk late_fill=60000
        when mark 95                         # E = 92: MM(9) = 43
        then nothing
        when mark 89                         # E = 32, M = 45
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=3
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A id=1 needed=3 outcome=EXPIRED
        and LIQUIDATION_ORDER A id=2 attempt=2 size=3 price=89
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A id=2 needed=3 outcome=EXPIRED
        and TAKE_OVER A size=3 quote=267
        and LIQUIDATION_ENDED A equity=32 maintenance=32
        when A sells 3 to B at 89 fills=1    # the book had filled the first after all
        then LATE_FILL A id=1 size=3 price=89
        and A lots=7
        and F1 lots=0
        when A sells 3 to B at 89 fills=2    # and the second too: these are other lots
        then MARGIN_CALL_CLEARED A
        and A lots=4
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_orders(text: str) -> None:
    play(BACKGROUND + text)
