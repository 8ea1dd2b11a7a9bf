import pytest

from riskengine.commands import CommandKind
from riskengine.core.enums import RejectReason
from riskengine.core.types import Outcome, Rejection
from riskengine.metrics.statistics import (
    CommandResult,
    CommandStatistics,
    InstructionStatistics,
    JournalStatistics,
    Statistics,
)

OFF_STEP = Rejection(0, RejectReason.OFF_STEP, "price_ticks", 3, 5)
SELF_TRADE = Rejection(1, RejectReason.SELF_TRADE, "seller_account_id", 7, 0)


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        (Outcome(1, 5, 3, 0, [], []), CommandResult.APPLIED),
        (Outcome(1, 5, 2, 1, [OFF_STEP], []), CommandResult.APPLIED_IN_PART),
        (Outcome(0, 5, 0, 2, [OFF_STEP, SELF_TRADE], []), CommandResult.REJECTED),
    ],
)
def test_a_command_is_counted_by_kind_and_result(outcome: Outcome, result: CommandResult) -> None:
    commands = CommandStatistics()
    commands.applied(CommandKind.TRADES, outcome, 1_500)
    counted = {
        (kind, each): commands.results[kind][each]
        for kind in CommandKind
        for each in CommandResult
        if commands.results[kind][each]
    }
    assert counted == {(CommandKind.TRADES, result): 1}
    assert commands.applied_rows[CommandKind.TRADES] == outcome.applied_rows
    assert commands.apply_duration[CommandKind.TRADES].sum_nanos == 1_500


def test_rejected_rows_are_counted_by_reason_and_the_unlisted_ones_apart() -> None:
    commands = CommandStatistics()
    rejections = [OFF_STEP, SELF_TRADE, OFF_STEP]
    commands.applied(CommandKind.TRADES, Outcome(1, 5, 1, 10, rejections, []), 1)
    expected = [0] * (max(RejectReason) + 1)
    expected[RejectReason.OFF_STEP] = 2
    expected[RejectReason.SELF_TRADE] = 1
    expected[RejectReason.UNSPECIFIED] = 7
    assert commands.rejected_rows == expected


def test_a_command_refused_whole_by_the_core_is_one_rejection() -> None:
    commands = CommandStatistics()
    whole = Rejection(-1, RejectReason.COLUMN_LENGTH, "size_lots", 2, 3)
    commands.applied(CommandKind.TRADES, Outcome(0, 5, 0, 0, [whole], []), 1)
    assert sum(commands.rejected_rows) == 1
    assert commands.results[CommandKind.TRADES][CommandResult.REJECTED] == 1


def test_commands_that_the_core_never_sees_are_counted() -> None:
    commands = CommandStatistics()
    commands.repeated(CommandKind.DEPOSITS)
    commands.refused(CommandKind.DEPOSITS, RejectReason.SEQUENCE_GAP)
    results = commands.results[CommandKind.DEPOSITS]
    assert results[CommandResult.REPEATED] == 1
    assert results[CommandResult.REJECTED] == 1
    assert commands.rejected_rows[RejectReason.SEQUENCE_GAP] == 1
    assert sum(commands.apply_duration[CommandKind.DEPOSITS].counts) == 0


@pytest.mark.parametrize(
    ("published", "sent", "lag"),
    [
        (10, {}, 0),
        (10, {1: 10}, 0),
        (10, {1: 10, 2: 4}, 6),
        (10, {1: 0}, 10),
        (10, {1: 11}, 0),
    ],
)
def test_the_lag_is_that_of_the_slowest_subscriber(
    published: int, sent: dict[int, int], lag: int
) -> None:
    instructions = InstructionStatistics()
    instructions.published_sequence = published
    instructions.sent_sequences = sent
    assert instructions.slowest_lag == lag


def test_a_sync_counts_its_group() -> None:
    journal = JournalStatistics()
    journal.synced(3, 640, 2_000_000)
    journal.synced(1, 128, 1_000_000)
    assert (journal.syncs, journal.synced_records, journal.synced_bytes) == (2, 4, 768)
    assert sum(journal.sync_duration.counts) == 2
    assert journal.sync_duration.sum_nanos == 3_000_000


def test_order_checks_are_counted_by_answer() -> None:
    statistics = Statistics()
    statistics.check_order(accepted=True, nanos=100)
    statistics.check_order(accepted=False, nanos=200)
    statistics.check_order(accepted=False, nanos=300)
    assert (statistics.order_checks_accepted, statistics.order_checks_refused) == (1, 2)
    assert statistics.check_order_duration.sum_nanos == 600
