"""Health and reflection behind the same control as all calls: their handlers are others' code."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from inspect import isasyncgenfunction
from typing import Any

import grpc
import structlog

from riskengine.service.access import AccessControl
from riskengine.service.call_places import CURRENT_PLACE, CallPlaces, Place
from riskengine.service.errors import CallError
from riskengine.service.rpc import Context, RpcHandler
from riskengine.service.status import CODES, rich_status

_LOG = structlog.get_logger("riskengine.rpc")


class Guarded:
    """Stand in for a server: what is added to it gets places, behind the control of access."""

    def __init__(self, places: CallPlaces, access: AccessControl) -> None:
        self._places = places
        self._access = access

    def add_generic_rpc_handlers(self, _handlers: Iterable[object]) -> None:
        """Add none of these: the same handlers come by their names as well."""

    def add_registered_method_handlers(self, service: str, handlers: dict[str, RpcHandler]) -> None:
        """Add the handlers of a service, each behind the control."""
        guarded = {
            name: self._guarded(f"{service}.{name}", handler) for name, handler in handlers.items()
        }
        self._places.add_registered_method_handlers(service, guarded)

    def _guarded(self, rpc: str, handler: RpcHandler) -> RpcHandler:
        """Return a handler that first finds out who calls; its streams end with that caller."""
        make, answer = _form_of(handler)
        tell = _telling(answer)

        async def serve(asked: Any, context: Context) -> Any:
            place = CURRENT_PLACE.get()
            try:
                if place is not None:
                    place.begin(context.peer)
                admission = self._access.admit(rpc, context)
                if place is not None:
                    place.caller = admission.caller.name
                if not handler.response_streaming:
                    return await answer(asked, context)
                async with admission.unless_revoked():
                    return await tell(asked, context, place)
            except CallError as error:
                failure = error
            except asyncio.CancelledError:
                if place is None or not place.is_taken_back:
                    raise
                failure = place.error()
            self._access.note(failure)
            status = CODES[failure.reason].name
            reason = failure.reason.name
            _LOG.info("call.end", rpc=rpc, status=status, **failure.caller, reason=reason)
            return await context.abort_with_status(rich_status(failure))

        made: RpcHandler = make(
            serve,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )
        return made


def _form_of(handler: RpcHandler) -> tuple[Callable[..., Any], Any]:
    """Return what makes a handler of this form, and what answers it."""
    if handler.request_streaming:
        assert handler.response_streaming, "neither health nor reflection has such a call"
        return grpc.stream_stream_rpc_method_handler, handler.stream_stream
    if handler.response_streaming:
        return grpc.unary_stream_rpc_method_handler, handler.unary_stream
    return grpc.unary_unary_rpc_method_handler, handler.unary_unary


Tell = Callable[[Any, Context, Place | None], Awaitable[None]]


def _telling(answer: Any) -> Tell:
    """Return what writes the parts of an answer, whichever way its handler has of saying them."""

    async def tell_all(asked: Any, context: Context, place: Place | None) -> None:
        async for part in answer(asked, context):
            await context.write(part)
            if place is not None:
                place.touch()

    async def tell_beside(asked: Any, context: Context, _place: Place | None) -> None:
        parts = _Parts()
        async with asyncio.TaskGroup() as group:
            group.create_task(answer(asked, parts))
            while True:
                await context.write(await parts.get())

    return tell_all if isasyncgenfunction(answer) else tell_beside


class _Parts(asyncio.Queue[Any]):
    """Stand in for the context of a call that is to be watched, which never ends by itself.

    Its handler writes under the lock that a change of health needs: it must not wait there for a
    client that does not read.
    """

    async def write(self, part: Any) -> None:
        """Have a part written in its turn."""
        self.put_nowait(part)
