"""Health and reflection behind the same control as all calls: their handlers are others' code."""

from collections.abc import Callable, Iterable
from inspect import isasyncgenfunction
from typing import Any

import grpc
import structlog

from riskengine.service.access import AccessControl
from riskengine.service.call_places import CallPlaces
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
        is_generator = isasyncgenfunction(answer)

        async def serve(asked: Any, context: Context) -> Any:
            try:
                admission = self._access.admit(rpc, context)
                if not handler.response_streaming:
                    return await answer(asked, context)
                async with admission.unless_revoked():
                    if not is_generator:
                        return await answer(asked, context)
                    async for part in answer(asked, context):
                        await context.write(part)
            except CallError as error:
                self._access.note(error)
                status = CODES[error.reason].name
                reason = error.reason.name
                _LOG.info("call.end", rpc=rpc, status=status, **error.caller, reason=reason)
                await context.abort_with_status(rich_status(error))

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
