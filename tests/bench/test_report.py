"""Targets, ratios and how they are shown."""

import pytest

from loadtests.bench.machine import memory_read_ns
from loadtests.bench.profiles import FULL, QUICK, Profile, label
from loadtests.bench.report import Run, memory_line, number, report, target_table
from loadtests.bench.targets import TARGETS, Target, with_ratios
from loadtests.bench.timing import as_nanos, quantile_micros


@pytest.mark.parametrize(
    ("at_most", "value", "met"),
    [
        (True, 2.9, True),
        (True, 3.0, True),
        (True, 3.1, False),
        (False, 3.0, True),
        (False, 2.9, False),
    ],
)
def test_a_target_is_met_at_its_bound(at_most: bool, value: float, met: bool) -> None:
    assert Target("key", 3.0, at_most, "").is_met(value) is met


def test_ratios_are_formed_as_the_issue_words_them() -> None:
    parts = {
        "recompute_us_mean_1m": 3.0,
        "recompute_us_mean_10k": 1.5,
        "trades_per_s_grpc_durable": 400.0,
        "trades_per_s_grpc_echo": 1_000.0,
        "trades_per_s_core_beside_grpc": 1_000.0,
        "check_order_per_s": 3.0,
        "echo_unary_per_s": 4.0,
        "mark_to_instruction_ms_p50": 1.2,
        "journal_sync_ms_p50": 0.2,
        "echo_roundtrip_ms_p50": 0.5,
    }
    formed = with_ratios(parts, "10k", "1m")
    assert formed["recompute_growth_1m"] == 2.0
    assert formed["trades_grpc_of_ideal"] == pytest.approx(400 / (1 / (1 / 1_000 + 1 / 1_000)))
    assert formed["check_order_of_echo"] == 0.75
    assert formed["mark_to_instruction_echoes"] == pytest.approx(2.0)


def test_ratios_without_their_parts_are_left_out() -> None:
    assert with_ratios({"check_order_per_s": 3.0, "echo_unary_per_s": 0.0}, "10k", "1m") == {
        "check_order_per_s": 3.0,
        "echo_unary_per_s": 0.0,
    }


def test_the_table_says_what_was_met_and_what_was_not_measured() -> None:
    lines = target_table({"mark_us_mean_1m": 2.5, "mark_us_p999_1m": 501.0}, "1m")
    verdicts = {line.split("|")[1].strip(): line.split("|")[4].strip() for line in lines[2:]}
    assert verdicts["`mark_us_mean_1m`"] == "met"
    assert verdicts["`mark_us_p999_1m`"] == "NOT MET"
    assert verdicts["`replay_trades_per_s`"] == ""
    assert "not measured" in next(line for line in lines if "replay_trades_per_s" in line)


def test_a_smaller_population_is_not_held_to_the_targets_of_the_large_one() -> None:
    lines = target_table({"mark_us_mean_100k": 501.0, "check_order_of_echo": 0.5}, "100k")
    verdicts = {line.split("|")[1].strip(): line.split("|")[3:5] for line in lines[2:]}
    assert [cell.strip() for cell in verdicts["`mark_us_mean_100k`"]] == ["at most 3 at 1m", ""]
    assert verdicts["`check_order_of_echo`"][1].strip() == "NOT MET"


def test_a_report_without_any_result_still_names_every_target() -> None:
    text = report(Run(QUICK, ["a machine"], {}, 1.0))
    assert all(f"`{target.key_at('100k', '30k')}`" in text for target in TARGETS)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1_234_567.8, "1,234,568"),
        (123.44, "123"),
        (2.345, "2.35"),
        (0.0123, "0.0123"),
        (None, "not measured"),
    ],
)
def test_numbers_show_the_digits_that_count(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("accounts", "text"), [(1_000_000, "1m"), (100_000, "100k"), (10_000, "10k"), (500, "500")]
)
def test_populations_are_named_by_their_accounts(accounts: int, text: str) -> None:
    assert label(accounts) == text


@pytest.mark.parametrize("profile", [FULL, QUICK])
def test_a_profile_reaches_its_section_unchanged(profile: Profile) -> None:
    assert Profile.from_text(profile.to_text()) == profile


def test_quantiles_are_samples() -> None:
    samples = as_nanos([1_000 * n for n in range(1, 11)])
    assert quantile_micros(samples, 0.5) in (5.0, 6.0)
    assert quantile_micros(samples, 1.0) == 10.0


def test_the_speed_of_the_memory_is_told_section_by_section() -> None:
    results = {"memory_read_ns_marks": 24.04, "memory_read_ns_grpc": 31.0, "mark_us_mean_1m": 2.0}
    assert memory_line(results).endswith("each section: 24.0 (marks), 31.0 (grpc)")


def test_the_speed_of_the_memory_is_measured() -> None:
    assert 0.1 < memory_read_ns() < 100_000
