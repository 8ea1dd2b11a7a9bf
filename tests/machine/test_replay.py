"""Recovery refuses what does not do again what it did first, and says which record it was."""

from collections.abc import Iterator
from pathlib import Path
from threading import active_count

import pytest

from riskengine.commands import SUBMIT_NUMBER, CommandKind
from riskengine.core.engine import Engine
from riskengine.machine.machine import Machine
from riskengine.machine.replay import GROUP_RECORDS, ReplayError, replay
from riskengine.machine.request_kinds import REQUEST_KINDS
from riskengine.persistence import JournalDamaged, LogRecord
from tests.service import requests

ASSET_BYTES = requests.create_asset().SerializeToString()
FUND_BYTES = requests.create_fund().SerializeToString()


def record(sequence: int, kind: int, payload: bytes) -> LogRecord:
    return LogRecord(sequence, 1, kind, 1_000 + sequence, payload)


def run(*records: LogRecord) -> Engine:
    machine = Machine()
    assert replay(machine, records) == len(records)
    return machine.engine


NEWER_FIELD = b"\xf8\x06\x01"
"""Field 111 = 1."""


def test_records_are_applied_at_their_own_time() -> None:
    engine = run(
        record(1, CommandKind.ASSET, ASSET_BYTES),
        record(2, CommandKind.FUND, FUND_BYTES),
    )
    assert (engine.sequence, engine.time_nanos) == (2, 1_002)


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        (CommandKind.ASSET, ASSET_BYTES, "the core gave sequence 0"),
        (CommandKind.TICK, b"", "the core gave sequence 0"),
        (SUBMIT_NUMBER, b"", "it holds no command"),
        (SUBMIT_NUMBER, b"\xff", "it is not a riskengine.api.v1.SubmitRequest"),
        (999, b"", "this version does not know its kind"),
        (
            CommandKind.ASSET,
            ASSET_BYTES + NEWER_FIELD,
            "riskengine.api.v1.CreateAssetRequest has no field 111: a newer version wrote it",
        ),
    ],
)
def test_a_record_that_does_not_replay_is_named(kind: int, payload: bytes, said: str) -> None:
    first = record(1, CommandKind.ASSET, ASSET_BYTES)
    with pytest.raises(ReplayError) as caught:
        run(first, record(2, kind, payload))
    assert caught.value.sequence == 2
    assert str(caught.value).startswith(f"record 2 of kind {kind} at 1002 does not replay: ")
    assert str(caught.value).endswith(said)


def deposits(count: int) -> Iterator[LogRecord]:
    yield record(1, CommandKind.ASSET, ASSET_BYTES)
    for sequence in range(2, count + 1):
        payload = requests.deposit(sequence).SerializeToString()
        yield record(sequence, CommandKind.DEPOSITS, payload)


def test_many_records_are_applied_in_their_order() -> None:
    engine = run(*deposits(3 * GROUP_RECORDS))
    assert engine.account_count == engine.sequence - 1 == 3 * GROUP_RECORDS - 1


def test_what_the_log_raises_ends_the_replay() -> None:
    def damaged() -> Iterator[LogRecord]:
        yield from deposits(GROUP_RECORDS + 1)
        raise JournalDamaged(Path("segment"), 0, GROUP_RECORDS + 2, "no record magic")

    machine = Machine()
    with pytest.raises(JournalDamaged, match="no record magic"):
        replay(machine, damaged())
    assert machine.engine.sequence == GROUP_RECORDS


def test_the_reader_has_ended_when_a_record_does_not_replay() -> None:
    before = active_count()
    with pytest.raises(ReplayError) as caught:
        run(*deposits(5), record(6, CommandKind.TICK, b""), *deposits(GROUP_RECORDS))
    assert active_count() == before
    assert caught.value.sequence == 6


def test_numbers_of_kinds_stay_as_they_stand_in_journals() -> None:
    names = {number: kind.request.__name__ for number, kind in REQUEST_KINDS.items()}
    assert min(CommandKind) == 1
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
        15: "SetRetentionRequest",
        18: "BeginLoadingRequest",
        19: "LoadAccountsRequest",
        20: "LoadPositionsRequest",
        21: "LoadLiquidationsRequest",
        22: "GoLiveRequest",
        23: "WriteOffRequest",
        26: "RegisterClientRequest",
        27: "ForgetClientRequest",
        29: "SetLogTimeRequest",
        30: "ReserveWithdrawalRequest",
        31: "ConfirmWithdrawalRequest",
        32: "CancelWithdrawalRequest",
        33: "LoadReservationsRequest",
        34: "AdjustBalancesRequest",
    }
