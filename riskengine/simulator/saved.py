"""A run that was stopped, as a file: everything of the exchange but its connection.

The first line has the form and the SHA-256 of the rest; the rest is a pickle of `Saved`, which is
the graph of the exchange's own objects. Reading it makes objects of the classes in `PARTS` alone.
"""

import hashlib
import io
import os
import pickle
from collections import defaultdict
from copyreg import _reconstructor  # type: ignore[attr-defined]  # how messages are pickled
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from riskengine.api.v1 import instructions_pb2
from riskengine.simulator import population as people
from riskengine.simulator import tally as counts
from riskengine.simulator.engine_link import LinkState, Telemetry
from riskengine.simulator.exchange import Exchange
from riskengine.simulator.fund_watch import FundWatch
from riskengine.simulator.late_answers import LateAnswers
from riskengine.simulator.latency import LatencyRecorder
from riskengine.simulator.ledger import Ledger, Trade
from riskengine.simulator.liquidity import Liquidity, MarketMakers
from riskengine.simulator.markets import MarketSpec
from riskengine.simulator.mirror import Mirror
from riskengine.simulator.notable import Notable
from riskengine.simulator.old_debts import OldDebts
from riskengine.simulator.open_orders import OpenOrders
from riskengine.simulator.order_book import Order, OrderBook
from riskengine.simulator.prices import PricePath
from riskengine.simulator.traders import Traders
from riskengine.simulator.venue import Venue

FORM = 5
"""Of what is pickled: another number whenever a class of `PARTS` has other fields."""
MAGIC = b"riskengine-demo"
TEMPORARY_SUFFIX = ".tmp"


class FolderError(Exception):
    """A run cannot be played in a folder; the text says why."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What makes a run, beside its prices: the same again is the same story."""

    seed: int
    accounts: int
    policy: str
    step_seconds: int


@dataclass(slots=True)
class Progress:
    """How far a run is. Between two steps it is all of the exchange but its connection."""

    venue: Venue
    notable: Notable
    history: list[list[int]]
    """Marks of each market so far, in ticks."""
    notes: list[str] = field(default_factory=list)
    next_step: int = 0
    """The step whose marks come next; the trading of the step before it is still to come."""
    seconds: float = 0.0
    """Time that it was played for."""
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """A run that was stopped, and the server's state at that moment."""

    shape: Shape
    progress: Progress
    link: LinkState
    state_hash: str


PARTS: tuple[type, ...] = (
    *(Saved, Shape, Progress, LinkState, Telemetry, LatencyRecorder, Venue, Notable, PricePath),
    *(Exchange, OrderBook, Order, Liquidity, MarketMakers, Ledger, Trade, MarketSpec, Mirror),
    *(Traders, people.Population, people.Account, people.Group, FundWatch, OpenOrders),
    *(LateAnswers, OldDebts),
    *(counts.Tally, counts.MarketTally, counts.Closed, counts.Stage, counts.Deleverage),
)
_MESSAGES = (instructions_pb2.AutoDeleverage, instructions_pb2.LossAllocation)
_MADE = {
    (made.__module__, made.__qualname__): made
    for made in (*PARTS, *_MESSAGES, Random, defaultdict, object, list, range, _reconstructor)
}


def write_saved(path: Path, saved: Saved) -> None:
    """Write a file that is whole or not there, durably; raises OSError."""
    payload = pickle.dumps(saved, protocol=5)
    temporary = path.with_suffix(TEMPORARY_SUFFIX)
    with temporary.open("wb") as file:
        file.write(b"%s %d %s\n" % (MAGIC, FORM, _digest(payload)))
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def read_saved(path: Path) -> Saved:
    """Return what a file holds; raises `FolderError` when that cannot be taken up."""
    try:
        head, _, payload = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise FolderError(f"{path}: cannot be read: {error.strerror}") from error
    magic, _, rest = head.partition(b" ")
    form, _, digest = rest.partition(b" ")
    if magic != MAGIC:
        raise FolderError(f"{path}: it does not begin with '{MAGIC.decode()}'")
    if form != b"%d" % FORM:
        told = form.decode(errors="replace")
        raise FolderError(f"{path}: its form is {told}; this version reads form {FORM} alone")
    if digest != _digest(payload):
        size = f"{len(payload):,} bytes"
        raise FolderError(f"{path}: it is damaged: the checksum does not fit its {size}")
    saved = _Unpickler(io.BytesIO(payload)).load()
    assert isinstance(saved, Saved), path
    return saved


class _Unpickler(pickle.Unpickler):
    """Makes what a saved run is made of and nothing else."""

    def find_class(self, module: str, name: str) -> object:
        made = _MADE.get((module, name))
        if made is None:
            raise FolderError(f"a saved run has no part '{module}.{name}'")
        return made


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable; raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(payload: bytes) -> bytes:
    return hashlib.sha256(payload).hexdigest().encode()
