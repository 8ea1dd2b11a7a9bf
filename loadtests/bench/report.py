"""The results as tables of Markdown, readable on a terminal as well."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loadtests.bench.profiles import MOVES_PPM, USUAL_PPM, Profile, label
from loadtests.bench.targets import TARGETS

Results = Mapping[str, float]


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
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.1f}"


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
        [f"- {line}" for line in run.machine],
        target_table(run.results),
        mark_table(run),
        wire_table(run),
        crash_table(run),
    ]
    return "\n".join("\n".join([*block, ""]) for block in blocks)


def target_table(results: Results) -> list[str]:
    """Return each target with what was measured."""

    def row(key: str, bound: str, meaning: str, verdict: str) -> tuple[str, ...]:
        return f"`{key}`", number(results.get(key)), bound, verdict, meaning

    rows = []
    for target in TARGETS:
        value = results.get(target.key)
        verdict = "" if value is None else "met" if target.is_met(value) else "NOT MET"
        rows.append(row(target.key, target.text, target.meaning, verdict))
    return table(("result", "measured", "target", "", "what it is"), rows)


def mark_table(run: Run) -> list[str]:
    """Return marks by population and move, with their peers."""
    header = ["accounts", "move", "mean us", "p50", "p99", "p99.9", "longest", "recomputes a mark"]
    rows = []
    for accounts in run.profile.accounts:
        name = label(accounts)
        for move_ppm in MOVES_PPM:
            tag = "" if move_ppm == USUAL_PPM else f"_{move_ppm}ppm"
            keys = [
                *(f"mark{tag}_us_{part}_{name}" for part in ("mean", "p50", "p99", "p999", "max")),
                f"recomputes_per_mark{tag}_{name}",
            ]
            move = f"{move_ppm / 10_000:g} %"
            rows.append([name, move, *(number(run.results.get(key)) for key in keys)])
        hedged = [
            *(f"hedged_mark_us_{part}_{name}" for part in ("mean", "p50", "p99", "p999", "max")),
            f"hedged_recomputes_per_mark_{name}",
        ]
        rows.append([name, "0.1 %, hedged", *(number(run.results.get(key)) for key in hedged)])
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
    """Return what was measured over gRPC and on the disk."""
    keys = (
        ("trades_per_s_grpc_durable", "batches of 1,000 trades through Submit, journal synced"),
        ("trades_per_s_grpc_echo", "the same batches, parsed and answered"),
        ("check_order_per_s", "CheckOrder"),
        ("echo_unary_per_s", "the same requests, parsed and answered"),
        ("check_order_server_cpu_us", "processor time of the server for one"),
        ("echo_unary_server_cpu_us", "the same of the echo"),
        ("mark_to_instruction_ms_p50", "mark sent until its liquidation order is here"),
        ("mark_to_instruction_ms_p99", ""),
        ("echo_roundtrip_ms_p50", "the same batch sent until it is answered by the echo"),
        ("echo_roundtrip_ms_p99", ""),
        ("journal_sync_ms_p50", "one record appended, written and synced"),
        ("mark_call_us_p50", "a mark of a market without positions: the call itself"),
    )
    return _chosen(run.results, keys)


def crash_table(run: Run) -> list[str]:
    """Return what the crash took and what happened in it."""
    name = label(run.profile.largest)
    keys = (
        ("crash_mark_us_mean", "one instant's marks"),
        ("crash_mark_us_p999", ""),
        ("crash_mark_us_max", "the longest"),
        ("crash_step_us_max", "the longest with the answers to its orders, and theirs"),
        ("crash_liquidations", "accounts whose liquidation began"),
        ("crash_take_overs", "positions that the fund took"),
        ("crash_deleveraged", "counterparties closed"),
        ("crash_bad_debts", ""),
    )
    return _chosen(run.results, [(f"{key}_{name}", meaning) for key, meaning in keys])
