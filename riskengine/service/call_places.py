"""Places for calls by group: a call takes one when it arrives, before its message is there.

When a group is full, the stream that has been idle longest makes room, first of the caller that has
most of them, and on the connection that has, or a call whose message does not come; if there is
none, the new call is refused. So whoever opens streams and says nothing locks nobody out. A message
that does not come at all is given up after a time. Who is refused by what his metadata shows gets
no place at all.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from functools import partial
from operator import attrgetter
from time import monotonic
from typing import Any

import grpc

from riskengine.metrics.statistics import CallStatistics
from riskengine.service.call_groups import GROUPS, STREAMS, CallGroup, GroupLimits
from riskengine.service.errors import CallError, CallReason
from riskengine.service.status import rich_status

IDLE_SECONDS = 2.0
"""Who has been idle for less makes no room."""

SWEEP_SECONDS = 1.0

Handler = grpc.RpcMethodHandler
Metadata = Iterable[tuple[str, str | bytes]]


class Place:
    """One call under way. `idle_since` is None while the server works on it."""

    __slots__ = ("caller", "group", "idle_since", "is_taken_back", "peer", "task")

    def __init__(self, group: CallGroup, task: "asyncio.Task[Any]", now: float) -> None:
        self.group = group
        self.task = task
        self.idle_since: float | None = now
        self.caller = self.peer = ""
        self.is_taken_back = False

    def begin(self, peer: Callable[[], str]) -> None:
        """Say that the call's message is there, and which connection it came on."""
        if self.group in STREAMS:
            self.peer = peer()
            self.touch()
        else:
            self.idle_since = None

    def touch(self) -> None:
        """Say that something came or went on a stream."""
        self.idle_since = monotonic()

    def take_back(self) -> None:
        """End the call in favour of another."""
        self.is_taken_back = True
        self.task.cancel()

    def error(self) -> CallError:
        """Return why the call ends once its place was taken back."""
        return CallError(CallReason.GAVE_ROOM, group=self.group.value)


CURRENT_PLACE: ContextVar[Place | None] = ContextVar("place", default=None)
"""That of the call which the code runs for."""


class CallPlaces(grpc.GenericRpcHandler):
    """Give each call its place, and then its handler; used on the event loop alone."""

    def __init__(
        self,
        limits: GroupLimits,
        statistics: CallStatistics,
        *,
        request_seconds: float,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._limits = {group: limits.of(group) for group in CallGroup}
        self._statistics = statistics
        self._request_seconds = request_seconds
        self._now = now
        self._handlers: dict[str, tuple[CallGroup, Any]] = {}
        self._places: dict[CallGroup, dict[asyncio.Task[Any], Place]] = {
            group: {} for group in CallGroup
        }
        self._full = {
            group: _ending(
                CallError(CallReason.TOO_MANY_CALLS, group=group.value, limit=self._limits[group])
            )
            for group in CallGroup
        }
        self.refusal: Callable[[str, Metadata], CallError | None] = _nothing
        """Why a call of a path with such metadata gets no place, None if it may have one."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Serve a service, as grpc's generated code adds it to a server."""
        for name, handler in handlers.items():
            path = f"/{service}/{name}"
            self._handlers[path] = (GROUPS[path], handler)

    def add_generic_rpc_handlers(self, _handlers: object) -> None:
        """Do nothing: what is registered says the same."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Return what serves a call that has just arrived; called in the call's own task."""
        found = self._handlers.get(handler_call_details.method)
        if found is None:
            return None
        group, handler = found
        method, metadata = handler_call_details.method, handler_call_details.invocation_metadata
        refusal = self.refusal(method, metadata or ())
        if refusal is not None:
            return _ending(refusal)
        places = self._places[group]
        if len(places) >= self._limits[group] and not self._make_room(places):
            self._statistics.refused[group.value] += 1
            return self._full[group]
        task = asyncio.current_task()
        assert task is not None
        place = places[task] = Place(group, task, self._now())
        CURRENT_PLACE.set(place)
        self._statistics.open[group.value] += 1
        task.add_done_callback(partial(self._leave, group))
        return handler

    def start(self) -> None:
        """Begin to give up calls whose messages do not come."""
        asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _leave(self, group: CallGroup, task: "asyncio.Task[Any]") -> None:
        if self._places[group].pop(task, None) is not None:
            self._statistics.open[group.value] -= 1

    def _make_room(self, places: dict["asyncio.Task[Any]", Place]) -> bool:
        """Take one place back that is idle; return whether there was any."""
        before = self._now() - IDLE_SECONDS
        idle = [
            place
            for place in places.values()
            if place.idle_since is not None
            and place.idle_since <= before
            and not place.is_taken_back
        ]
        if not idle:
            return False
        of_caller, of_peer = (Counter(map(attrgetter(key), idle)) for key in ("caller", "peer"))
        victim = min(
            idle, key=lambda one: (-of_caller[one.caller], -of_peer[one.peer], one.idle_since)
        )
        self._take_back(victim)
        return True

    def _take_back(self, place: Place) -> None:
        del self._places[place.group][place.task]
        self._statistics.open[place.group.value] -= 1
        self._statistics.taken_back[place.group.value] += 1
        place.take_back()

    def _sweep(self) -> None:
        before = self._now() - self._request_seconds
        for group, places in self._places.items():
            if group not in STREAMS:
                for place in list(places.values()):
                    if place.idle_since is not None and place.idle_since <= before:
                        self._take_back(place)
        self.start()


def _nothing(_path: str, _metadata: Metadata) -> None:
    """Refuse nobody."""


def _ending(error: CallError) -> Any:
    """Return what ends a call at once: as a stream, it waits for no message."""

    async def refuse(_requests: object, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        await context.abort_with_status(rich_status(error))

    return grpc.stream_stream_rpc_method_handler(refuse)
