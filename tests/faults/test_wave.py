"""A fault of the field: instructions that nobody could read, since one mark gave 1,500,900.

It was seen at etcd (10650): 300 bankrupt longs against 5,000 shorts, each with each.
"""

import pytest

from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.core.enums import EventKind, LossPolicy
from tests.e2e import venue as wire
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of
from tests.faults import wave
from tests.faults.venue import money, of_kind
from tests.faults.venue import venue as venue_of
from tests.service import requests


@pytest.mark.parametrize("policy", [LossPolicy.QUEUE, LossPolicy.PRO_RATA])
def test_a_wave_is_paired_in_order(policy: LossPolicy) -> None:
    driver = venue_of(loss_policy=policy)
    account_ids, amounts = zip(*wave.deposits(), strict=True)
    driver.do("deposits", account_ids, (1,) * len(account_ids), amounts)
    buyers, sellers, lots = zip(*wave.trades(), strict=True)
    rows = len(lots)
    zeros = (0,) * rows
    driver.do("trades", (1,) * rows, buyers, sellers, (wave.MARK,) * rows, lots, *[zeros] * 3)
    events = driver.mark(wave.GAP_MARK)
    pairs = of_kind(events, EventKind.AUTO_DELEVERAGE)
    assert len(pairs) == wave.PAIRS == 5_299
    assert len({(each.account_id, each.counterparty_account_id) for each in pairs}) == wave.PAIRS
    assert len(events) == wave.PAIRS + 3 * len(wave.LONGS)
    # Each lot lost 20 of which 10 were paid in, so each holder keeps half of what he gained.
    assert set(money(driver, *wave.LONGS)) == {0}
    assert set(money(driver, *wave.SHORTS)) == {wave.SHORT_ATOMS + 3 * 10}


@pytest.mark.e2e
def test_every_instruction_of_a_wave_is_read_by_who_comes_after_it(server: Server) -> None:
    with client_of(server) as client:
        open_wave(client)
        wire.mark(client, wave.GAP_MARK)
        last = client.state().instruction_sequence
        found = wire.instructions(client, 1, last)
        assert [each.instruction_sequence for each in found] == list(range(1, last + 1))
        told = [each.auto_deleverage for each in found if each.HasField("auto_deleverage")]
        assert len(told) == wave.PAIRS
        assert sum(each.loss_atoms for each in told) == 10 * sum(wave.LONGS.values())
        wire.check_money(client)


def open_wave(client: Client) -> None:
    """Open the venue of the wave over the wire, in batches."""
    wire.open_venue(client, ())
    wire.mark(client, wave.MARK)
    opening = [(buyer, seller, wave.MARK, lots) for buyer, seller, lots in wave.trades()]
    batches = [
        requests.submit_deposits("wave", 1, *wave.deposits()),
        requests.submit_trades("wave", 2, *opening),
    ]
    answers: list[risk_pb.SubmitResponse] = list(
        client.risk.Submit(iter(batches), timeout=WAIT_SECONDS)
    )
    results: list[common_pb2.CommandResult] = [answer.result for answer in answers]
    assert [wire.accepted(result).applied_rows for result in results] == [5_300, len(opening)]
