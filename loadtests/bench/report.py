"""The results as tables of Markdown, readable on a terminal as well."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loadtests.bench.profiles import Profile, label
from loadtests.bench.targets import TARGETS

Results = Mapping[str, float]

MEMORY_KEY = "memory_read_ns"


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is reported."""

    profile: Profile
    machine: Sequence[str]
    results: Results
    seconds: float


def number(value: float | None) -> str:
    """Return a number with three or four digits that count."""
    if value is None:
        return "not measured"
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table whose columns are aligned in its source too."""
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def report(run: Run) -> str:
    """Return the whole report."""
    blocks = [
        [f"Profile {run.profile.name}, {run.seconds:.0f} s, seed {run.profile.seed}.", ""],
        [f"- {line}" for line in (*run.machine, memory_line(run.results))],
        target_table(run.results, label(run.profile.largest), label(run.profile.stream_accounts)),
        mark_table(run),
        wire_table(run),
        crash_table(run),
        view_table(run),
    ]
    return "\n".join("\n".join([*block, ""]) for block in blocks)


def memory_line(results: Results) -> str:
    """Return how fast memory was before each section: on a shared machine it changes."""
    before = {
        key.removeprefix(f"{MEMORY_KEY}_"): value
        for key, value in results.items()
        if key.startswith(MEMORY_KEY)
    }
    listed = ", ".join(f"{value:.1f} ({name})" for name, value in before.items())
    return f"ns of a random read from memory before each section: {listed}"


def target_table(results: Results, largest: str, streamed: str = "300k") -> list[str]:
    """Return each target with what was measured; a smaller population is held to none."""
    rows = []
    for target in TARGETS:
        key = target.key_at(largest, streamed)
        value, bound = results.get(key), target.text
        verdict = "met" if value is not None and target.is_met(value) else "NOT MET"
        if value is None or key != target.key:
            verdict = ""
        if key != target.key:
            bound += f" at {target.key.rpartition('_')[2]}"
        rows.append((f"`{key}`", number(value), bound, verdict, target.meaning))
    return table(("result", "measured", "target", "", "what it is"), rows)


MARK_PARTS = ("us_mean", "quiet_us_mean", "us_p50", "us_p99", "us_p999", "us_max")
MARK_ROWS = (
    ("0.01 %", "mark_100ppm", "recomputes_per_mark_100ppm"),
    ("0.1 %", "mark", "recomputes_per_mark"),
    ("0.5 %", "mark_5000ppm", "recomputes_per_mark_5000ppm"),
    ("0.1 %, drifting", "drift_mark", "drift_recomputes_per_mark"),
    ("0.1 %, hedged", "hedged_mark", "hedged_recomputes_per_mark"),
    ("0.1 %, hedged loosely", "loose_hedged_mark", "loose_hedged_recomputes_per_mark"),
)
"""What a row says of the moves, and the beginnings of its keys."""


def mark_table(run: Run) -> list[str]:
    """Return marks by population and move, with their peers."""
    header = ["accounts", "moves", "mean us", "without events", "p50", "p99", "p99.9", "longest"]
    header += ["recomputes a mark", "liquidation orders a mark"]
    rows = []
    for accounts in run.profile.accounts:
        name = label(accounts)
        for moves, prefix, recomputes in MARK_ROWS:
            keys = [
                *(f"{prefix}_{part}_{name}" for part in MARK_PARTS),
                f"{recomputes}_{name}",
                f"{prefix}_orders_per_mark_{name}",
            ]
            rows.append([name, moves, *(number(run.results.get(key)) for key in keys)])
    return [*table(header, rows), "", *peer_table(run)]


def peer_table(run: Run) -> list[str]:
    """Return what peers take for the same, by population."""
    header = ["accounts", "mark us", "NumPy us", "scan us", "scan of the market us", "recompute us"]
    header += ["trades/s", "opening trades/s"]
    rows = []
    for accounts in run.profile.accounts:
        name = label(accounts)
        keys = [
            *("mark_us_mean", "numpy_us_p50", "scan_us_p50", "market_scan_us_mean"),
            *("recompute_us_mean", "trades_per_s_core", "trades_per_s_core_opening"),
        ]
        rows.append([name, *(number(run.results.get(f"{key}_{name}")) for key in keys)])
    return table(header, rows)


def _chosen(results: Results, keys: Sequence[tuple[str, str]]) -> list[str]:
    rows = ((f"`{key}`", number(results.get(key)), meaning) for key, meaning in keys)
    return table(("result", "measured", "what it is"), rows)


def wire_table(run: Run) -> list[str]:
    """Return what was measured over gRPC and on the disk, and what a call of the core costs."""
    largest = label(run.profile.largest)
    keys = (
        ("trades_per_s_grpc_durable", "batches of 1,000 trades through Submit, journal synced"),
        ("trades_per_s_grpc_echo", "the same batches, parsed and answered"),
        (
            "trades_per_s_core_beside_grpc",
            "the same batches into a core, in turn with both",
        ),
        ("check_order_per_s", "CheckOrder"),
        ("echo_unary_per_s", "the same requests, parsed and answered"),
        ("check_order_server_cpu_us", "processor time of the server for one"),
        ("echo_unary_server_cpu_us", "the same of the echo"),
        ("mark_to_instruction_ms_p50", "mark sent until its liquidation order is here"),
        ("mark_to_instruction_ms_p99", ""),
        ("echo_roundtrip_ms_p50", "the same batch sent until it is answered by the echo"),
        ("echo_roundtrip_ms_p99", ""),
        ("journal_sync_ms_p50", "one record appended, written and synced"),
        ("mark_call_us_p50", "us of a mark of a market without positions: the call from Python"),
        (f"mark_core_us_mean_{largest}", "us of a mark (0.1 %) beyond that"),
    )
    return _chosen(run.results, keys)


def crash_table(run: Run) -> list[str]:
    """Return what the crash took and what happened in it."""
    name = label(run.profile.largest)
    keys = (
        ("crash_mark_us_mean", "one instant's marks"),
        ("crash_mark_us_p999", ""),
        ("crash_mark_us_max", "the longest single call: a mark's, or of a piece that ends it"),
        ("crash_whole_mark_us_max", "the longest mark with all its pieces"),
        ("crash_step_us_max", "the longest with the answers to its orders, and theirs"),
        ("crash_liquidations", "accounts whose liquidation began"),
        ("crash_take_overs", "positions that the fund took"),
        ("crash_deleveraged", "counterparties closed"),
        ("crash_bad_debts", ""),
    )
    wave = (
        ("adl_wave_ms_300x5000_queue", "300 accounts below zero, closed against 5,000 holders"),
        ("adl_wave_ms_300x5000_pro_rata", ""),
        ("adl_wave_pairs_300x5000_pro_rata", "instructions for it"),
        ("wave_ms_queue", "100,000 accounts below zero against as many, all pieces"),
        ("wave_pieces_queue", "pieces of it"),
        ("wave_ms_pro_rata", ""),
        ("choice_ms_queue", "one account closed in 24 markets of 20,000 holders, all pieces"),
        ("choice_pieces_queue", "pieces of it"),
        ("choice_ms_pro_rata", ""),
        ("choice_pieces_pro_rata", ""),
        ("spread_ms", "a debt spread over 300,000 accounts, all pieces"),
        (f"parameters_ms_{name}", "new levels for everybody, all pieces"),
    )
    return _chosen(run.results, [*((f"{key}_{name}", meaning) for key, meaning in keys), *wave])


def view_table(run: Run) -> list[str]:
    """Return what views cost marks, and what snapshots and state streams take."""
    name, streamed = label(run.profile.largest), label(run.profile.stream_accounts)
    keys = (
        (f"view_clone_ms_{name}", "the longest that calls waited for a view to begin"),
        (f"view_longest_call_ms_{name}", "the longest call beside a view, its beginning included"),
        (f"mark_us_mean_{name}_before_view", "a mark that makes no event"),
        (f"mark_us_mean_{name}_beside_view", "while a view is read"),
        (f"mark_ms_p999_{name}_beside_view", ""),
        (f"mark_us_mean_{name}_after_view", "once its pages are mended"),
        (f"view_longest_page_ms_{name}", "the longest that mending one took"),
        (f"snapshot_read_back_s_{name}", "reading a snapshot, verified, and back"),
        (f"snapshot_bytes_per_account_{name}", "of its file"),
        (f"view_resident_mib_{name}", "resident, with all of this"),
        (f"state_stream_s_{streamed}", "the whole state, read by a client"),
        (f"state_stream_bytes_per_account_{streamed}", "of its messages"),
        (f"mark_ms_max_beside_state_stream_{streamed}", "longest of a mark a ms beside that"),
        (f"mark_ms_max_before_state_stream_{streamed}", "the same before it"),
    )
    return _chosen(run.results, keys)
