"""Pages of accounts and of liquidation orders: what they list."""

from random import Random

import numpy as np
import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import Side
from tests.core.driver import Driver
from tests.core.loaded import LAST, loading_venue

ACCOUNTS = 200_000
OLDEST = LAST - 2**24 + 1
LONG, SHORT = range(1, 31), 40


def loaded_orders(ids: list[int]) -> Driver:
    """Return a venue with an order of each of those ids, each of another account, in any order."""
    driver = loading_venue(LAST)
    driver.load(SHORT, 10**9)
    driver.load_position(SHORT, -len(ids), -len(ids) * 100)
    Random(1).shuffle(ids)
    for account_id, liquidation_id in zip(LONG, ids, strict=False):
        driver.load(account_id, 4)
        driver.load_position(account_id, 1, 100)
        driver.load_order(liquidation_id, account_id, Side.SHORT, 1)
    return driver


@pytest.mark.rule("QS-10")
@pytest.mark.parametrize("reach", [30, 4_096, 5_000, 2**20])
def test_pages_of_orders_are_whole_however_far_their_ids_are_apart(reach: int) -> None:
    ids = sorted(Random(reach).sample(range(LAST - reach + 1, LAST + 1), len(LONG)))
    engine = loaded_orders(list(ids)).engine
    owners = {one.liquidation_id: one.account_id for one in engine.open_liquidations(0, 100)}
    assert list(owners) == ids
    for limit in (1, 7, 30):
        found: list[int] = []
        while page := engine.open_liquidations(found[-1] if found else 0, limit):
            assert len(page) == min(limit, len(ids) - len(found))
            found += [one.liquidation_id for one in page]
        assert found == ids
    for liquidation_id, account_id in owners.items():
        (only,) = engine.open_liquidations(0, 9, account_id)
        assert only.liquidation_id == liquidation_id
        assert engine.open_liquidations(liquidation_id, 9, account_id) == []
    assert engine.open_liquidations(0, 9, 0, 2) == []


@pytest.mark.rule("QS-10")
def test_an_order_that_was_forgotten_is_on_no_page() -> None:
    driver = loaded_orders([OLDEST, LAST - 9, LAST])
    driver.go_live()
    first = driver.engine.open_liquidations(0, 1)[0]
    driver.report(first.liquidation_id)
    found = driver.engine.open_liquidations(0, 9)
    assert [one.liquidation_id for one in found] == [LAST - 9, LAST]


@pytest.mark.rule("QS-10")
def test_orders_are_listed_whose_ids_are_millions_apart() -> None:
    engine = loaded_orders([OLDEST, LAST]).engine
    for found in (
        engine.open_liquidations(0, 101),
        engine.open_liquidations(0, 101, 0, 1),
        engine.open_liquidations(OLDEST - 1, 101),
    ):
        assert [one.liquidation_id for one in found] == [OLDEST, LAST]
    assert [one.liquidation_id for one in engine.open_liquidations(OLDEST, 101)] == [LAST]
    assert engine.open_liquidations(0, 101, SHORT) == []


@pytest.fixture(scope="module")
def crowd() -> Engine:
    """Return an engine with many accounts, opened in no order."""
    driver = loading_venue()
    ids = list(range(1, ACCOUNTS + 1))
    Random(1).shuffle(ids)
    for names in np.split(np.array(ids, dtype=np.int64), ACCOUNTS // 50_000):
        ones, none = np.ones_like(names), names[:0]
        driver.engine.load_accounts(1, names, ones, 10 * ones, none, none)
    assert driver.engine.account_count == ACCOUNTS
    return driver.engine


@pytest.mark.rule("QS-9")
def test_a_page_of_accounts_has_the_lowest_names(crowd: Engine) -> None:
    for after in (0, 1, 777, ACCOUNTS - 3, ACCOUNTS):
        page = crowd.accounts(after, 100, 0)
        names = [view.account_id for view in page]
        assert names == list(range(after + 1, min(after + 100, ACCOUNTS) + 1))
    assert crowd.accounts(0, 0, 0) == []
