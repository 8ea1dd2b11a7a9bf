"""Events as values: the core's struct behind the face of a record."""

import gc
from typing import Any

import numpy as np
import pytest

from riskengine.core.enums import EventKind
from riskengine.core.events.event_record import EventRecord, with_fields
from riskengine.core.types import Event
from tests.core.driver import Driver

VALUES = {name: 100 + place for place, name in enumerate(Event._fields)}


def test_fields_are_read_by_name() -> None:
    event = Event(**VALUES)
    assert {name: getattr(event, name) for name in Event._fields} == VALUES
    assert list(event._asdict().items()) == list(VALUES.items())


def test_fields_hold_all_of_int64() -> None:
    edges = VALUES | {"amount_atoms": 2**63 - 1, "equity_atoms": -(2**63)}
    event = Event(**edges)
    assert (event.amount_atoms, event.equity_atoms) == (2**63 - 1, -(2**63))
    with pytest.raises(OverflowError):
        Event(**(VALUES | {"amount_atoms": 2**63}))


def test_an_event_shows_its_fields() -> None:
    shown = ", ".join(f"{name}={value}" for name, value in VALUES.items())
    assert repr(Event(**VALUES)) == f"Event({shown})"


@pytest.mark.parametrize("name", Event._fields)
def test_events_are_equal_when_every_field_is(name: str) -> None:
    event = Event(**VALUES)
    assert event == Event(**VALUES)
    assert hash(event) == hash(Event(**VALUES))
    assert event != Event(**(VALUES | {name: 0}))


@pytest.mark.parametrize("other", [VALUES, tuple(VALUES.values()), 1], ids=["dict", "tuple", "int"])
def test_an_event_equals_no_other_value(other: object) -> None:
    assert Event(**VALUES) != other


@pytest.mark.parametrize("name", ["kind", "tier", "other"])
def test_an_event_cannot_be_changed(name: str) -> None:
    event = Event(**VALUES)
    with pytest.raises(AttributeError, match=name):
        setattr(event, name, 1)
    assert event == Event(**VALUES)


@pytest.mark.parametrize(
    "fields",
    [{}, {"kind": 1}, VALUES | {"other": 1}],
    ids=["none", "too few", "one that is not there"],
)
def test_an_event_is_made_of_all_its_fields(fields: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="each of these fields once"):
        Event(**fields)


@pytest.mark.parametrize(
    "names",
    [Event._fields[:-1], (*Event._fields, "other"), Event._fields[::-1]],
    ids=["one missing", "one more", "other order"],
)
def test_the_declared_fields_are_those_of_the_struct(names: tuple[str, ...]) -> None:
    wrong = type("Wrong", (EventRecord,), {"__annotations__": dict.fromkeys(names, int)})
    with pytest.raises(TypeError, match="Wrong must declare the struct's fields"):
        with_fields(wrong)


def test_an_event_outlives_its_engine() -> None:
    driver = Driver()
    driver.market()
    driver.mark(100)
    driver.deposit(1, 100)
    driver.deposit(2, 1_000)
    driver.trade(1, 2, 10, 100)
    events = driver.mark(95)
    values = [event._asdict() for event in events]
    assert [event.kind for event in events] == [EventKind.MARGIN_CALL]
    driver.engine.mark_prices(1, np.array([1]), np.array([100]))
    del driver
    gc.collect()
    assert [event._asdict() for event in events] == values
