"""Who is judged, when, and in which order; updates of one side.

E is equity, M maintenance (5 %).
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given market 1
    and market 2
    and B deposits 100000
    and mark 1=100 2=100
"""

SCENARIOS = {
    "J01 marks of one batch are one instant: a hedge is not liquidated [JD-2]": """
        given A deposits 130
        and A buys 10 from B at 100
        and A sells 10 to B at 100 in=2
        when mark 1=80 2=80                  # E = 130 - 200 + 200, M = 80
        then nothing
        and A state=NORMAL equity=130 maintenance=80
    """,
    "J02 the same marks one after the other liquidate it [JD-2]": """
        given A deposits 130
        and A buys 10 from B at 100
        and A sells 10 to B at 100 in=2
        when mark 1=80                       # E = -70
        then CANCEL_ORDERS A equity=-70 maintenance=90
        and AUTO_DELEVERAGE A market=1 quote=-870 loss=70
        and LOSS_ALLOCATION A market=1
        and AUTO_DELEVERAGE A market=2 quote=1000 loss=0
        and LOSS_ALLOCATION A market=2
        and LIQUIDATION_ENDED A equity=0
    """,
    "J03 the riskiest goes first, and gets what the fund can carry [JD-4 LS-2]": """
        given risk call=100.0001%
        and fund 1 deposits 115              # both losses, and one of the two positions of 10
        and A deposits 70
        and D deposits 60
        and A buys 10 from B at 100
        and D buys 10 from B at 100
        when mark 90                         # E of A is -30, of D -40
        then CANCEL_ORDERS D equity=-40
        and CANCEL_ORDERS A equity=-30
        and INSURANCE_PAYOUT D amount=40
        and INSURANCE_PAYOUT A amount=30
        and TAKE_OVER D quote=900            # 115 - 70 = 45 = M
        and AUTO_DELEVERAGE A with=B quote=-900
        and LOSS_ALLOCATION A loss=30 amount=30 haircut=0
        and LIQUIDATION_ENDED D equity=0
        and LIQUIDATION_ENDED A equity=0
        and fund 1 equity=45 maintenance=45 lots=10
    """,
    "J04 equal health: the larger requirement first, then the lower account [JD-4 WF-13]": """
        given risk call=100.0001%
        and A deposits 133
        and C deposits 133
        and D deposits 266
        and D buys 20 from B at 100
        and C buys 10 from B at 100
        and A buys 10 from B at 100
        when mark 90                         # 33 of 45, 33 of 45, 66 of 90
        then CANCEL_ORDERS D equity=66 maintenance=90
        and CANCEL_ORDERS A equity=33 maintenance=45
        and CANCEL_ORDERS C equity=33
        and LIQUIDATION_ORDER D id=1
        and LIQUIDATION_ORDER A id=2
        and LIQUIDATION_ORDER C id=3
    """,
    "J05 margin calls come first, in order of account [JD-3]": """
        given D deposits 150
        and C deposits 150
        and A deposits 140
        and A buys 10 from B at 100
        and D buys 10 from B at 100
        and C buys 10 from B at 100
        when mark 90                         # A: 40 < 45; C and D: 50 < 56.25
        then MARGIN_CALL C equity=50 maintenance=45
        and MARGIN_CALL D equity=50
        and CANCEL_ORDERS A
        and LIQUIDATION_ORDER A
        when mark 92                         # A: 60 >= 1.05 * 46
        then MARGIN_CALL_CLEARED C equity=70 maintenance=46
        and MARGIN_CALL_CLEARED D
        and LIQUIDATION_ORDER_ENDED A outcome=RECOVERED
        and LIQUIDATION_ENDED A state=NORMAL equity=60
    """,
    "J06 only whom a command concerns is judged [JD-1]": """
        given A deposits 140
        and A buys 10 from B at 100
        when mark 2=1                        # A has nothing in market 2
        then nothing
        when mark 1=90
        then CANCEL_ORDERS A
        and LIQUIDATION_ORDER A
    """,
    "J07 a level that is raised warns everybody [GD-7 MG-7]": """
        given A deposits 120
        and C deposits 120
        and A buys 10 from B at 100
        and C sells 10 to B at 100
        when risk call=250% clear=260%       # 120 < 125
        then MARGIN_CALL A
        and MARGIN_CALL C
        when risk call=230% clear=241%       # 120 < 120.5: above the call, below its end
        then nothing
        when risk clear=240%                 # 120 = 120
        then MARGIN_CALL_CLEARED A
        and MARGIN_CALL_CLEARED C
    """,
    "J08 a rate that is raised liquidates [GD-4]": """
        given A deposits 100
        and A buys 10 from B at 100
        when market 1 mm=8%                  # 100 = 1.25 * 80
        then nothing
        when market 1 mm=11%                 # 100 < 110
        then CANCEL_ORDERS A equity=100 maintenance=110
        and LIQUIDATION_ORDER A size=2       # 1.05 * MM(8) = 92.4 <= 100
    """,
    "J09 one-sided updates: the outside is the counterparty [GD-16]": """
        given A deposits 150
        when A moves +10 at 100
        then A lots=10 balance=150
        when A moves -4 at 110               # + 40
        then A lots=6 balance=190 equity=190
        when A moves -8 at 95                # closes 6 at a loss of 30, opens 2 short
        then A lots=-2 balance=160 equity=150
        when mark 111                        # 160 - 2 * 16
        then A equity=128
    """,
    "J10 an absolute update that agrees changes nothing [GD-17]": """
        given A deposits 150
        and A buys 10 from B at 100
        when A stands at 10 at 77
        then nothing
        and A lots=10 equity=150
    """,
    "J11 an absolute update that disagrees is applied and reported [GD-17]": """
        given A deposits 150
        and A buys 10 from B at 100
        when A stands at 4 at 90             # stated cost: 360; the balance stays
        then POSITION_MISMATCH A position=10 stated=4
        and A lots=4 balance=150 equity=190
        when A stands at -3 at 120
        then POSITION_MISMATCH A position=4 stated=-3
        and A lots=-3 balance=150 equity=210
        when A stands at 0 at 0
        then POSITION_MISMATCH A position=-3 stated=0
        and A lots=0 equity=150
    """,
    "J12 an absolute update is judged [GD-17]": """
        given A deposits 150
        and A buys 10 from B at 100
        when A stands at 20 at 104           # E = 150 - 80 = 70 < 100; 2/3 of it is 66.7
        then POSITION_MISMATCH A position=10 stated=20
        and CANCEL_ORDERS A equity=70 maintenance=100
        and LIQUIDATION_ORDER A size=7       # 1.05 * MM(13) = 68.25 <= 70
    """,
    "J13 a trade is a fact: it is booked although it leaves too little margin [GD-13]": """
        given A deposits 40
        when A buys 10 from B at 100         # E = 40 < 50
        then CANCEL_ORDERS A equity=40 maintenance=50
        and LIQUIDATION_ORDER A size=3       # 1.05 * MM(7) = 36.75 <= 40
    """,
    "J14 what is withdrawn is judged too [GD-10 MG-8]": """
        given risk kept=0%
        and A deposits 200
        and A buys 10 from B at 100
        when A withdraws 150                 # initial 5 % here as well: 200 - 50
        then MARGIN_CALL A equity=50 maintenance=50
        when A withdraws 1
        then refused NOT_WITHDRAWABLE value=1 limit=0
    """,
    "J15 two accounts ruin one another no further than their equity [LS-17]": """
        given risk call=100.0001%
        and A deposits 100
        and C deposits 100
        and A buys 20 from C at 100
        then MARGIN_CALL A equity=100 maintenance=100
        and MARGIN_CALL C equity=100
        when mark 90                         # A: E = -100, M = 90; C: E = 300
        then MARGIN_CALL_CLEARED C equity=300 maintenance=90
        and CANCEL_ORDERS A equity=-100
        # C, whom the mark gave 200, closes at 95 and keeps 200, all that both paid in
        and AUTO_DELEVERAGE A with=C size=20 price=95 quote=-1900
        and LOSS_ALLOCATION A haircut=100
        and LIQUIDATION_ENDED A equity=0
        and C balance=200 lots=0
        and debt 0
    """,
    "J16 all is decided before anything is booked [JD-5]": """
        given risk call=100.0001%
        and A deposits 60
        and C deposits 172
        and A buys 10 from C at 100
        and C buys 8 from B at 100 in=2
        when mark 1=90 2=75                  # A: E = -40; C: E = 172 + 100 - 200, M = 45 + 30
        then CANCEL_ORDERS A equity=-40
        and CANCEL_ORDERS C equity=72 maintenance=75
        # 1.05 * (MM(8) + 30) = 69.3 <= 72, though A's loss is about to close all 10
        and LIQUIDATION_ORDER C id=1 market=1 side=LONG size=2
        and AUTO_DELEVERAGE A with=C size=10 quote=-940 loss=40 equity=72 maintenance=75
        and LOSS_ALLOCATION A loss=40 haircut=40
        and LIQUIDATION_ENDED A equity=0
        and LIQUIDATION_ORDER_ENDED C id=1 needed=2 outcome=RECOVERED        # 32 >= 1.05 * 30
        and LIQUIDATION_ENDED C state=NORMAL equity=32 maintenance=30
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_judgement(text: str) -> None:
    play(BACKGROUND + text)
