"""Assets in one venue do what each would do in a venue of its own: nothing crosses."""

from functools import partial

import pytest

from riskengine.core.engine import Engine
from riskengine.core.types import AccountView
from tests.simulation.apart import Apart, Apply
from tests.simulation.commands import Command, apply_to_oracle
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.world import Outcome
from tests.simulation.side_by_side import apply_to_engine, plain, same
from tests.simulation.walk import Walk

COMMANDS = 500


def apply(engine: Engine, command: Command) -> Outcome:
    return plain(apply_to_engine(engine, command))


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "assets"), [(1, 2), (2, 3), (3, 2), (4, 3)])
def test_the_oracle_keeps_assets_apart(seed: int, assets: int) -> None:
    oracle = Oracle()
    apart = Apart(partial(apply_to_oracle, oracle), lambda: partial(apply_to_oracle, Oracle()))
    for command in Walk(seed, oracle, assets, pauses=False).commands(COMMANDS):
        apart.apply(command)
    assert apart.shares > COMMANDS // 2
    assert apart.fallen_together > 0


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "assets"), [(5, 2), (6, 3), (7, 2), (8, 3), (9, 2), (10, 3)])
def test_the_engine_keeps_assets_apart(seed: int, assets: int) -> None:
    """Events of an asset, and in the end its books, are as if there were no other."""
    oracle, engine = Oracle(), Engine()
    alone: list[Engine] = []

    def found() -> Apply:
        alone.append(Engine())
        return partial(apply, alone[-1])

    apart = Apart(partial(apply, engine), found)
    for command in Walk(seed, oracle, assets, pauses=False).commands(COMMANDS):
        apart.apply(command)
        apply_to_oracle(oracle, command)
    assert apart.fallen_together > 0
    for asset_id, own in zip(apart.parts, alone, strict=True):
        compare_books(asset_id, engine, own)


def compare_books(asset_id: int, engine: Engine, alone: Engine) -> None:
    same("accounts", [one for one in accounts(engine) if one[1] == asset_id], accounts(alone))
    same(
        "money", [one for one in engine.conservation() if one[0] == asset_id], alone.conservation()
    )
    same("funds", [one for one in engine.funds() if one.asset_id == asset_id], alone.funds())
    markets = [one for one in engine.markets() if one.parameters.asset_id == asset_id]
    same("markets", markets, alone.markets())


def accounts(engine: Engine) -> list[AccountView]:
    return engine.accounts(0, engine.account_count, 0)
