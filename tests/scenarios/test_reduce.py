"""The first steps of the waterfall: warn, cancel, reduce on the book, and be done.

E is equity, M maintenance. Background: maintenance 5 %, buffer 5 %, discount 2 %, take-over below
2/3 M; at 1872 A has E = 2180 - 10 * 128 = 900 and M = 10 * 1872 * 5 % = 936.
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given market 1 fee=0.1% discount=2%
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
        # is 1783 a lot, the discount ceil(0.98 * 1872) = 1835: the higher
        and LIQUIDATION_ORDER A id=1 side=SHORT size=3 price=1835 deadline=1000 sliced=0 position=10
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
        and LIQUIDATION_ORDER A id=1 size=1 price=1835
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
        when mark 1876                      # E = 940 >= M = 938, but not 1.05 * M: it is waited for
        then nothing
        and A state=LIQUIDATING
        when report 1
        then LIQUIDATION_ORDER_ENDED A id=1 size=0 needed=1 outcome=DONE
        and LIQUIDATION_ENDED A state=MARGIN_CALL equity=940 maintenance=938
        and A lots=10
    """,
    "R06 a deposit while the order is out [JD-7 WF-16]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1
        when A deposits 82                   # E = 982 < 1.05 * 936 = 982.8
        then nothing
        when wait 1000
        and tick
        then LIQUIDATION_ORDER_ENDED A id=1 needed=1 outcome=EXPIRED
        and LIQUIDATION_ENDED A state=MARGIN_CALL equity=982 maintenance=936
    """,
    "R07 the rest of a partly filled order is taken over by the fund [LS-3 WF-16]": """
        given risk buffer=30%
        and fund 1 deposits 1000
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=3
        when A sells 1 to C at 1850 fills=1
        then LIQUIDATION_FILL A size=1 price=1850 fee=2 equity=878 maintenance=843
        # E = 876 >= M = 843: nothing is left to close
        when report 1
        then LIQUIDATION_ORDER_ENDED A id=1 size=1 needed=2 outcome=DONE
        and LIQUIDATION_ENDED A state=MARGIN_CALL equity=876
        when mark 1868                       # E = 876 - 36 = 840 < M = 841
        then CANCEL_ORDERS A equity=840 maintenance=841
        # 1.3 * MM(6) = 1.3 * 561 <= 840: 3 to close; ceil(0.98 * 1868) = 1831
        and LIQUIDATION_ORDER A id=2 size=3 price=1831
        when A sells 1 to C at 1835 fills=2  # E = 840 - 33 = 807, fee 2
        then LIQUIDATION_FILL A fee=2 equity=807 maintenance=748
        when mark 1860                       # E = 805 - 64 = 741 < M = 744
        then nothing
        when report 2
        then LIQUIDATION_ORDER_ENDED A id=2 size=1 needed=2
        # d = min(ceil(2 % of 3720) = 75, floor(741 * (744 - 558) / 744) = 185)
        and TAKE_OVER A fund=1 with=F1 side=LONG size=2 quote=3720 discount=75 equity=741 position=8
        and LIQUIDATION_ENDED A state=MARGIN_CALL equity=666 maintenance=558
        and fund 1 balance=1079 lots=2      # 1000 + 2 fees + 75; the 2 lots are carried at the mark
    """,
    "R08 short: cancel, reduce, fill [WF-10 WF-12]": """
        given D deposits 2220
        and D sells 10 to B at 2000
        and mark 2128                        # E = 2220 - 1280 = 940 < M = 1064
        then CANCEL_ORDERS D equity=940 maintenance=1064
        # 1.05 * MM(8) = 1.05 * 852 <= 940: 2 to close;
        # -Q = 2 * 2128 + floor(940 * 212 / 1064) = 4256 + 187: 2221 each; floor(1.02 * 2128)
        and LIQUIDATION_ORDER D id=1 side=LONG size=2 price=2170 position=-10
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
        # The rest of 1 goes to B, who is short, at the mark; the fund gets ceil(2 % of 1872)
        and AUTO_DELEVERAGE A with=B size=1 price=1872 quote=-1872
        and LOSS_ALLOCATION A needed=1 size=1 quote=1872 discount=38
        and LIQUIDATION_ENDED A state=MARGIN_CALL equity=862 maintenance=843
        when A sells 1 to C at 1872 fills=1  # no fee, no fill event
        then nothing
        and A lots=8 balance=1886            # 2180 - 128 - 38 - 128
        and fund 1 balance=38
    """,
    "R10 an overfill is refused, and without the order's id it is a trade [GD-12 WF-14]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when A sells 4 to C at 1872 fills=1
        then refused LIQUIDATION_OVERFILL value=4 limit=1
        when A sells 4 to C at 1872          # E = 900 >= 1.05 * 562: it needs no order any more
        then LIQUIDATION_ORDER_ENDED A size=0 needed=1 outcome=RECOVERED
        and LIQUIDATION_ENDED A state=NORMAL equity=900 maintenance=562
        and A lots=6
    """,
    "R11 a fill below the limit or on the other side is refused [GD-12 WF-14]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1 price=1835
        when A sells 1 to C at 1834 fills=1
        then refused LIQUIDATION_PRICE value=1834 limit=1835
        when A buys 1 from C at 1872 fills=1
        then refused LIQUIDATION_SIDE value=1 limit=2
        when B sells 1 to C at 1872 fills=1
        then refused LIQUIDATION_MISMATCH value=1
        when A sells 1 to C at 1835 fills=1  # E = 900 - 37 = 863, fee 2
        then LIQUIDATION_FILL A size=1 price=1835 fee=2 equity=863
        and LIQUIDATION_ORDER_ENDED A outcome=FILLED
        and LIQUIDATION_ENDED A state=MARGIN_CALL equity=861 maintenance=843
    """,
    "R12 an ordinary trade that closes the position leaves no order [WF-18 WF-23 GD-19]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when A sells 10 to C at 1872
        then LIQUIDATION_ORDER_ENDED A id=1 size=0 needed=1 outcome=RECOVERED
        and LIQUIDATION_ENDED A state=NORMAL equity=900 maintenance=0
        when report 1                        # late: nothing is wrong with it
        then nothing
    """,
    "R13 a position on the other side is no rest of the order [WF-18 WF-23]": """
        when mark 1872
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A id=1 size=1
        when A sells 20 to C at 1872         # short 10: E = 900 < M = 936, orders anew
        then LIQUIDATION_ORDER_ENDED A id=1 size=0 needed=1 outcome=POSITION_GONE
        # floor(1.02 * 1872), and -Q = 1872 + 89
        and LIQUIDATION_ORDER A id=2 attempt=1 side=LONG size=1 price=1909 position=-10
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
    "R16 a buying order below one price step does not exist: holders close it [WF-4 WF-12]": """
        given market 2 price_step=50 slice=1         # a slice is for the book alone
        and mark 2=47
        and D deposits 40
        when D sells 10 to C at 50 in=2 fee=50       # E = 40 - 50 + 30, M = 24
        then CANCEL_ORDERS D equity=20 maintenance=24
        # 2 to close, 1.05 * MM(8) = 19.95; floor(47 / 50) = 0 steps, and the fund has nothing
        and AUTO_DELEVERAGE D with=C market=2 size=2 price=47 quote=94
        and LOSS_ALLOCATION D needed=2 size=2 quote=-94
        and LIQUIDATION_ENDED D state=MARGIN_CALL equity=20 maintenance=19
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
        # need 32,322.5; a lot frees 1.05 * 497.45 - 198.98 = 323.3425;
        # the limit is ceil(0.998 * 99490): the discount is the fee
        and LIQUIDATION_ORDER D id=1 size=100 price=99292
        when D sells 100 to E at 99490 in=2 fills=1
        then LIQUIDATION_FILL D fee=19898 equity=490000 maintenance=447705
        and LIQUIDATION_ORDER_ENDED D
        # 470102 >= 1.05 * 447705 = 470090.25
        and LIQUIDATION_ENDED D state=MARGIN_CALL equity=470102 maintenance=447705
    """,
    "R19 a fill that lowers the health of its account pays no fee [WF-15]": """
        given market 2 fee=1% discount=2.4%
        and mark 2=100
        and D deposits 120
        and D buys 10 from C at 100 in=2
        when mark 2=90                       # 1.05 * MM(2) = 9.45, 8 cost 7.2: 16.65 <= 20
        then CANCEL_ORDERS D equity=20 maintenance=45
        # the fund is asked, and has nothing; Q / 8 = (720 - 16) / 8, ceil(0.976 * 90) = 88
        and LIQUIDATION_ORDER D id=1 size=8 price=88
        when D sells 1 to C at 88 in=2 fills=1       # 18 - ceil(20 * 41 / 45) = -1
        then LIQUIDATION_FILL D fee=0 equity=18 maintenance=41
        when D sells 1 to C at 91 in=2 fills=1       # 19 - ceil(18 * 36 / 41) = 3
        then LIQUIDATION_FILL D fee=1 equity=19 maintenance=36
        when D sells 1 to C at 88 in=2 fills=1       # 16 - ceil(18 * 32 / 36) = 0
        then LIQUIDATION_FILL D fee=0 equity=16 maintenance=32
        when D sells 5 to C at 90 in=2 fills=1       # 16 - ceil(16 * 9 / 32) = 11
        then LIQUIDATION_FILL D fee=5 equity=16 maintenance=9
        and LIQUIDATION_ORDER_ENDED D
        and LIQUIDATION_ENDED D state=MARGIN_CALL equity=11 maintenance=9
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_reduce(text: str) -> None:
    play(BACKGROUND + text)
