"""The whole way: trades and marks go in, instructions come out, and money is conserved."""

import pytest

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.instructions_pb2 import (
    LIQUIDATION_OUTCOME_DONE,
    LIQUIDATION_OUTCOME_EXPIRED,
    LIQUIDATION_OUTCOME_FILLED,
)
from tests.e2e import venue
from tests.e2e.server import Client
from tests.service import requests

pytestmark = pytest.mark.e2e

LEVERED, MAKER, BIDDER = 1, 2, 3


def bodies(client: Client, first: int) -> list[str | None]:
    last = client.state().instruction_sequence
    return [each.WhichOneof("body") for each in venue.instructions(client, first, last)]


def test_a_crash_leads_to_an_order_that_is_filled(client: Client) -> None:
    deposits = ((LEVERED, 100_000), (MAKER, 10_000_000), (BIDDER, 10_000_000))
    venue.open_venue(client, deposits, fund_atoms=1_000_000)
    venue.trade(client, (LEVERED, MAKER, 10_000, 100))
    before = venue.account(client, LEVERED)
    assert before.margin.equity_atoms == 100_000
    assert before.margin.maintenance_atoms == 50_000
    # equity(p) = 100,000 - 100 (10,000 - p) < 0.05 * 100 p from p = 9,473 downward
    assert before.positions[0].liquidation_price_ticks == 9_473
    venue.mark(client, 9_474)
    assert venue.account(client, LEVERED).state == common_pb2.ACCOUNT_STATE_MARGIN_CALL
    venue.mark(client, 9_473)
    found = venue.instructions(client, 1, 3)
    assert [each.WhichOneof("body") for each in found] == [
        "margin_call",
        "cancel_orders",
        "liquidation_order",
    ]
    order = found[2].liquidation_order
    assert (order.account_id, order.side) == (LEVERED, common_pb2.SIDE_SHORT)
    assert order.evidence.equity_atoms == 100_000 - 100 * 527
    assert order.evidence.maintenance_atoms == 47_365
    filled = (BIDDER, LEVERED, 9_470, order.size_lots)
    venue.trade(client, filled, liquidation_id=order.liquidation_id)
    found = venue.instructions(client, 4, client.state().instruction_sequence)
    assert [each.WhichOneof("body") for each in found] == [
        "liquidation_fill",
        "liquidation_order_ended",
        "liquidation_ended",
    ]
    assert found[1].liquidation_order_ended.outcome == LIQUIDATION_OUTCOME_FILLED
    after = venue.account(client, LEVERED)
    assert after.positions[0].size_lots == 100 - order.size_lots
    assert after.state in (common_pb2.ACCOUNT_STATE_NORMAL, common_pb2.ACCOUNT_STATE_MARGIN_CALL)
    venue.check_money(client)


def test_what_an_order_leaves_unfilled_goes_to_the_fund(client: Client) -> None:
    venue.open_venue(client, ((LEVERED, 100_000), (MAKER, 10_000_000)), fund_atoms=10_000_000)
    venue.trade(client, (LEVERED, MAKER, 10_000, 100))
    venue.mark(client, 9_450)
    order = venue.instructions(client, 1, 2)[1].liquidation_order
    report = client.risk.ReportLiquidations(requests.report(order.liquidation_id))
    venue.accepted(report.result)
    ended, taken = venue.instructions(client, 3, 4)[:2]
    assert ended.liquidation_order_ended.outcome == LIQUIDATION_OUTCOME_DONE
    assert ended.liquidation_order_ended.unfilled_lots == order.size_lots
    assert taken.take_over.size_lots == order.size_lots
    fund = venue.account(client, taken.take_over.fund_account_id)
    assert fund.positions[0].size_lots == order.size_lots
    venue.check_money(client)


def test_below_the_take_over_level_the_fund_takes_all_at_once(client: Client) -> None:
    venue.open_venue(client, ((LEVERED, 100_000), (MAKER, 10_000_000)), fund_atoms=10_000_000)
    venue.trade(client, (LEVERED, MAKER, 10_000, 100))
    # equity 30,000 < 2/3 of maintenance 46,500
    venue.mark(client, 9_300)
    assert bodies(client, 1) == ["cancel_orders", "take_over", "liquidation_ended"]
    assert not venue.account(client, LEVERED).positions
    venue.check_money(client)


def test_a_gap_below_bankruptcy_without_a_fund_deleverages_the_winner(client: Client) -> None:
    venue.open_venue(client, ((LEVERED, 100_000), (MAKER, 10_000_000)))
    venue.trade(client, (LEVERED, MAKER, 10_000, 100))
    venue.mark(client, 8_000)
    assert bodies(client, 1) == [
        "cancel_orders",
        "auto_deleverage",
        "loss_allocation",
        "liquidation_ended",
    ]
    closed = venue.instructions(client, 2, 2)[0].auto_deleverage
    assert (closed.account_id, closed.counterparty_account_id) == (LEVERED, MAKER)
    assert closed.size_lots == 100
    # The price at which equity is zero: 10,000 - 100,000 / 100 = 9,000
    assert closed.price_ticks == 9_000
    assert not venue.account(client, LEVERED).positions
    assert not venue.account(client, MAKER).positions
    assert venue.account(client, LEVERED).margin.balance_atoms == 0
    assert venue.account(client, MAKER).margin.balance_atoms == 10_100_000
    venue.check_money(client)


def test_a_planned_order_is_checked_against_margin(client: Client) -> None:
    venue.open_venue(client, ((LEVERED, 100_000),))

    def check(size_lots: int) -> risk_pb.CheckOrderResponse:
        return client.risk.CheckOrder(
            risk_pb.CheckOrderRequest(
                account_id=LEVERED,
                market_id=requests.MARKET,
                side=common_pb2.SIDE_LONG,
                size_lots=size_lots,
                price_ticks=10_000,
            )
        )

    assert check(100).accepted
    refused = check(101)
    assert not refused.accepted
    assert refused.rejection.reason == common_pb2.REJECT_REASON_INSUFFICIENT_MARGIN
    assert refused.initial_after_atoms == 101_000


def test_a_deadline_passes_in_a_quiet_market(client: Client) -> None:
    deposits = ((LEVERED, 100_000), (MAKER, 10_000_000))
    venue.open_venue(client, deposits, fund_atoms=10_000_000, timeout_millis=50)
    venue.trade(client, (LEVERED, MAKER, 10_000, 100))
    venue.mark(client, 9_450)
    ended, taken = venue.instructions(client, 3, 4)[:2]
    assert ended.liquidation_order_ended.outcome == LIQUIDATION_OUTCOME_EXPIRED
    assert taken.WhichOneof("body") == "take_over"
    venue.check_money(client)


def set_terms(client: Client, second_term_millis: int) -> None:
    """Give orders a second term, and keep those that ended for an hour."""
    parameters = client.state().parameters
    parameters.second_term_millis = second_term_millis
    parameters.late_fill_millis = 3_600_000
    request = admin_pb.SetRiskParametersRequest(parameters=parameters)
    venue.accepted(client.admin.SetRiskParameters(request).result)


def test_an_order_is_cancelled_before_it_ends(client: Client) -> None:
    deposits = ((LEVERED, 100_000), (MAKER, 10_000_000))
    venue.open_venue(client, deposits, fund_atoms=10_000_000, timeout_millis=50)
    set_terms(client, 3_600_000)
    venue.trade(client, (LEVERED, MAKER, 10_000, 100))
    venue.mark(client, 9_450)
    (told,) = venue.instructions(client, 3, 3)
    cancelled = told.cancel_liquidation_order
    (listed,) = client.risk.ListLiquidations(risk_pb.ListLiquidationsRequest()).liquidations
    assert (listed.cancelling, listed.liquidation_id) == (True, cancelled.liquidation_id)
    assert listed.deadline_nanos == cancelled.deadline_nanos == told.time_nanos + 3_600 * 10**9
    assert listed.size_lots == cancelled.unfilled_lots


def test_a_late_fill_makes_the_fund_flat_in_what_it_took(client: Client) -> None:
    deposits = ((LEVERED, 100_000), (MAKER, 10_000_000))
    venue.open_venue(client, deposits, fund_atoms=10_000_000, timeout_millis=50)
    set_terms(client, 50)
    venue.trade(client, (LEVERED, MAKER, 10_000, 100))
    venue.mark(client, 9_450)
    cancelled, ended, taken = venue.instructions(client, 3, 5)[:3]
    assert cancelled.WhichOneof("body") == "cancel_liquidation_order"
    assert ended.liquidation_order_ended.outcome == LIQUIDATION_OUTCOME_EXPIRED
    lots, held = taken.take_over.size_lots, venue.account(client, LEVERED).positions
    number = cancelled.cancel_liquidation_order.liquidation_id
    venue.trade(client, (MAKER, LEVERED, 9_450, lots), liquidation_id=number)
    last = client.state().instruction_sequence
    late = venue.instructions(client, last, last)[0].late_fill
    assert (late.account_id, late.liquidation_id, late.size_lots) == (LEVERED, number, lots)
    assert late.fund_account_id == taken.take_over.fund_account_id
    assert not venue.account(client, late.fund_account_id).positions
    assert venue.account(client, LEVERED).positions == held
    venue.check_money(client)
