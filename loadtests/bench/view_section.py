"""Section `views`: marks around a view of the largest population, and reading a state back.

A view is begun and read as a snapshot's: the whole machine is frozen, with what clients were
answered and the instructions that are kept, and read on a thread, into a file, with checksum and
digest. Means are of marks that made no event: those of one stretch liquidate others than those of
the next.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter_ns

from loadtests.bench.loading import build_engine
from loadtests.bench.marks import MarkBench, MarkRun
from loadtests.bench.memory_section import resident_bytes
from loadtests.bench.population import make_population
from loadtests.bench.profiles import USUAL_PPM, Profile, label
from loadtests.bench.timing import median_of, quantile_millis
from loadtests.bench.walk import Kind, MarkWalk
from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.core.engine import Engine
from riskengine.core.face.pages import mend_pages
from riskengine.machine.instruction_ring import InstructionRing
from riskengine.machine.machine import Machine
from riskengine.machine.saving import STATE, FrozenMachine
from riskengine.machine.sessions import ClientName, SessionKey, Sessions
from riskengine.machine.view import View
from riskengine.persistence.snapshot_file import SnapshotHeader
from riskengine.persistence.snapshots import SnapshotStore
from riskengine.units import NANOS_PER_MILLI, NANOS_PER_SECOND

Results = dict[str, float]

ANSWERS = 64
"""Answers that are kept of each client; a copy shares them, however many."""

INSTRUCTION_BYTES = 90

HEADER = SnapshotHeader(b"bench   ", 1, 1, 1)


def run(profile: Profile, work: Path) -> Results:
    """Return what a view costs marks, and how long a state takes to be read back."""
    name = label(profile.largest)
    population = make_population(profile.largest, profile.markets, profile.seed)
    engine = build_engine(population)
    store = SnapshotStore(work / "snapshots")
    store.open()
    rounds = profile.usual_rounds
    bench = MarkBench(engine, MarkWalk(population.marks_ticks, Kind(USUAL_PPM), profile.seed))
    bench.warm(rounds)
    before, beside, after = MarkRun(), MarkRun(), MarkRun()
    machine = make_machine(engine)
    cloned: list[int] = []
    mended: list[float] = []
    for _ in range(profile.repetitions):
        _timed(bench, before, rounds)
        cloned.append(_mark_beside_a_view(machine, bench, beside, store))
        mended.append(_mend_ms(engine))
        _timed(bench, after, rounds)
    path = store.write(HEADER, {STATE: View(engine).read()}).publish()
    reads = [_read_back_seconds(store, path, engine) for _ in range(profile.replays)]
    calls = [*cloned, *(int(nanos.max()) for nanos in beside.repetitions)]
    return {
        f"view_clone_ms_{name}": max(cloned) / NANOS_PER_MILLI,
        f"view_longest_call_ms_{name}": max(calls) / NANOS_PER_MILLI,
        f"mark_us_mean_{name}_before_view": before.quiet_us_mean,
        f"mark_us_mean_{name}_beside_view": beside.quiet_us_mean,
        f"mark_us_mean_{name}_after_view": after.quiet_us_mean,
        f"mark_ms_p999_{name}_beside_view": quantile_millis(beside.nanos, 0.999),
        f"view_longest_page_ms_{name}": max(mended),
        f"snapshot_read_back_s_{name}": median_of(reads),
        f"snapshot_bytes_per_account_{name}": path.stat().st_size / profile.largest,
        f"view_resident_mib_{name}": resident_bytes() / 2**20,
    }


def _timed(bench: MarkBench, run: MarkRun, rounds: int) -> None:
    bench.run = run
    bench.repeat(rounds)


def make_machine(engine: Engine) -> Machine:
    """Return a machine around an engine that remembers as much as it is told to remember."""
    retention = engine.retention
    sessions = Sessions(retention)
    result = CommandResult(sequence=1, time_nanos=1, applied_rows=100)
    for client in range(retention.client_count):
        name = ClientName("", f"client-{client}")
        first = client * (ANSWERS + 1) + 1
        sessions.register(name, first, 0)
        for number in range(1, ANSWERS + 1):
            key = SessionKey(name, first, number, bytes(16))
            sessions.remember(key, first + number, 0, result)
    ring = InstructionRing(retention.instruction_count)
    ring.publish([bytes(INSTRUCTION_BYTES)] * retention.instruction_count, ring.kept)
    return Machine(engine, sessions, ring)


def _mark_beside_a_view(
    machine: Machine, bench: MarkBench, run: MarkRun, store: SnapshotStore
) -> int:
    """Set marks until a view is read to its end; return how long beginning it took."""
    began = perf_counter_ns()
    frozen = FrozenMachine(machine, ())
    nanos = perf_counter_ns() - began
    try:
        with ThreadPoolExecutor(1) as reader:
            written = reader.submit(store.write, HEADER, frozen.sections())
            while not written.done():
                _timed(bench, run, 1)
            written.result()
    finally:
        frozen.close()
    return nanos


def _mend_ms(engine: Engine) -> float:
    """Mend the pages that the view left otherwise; return how long one took most."""
    longest = 0
    for page in engine.memory_pages():
        began = perf_counter_ns()
        mend_pages([page])
        longest = max(longest, perf_counter_ns() - began)
    return longest / NANOS_PER_MILLI


def _read_back_seconds(store: SnapshotStore, path: Path, engine: Engine) -> float:
    """Return how long a snapshot takes to be read, verified, and read back."""
    began = perf_counter_ns()
    found = Engine.read_back(store.read(path).sections[STATE])
    nanos = perf_counter_ns() - began
    if found.state_hash() != engine.state_hash():
        raise RuntimeError("the state that was read back is another one")
    return nanos / NANOS_PER_SECOND
