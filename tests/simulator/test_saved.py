"""A stopped run as a file: what is read is what was written, or it is refused."""

import hashlib
import inspect
import os
import pickle
import re
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from riskengine.api.v1 import instructions_pb2
from riskengine.simulator.engine_link import EngineLink, LinkState
from riskengine.simulator.exchange import Exchange
from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import MARKETS
from riskengine.simulator.notable import Notable
from riskengine.simulator.population import make_population
from riskengine.simulator.prices import built_in_path
from riskengine.simulator.saved import (
    FORM,
    MAGIC,
    PARTS,
    FolderError,
    Progress,
    Saved,
    Shape,
    read_saved,
    write_saved,
)
from riskengine.simulator.tally import Deleverage
from riskengine.simulator.venue import Venue

ACCOUNTS, SEED = 200, 7
FORM_AND_FIELDS = (5, "ea44c9bc4ae41b43")
"""The form, and a digest of what its classes have."""


def make_saved() -> Saved:
    """Return a run whose venue has matched and counted something."""
    path = built_in_path(MARKETS, SEED, 60)
    start = path.index_ticks[0]
    population = make_population(MARKETS, start, ACCOUNTS, SEED)
    ledger = Ledger(MARKETS, ACCOUNTS)
    ledger.marks = list(start)
    for account in population.accounts:
        ledger.deposit(account.account_id, account.deposit_atoms)
    ledger.trades(population.opening_trades)
    interest_atoms = population.open_interest_atoms()
    exchange = Exchange(ledger, population.maker_ids, interest_atoms, start)
    link = cast("EngineLink", SimpleNamespace(ledger=ledger))
    venue = Venue(link, exchange, population, path, SEED)
    exchange.advance(path.index_ticks[1], 60)
    exchange.quote()
    venue.traders.market_orders(1_000_000)
    venue.traders.margin_called(50, 1)
    venue.tally.last_deleverage = Deleverage(
        instructions_pb2.AutoDeleverage(counterparty_account_id=9, size_lots=5),
        instructions_pb2.LossAllocation(account_id=8, allocated_lots=5),
    )
    progress = Progress(venue, Notable(venue), [[mark] for mark in start], ["note"], 1, 2.5)
    return Saved(Shape(SEED, ACCOUNTS, "queue", 60), progress, LinkState(4, 9), "ab" * 16)


@pytest.fixture(scope="module")
def saved() -> Saved:
    return make_saved()


@pytest.fixture
def path(tmp_path: Path, saved: Saved) -> Path:
    path = tmp_path / "exchange.state"
    write_saved(path, saved)
    return path


def test_what_is_read_is_what_was_written(path: Path, saved: Saved) -> None:
    read = read_saved(path)
    assert (read.shape, read.state_hash) == (saved.shape, saved.state_hash)
    assert (read.link.next_batch_sequence, read.link.next_instruction_sequence) == (4, 9)
    before, after = saved.progress.venue, read.progress.venue
    assert (after.path, after.tally.population) == (before.path, before.tally.population)
    assert after.ledger.cash_atoms == before.ledger.cash_atoms
    assert after.ledger.lots == before.ledger.lots
    assert after.exchange.books == before.exchange.books
    assert after.tally.last_deleverage == before.tally.last_deleverage
    assert vars(after.exchange.liquidity[0]) == vars(before.exchange.liquidity[0])


def test_parts_that_were_one_are_one_again(path: Path) -> None:
    progress = read_saved(path).progress
    venue = progress.venue
    assert progress.notable._venue is venue
    for ledger in (venue.exchange.ledger, venue.tally.ledger, venue.fund.ledger):
        assert ledger is venue.ledger
    assert venue.traders._exchange is venue.exchange
    assert not hasattr(venue, "link")


def test_traders_go_on_with_the_same_choices(path: Path) -> None:
    first, second = (read_saved(path).progress.venue for _ in range(2))
    trades = [first.traders.market_orders(9_000_000) for _ in range(20)]
    assert sum(map(len, trades)) > 0
    assert [second.traders.market_orders(9_000_000) for _ in range(20)] == trades
    due = [[venue.traders.top_ups(step) for step in range(20)] for venue in (first, second)]
    assert due[0] == due[1]


@pytest.mark.parametrize("share", [0.01, 0.5, 0.999])
def test_a_flipped_bit_is_damage(path: Path, share: float) -> None:
    raw = bytearray(path.read_bytes())
    begin = raw.index(b"\n") + 1
    raw[begin + int(share * (len(raw) - begin))] ^= 1
    path.write_bytes(raw)
    with pytest.raises(FolderError, match=r"exchange.state: it is damaged: the checksum"):
        read_saved(path)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "does not begin"), (20, "is damaged"), (-1, "is damaged")]
)
def test_a_file_that_is_cut_is_refused(path: Path, size: int, text: str) -> None:
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(FolderError, match=text):
        read_saved(path)


def test_another_form_is_refused_with_both(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"demo %d " % FORM, b"demo 99 ", 1))
    with pytest.raises(FolderError, match=f"form is 99; this version reads form {FORM} alone"):
        read_saved(path)


def test_nothing_but_parts_of_a_run_is_made(path: Path, tmp_path: Path) -> None:
    class Foreign:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "made"),)

    payload = pickle.dumps(Foreign())
    digest = hashlib.sha256(payload).hexdigest().encode()
    path.write_bytes(b"%s %d %s\n" % (MAGIC, FORM, digest) + payload)
    with pytest.raises(FolderError, match=r"no part 'posix.mkdir'"):
        read_saved(path)
    assert not (tmp_path / "made").exists()


def test_a_write_that_fails_leaves_what_was_there(path: Path, saved: Saved) -> None:
    path.with_suffix(".tmp").mkdir()
    with pytest.raises(IsADirectoryError):
        write_saved(path, saved)
    assert read_saved(path).state_hash == saved.state_hash


def names_of(part: type) -> list[str]:
    if is_dataclass(part):
        return [field.name for field in fields(part)]
    if issubclass(part, tuple):
        return list(part._fields)  # type: ignore[attr-defined]
    if issubclass(part, Enum):
        return [member.value for member in part]
    return re.findall(r"self\.(\w+)(?:: .*)? = ", inspect.getsource(part))


def test_other_fields_are_another_form() -> None:
    """What is pickled can be read by its own classes alone: who changes them raises `FORM`."""
    lines = [f"{part.__module__}.{part.__qualname__} {names_of(part)}" for part in PARTS]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    assert (FORM, digest) == FORM_AND_FIELDS
