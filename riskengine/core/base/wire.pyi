"""Packed columns of a serialised batch, read without a Python object a row.

Only the plain form is read: a key in field 1 or none, then one batch up to the end, whose fields
stand in ascending order, each once, packed, none unknown. All that protobuf would read
otherwise, and all that it would refuse, is left to it.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

class Form(IntEnum):
    """How a field of a batch is written: a packed column, or (ENUM) the one number of an enum."""

    INT64 = 1
    ZIGZAG = 2
    ENUM = 3
    PACKED_ENUM = 4
    PACKED_BOOL = 5

def read_batch(
    raw: bytes, forms_by_number: tuple[bytes, ...], cells: NDArray[np.int64]
) -> tuple[int, int, list[int]] | None:
    """Read a request's batch into `cells`, of which there must be as many as `raw` has bytes.

    `forms_by_number` holds for each field number of the request the forms of that batch's fields
    1, 2, ..., at most 15; it is empty for what is no batch. Returns the bytes that precede the
    batch, its number, and for each of its fields the end of its cells, which begin where those of
    the field before it end. Returns None when the request is not in the plain form.
    """
