"""Requests that hold a batch, read without a message of protobuf, when they are in plain form."""

import numpy as np
from google.protobuf.message import Message

from riskengine.core.base.wire import read_batch
from riskengine.machine.command import Asked
from riskengine.machine.mapping.columns import BATCHES
from riskengine.machine.mapping.known import check_known


class PlainForm:
    """Read one kind of request; made from the contract's description of it.

    The key goes through protobuf; so does the whole of a request that is not plain.
    """

    def __init__(self, request: type[Message]) -> None:
        fields = request.DESCRIPTOR.fields_by_number
        assert fields[1].name == "key"
        self._request = request
        self._batches = {
            number: BATCHES[field.message_type.full_name]
            for number, field in fields.items()
            if field.message_type and field.message_type.full_name in BATCHES
        }
        self._forms = tuple(
            self._batches[number].forms if number in self._batches else b""
            for number in range(max(fields) + 1)
        )

    def read(self, raw: bytes) -> Asked | None:
        """Return what the bytes ask, or None when they must be parsed.

        Raises DecodeError and UnknownFieldError.
        """
        cells = np.empty(len(raw), dtype=np.int64)
        found = read_batch(raw, self._forms, cells)
        if found is None:
            return None
        key_bytes, number, ends = found
        head = self._request.FromString(raw[:key_bytes])
        check_known(head)
        key = head.key  # type: ignore[attr-defined]
        return Asked(key, self._batches[number].of_cells(cells, ends))
