"""What the state hash contains: every field of the books, hashed or not and then why not.

Each is changed where it lies in an engine's memory, in a state that has some of everything.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from riskengine.core.face.testing import memory_of
from tests.core.crash import kept
from tests.core.driver import Driver
from tests.core.structs import Leaf, declared, leaves, plain, size

STRUCTS = declared("books/market.pxd", "books/books.pxd")

HASHED = {
    "Books": {
        *("time_nanos", "instruction_sequence", "last_liquidation_id", "timers_made"),
        *("parameters.margin_call_ppm", "parameters.liquidation_buffer_ppm"),
        *("parameters.take_over_ppm", "parameters.margin_call_clear_ppm"),
        *("parameters.withdrawal_margin_ppm", "parameters.gate_floor_units"),
        *("parameters.gate_ppm", "parameters.fund_market_notional_ppm"),
        *("parameters.fund_notional_ppm", "parameters.fund_drawdown_ppm"),
        *("parameters.fund_resume_ppm", "noted_slot"),
        *("parameters.second_term_millis", "parameters.late_fill_millis"),
        *("parameters.spread_after_millis", "parameters.work_units", "parameters.max_reservations"),
        *("retention.client_count", "retention.answer_count", "retention.answer_bytes"),
        *("retention.instruction_count", "retention.caller_client_count"),
        *("retention.client_idle_millis", "venue_mode"),
    },
    "Asset": {
        *("asset_id", "exponent", "symbol", "net_deposits_atoms", "fees_atoms"),
        *("carried_in_atoms", "reserved_atoms"),
    },
    "Market": {
        *("now.mark_price_ticks", "now.outside_lots", "now.outside_cost_atoms"),
        *("rules.market_id", "rules.asset_id", "rules.fund_id", "rules.tier_count"),
        *("rules.tick_exponent", "rules.lot_exponent", "rules.price_step_ticks"),
        *("rules.size_step_lots", "rules.max_price_ticks", "rules.max_position_lots"),
        *("rules.liquidation_fee_ppm", "rules.liquidation_timeout_millis"),
        *("rules.liquidation_slice_lots", "rules.liquidation_cooldown_millis"),
        *("rules.dust_notional_atoms", "rules.loss_policy", "rules.reprices_trades"),
        *("rules.tiers.floor_atoms", "rules.tiers.initial_rate_ppm", "rules.inventory_ppm"),
        *("rules.tiers.maintenance_rate_ppm", "rules.symbol", "rules.order_band_ppm"),
        *("rules.discount_ppm", "rules.book_attempts", "rules.fund_share_ppm", "now.awaits_mark"),
    },
    "Account": {
        *("account_id", "balance_atoms", "net_deposits_atoms", "asset", "isolated_market"),
        *("debt_market", "state", "kind"),
    },
    "Attempt": {"retry_nanos", "asked"},
    "Leg": {"size_lots", "cost_atoms", "market"},
    "LiquidationOrder": {
        *("liquidation_id", "size_lots", "filled_lots", "limit_price_ticks", "deadline_nanos"),
        *("market", "side", "outcome", "sliced", "attempt", "cancelling"),
    },
    "EndedOrder": {
        *("liquidation_id", "account_id", "asset", "isolated_market", "market", "side"),
        *("limit_price_ticks", "unfilled_lots", "moved_lots", "end_nanos", "next_liquidation_id"),
    },
    "Timer": {"time_nanos", "made", "subject", "asset", "isolated_market", "kind"},
    "FundWindow": {"is_stopped", "stop_peak_atoms", "peak_atoms"},
    "MarketPayouts": {"paid_atoms"},
    "Debtor": {"since_nanos", "due_nanos", "account"},
    "Reservation": {"reservation_id", "amount_atoms", "account"},
}

FOLLOWED = {
    "Account": {"first_leg": "I7", "attempt": "I20"},
    "Attempt": {"first_order": "I9"},
    "Leg": {"next_leg": "I7"},
    "LiquidationOrder": {"next_order": "I9"},
}
"""Links: the hash has what they lead to, and they are cut to show it; what finds the cut."""

NOT_HASHED = {
    "Books": {"open_orders": "I9: sum over the attempts", "sequence": "CM-8: of the log"},
    "Asset": {},
    "Market": {
        "now.unit_value_atoms": "I22: mark times multiplier",
        **dict.fromkeys(("now.long_lots", "now.short_lots"), "I4: sum over the legs"),
        "now.previous_unit_value_atoms": "what a lot was worth before a running command's mark",
        "now.marked_sequence": "which marks the rankings have seen, and a running command has set",
        "rules.multiplier_atoms": "I22: of the exponents",
        **dict.fromkeys(("rules.asset", "rules.fund_account"), "I22: where its id is"),
        "rules.tiers.initial_deduction": "I22: of floors and rates",
        "rules.tiers.maintenance_deduction": "I22: of floors and rates",
    },
    "Account": {
        "next_account": "I16: of the names",
        "leg_count": "I7: how many are on its list",
        **dict.fromkeys(("touched", "stale"), "I8: 0 between commands"),
        "version": "counts changes, to be compared with what was noted beside the books",
        "logged_round": "place in what was noted beside the books",
    },
    "Attempt": {"account": "I20: whose attempt it is", "open_orders": "I9: sum over the orders"},
    "Leg": {"account": "I6: on whose list it is", "market_slot": "I2: of the directory"},
    "LiquidationOrder": {"account": "I9: on whose list it is"},
    "Reservation": {"next_reservation": "I27: the list of its account"},
    **{name: {} for name in ("EndedOrder", "Timer", "FundWindow", "MarketPayouts", "Debtor")},
}
"""Why: an invariant that says what it is derived from, or what it is for within the core."""

ARRAYS = {
    "assets": "Asset",
    "markets": "Market",
    "accounts": "Account",
    "attempts": "Attempt",
    "legs": "Leg",
    "orders": "LiquidationOrder",
    "ended_orders": "EndedOrder",
    "timers": "Timer",
    "fund_windows": "FundWindow",
    "market_payouts": "MarketPayouts",
    "debtors": "Debtor",
    "reservations": "Reservation",
}
INDICES = {"fund_accounts"}
"""Lists of accounts that are not hashed: funds follow from their kind (I23)."""

DIRECTORY = {
    "account_index": "I16",
    **dict.fromkeys(("market_index", "fund_index", "order_slots"), "I23"),
    **dict.fromkeys(("oldest_liquidation_id", "ended_index", "first_ended"), "I23"),
    "market_legs": "I1, I2",
    "reservation_index": "I27",
    **dict.fromkeys(("free_accounts", "free_legs", "free_orders"), "I10"),
    **dict.fromkeys(("free_attempts", "free_reservations"), "I10"),
}
"""Where things are: found again from the rest, as these invariants say."""

CUT = -1
CHANGED = {
    "Account": {"asset": 0, "isolated_market": 0, "debt_market": 0, "next_account": CUT},
    "Leg": {"market": 0},
    "LiquidationOrder": {"market": 0},
    "EndedOrder": {"asset": 0, "isolated_market": 0, "market": 0},
    "Timer": {"asset": 1, "isolated_market": 0},
    "Debtor": {"account": 2},
    "Reservation": {"account": 2},
}
"""What is put into an index, so that it stays one; of other words the lowest bit is turned."""
WORD_BITS = 64

SYMBOLS = {"symbol", "rules.symbol"}
FREE = {"Account": "account_id", "Attempt": "account", "Leg": "account"}
"""What says that a slot is free, by 0 or less."""

Values = dict[str, int]


class Case(NamedTuple):
    struct: str
    field: str

    @property
    def hashed(self) -> bool:
        return self.field in HASHED[self.struct] or self.field in FOLLOWED.get(self.struct, {})

    @property
    def invariant(self) -> str:
        """Return the number of the invariant that says what the field is, or nothing."""
        why = FOLLOWED.get(self.struct, {}).get(self.field)
        why = why or NOT_HASHED[self.struct].get(self.field, "")
        number = why.split(":")[0]
        return number if number[1:].isdecimal() else ""

    def changes(self, memory: memoryview) -> Iterator[tuple[Leaf, int]]:
        """Yield each of the field's numbers, with what it is to be instead."""
        for leaf in places(self, memory):
            if self.field in FOLLOWED.get(self.struct, {}):
                yield leaf, CUT
            elif self.field in CHANGED.get(self.struct, {}):
                yield leaf, CHANGED[self.struct][self.field]
            else:
                for bit in range(0, 8 * leaf.size, WORD_BITS):
                    yield leaf, leaf.read(memory) ^ (1 << bit)


CASES = [
    Case(struct, field)
    for struct in HASHED
    for field in dict.fromkeys(leaf.field for leaf in leaves(STRUCTS, struct))
]
DERIVED = [case for case in CASES if case.invariant]

LEADS_TO = {
    Case("Books", "last_liquidation_id"): "I23",
    Case("Market", "rules.market_id"): "I23",
    Case("Account", "account_id"): "I16",
    Case("LiquidationOrder", "liquidation_id"): "I23",
    Case("EndedOrder", "liquidation_id"): "I23",
}
"""Ids that the directory leads from."""

CHOSEN: dict[str, Callable[[Values], bool]] = {
    "Market": lambda values: values["rules.market_id"] == 3,
    "Account": lambda values: values["attempt"] >= 0 and values["next_account"] >= 0,
    "Attempt": lambda values: values["open_orders"] > 0,
    "Leg": lambda values: values["account"] >= 0 and values["next_leg"] >= 0,
    "LiquidationOrder": lambda values: values["next_order"] >= 0,
    "Timer": lambda values: values["asset"] == 0,
}
"""The element of an array whose fields are changed; else the first."""


@pytest.fixture(scope="module")
def driver() -> Driver:
    return kept()


def elements(driver: Driver, struct: str) -> list[memoryview]:
    name = next((array for array, of in ARRAYS.items() if of == struct), "books")
    return memory_of(driver.engine, name)


def values_of(struct: str, memory: memoryview) -> Values:
    return {leaf.field: leaf.read(memory) for leaf in leaves(STRUCTS, struct)}


def chosen(driver: Driver, struct: str) -> memoryview:
    found = elements(driver, struct)
    if struct not in CHOSEN:
        return found[0]
    return next(memory for memory in found if CHOSEN[struct](values_of(struct, memory)))


def places(case: Case, memory: memoryview) -> list[Leaf]:
    """Return the numbers that the field is, without those of tiers that there are not."""
    tiers = values_of(case.struct, memory).get("rules.tier_count", 0)
    return [
        leaf
        for leaf in leaves(STRUCTS, case.struct)
        if leaf.field == case.field
        and not (case.field.startswith("rules.tiers.") and leaf.places[0] >= tiers)
    ]


@contextmanager
def changed(memory: memoryview, leaf: Leaf, value: int) -> Iterator[None]:
    before = leaf.read(memory)
    assert value != before
    leaf.write(memory, value)
    try:
        yield
    finally:
        leaf.write(memory, before)


@contextmanager
def put(memory: memoryview, content: bytes) -> Iterator[None]:
    before = bytes(memory)
    memory[:] = content
    try:
        yield
    finally:
        memory[:] = before


@contextmanager
def first_two_exchanged(driver: Driver, name: str) -> Iterator[None]:
    first, second = memory_of(driver.engine, name)[:2]
    was_first, was_second = bytes(first), bytes(second)
    with put(first, was_second), put(second, was_first):
        yield


def test_every_field_of_the_books_is_hashed_or_not_for_a_reason() -> None:
    for struct, hashed in HASHED.items():
        sets = [hashed, FOLLOWED.get(struct, {}).keys(), NOT_HASHED[struct].keys()]
        together = [field for fields in sets for field in fields]
        assert sorted(together) == sorted({leaf.field for leaf in leaves(STRUCTS, struct)}), struct


def test_every_array_of_the_books_is_hashed_or_not_for_a_reason() -> None:
    arrays = {field.name for field in STRUCTS["Books"]} - {f.name for f in plain(STRUCTS, "Books")}
    assert arrays == {*ARRAYS, *INDICES, "directory"}
    assert {field.name for field in STRUCTS["Directory"]} == DIRECTORY.keys()


@pytest.mark.parametrize("struct", HASHED)
def test_structs_are_read_as_the_compiler_lays_them_out(driver: Driver, struct: str) -> None:
    assert {len(memory) for memory in elements(driver, struct)} == {size(STRUCTS, struct)}


@pytest.mark.rule("ST-11")
@pytest.mark.parametrize("case", CASES, ids=".".join)
def test_the_hash_changes_with_what_is_hashed_and_with_nothing_else(
    driver: Driver, case: Case
) -> None:
    memory = chosen(driver, case.struct)
    before = driver.engine.state_hash()
    for leaf, value in case.changes(memory):
        with changed(memory, leaf, value):
            assert (driver.engine.state_hash() != before) == case.hashed, leaf
        assert driver.engine.state_hash() == before


@pytest.mark.parametrize("case", DERIVED, ids=".".join)
def test_what_is_derived_is_what_the_invariants_say(driver: Driver, case: Case) -> None:
    memory = chosen(driver, case.struct)
    for leaf, value in case.changes(memory):
        with (
            changed(memory, leaf, value),
            pytest.raises(AssertionError, match=rf"^{case.invariant}: "),
        ):
            driver.engine.check_invariants()
    driver.engine.check_invariants()


@pytest.mark.parametrize(("case", "invariant"), LEADS_TO.items())
def test_an_id_from_which_nothing_leads_is_found(
    driver: Driver, case: Case, invariant: str
) -> None:
    memory = chosen(driver, case.struct)
    ((leaf, value),) = case.changes(memory)
    with (
        changed(memory, leaf, value),
        pytest.raises(AssertionError, match=rf"^{invariant}: "),
    ):
        driver.engine.check_invariants()


@pytest.mark.parametrize(
    ("name", "place", "invariant"), [("debtors", 16, "I21"), ("fund_accounts", 0, "I23")]
)
def test_an_account_on_the_wrong_list_is_found(
    driver: Driver, name: str, place: int, invariant: str
) -> None:
    before = driver.engine.state_hash()
    with (
        put(memory_of(driver.engine, name)[0][place : place + 4], (2).to_bytes(4, "little")),
        pytest.raises(AssertionError, match=rf"^{invariant}: "),
    ):
        driver.engine.check_invariants()
    assert driver.engine.state_hash() == before


def test_a_debt_that_waits_for_no_timer_is_found(driver: Driver) -> None:
    with (
        put(memory_of(driver.engine, "debtors")[0][8:16], (7).to_bytes(8, "little")),
        pytest.raises(AssertionError, match=r"^I26: "),
    ):
        driver.engine.check_invariants()
    driver.engine.check_invariants()


@pytest.mark.parametrize("struct", FREE)
def test_what_a_free_slot_holds_is_not_hashed(driver: Driver, struct: str) -> None:
    before = driver.engine.state_hash()
    free = [m for m in elements(driver, struct) if values_of(struct, m)[FREE[struct]] <= 0]
    assert free
    for memory in free:
        for leaf in leaves(STRUCTS, struct):
            if leaf.field != FREE[struct]:
                with changed(memory, leaf, leaf.read(memory) ^ 1):
                    assert driver.engine.state_hash() == before, leaf


def test_what_an_order_that_is_forgotten_holds_is_not_hashed(driver: Driver) -> None:
    before = driver.engine.state_hash()
    orders = elements(driver, "LiquidationOrder")
    (free,) = (m for m in orders if not values_of("LiquidationOrder", m)["liquidation_id"])
    for leaf in leaves(STRUCTS, "LiquidationOrder"):
        with changed(free, leaf, leaf.read(free) ^ 1):
            assert driver.engine.state_hash() == before, leaf


@pytest.mark.parametrize(("name", "is_hashed"), [("debtors", True), ("fund_accounts", False)])
def test_debtors_are_hashed_in_order_and_funds_are_found_by_their_accounts(
    driver: Driver, name: str, is_hashed: bool
) -> None:
    before = driver.engine.state_hash()
    with first_two_exchanged(driver, name):
        assert (driver.engine.state_hash() != before) == is_hashed
    assert driver.engine.state_hash() == before


def test_the_heap_of_timers_is_hashed_by_what_it_holds(driver: Driver) -> None:
    before = driver.engine.state_hash()
    with first_two_exchanged(driver, "timers"):
        assert driver.engine.state_hash() == before
        with pytest.raises(AssertionError, match=r"^I24: "):
            driver.engine.check_invariants()
    driver.engine.check_invariants()


@pytest.mark.release_form  # the dump asks about margin, which may not be had of impossible books
@pytest.mark.parametrize("case", [case for case in CASES if case.hashed], ids=".".join)
def test_the_dump_shows_what_is_hashed(driver: Driver, case: Case) -> None:
    memory = chosen(driver, case.struct)
    before = driver.engine.dump()
    for leaf, value in case.changes(memory):
        if case.field in SYMBOLS and leaf.places != (0,):
            continue  # behind its end a symbol shows nothing
        with changed(memory, leaf, value):
            assert driver.engine.dump() != before, leaf
