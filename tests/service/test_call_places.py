"""Places of calls: who takes all of a group leaves the others theirs, and idle ones make room."""

import asyncio
from contextlib import suppress
from typing import Any, NamedTuple

import grpc
import pytest

from riskengine.machine.contract import SERVICES
from riskengine.metrics.statistics import CALL_GROUPS, CallStatistics
from riskengine.service.call_groups import GROUPS, CallGroup, GroupLimits
from riskengine.service.call_places import CURRENT_PLACE, IDLE_SECONDS, CallPlaces, Place

SUBMIT = "/riskengine.api.v1.RiskService/Submit"
CHECK_ORDER = "/riskengine.api.v1.RiskService/CheckOrder"
LIMITS = GroupLimits(1, 2, 2, 2, 2, 2)


class Details(NamedTuple):
    method: str
    invocation_metadata: tuple[()] = ()


class Venue:
    """Calls that last until they are ended, on a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.statistics = CallStatistics()
        self.places = CallPlaces(LIMITS, self.statistics, request_seconds=10, now=lambda: self.now)
        for path in (SUBMIT, CHECK_ORDER):
            _, service, method = path.split("/")
            self.places.add_registered_method_handlers(service, {method: path})

    async def call(self, path: str, peer: str = "a", *, has_message: bool = True) -> "Call":
        call = Call(self, path)
        await call.arrived.wait()
        if call.place is not None and has_message:
            call.place.begin(lambda: peer)
            if path == SUBMIT:
                call.place.idle_since = self.now
        return call


class Call:
    def __init__(self, venue: Venue, path: str) -> None:
        self.arrived = asyncio.Event()
        self.place: Place | None = None
        self.task = asyncio.create_task(self._run(venue, path))

    async def _run(self, venue: Venue, path: str) -> None:
        handler: Any = venue.places.service(Details(path))  # type: ignore[arg-type]
        if handler == path:
            self.place = CURRENT_PLACE.get()
        self.arrived.set()
        await asyncio.Event().wait()

    async def is_ended(self) -> bool:
        await asyncio.sleep(0)
        return self.task.done()

    async def end(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


def test_every_rpc_has_its_group() -> None:
    paths = {
        f"/{service.full_name}/{each.name}" for service in SERVICES for each in service.methods
    }
    assert paths <= set(GROUPS)
    assert set(GROUPS.values()) == set(CallGroup)
    assert tuple(group.value for group in CallGroup) == CALL_GROUPS
    assert all(LIMITS.of(group) for group in CallGroup)


async def test_a_full_group_refuses_and_leaves_others_their_places() -> None:
    venue = Venue()
    first = [await venue.call(SUBMIT) for _ in range(2)]
    assert (await venue.call(SUBMIT)).place is None
    assert (await venue.call(CHECK_ORDER)).place is not None
    assert venue.statistics.refused["submit"] == 1
    await first[0].end()
    assert (await venue.call(SUBMIT)).place is not None
    assert venue.statistics.open["submit"] == 2


async def test_the_stream_that_is_idle_longest_makes_room() -> None:
    venue = Venue()
    older, newer = await venue.call(SUBMIT), await venue.call(SUBMIT)
    assert older.place is not None
    venue.now = IDLE_SECONDS
    older.place.idle_since = 1.0
    assert (await venue.call(SUBMIT)).place is not None
    assert (await newer.is_ended(), await older.is_ended()) == (True, False)
    assert venue.statistics.taken_back["submit"] == 1


async def test_the_connection_with_most_idle_streams_makes_room_first() -> None:
    venue = Venue()
    venue.places._limits[CallGroup.SUBMIT] = 3
    single = await venue.call(SUBMIT, "one")
    venue.now = 1.0
    crowd = [await venue.call(SUBMIT, "many") for _ in range(2)]
    venue.now = 1.0 + IDLE_SECONDS
    assert (await venue.call(SUBMIT, "new")).place is not None
    assert [await each.is_ended() for each in (single, *crowd)] == [False, True, False]


async def test_the_caller_with_most_idle_streams_makes_room_first() -> None:
    """However many connections he has, and however long others have been idle."""
    venue = Venue()
    venue.places._limits[CallGroup.SUBMIT] = 5
    engine = [await venue.call(SUBMIT, "engine") for _ in range(2)]
    venue.now = 1.0
    crowd = [await venue.call(SUBMIT, f"crowd {number}") for number in range(3)]
    for name, calls in (("engine", engine), ("reader", crowd)):
        for call in calls:
            assert call.place is not None
            call.place.caller = name
    venue.now = 1.0 + IDLE_SECONDS
    assert (await venue.call(SUBMIT, "new")).place is not None
    ended = [await each.is_ended() for each in (*engine, *crowd)]
    assert ended == [False, False, True, False, False]


async def test_a_call_that_is_worked_on_makes_no_room() -> None:
    venue = Venue()
    for _ in range(2):
        await venue.call(CHECK_ORDER)
    venue.now = 1_000.0
    venue.places._sweep()
    assert (await venue.call(CHECK_ORDER)).place is None


async def test_a_call_whose_message_does_not_come_is_given_up() -> None:
    venue = Venue()
    call = await venue.call(CHECK_ORDER, has_message=False)
    stream = await venue.call(SUBMIT)
    venue.now = 9.9
    venue.places._sweep()
    assert not await call.is_ended()
    venue.now = 10.0
    venue.places._sweep()
    assert await call.is_ended()
    assert not await stream.is_ended()


async def test_an_unknown_method_has_no_handler() -> None:
    assert Venue().places.service(Details("/no.Service/Method")) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("group", list(CallGroup))
async def test_a_refusal_waits_for_no_message(group: CallGroup) -> None:
    handler = Venue().places._full[group]
    assert handler.request_streaming
    assert isinstance(handler, grpc.RpcMethodHandler)
