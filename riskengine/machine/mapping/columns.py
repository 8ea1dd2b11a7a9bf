"""Packed columns of the contract to commands on int64 arrays.

The fields of each message are the arguments of the core's method, in the same order; the first
repeated one measures the batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from riskengine.api.v1.risk_service_pb2 import SubmitRequest
from riskengine.commands import CommandKind
from riskengine.core.base.wire import Form
from riskengine.machine.command import Column, Command
from riskengine.machine.contract import request_type

COLUMNS_FILE = "/columns.proto"
"""Where the contract has them all."""

_EMPTY: Column = np.empty(0, dtype=np.int64)
_ENUM = int(Form.ENUM)
_FORMS = {
    FieldDescriptor.TYPE_INT64: Form.INT64,
    FieldDescriptor.TYPE_SINT64: Form.ZIGZAG,
    FieldDescriptor.TYPE_ENUM: Form.PACKED_ENUM,
    FieldDescriptor.TYPE_BOOL: Form.PACKED_BOOL,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """How the columns of one message become a command; `forms` says how its fields are written.

    The column at `rows_at` measures the batch.
    """

    kind: CommandKind
    names: tuple[str, ...]
    forms: bytes
    rows_at: int

    @classmethod
    def of(cls, columns: Any, kind: CommandKind) -> Self:
        """Make the batch of a message, by its descriptor; its fields are numbered from 1 on."""
        fields: Sequence[Any] = columns.fields
        assert [field.number for field in fields] == list(range(1, len(fields) + 1))
        names = tuple(field.name for field in fields)
        forms = bytes(_form(field) for field in fields)
        columns_at = [at for at, field in enumerate(fields) if field.is_repeated]
        assert columns_at == [at for at, form in enumerate(forms) if form != _ENUM]
        return cls(kind, names, forms, columns_at[0])

    def of_message(self, columns: Message) -> Command:
        """Map a message."""
        return self._command(tuple(_argument(getattr(columns, name)) for name in self.names))

    def of_cells(self, cells: Column, ends: Sequence[int]) -> Command:
        """Map what `wire.read_batch` has read."""
        arguments: list[Any] = []
        begin = 0
        for form, end in zip(self.forms, ends, strict=True):
            part = cells[begin:end]
            arguments.append(part if form != _ENUM else int(part[0]) if end > begin else 0)
            begin = end
        return self._command(tuple(arguments))

    def _command(self, arguments: tuple[Any, ...]) -> Command:
        at = self.rows_at
        return Command(self.kind, arguments, len(arguments[at]), self.names[at])


def _form(field: Any) -> int:
    if field.is_repeated:
        return int(_FORMS[field.type])
    assert field.type == FieldDescriptor.TYPE_ENUM
    return _ENUM


def _argument(value: Any) -> Any:
    if isinstance(value, int):
        return value
    return np.asarray(value, dtype=np.int64) if value else _EMPTY


_SUBMITTED: Sequence[Any] = SubmitRequest.DESCRIPTOR.oneofs_by_name["batch"].fields


def _columns() -> Iterator[tuple[Any, CommandKind]]:
    """Yield every message of columns with what it does: as its field in `Submit`, or as its RPC."""
    for field in _SUBMITTED:
        yield field.message_type, CommandKind[field.name.upper()]
    for kind in CommandKind:
        for field in request_type(kind.rpc).DESCRIPTOR.fields if kind.rpc else ():
            if field.message_type and field.message_type.file.name.endswith(COLUMNS_FILE):
                yield field.message_type, kind


BATCHES = {columns.full_name: Batch.of(columns, kind) for columns, kind in _columns()}
"""Every message of columns, by its full name."""


def batch_command(columns: Message) -> Command:
    """Map a message of columns."""
    return BATCHES[columns.DESCRIPTOR.full_name].of_message(columns)
