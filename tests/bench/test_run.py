"""A whole run of the benchmarks on tiny populations yields every result; nothing is timed here."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.bench import __main__ as bench
from loadtests.bench.profiles import FULL
from loadtests.bench.report import report
from loadtests.bench.sections import SECTIONS, SectionError, run_in_process
from loadtests.bench.targets import TARGETS

TINY = replace(
    FULL,
    name="tiny",
    accounts=(200, 500),
    markets=20,
    repetitions=2,
    usual_rounds=40,
    wild_rounds=40,
    counted_rounds=20,
    counted_passes=1,
    numpy_passes=1,
    core_rows=200,
    grpc_turns=2,
    grpc_batches=5,
    batch_rows=50,
    window=8,
    unary_calls=50,
    unary_tasks=4,
    latency_samples=10,
    replays=1,
    crash_step_seconds=30,
    crash_repetitions=2,
    stream_accounts=300,
    wave_accounts=100,
    choice_holders=40,
    spread_payers=200,
)
SMALLEST, LARGEST, STREAMED = "200", "500", "300"

PLAIN_KEYS = {
    "trades_per_s_grpc_durable",
    "trades_per_s_grpc_echo",
    "check_order_per_s",
    "echo_unary_per_s",
    "mark_to_instruction_ms_p50",
    "mark_to_instruction_ms_p99",
    "echo_roundtrip_ms_p50",
    "journal_sync_ms_p50",
    "replay_trades_per_s",
}
SIZED_KEYS = {
    "mark_us_mean",
    "mark_us_p999",
    "mark_100ppm_us_mean",
    "mark_5000ppm_us_mean",
    "mark_speedup_vs_numpy",
    "mark_speedup_vs_scan",
    "recompute_us_mean",
    "recomputes_per_mark",
    "hedged_mark_us_mean",
    "hedged_recomputes_per_mark",
    "loose_hedged_mark_us_mean",
    "loose_hedged_recomputes_per_mark",
    "trades_per_s_core",
    "bytes_per_position",
    "crash_mark_us_p999",
    "crash_mark_us_max",
    "crash_liquidations",
}


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_a_run_yields_every_result(tmp_path: Path) -> None:
    run = bench.run_sections(TINY, list(SECTIONS), tmp_path)
    wanted = PLAIN_KEYS | {f"{key}_{LARGEST}" for key in SIZED_KEYS}
    wanted |= {target.key_at(LARGEST, STREAMED) for target in TARGETS}
    wanted |= {f"recompute_us_mean_{SMALLEST}", f"mark_us_mean_{SMALLEST}"}
    assert wanted - set(run.results) == set()
    wrong = {key: run.results[key] for key in wanted if not math.isfinite(run.results[key])}
    assert wrong == {}
    # Differences of times may be anything here, and few marks of a tiny book recompute anybody.
    may_be_none = {"mark_to_instruction_echoes"} | {
        key for key in wanted if "per_mark" in key or key.startswith(("recompute_", "mark_core_"))
    }
    assert {key for key in wanted if run.results[key] <= 0} <= may_be_none
    assert json.loads(json.dumps(run.results)) == run.results
    text = report(run)
    assert f"| {LARGEST} " in text
    assert list(tmp_path.iterdir()) == []


def test_a_section_that_fails_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SectionError, match="memory"):
        run_in_process("memory", TINY, tmp_path)
    assert "FileNotFoundError" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("wanted", "sections"),
    [
        (None, list(SECTIONS)),
        (["replay"], ["grpc", "replay"]),
        (["memory", "marks"], ["columns", "memory", "marks"]),
    ],
)
def test_a_chosen_section_brings_those_that_it_needs(
    wanted: list[str] | None, sections: list[str]
) -> None:
    assert bench.chosen_sections(wanted) == sections
