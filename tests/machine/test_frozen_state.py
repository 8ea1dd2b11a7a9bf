"""What a frozen state tells: every field that is carried, or why not, and of whom it is asked."""

from collections.abc import Callable
from random import Random

import numpy as np
import pytest

from riskengine.api.v1.state_pb2 import StateHead, StreamStateResponse
from riskengine.core.engine import Engine
from riskengine.core.enums import LossPolicy, PositionUpdateMode
from riskengine.machine.frozen_state import FrozenState, unframed
from riskengine.machine.view import ViewError
from riskengine.service.views import state_head
from tests.core import test_hashed as hashed
from tests.core.crash import crash, kept, rich
from tests.core.driver import FUND_ACCOUNT, MARKET, Driver
from tests.core.test_hashed import SYMBOLS, Case, changed, elements, values_of
from tests.machine.told import Told, narrowed, of_dump, read, split
from tests.pieces import go_on

NOT_TOLD = {
    "Books": {
        "timers_made": "order of timers",
        "noted_slot": "that of the head's time, unless the venue is being loaded",
        "retention.client_count": "GetState has it",
        "retention.answer_count": "GetState has it",
        "retention.answer_bytes": "GetState has it",
        "retention.instruction_count": "GetState has it",
        "retention.caller_client_count": "GetState has it",
        "retention.client_idle_millis": "GetState has it",
    },
    "Asset": {
        "net_deposits_atoms": "GetState's conservation has it",
        "fees_atoms": "GetState's conservation has it",
        "carried_in_atoms": "GetState's conservation has it",
        "reserved_atoms": "the sum of the reservations",
    },
    "Market": {
        "now.outside_lots": "imbalance_lots of the head says it, by the positions",
        "now.outside_cost_atoms": "GetState's conservation has it, in a sum",
        "now.awaits_mark": "how the engine goes on by itself",
    },
    "Account": {
        "kind": "a fund's account is known by its id",
    },
    "Attempt": {
        "retry_nanos": "how the engine goes on by itself",
        "asked": "how the engine goes on by itself",
    },
    "Leg": {},
    "LiquidationOrder": {},
    "EndedOrder": dict.fromkeys(
        hashed.HASHED["EndedOrder"], "late fills are told from what the venue itself knows"
    ),
    "Timer": dict.fromkeys(
        ("time_nanos", "made", "subject", "asset", "isolated_market", "kind"),
        "deadlines stand with their orders, retries are the engine's",
    ),
    "FundWindow": {
        "is_stopped": "the head says whether it would be, if that were decided now",
        "stop_peak_atoms": "how the engine goes on by itself",
    },
    "MarketPayouts": {},
    "Debtor": {
        "since_nanos": "how the engine goes on by itself",
        "due_nanos": "how the engine goes on by itself",
        "account": "its state says that it is one",
    },
    "Reservation": {},
}
"""Carried, and not told in a state stream; why."""

CARRIED = [
    Case(struct, field) for struct, fields in hashed.HASHED.items() for field in sorted(fields)
]


@pytest.fixture(scope="module")
def driver() -> Driver:
    return kept()


def chosen(driver: Driver, struct: str) -> memoryview:
    """Return the element whose fields are changed; of the orders one that is told."""
    if struct != "LiquidationOrder":
        return hashed.chosen(driver, struct)
    return next(
        memory
        for memory in elements(driver, struct)
        if (values := values_of(struct, memory))["liquidation_id"] and not values["outcome"]
    )


def messages_of(engine: Engine) -> list[bytes]:
    """Return all messages of a state, serialised."""
    frozen = FrozenState(engine)
    rows = list(frozen.rows())
    frozen.close()
    return [state_head(frozen, "0123456789abcdef"), *rows]


def all_told(engine: Engine) -> tuple[StateHead, Told]:
    return split(map(StreamStateResponse.FromString, messages_of(engine)))


def test_a_field_that_is_not_told_is_one_that_is_carried() -> None:
    assert NOT_TOLD.keys() == hashed.HASHED.keys()
    for struct, fields in NOT_TOLD.items():
        assert fields.keys() <= hashed.HASHED[struct], struct


@pytest.mark.release_form  # the head asks about margin, which may not be had of impossible books
@pytest.mark.parametrize("case", CARRIED, ids=".".join)
def test_every_field_that_is_carried_is_told_or_not_for_a_reason(
    driver: Driver, case: Case
) -> None:
    memory = chosen(driver, case.struct)
    before = messages_of(driver.engine)
    is_told = case.field not in NOT_TOLD[case.struct]
    for leaf, value in case.changes(memory):
        if case.field in SYMBOLS and leaf.places != (0,):
            continue  # behind its end a symbol shows nothing
        with changed(memory, leaf, value):
            assert (messages_of(driver.engine) != before) == is_told, leaf
    assert messages_of(driver.engine) == before


@pytest.mark.parametrize("build", [Engine, lambda: crash().engine, lambda: rich().engine])
def test_all_accounts_positions_and_open_orders_are_told(build: Callable[[], Engine]) -> None:
    engine = build()
    assert read(engine) == of_dump(engine)


def test_the_head_is_what_questions_are_answered(driver: Driver) -> None:
    engine = driver.engine
    head, _ = all_told(engine)
    assert (head.sequence, head.time_nanos) == (engine.sequence, engine.time_nanos)
    assert head.next_instruction_sequence == engine.instruction_sequence + 1
    assert [market.mark_price_ticks for market in head.markets] == [
        view.mark_price_ticks for view in engine.markets()
    ]
    assert [market.market.symbol for market in head.markets] == ["M"] * 5
    assert [fund.balance_atoms for fund in head.funds] == [
        view.balance_atoms for view in engine.funds()
    ]
    assert [asset.symbol for asset in head.assets] == ["USD", "EUR"]
    assert head.parameters.margin_call_ppm == engine.parameters.margin_call_ppm


def test_a_market_without_a_mark_has_none_in_the_head() -> None:
    driver = Driver()
    driver.market(7)
    head, told = all_told(driver.engine)
    assert [(m.market.market_id, m.mark_price_ticks) for m in head.markets] == [(7, 0)]
    assert told == of_dump(driver.engine)


@pytest.mark.parametrize(
    ("market_ids", "account_ids"),
    [
        ((1,), ()),
        ((2, 5), ()),
        ((), (8,)),
        ((), (5, 11, FUND_ACCOUNT + 1, 5)),
        ((1, 3), (8, 11)),
        ((4,), (5,)),
        ((1, 2, 3, 4, 5), ()),
    ],
)
def test_only_what_is_asked_for_is_told(
    driver: Driver, market_ids: tuple[int, ...], account_ids: tuple[int, ...]
) -> None:
    told = read(driver.engine, market_ids=market_ids, account_ids=account_ids)
    assert told == narrowed(of_dump(driver.engine), market_ids, account_ids)
    assert told.accounts or (market_ids, account_ids) == ((4,), (5,))


def test_the_state_is_told_as_it_was(driver: Driver) -> None:
    fork = driver.fork()
    before = of_dump(fork.engine)
    frozen = FrozenState(fork.engine)
    fork.mark(50)
    fork.deposit(99, 5)
    messages = map(StreamStateResponse.FromString, frozen.rows())
    rows = [message.rows for message in messages]
    frozen.close()
    assert [name for row in rows for name in row.accounts.account_id] == [
        name[0] for name in before.accounts
    ]
    assert read(fork.engine) == of_dump(fork.engine) != before


def crowd(count: int) -> Engine:
    """Return many accounts, each long of market 1, of which the mark has all liquidated."""
    engine = Engine()
    engine.create_asset(1, 1, "USD", 0)
    engine.create_fund(1, 1, 1)
    engine.set_market(1, MARKET._replace(loss_policy=LossPolicy.PRO_RATA))
    engine.mark_prices(1, np.array([1]), np.array([1_000]))
    ids = np.arange(1, count + 1, dtype=np.int64)
    ones, sizes = np.ones_like(ids), ids % 97 + 1
    assert engine.deposits(1, ids, ones, sizes * 200).applied_rows == count
    prices = np.full_like(ids, 1_000)
    updates = (ids, ones, sizes, prices)
    assert engine.position_updates(1, PositionUpdateMode.DELTA, *updates).applied_rows == count
    engine.mark_prices(2, np.array([1]), np.array([840]))
    go_on(engine)
    assert engine.open_liquidation_count == count
    return engine


def test_many_rows_come_in_several_messages() -> None:
    engine = crowd(10_000)
    told = read(engine)
    assert len(told.accounts) == 10_001
    assert len(told.orders) == 10_000
    assert told == of_dump(engine)


def framed(messages: list[bytes]) -> bytes:
    return b"".join(len(message).to_bytes(4, "little") + message for message in messages)


def test_messages_are_found_however_their_bytes_come() -> None:
    rng = Random(3)
    messages = [rng.randbytes(rng.choice((0, 1, 3, 500))) for _ in range(60)]
    data = framed(messages)
    for _ in range(50):
        cuts = sorted(rng.sample(range(1, len(data)), rng.randint(1, 40)))
        pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        assert list(unframed(pieces)) == messages


@pytest.mark.parametrize("missing", [1, 3, 5])
def test_a_message_that_is_cut_off_is_no_end(missing: int) -> None:
    data = framed([b"abc", b"def"])[:-missing]
    with pytest.raises(ViewError, match="no whole message"):
        list(unframed([data]))


def test_who_gives_up_leaves_the_reader_an_error() -> None:
    frozen = FrozenState(crowd(60_000))
    frozen.give_up()
    with pytest.raises(ViewError, match="-9"):
        list(frozen.rows())
    frozen.close()
