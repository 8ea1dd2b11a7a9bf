"""States in which there is some of everything."""

from tests.core.driver import Driver

TIERS = ((0, 100_000, 50_000), (10_000, 200_000, 100_000), (50_000, 400_000, 200_000))


def crash() -> Driver:
    """Return an engine with an open order, a pending retry, a debt, and 10 who holds nothing.

    The debt is in market 2, whose share of the fund is less than an atom.
    """
    driver = Driver(funds=2)
    driver.market(1, liquidation_slice_lots=2, liquidation_cooldown_millis=100)
    driver.market(2, fund_share_ppm=1)
    driver.marks({1: 200, 2: 100})
    driver.fund_deposit(10**4)
    for account_id, amount in ((5, 1_045), (6, 1_036), (7, 100), (8, 10**6), (9, 30)):
        driver.deposit(account_id, amount)
    driver.deposit(10, 1)
    driver.withdraw(10, 1)
    driver.trade(5, 8, 10, 200)
    driver.trade(6, 8, 10, 200)
    driver.trade(7, 8, 1, 100, market_id=2)
    driver.mark(100)
    driver.trade(8, 6, 2, 100, fills=1)
    driver.trade(9, 8, 1, 100, market_id=2)
    driver.trade(8, 9, 1, 100, market_id=2, fees=(0, 50))
    driver.update(8, -1, 100)
    return driver


def rich() -> Driver:
    """Return the crash with a second asset, and what else an element's fields may hold.

    Account 5 has a half-filled order, 11 two open ones, 12 is the second debtor, 13 in margin call;
    slots of an account, a leg, an attempt and orders are free.
    """
    driver = crash()
    driver.do("create_asset", 2, "EUR", 0)
    driver.do("create_fund", 3, 2)
    for market_id in (3, 4, 5):
        driver.market(market_id, asset_id=2, fund_id=3, tiers=TIERS, liquidation_fee_ppm=100)
    driver.marks({3: 100, 4: 100, 5: 100})
    for account_id, amount in ((8, 10**6), (11, 335), (14, 125)):
        driver.deposit(account_id, amount, 2)
    for market_id in (3, 4, 5):
        driver.trade(11, 8, 10, 100, market_id)
    driver.trade(14, 8, 10, 100, 3)
    driver.marks({3: 92, 4: 92, 5: 92})
    (order,) = (a["orders"] for a in driver.engine.dump()["accounts"] if a["account_id"] == 14)
    driver.trade(8, 14, order[0]["size_lots"], 92, 3, fills=order[0]["liquidation_id"])
    driver.trade(8, 5, 1, 100, fills=2)
    for account_id, amount in ((11, 7), (12, 30), (13, 110)):
        driver.deposit(account_id, amount)
    driver.trade(13, 8, 10, 100, market_id=2, fees=(50, 0))
    driver.trade(12, 8, 1, 100, market_id=2)
    driver.trade(8, 12, 1, 100, market_id=2, fees=(0, 50))
    driver.close(10)
    return driver


def kept() -> Driver:
    """Return the rich state, in which one of 11's orders has ended and is kept for late fills.

    8 has two reservations, and had another one.
    """
    driver = rich()
    driver.risk(late_fill_millis=86_400_000, second_term_millis=3_600_000)
    (orders,) = (a["orders"] for a in driver.engine.dump()["accounts"] if len(a["orders"]) > 1)
    driver.report(orders[0]["liquidation_id"])
    for number, amount in ((7, 30), (3, 20), (5, 10)):
        driver.reserve(8, amount, number)
    driver.cancel(8, 3)
    return driver
