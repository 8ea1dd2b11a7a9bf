"""Parties with margin accounts in several settlement assets: what one does leaves the other alone.

E is equity, M maintenance (5 %). Market 2 and fund 2 are of asset 2, which has cents.
"""

import pytest

from tests.scenarios.play import play

BACKGROUND = """
    given asset 2 exponent=-2
    and fund 2 opens asset=2
    and market 1
    and market 2 asset=2 fund=2
    and B deposits 100000
    and B deposits 100000 asset=2
    and mark 1=100 2=100
"""

SIXTEEN = "".join(f"        and asset {asset_id}\n" for asset_id in range(3, 16))
"""Assets 1 and 2 are there, and one comes before these."""

SCENARIOS = {
    "N01 one account is bankrupt, the other one may withdraw [ST-12 ST-13 GD-10 MG-8 MG-11]": """
        given market 1 reprices=0
        and risk gate_floor=0 gate=0%
        and A deposits 100
        and A deposits 200 asset=2
        and A buys 10 from B at 100
        and A buys 10 from B at 100 in=2
        and fund 2 deposits 500
        when A sells 10 to B at 88           # a loss of 120, and fund 1 has nothing
        then CANCEL_ORDERS A asset=1 equity=-20
        and BAD_DEBT A asset=1 amount=20
        and A state=BANKRUPT balance=-20 lots=0
        and A asset=2 state=NORMAL balance=200 lots2=10
        and debt 20
        and debt 0 asset=2
        and fund 2 balance=500
        when B withdraws 100001
        then refused LOSS_UNALLOCATED value=100001 limit=100000
        when B withdraws 1 asset=2
        then B asset=2 balance=99999
        when A withdraws 101 asset=2         # 200 - 10 % of 1000
        then refused NOT_WITHDRAWABLE value=101 limit=100
        when A withdraws 100 asset=2
        then A asset=2 balance=100 equity=100
        when A withdraws 1
        then refused ACCOUNT_IN_LIQUIDATION value=1
        when fund 1 deposits 20
        then INSURANCE_PAYOUT A asset=1 fund=1 amount=20
        and LIQUIDATION_ENDED A asset=1 state=NORMAL
        when B withdraws 1
        then B balance=100119                # 100000 + 120 - 1
    """,
    "N02 accounts of two assets fall in one command, the riskiest first [JD-4 ST-13]": """
        given risk call=100.0001%
        and A deposits 70
        and A deposits 60 asset=2
        and A buys 10 from B at 100
        and A buys 10 from B at 100 in=2
        and fund 1 deposits 200
        and fund 2 deposits 200
        when mark 1=90 2=90                  # E = -30 and E = -40
        then CANCEL_ORDERS A asset=2 equity=-40 maintenance=45
        and CANCEL_ORDERS A asset=1 equity=-30
        and INSURANCE_PAYOUT A asset=2 fund=2 amount=40
        and INSURANCE_PAYOUT A asset=1 fund=1 amount=30
        and TAKE_OVER A asset=2 fund=2 with=F2 market=2 quote=900
        and TAKE_OVER A asset=1 fund=1 with=F1 market=1 quote=900
        and LIQUIDATION_ENDED A asset=2 equity=0
        and LIQUIDATION_ENDED A asset=1 equity=0
        and fund 1 balance=170 equity=170 lots=10
        and fund 2 balance=160 equity=160 lots2=10
    """,
    "N03 equal health and requirement: the account first, then the asset [JD-4 ST-12]": """
        given asset 9                        # made before 5, and with the lower market
        and asset 5 exponent=-3
        and fund 9 opens asset=9
        and fund 5 opens asset=5
        and market 5 asset=9 fund=9
        and market 9 asset=5 fund=5
        and mark 5=100 9=100
        and risk call=100.0001%
        and B deposits 100000 asset=9
        and B deposits 100000 asset=5
        and C deposits 133 asset=5
        and A deposits 133 asset=9
        and A deposits 133 asset=5
        and C buys 10 from B at 100 in=9
        and A buys 10 from B at 100 in=5
        and A buys 10 from B at 100 in=9
        when mark 5=90 9=90                  # three times 33 of 45
        then CANCEL_ORDERS A asset=5 equity=33 maintenance=45
        and CANCEL_ORDERS A asset=9
        and CANCEL_ORDERS C asset=5
        and LIQUIDATION_ORDER A asset=5 id=1 market=9
        and LIQUIDATION_ORDER A asset=9 id=2 market=5
        and LIQUIDATION_ORDER C asset=5 id=3 market=9
    """,
    "N04 margin calls are made by name [JD-3]": """
        given C deposits 150
        and A deposits 150 asset=2
        and A deposits 150
        and C buys 10 from B at 100
        and A buys 10 from B at 100 in=2
        and A buys 10 from B at 100
        when mark 2=90 1=90                  # 50 < 56.25
        then MARGIN_CALL A asset=1 equity=50 maintenance=45
        and MARGIN_CALL A asset=2 equity=50 maintenance=45
        and MARGIN_CALL C asset=1
        when mark 1=92                       # 70 >= 57.5
        then MARGIN_CALL_CLEARED A asset=1
        and MARGIN_CALL_CLEARED C asset=1
        and A asset=2 state=MARGIN_CALL
    """,
    "N05 a fund of another asset neither pays nor takes over [ST-13 LS-5]": """
        given fund 2 deposits 10000
        and A deposits 100
        and A deposits 10000 asset=2
        and A buys 10 from B at 100
        when mark 85                         # E = -50: B closes at 90
        then CANCEL_ORDERS A asset=1 equity=-50
        and AUTO_DELEVERAGE A asset=1 with=B size=10 price=90 quote=-900
        and LOSS_ALLOCATION A asset=1 amount=0
        and LIQUIDATION_ENDED A asset=1 equity=0
        and fund 2 balance=10000
        and A asset=2 balance=10000
        and B asset=2 balance=100000
    """,
    "N06 an asset that is not there, and a fund of another one [GD-3 GD-4 GD-9]": """
        when market 3 asset=3
        then refused UNKNOWN_ASSET value=3
        when market 3 asset=2                # and fund 1, of asset 1
        then refused UNKNOWN_FUND value=1
        when market 3 fund=2
        then refused UNKNOWN_FUND value=2
        when market 1 asset=2 fund=2         # a market keeps its asset
        then refused IMMUTABLE value=2 limit=1
        when fund 3 opens asset=3
        then refused UNKNOWN_ASSET value=3
        when A deposits 5 asset=3
        then refused UNKNOWN_ASSET value=3
        and A is unknown asset=3
    """,
    "N07 who has no money of the market's asset has no account for it [GD-24 GD-12 GD-15]": """
        given A deposits 100
        when A buys 1 from B at 100 in=2
        then refused UNKNOWN_ACCOUNT value=1
        when B buys 1 from A at 100 in=2
        then refused UNKNOWN_ACCOUNT value=1
        when A moves +1 at 100 in=2
        then refused UNKNOWN_ACCOUNT value=1
        when F1 buys 1 from B at 100 in=2
        then refused UNKNOWN_ACCOUNT value=4611686018427387905
        when A deposits 100 asset=2
        and A buys 1 from B at 100 in=2
        then A asset=2 lots2=1 balance=100
        and A lots2=0 balance=100
        when fund 2 deposits 100
        and F2 buys 1 from B at 100 in=2
        then fund 2 balance=100 lots2=1
    """,
    "N08 the guards of a name: a party, an asset, an account [GD-23]": """
        given A deposits 100
        when C withdraws 1 asset=3
        then refused UNKNOWN_ACCOUNT value=3
        when C closes asset=3
        then refused UNKNOWN_ACCOUNT value=3
        when A withdraws 1 asset=3
        then refused UNKNOWN_ASSET value=3
        when A closes asset=3
        then refused UNKNOWN_ASSET value=3
        when A withdraws 1 asset=2
        then refused UNKNOWN_ACCOUNT value=1
        when A closes asset=2
        then refused UNKNOWN_ACCOUNT value=1
    """,
    "N09 there are no isolated accounts yet [GD-9 GD-23]": """
        when A deposits 5 isolated=1
        then refused OUT_OF_RANGE value=1 limit=0
        and A is unknown
        when A deposits 5
        and A withdraws 5 isolated=1
        then refused OUT_OF_RANGE value=1 limit=0
        when A closes isolated=2
        then refused OUT_OF_RANGE value=2 limit=0
        and A is unknown isolated=1
        and A balance=5
    """,
    "N10 a seventeenth asset [GD-1 BD-10]": f"""
        given asset 20
{SIXTEEN}
        when asset 17
        then refused CAPACITY value=17 limit=16
        when asset 20
        then refused ALREADY_EXISTS value=20
    """,
    "N11 accounts of a party begin and end one by one [ST-2 GD-11]": """
        when A deposits 60
        then A state=NORMAL balance=60
        and A is unknown asset=2
        when A deposits 40 asset=2
        then A balance=60
        and A asset=2 balance=40
        when A withdraws 60
        and A closes
        then A is unknown
        and A asset=2 balance=40
        when A closes asset=2
        then refused HAS_BALANCE value=40
        when A deposits 5
        then A state=NORMAL balance=5
        when A withdraws 40 asset=2
        and A closes asset=2
        then A is unknown asset=2
        and A balance=5
    """,
    "N12 money is conserved in each asset, fees too [ST-7 ST-10]": """
        given A deposits 100
        and A deposits 300 asset=2
        and A moves +2 at 100 in=2           # the outside is of the market, and so of its asset
        when A buys 10 from B at 100 fee=3
        and A sells 5 to B at 100 in=2 fee=7
        then venue deposits=100100 balances=100097 fees=3 funds=0 unrealised=0
        and venue asset=2 deposits=100300 balances=100293 fees=7 funds=0 unrealised=0
        when fund 2 deposits 50
        and mark 1=99 2=110                  # A: -10; -30 of 3 short, 50 of B, -20 of the outside
        then venue deposits=100100 unrealised=0
        and venue asset=2 deposits=100350 balances=100293 fees=7 funds=50 unrealised=0
        and A balance=97 equity=87
        and A asset=2 balance=293 equity=263
    """,
    "N13 a retry wakes the account that it names [TM-3]": """
        given market 1 slice=2 cooldown=500
        and market 2 asset=2 fund=2 slice=2 cooldown=900
        and risk call=100.0001%
        and A deposits 135
        and A deposits 135 asset=2
        and A buys 10 from B at 100
        and A buys 10 from B at 100 in=2
        when mark 1=90 2=90                  # E = 35: 1.05 * MM(7) = 33.6 fits, 3 are to be closed
        then CANCEL_ORDERS A asset=1
        and CANCEL_ORDERS A asset=2
        and LIQUIDATION_ORDER A asset=1 id=1 size=2
        and LIQUIDATION_ORDER A asset=2 id=2 size=2
        when A sells 2 to B at 90 fills=1    # M(8) = 36 > 35: the rest comes after the cooldown
        then LIQUIDATION_FILL A asset=1 id=1
        and LIQUIDATION_ORDER_ENDED A asset=1 outcome=FILLED
        when A sells 2 to B at 90 fills=2 in=2
        then LIQUIDATION_FILL A asset=2 id=2
        and LIQUIDATION_ORDER_ENDED A asset=2 outcome=FILLED
        when wait 500
        and tick
        then LIQUIDATION_ORDER A asset=1 id=3 size=1 deadline=1500
        and A asset=2 state=LIQUIDATING lots2=8
        when wait 400
        and tick
        then LIQUIDATION_ORDER A asset=2 id=4 size=1 deadline=1900
    """,
    "N14 debts of two assets, each paid by its fund [FD-6]": """
        given market 1 reprices=0
        and market 2 asset=2 fund=2 reprices=0
        and A deposits 100
        and A deposits 100 asset=2
        and A buys 10 from B at 100
        and A buys 10 from B at 100 in=2
        when A sells 10 to B at 88
        then CANCEL_ORDERS A asset=1
        and BAD_DEBT A asset=1 amount=20
        when A sells 10 to B at 87 in=2
        then CANCEL_ORDERS A asset=2
        and BAD_DEBT A asset=2 amount=30
        and debt 20
        and debt 30 asset=2
        when fund 2 deposits 40
        then INSURANCE_PAYOUT A asset=2 fund=2 amount=30
        and LIQUIDATION_ENDED A asset=2 state=NORMAL
        and fund 2 balance=10
        and debt 20
        and debt 0 asset=2
        and A state=BANKRUPT balance=-20
    """,
    "N15 all markets of an asset use the fund of its first one [GD-4 GD-3]": """
        given fund 3 opens
        and fund 3 deposits 50
        when market 3 fund=3
        then refused FUND_SCOPE value=3 limit=1
        when market 1 fund=3
        then refused FUND_SCOPE value=3 limit=1
        when market 1 asset=2 fund=1         # it is no fund of that asset
        then refused UNKNOWN_FUND value=1
        given asset 4
        and fund 4 opens asset=4
        and fund 5 opens asset=4
        and market 9 asset=4 fund=5          # the first one
        when market 8 asset=4 fund=4
        then refused FUND_SCOPE value=4 limit=5
        when market 8 asset=4 fund=5
        then fund 3 balance=50
    """,
}


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_assets(text: str) -> None:
    play(BACKGROUND + text)
