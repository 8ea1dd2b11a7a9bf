"""The fields of a request to the arguments of the core's method, in their order.

A message in a request stands for its own fields, unless the core has a value with the same ones; an
optional field that is not set is then what the value has by default.
"""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import numpy as np
from google.protobuf.message import Message

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1.common_pb2 import IdempotencyKey
from riskengine.commands import CommandKind
from riskengine.core.types import MarketParameters, RiskParameters, RiskTier
from riskengine.machine.command import Command

_VALUES: dict[str, Any] = {
    message.DESCRIPTOR.full_name: value
    for message, value in (
        (admin_pb.Market, MarketParameters),
        (admin_pb.RiskParameters, RiskParameters),
        (admin_pb.RiskTier, RiskTier),
    )
}


class Arguments:
    """How a request without columns becomes a command; `as_row` makes each argument a column."""

    def __init__(self, kind: CommandKind, request: type[Message], *, as_row: bool = False) -> None:
        paths = tuple(_paths(request.DESCRIPTOR))
        self.names = tuple(path.rpartition(".")[2] for path in paths)
        self._kind = kind
        self._readers = tuple(map(attrgetter, paths))
        self._made = _column if as_row else _value

    def command(self, request: Message) -> Command:
        """Map a request."""
        made = self._made
        return Command(self._kind, tuple(made(read(request)) for read in self._readers))


def _paths(message: Any) -> Iterator[str]:
    for field in message.fields:
        inner = field.message_type
        if inner is None or inner.full_name in _VALUES:
            yield field.name
        elif inner.full_name != IdempotencyKey.DESCRIPTOR.full_name:
            for path in _paths(inner):
                yield f"{field.name}.{path}"


def _value(found: Any) -> Any:
    if isinstance(found, int | str):
        return found
    if isinstance(found, Message):
        value = _VALUES[found.DESCRIPTOR.full_name]
        given = (name for name in value._fields if not _is_left_out(found, name))
        return value(**{name: _value(getattr(found, name)) for name in given})
    return tuple(map(_value, found))


def _is_left_out(message: Message, name: str) -> bool:
    field = message.DESCRIPTOR.fields_by_name[name]
    return field.has_presence and not message.HasField(name)


def _column(found: int) -> Any:
    return np.array([found], dtype=np.int64)
