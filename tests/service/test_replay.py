"""Recovery refuses what does not do again what it did first, and says which record it was."""

from collections.abc import Iterator
from pathlib import Path
from threading import active_count

import pytest

from riskengine.core.engine import Engine
from riskengine.metrics.statistics import InstructionStatistics
from riskengine.persistence import JournalDamaged, LogRecord
from riskengine.service import commands
from riskengine.service.replay import GROUP_RECORDS, ReplayError, replay
from riskengine.service.subscriptions import InstructionRing
from tests.service import requests
from tests.service.bench import make_sessions

ASSET_BYTES = requests.create_asset().SerializeToString()
FUND_BYTES = requests.create_fund().SerializeToString()


def record(sequence: int, kind: int, payload: bytes) -> LogRecord:
    return LogRecord(sequence, 1, kind, 1_000 + sequence, payload)


def run(*records: LogRecord) -> Engine:
    engine = Engine()
    ring = InstructionRing(10, InstructionStatistics())
    assert replay(engine, records, make_sessions(), ring) == len(records)
    return engine


def test_records_are_applied_at_their_own_time() -> None:
    engine = run(
        record(1, commands.CREATE_ASSET.number, ASSET_BYTES),
        record(2, commands.CREATE_INSURANCE_FUND.number, FUND_BYTES),
    )
    assert (engine.sequence, engine.time_nanos) == (2, 1_002)


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        (commands.CREATE_ASSET.number, ASSET_BYTES, "the core gave sequence 0"),
        (commands.TICK_NUMBER, b"", "the core gave sequence 0"),
        (commands.SUBMIT.number, b"", "it holds no command"),
        (commands.SUBMIT.number, b"\xff", "it is not a riskengine.api.v1.SubmitRequest"),
        (999, b"", "this version does not know its kind"),
    ],
)
def test_a_record_that_does_not_replay_is_named(kind: int, payload: bytes, said: str) -> None:
    first = record(1, commands.CREATE_ASSET.number, ASSET_BYTES)
    with pytest.raises(ReplayError) as caught:
        run(first, record(2, kind, payload))
    assert caught.value.sequence == 2
    assert str(caught.value).startswith(f"record 2 of kind {kind} at 1002 does not replay: ")
    assert str(caught.value).endswith(said)


def deposits(count: int) -> Iterator[LogRecord]:
    yield record(1, commands.CREATE_ASSET.number, ASSET_BYTES)
    for sequence in range(2, count + 1):
        payload = requests.deposit(sequence).SerializeToString()
        yield record(sequence, commands.DEPOSIT.number, payload)


def test_many_records_are_applied_in_their_order() -> None:
    engine = run(*deposits(3 * GROUP_RECORDS))
    assert engine.account_count == engine.sequence - 1 == 3 * GROUP_RECORDS - 1


def test_what_the_log_raises_ends_the_replay() -> None:
    def damaged() -> Iterator[LogRecord]:
        yield from deposits(GROUP_RECORDS + 1)
        raise JournalDamaged(Path("segment"), 0, GROUP_RECORDS + 2, "no record magic")

    engine = Engine()
    ring = InstructionRing(10, InstructionStatistics())
    with pytest.raises(JournalDamaged, match="no record magic"):
        replay(engine, damaged(), make_sessions(), ring)
    assert engine.sequence == GROUP_RECORDS


def test_the_reader_has_ended_when_a_record_does_not_replay() -> None:
    before = active_count()
    with pytest.raises(ReplayError) as caught:
        run(*deposits(5), record(6, commands.TICK_NUMBER, b""), *deposits(GROUP_RECORDS))
    assert active_count() == before
    assert caught.value.sequence == 6


def test_numbers_of_kinds_stay_as_they_stand_in_journals() -> None:
    kinds = commands.REQUEST_KINDS
    names = {number: kind.request.DESCRIPTOR.name for number, kind in kinds.items()}
    assert names == {
        2: "SubmitRequest",
        3: "ApplyTradesRequest",
        4: "UpdatePositionsRequest",
        5: "UpdateMarkPricesRequest",
        6: "ReportLiquidationsRequest",
        7: "DepositRequest",
        8: "WithdrawRequest",
        9: "CreateAssetRequest",
        10: "SetMarketRequest",
        11: "CreateInsuranceFundRequest",
        12: "DepositInsuranceFundRequest",
        13: "SetRiskParametersRequest",
        14: "CloseAccountRequest",
    }
