"""The names that the core shares with others: the contract, its own stubs, its own structs."""

import ast
import importlib
import re
from enum import IntEnum
from pathlib import Path

import pytest

from riskengine.api.v1 import (
    account_service_pb2,
    admin_service_pb2,
    columns_pb2,
    common_pb2,
    instructions_pb2,
    risk_service_pb2,
)
from riskengine.core import enums
from riskengine.core.enums import EventKind, LiquidationOutcome, LossPolicy, Side
from riskengine.core.types import Event
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import FUND_ACCOUNT, Driver, only

CORE = Path(enums.__file__).parent
FILES = [
    module.DESCRIPTOR
    for module in (
        account_service_pb2,
        admin_service_pb2,
        columns_pb2,
        common_pb2,
        instructions_pb2,
        risk_service_pb2,
    )
]
FACES: list[type[IntEnum]] = [
    face
    for face in vars(enums).values()
    if isinstance(face, type) and issubclass(face, IntEnum) and face is not IntEnum
]
OF_THE_CORE_ALONE = {"EventKind", "Stage"}


def contract_enum(name: str) -> dict[str, int]:
    """Return the numbers of an enum of the contract by name."""
    found = next(file.enum_types_by_name[name] for file in FILES if name in file.enum_types_by_name)
    return {value.name: value.number for value in found.values}


def stub(name: str) -> ast.Module:
    return ast.parse((CORE / f"{name}.pyi").read_text())


@pytest.mark.parametrize("face", [face for face in FACES if face.__name__ not in OF_THE_CORE_ALONE])
def test_enum_equals_that_of_the_contract(face: type[IntEnum]) -> None:
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", face.__name__).upper() + "_"
    assert {prefix + member.name: member.value for member in face} == contract_enum(face.__name__)


def test_event_kinds_are_the_fields_of_an_instruction() -> None:
    body = instructions_pb2.Instruction.DESCRIPTOR.oneofs_by_name["body"]
    assert {kind.name.lower(): kind.value for kind in EventKind} == {
        field.name: field.number for field in body.fields
    }


def test_enum_stubs_equal_the_enums() -> None:
    declared = {
        node.name: {
            item.targets[0].id: ast.literal_eval(item.value)
            for item in node.body
            if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)
        }
        for node in stub("enums").body
        if isinstance(node, ast.ClassDef)
    }
    assert declared == {
        face.__name__: {member.name: member.value for member in face} for face in FACES
    }


def test_refused_fields_are_fields_of_the_contract() -> None:
    contract = {
        field.name
        for file in FILES
        for message in file.message_types_by_name.values()
        for field in message.fields
    }
    codes = importlib.import_module("riskengine.core.base.codes")
    fields = {field.name.removeprefix("FIELD_").lower() for field in codes.Field} - {"none"}
    assert fields <= contract


def test_event_struct_has_the_order_of_the_tuple() -> None:
    """A liquidation order has a distinct value in every field that it uses."""
    driver = Driver()
    driver.market(3, liquidation_slice_lots=7, discount_ppm=20_000)
    driver.market(4)
    driver.marks({3: 200, 4: 100})
    driver.deposit(11, 600)
    driver.deposit(12, 10**6)
    driver.trade(11, 12, 20, 200, market_id=3)
    driver.time_nanos = 5_000
    # E = 600 - 20 * 20 = 200 and M = 20 * 180 * 5 % = 180: only a warning.
    assert only(driver.mark(180, market_id=3), EventKind.MARGIN_CALL).account_id == 11
    driver.time_nanos = 6_000
    # E = 180, M = 179.
    assert driver.mark(179, market_id=3) == []
    # E = 160, M = 178; kept 17 lots: 1.05 * 152 <= 160; Q = 3 * 178 - floor(160 * 26 / 178) = 511,
    # or 171 a lot; 2 % below the mark is 174.44.
    event = only(driver.mark(178, market_id=3), EventKind.LIQUIDATION_ORDER)
    assert event == Event(
        kind=EventKind.LIQUIDATION_ORDER,
        instruction_sequence=3,
        sequence=driver.engine.sequence,
        time_nanos=6_000,
        account_id=11,
        asset_id=1,
        isolated_market_id=0,
        market_id=3,
        fund_id=0,
        liquidation_id=1,
        attempt=1,
        counterparty_account_id=0,
        side=Side.SHORT,
        size_lots=3,
        needed_lots=0,
        stated_lots=0,
        price_ticks=175,
        quote_atoms=0,
        amount_atoms=0,
        fee_atoms=0,
        discount_atoms=0,
        haircut_atoms=0,
        loss_atoms=0,
        deadline_nanos=6_000 + 1_000 * NANOS_PER_MILLI,
        score_ppm=0,
        rank=0,
        policy=0,
        outcome=0,
        state=0,
        sliced=0,
        payer=0,
        left_atoms=0,
        touched_accounts=0,
        skipped_accounts=0,
        mark_price_ticks=178,
        equity_atoms=160,
        maintenance_atoms=178,
        position_lots=20,
        tier=0,
    )


def test_every_field_of_an_event_is_where_it_belongs() -> None:
    """Allocation, deleveraging, take-over and the end of an order cover the other fields."""
    driver = Driver()
    driver.market(tiers=[(0, 100_000, 50_000), (1_500, 200_000, 60_000)], liquidation_fee_ppm=900)
    driver.mark(200)
    driver.deposit(1, 600)
    driver.deposit(2, 10**5)
    driver.trade(1, 2, 20, 200)
    fork = driver.fork()
    fork.fund_deposit(10**4)

    # E = 600 - 20 * 32 = -40: closed at once, at 168; the mark took 640, so 2 pays the 40.
    events = driver.mark(168)
    closed = only(events, EventKind.AUTO_DELEVERAGE)
    assert (closed.account_id, closed.counterparty_account_id) == (1, 2)
    assert (closed.side, closed.size_lots, closed.price_ticks) == (Side.SHORT, 20, 170)
    assert (closed.quote_atoms, closed.rank, closed.policy) == (-3_400, 1, LossPolicy.QUEUE)
    # profit 640 / 4000 = 16 %, leverage 3360 / 100640 = 3.3386 %.
    assert closed.score_ppm == 160_000 * 33_386 // 10**6
    assert (closed.position_lots, closed.tier) == (-20, 1)
    assert (closed.equity_atoms, closed.maintenance_atoms) == (100_640, 187)
    loss = only(events, EventKind.LOSS_ALLOCATION)
    assert (loss.side, loss.policy, loss.needed_lots) == (Side.LONG, LossPolicy.QUEUE, 20)
    assert (loss.size_lots, loss.touched_accounts, loss.skipped_accounts) == (20, 1, 0)
    assert (loss.quote_atoms, loss.amount_atoms, loss.discount_atoms) == (3_360, 0, 0)
    assert (closed.loss_atoms, loss.loss_atoms, loss.haircut_atoms) == (40, 40, 40)
    assert (loss.equity_atoms, loss.maintenance_atoms) == (-40, 187)

    events = fork.mark(168)
    taken = only(events, EventKind.TAKE_OVER)
    assert (taken.fund_id, taken.counterparty_account_id) == (1, FUND_ACCOUNT + 1)
    assert (taken.side, taken.size_lots, taken.quote_atoms) == (Side.LONG, 20, 3_360)
    assert only(events, EventKind.INSURANCE_PAYOUT).amount_atoms == 40
    assert only(events, EventKind.LIQUIDATION_ENDED).state == enums.AccountState.NORMAL


def test_the_end_of_an_order_reports_what_was_left() -> None:
    driver = Driver()
    driver.market(liquidation_slice_lots=2)
    driver.mark(100)
    driver.deposit(1, 105)
    driver.deposit(2, 10**5)
    driver.trade(1, 2, 10, 100)
    # E = 105 - 70 = 35, M = ceil(46.5); 7 lots may stay, 1.05 * 33 <= 35: 3 to close, cut to 2.
    order = only(driver.mark(93), EventKind.LIQUIDATION_ORDER)
    assert (order.size_lots, order.sliced) == (2, 1)
    driver.trade(2, 1, 1, 93, fills=1)
    ended = only(driver.report(1), EventKind.LIQUIDATION_ORDER_ENDED)
    assert (ended.liquidation_id, ended.size_lots, ended.needed_lots) == (1, 1, 1)
    assert ended.outcome == LiquidationOutcome.DONE
