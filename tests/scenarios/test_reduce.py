"""The first steps of the waterfall: warn, cancel, reduce on the book, and be done.

E is equity, M maintenance. Background: maintenance 5 %, buffer 5 %, take-over below 2/3 M; at 1872
A has E = 2180 - 10 * 128 = 900 and M = 10 * 1872 * 5 % = 936.
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given market 1 fee=0.1%
    and A deposits 2180
    and B deposits 10000
    and C deposits 10000
    and mark 2000
    and A buys 10 from B at 2000
"""

SCENARIOS = {
    "R01 cancel, reduce, fill, normal [WF-5 WF-6 WF-10 WF-11 WF-14 WF-15 WF-21]": """
        given risk buffer=30%
        when mark 1872
        then CANCEL_ORDERS A equity=900 maintenance=936
        # 1.3 * MM(7) = 1.3 * 656 <= 900: 3 to close; Q = 3 * 1872 - floor(900 * 280 / 936) = 5347
        and LIQUIDATION_ORDER A id=1 side=SHORT size=3 price=1783 deadline=1000 sliced=0 position=10
        and A state=LIQUIDATING
        when A sells 2 to C at 1872 fills=1
        then LIQUIDATION_FILL A id=1 side=SHORT size=2 price=1872 fee=4 equity=900 position=8
        and A state=LIQUIDATING
        when A sells 1 to C at 1880 fills=1
        # fee ceil(1.872) = 2; E = 900 - 4 + 8 - 2 = 902 >= 1.25 * 656
        then LIQUIDATION_FILL A id=1 size=1 price=1880 fee=2 equity=904 maintenance=656
        and LIQUIDATION_ORDER_ENDED A id=1 size=3 needed=0 outcome=FILLED
        and LIQUIDATION_ENDED A state=NORMAL equity=902 maintenance=656
        and A state=NORMAL balance=1798 lots=7      # 2180 - 2 * 128 - 120 - 6
        and fund 1 balance=6
    """,
    "R02 reduced to a margin call, which a better mark clears [WF-21 MG-7]": """
        when mark 1872
        then CANCEL_ORDERS A
        # 1.05 * MM(9) = 1.05 * 843 <= 900: 1 to close; Q = 1872 - floor(900 * 93 / 936) = 1783
        and LIQUIDATION_ORDER A id=1 size=1 price=1783
        when A sells 1 to C at 1872 fills=1
        then LIQUIDATION_FILL A fee=2 equity=900
        and LIQUIDATION_ORDER_ENDED A outcome=FILLED
        and LIQUIDATION_ENDED A state=MARGIN_CALL equity=898 maintenance=843
        when mark 1900                       # E = 898 + 9 * 28 = 1150 < 1.35 * 855 = 1154.25
        then nothing
        when mark 1901                       # E = 1159 >= 1.35 * 856 = 1155.6
        then MARGIN_CALL_CLEARED A equity=1159 maintenance=856
        and A state=NORMAL
    """,
    "R03 margin call, then liquidation [MG-7 JD-6]": """
        when mark 1900                       # E = 1180, 1.25 * M = 1187.5
        then MARGIN_CALL A equity=1180 maintenance=950
        when mark 1876                       # E = 940 > M = 938
        then nothing
        when mark 1875                       # E = 930 < M = 938
        then CANCEL_ORDERS A equity=930 maintenance=938
        and LIQUIDATION_ORDER A id=1
    """,
    "R04 a deposit clears a margin call [MG-7 GD-9]": """
        when mark 1900
        then MARGIN_CALL A equity=1180
        when A deposits 102                  # 1282 < 1.35 * 950 = 1282.5
        then nothing
        when A deposits 1
        then MARGIN_CALL_CLEARED A equity=1283 maintenance=950
    """,
    "R05 a recovery voids the rest of an order [WF-18 GD-19]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when mark 1950                       # the order is out: nothing to do but wait for it
        then nothing
        and A state=LIQUIDATING
        when report 1                        # E = 1680 >= M = 975
        then LIQUIDATION_ORDER_ENDED A id=1 size=0 needed=1 outcome=DONE
        and LIQUIDATION_ENDED A state=NORMAL equity=1680
        and A lots=10
    """,
    "R06 a deposit while the order is out [JD-7 WF-16]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1
        when A deposits 500
        then nothing
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A id=1 needed=1 outcome=EXPIRED
        and LIQUIDATION_ENDED A state=NORMAL equity=1400 maintenance=936
    """,
    "R07 the rest of a partly filled order is taken over by the fund [LS-3 WF-16]": """
        given risk buffer=30%
        and fund 1 deposits 1000
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=3
        when A sells 1 to C at 1850 fills=1
        then LIQUIDATION_FILL A size=1 price=1850 fee=2 equity=878 maintenance=843
        # E = 876 >= M = 843: nothing is left to resolve
        when report 1
        then LIQUIDATION_ORDER_ENDED A id=1 size=1 needed=2 outcome=DONE
        and LIQUIDATION_ENDED A state=MARGIN_CALL equity=876
        when mark 1868                       # E = 876 - 36 = 840 < M = 841
        then CANCEL_ORDERS A equity=840 maintenance=841
        # 1.3 * MM(6) = 1.3 * 561 <= 840: 3 to close
        and LIQUIDATION_ORDER A id=2 size=3
        when A sells 1 to C at 1800 fills=2  # E = 840 - 68 = 772, fee 2
        then LIQUIDATION_FILL A fee=2 equity=772 maintenance=748
        when mark 1860                       # E = 770 - 64 = 706 < M = 744
        then nothing
        when report 2
        then LIQUIDATION_ORDER_ENDED A id=2 size=1 needed=2
        # Q = 2 * 1860 - floor(706 * (744 - 558) / 744) = 3720 - 176; fee ceil(3.72)
        and TAKE_OVER A fund=1 with=F1 side=LONG size=2 quote=3544 fee=4 equity=706 position=8
        # A close at the bankruptcy price leaves E / M as it was: the next order, 1.3 * 372 <= 526
        and LIQUIDATION_ORDER A id=3 size=2 equity=526 maintenance=558
        when A sells 2 to C at 1860 fills=3
        then LIQUIDATION_FILL A fee=4 equity=526
        and LIQUIDATION_ORDER_ENDED A outcome=FILLED
        and LIQUIDATION_ENDED A equity=522 maintenance=372 state=NORMAL
        and fund 1 balance=1012 lots=2       # 1000 + 4 fees; the 2 lots are carried at cost
    """,
    "R08 short: cancel, reduce, fill [WF-10 WF-12]": """
        given D deposits 2220
        and D sells 10 to B at 2000
        and mark 2128                        # E = 2220 - 1280 = 940 < M = 1064
        then CANCEL_ORDERS D equity=940 maintenance=1064
        # 1.05 * MM(8) = 1.05 * 852 <= 940: 2 to close;
        # -Q = 2 * 2128 + floor(940 * 212 / 1064) = 4256 + 187: 2221 each
        and LIQUIDATION_ORDER D id=1 side=LONG size=2 price=2221 position=-10
        when D buys 2 from C at 2128 fills=1
        then LIQUIDATION_FILL D side=LONG fee=5 equity=940 position=-8
        and LIQUIDATION_ORDER_ENDED D outcome=FILLED
        and LIQUIDATION_ENDED D state=MARGIN_CALL equity=935 maintenance=852
    """,
    "R09 a late fill is an ordinary trade [WF-17 LS-19]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A outcome=EXPIRED
        # The rest of 1 goes to B, who is short: at Q = 1783; fee 2
        and AUTO_DELEVERAGE A with=B size=1 price=1783 quote=-1783
        and LOSS_ALLOCATION A needed=1 size=1 fee=2
        and LIQUIDATION_ORDER A id=2 size=1 equity=809 maintenance=843
        when A sells 1 to C at 1872 fills=1  # no fee, no fill event
        then A lots=8 balance=1833           # 2180 - 217 - 2 - 128
        when report 2                        # E = 809 >= M = 749
        then LIQUIDATION_ORDER_ENDED A id=2 needed=1
        and LIQUIDATION_ENDED A state=MARGIN_CALL equity=809 maintenance=749
    """,
    "R10 an overfill is refused, and without the order's id it is a trade [GD-12 WF-14]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when A sells 4 to C at 1872 fills=1
        then refused LIQUIDATION_OVERFILL value=4 limit=1
        when A sells 4 to C at 1872
        then nothing
        and A lots=6 state=LIQUIDATING
        when report 1
        then LIQUIDATION_ORDER_ENDED A size=0 needed=1 outcome=DONE
        and LIQUIDATION_ENDED A state=NORMAL equity=900 maintenance=562
    """,
    "R11 a fill below the limit or on the other side is refused [GD-12 WF-14]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1 price=1783
        when A sells 1 to C at 1782 fills=1
        then refused LIQUIDATION_PRICE value=1782 limit=1783
        when A buys 1 from C at 1872 fills=1
        then refused LIQUIDATION_SIDE value=1 limit=2
        when B sells 1 to C at 1872 fills=1
        then refused LIQUIDATION_MISMATCH value=1
        when A sells 1 to C at 1783 fills=1
        then LIQUIDATION_FILL A size=1 price=1783
        and LIQUIDATION_ORDER_ENDED A outcome=FILLED
        and LIQUIDATION_ORDER A id=2
    """,
    "R12 an ordinary trade that closes the position leaves nothing to resolve [WF-18]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when A sells 10 to C at 1872
        then nothing
        when report 1
        then LIQUIDATION_ORDER_ENDED A id=1 size=0 needed=1 outcome=DONE
        and LIQUIDATION_ENDED A state=NORMAL equity=900 maintenance=0
    """,
    "R13 a position on the other side is no rest of the order [WF-18]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when A sells 20 to C at 1872
        then nothing
        when report 1                        # short 10: E = 900 < M = 936, a new attempt
        then LIQUIDATION_ORDER_ENDED A id=1
        and LIQUIDATION_ORDER A id=2 side=LONG size=1 position=-10
    """,
    "R14 the deadline passes with any command [CM-5 TM-2 WF-16]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 deadline=1000
        when wait 999
        and mark 1872
        then nothing
        when wait 1
        and mark 1950                        # expired first, then judged: E = 1680
        then LIQUIDATION_ORDER_ENDED A outcome=EXPIRED
        and LIQUIDATION_ENDED A state=NORMAL equity=1680
    """,
    "R15 a rebate or a fee of the venue is judged like a mark [GD-13]": """
        when A sells 1 to C at 2000 fee=1279 # E = 901 >= M = 900
        then MARGIN_CALL A equity=901 maintenance=900
        when A sells 1 to C at 2000 fee=102  # E = 799 < M = 800
        then CANCEL_ORDERS A equity=799 maintenance=800
        and LIQUIDATION_ORDER A id=1
    """,
    "R16 a buying order below one price step does not exist: all is resolved [WF-4 WF-12]": """
        given market 2 price_step=50
        and mark 2=47
        and D deposits 40
        when D sells 10 to C at 50 in=2 fee=50       # E = 40 - 50 + 30, M = 24
        then CANCEL_ORDERS D equity=20 maintenance=24
        # 2 to close, MM(8) = 19: -Q = 94 + floor(20 * 5 / 24) = 98, 49 each; whole: 470 + 20
        and AUTO_DELEVERAGE D with=C market=2 size=10 quote=490
        and LOSS_ALLOCATION D needed=10 size=10
        and LIQUIDATION_ENDED D equity=0
    """,
    "R17 a fee that the close brings is part of its need [WF-6 WF-15]": """
        given risk buffer=0%
        and market 2 fee=1%
        and mark 2=100
        and D deposits 136
        and D buys 10 from C at 100 in=2
        # MM(8) = 36, and 2 lots cost 1.8: 37.8 > 36; MM(7) = 32, and 3 cost 2.7
        when mark 2=90
        then CANCEL_ORDERS D equity=36 maintenance=45
        and LIQUIDATION_ORDER D id=1 size=3
        when D sells 3 to C at 90 in=2 fills=1
        then LIQUIDATION_FILL D fee=3 equity=36 maintenance=32
        and LIQUIDATION_ORDER_ENDED D
        and LIQUIDATION_ENDED D equity=33 maintenance=32
    """,
    "R18 one order restores the buffer, its fee paid [WF-5 WF-6 WF-15]": """
        given market 2 mm=0.5% fee=0.2%
        and mark 2=100000
        and D deposits 1000000
        and E deposits 100000000
        and D buys 1000 from E at 100000 in=2
        when mark 2=99490
        then CANCEL_ORDERS D equity=490000 maintenance=497450
        # need 32,322.5; a lot frees 1.05 * 497.45 - 198.98 = 323.3425
        and LIQUIDATION_ORDER D id=1 size=100 price=99000
        when D sells 100 to E at 99490 in=2 fills=1
        then LIQUIDATION_FILL D fee=19898 equity=490000 maintenance=447705
        and LIQUIDATION_ORDER_ENDED D
        # 470102 >= 1.05 * 447705 = 470090.25
        and LIQUIDATION_ENDED D state=MARGIN_CALL equity=470102 maintenance=447705
    """,
    "R19 a fill that lowers the health of its account pays no fee [WF-15]": """
        given market 2 fee=1%
        and mark 2=100
        and D deposits 138
        and D buys 10 from C at 100 in=2
        when mark 2=90                       # 1.05 * MM(7) = 33.6, 3 cost 2.7: 36.3 <= 38
        then CANCEL_ORDERS D equity=38 maintenance=45
        and LIQUIDATION_ORDER D id=1 size=3
        when D sells 1 to C at 87 in=2 fills=1       # 35 - ceil(38 * 41 / 45) = 0
        then LIQUIDATION_FILL D fee=0 equity=35 maintenance=41
        when D sells 1 to C at 91 in=2 fills=1       # 36 - ceil(35 * 36 / 41) = 5
        then LIQUIDATION_FILL D fee=1 equity=36 maintenance=36
        when D sells 1 to C at 87 in=2 fills=1       # 32 - ceil(35 * 32 / 36) = 0
        then LIQUIDATION_FILL D fee=0 equity=32 maintenance=32
        and LIQUIDATION_ORDER_ENDED D
        and LIQUIDATION_ENDED D
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_reduce(text: str) -> None:
    play(BACKGROUND + text)
