"""Who asked for a command, in its record: beside the request, and of no effect on what it does.

The kind of a record has a bit that says that its payload begins with a name: one byte for its
length, then its letters, then the request's bytes as they came. With another bit the name stands
there for the request's key alone, which is its caller's; else he is noted, for who looks into the
log. Records of commands that nobody's name stands with, and all from before there were names, are
the request alone.
"""

import re
from typing import NamedTuple

from riskengine.commands import CommandKind
from riskengine.persistence import LogRecord

NAMED = 0x8000
"""Of a record's kind; no command has so high a number."""

FOR_KEY = 0x4000
"""Beside it: the name is there for the key."""

MAX_FRAME_BYTES = 256
"""What a name takes of a record at most, its length included."""

AUDITED_SERVICES = ("AdminService.", "AccountService.")

_NAME = re.compile(rb"[A-Za-z0-9._-]+")
"""As the file of credentials has them: nothing that could make a line of its own."""

assert max(CommandKind) < FOR_KEY


class Journalled(NamedTuple):
    """A record as it is without a name, and the name, empty when none stands with it.

    `is_noted`: it is there not only for the key.
    """

    record: LogRecord
    caller: str
    is_noted: bool


class CallerNameError(ValueError):
    """Report that a record should begin with a name and does not."""


def is_audited(rpc: str) -> bool:
    """Return whether an RPC sets the venue up or moves money, so that its caller is noted."""
    return rpc.startswith(AUDITED_SERVICES)


def with_caller(
    number: int, raw: bytes, caller: str, *, is_noted: bool = True
) -> tuple[int, bytes]:
    """Return kind and payload of the record of a request; without a name, as they are."""
    if not caller:
        return number, raw
    name = caller.encode()
    assert len(name) < MAX_FRAME_BYTES, name
    bits = NAMED if is_noted else NAMED | FOR_KEY
    return number | bits, bytes((len(name),)) + name + raw


def journalled(record: LogRecord) -> Journalled:
    """Return what stands in a record; raises `CallerNameError`."""
    if not record.kind & NAMED:
        return Journalled(record, "", is_noted=False)
    payload = record.payload
    end = 1 + payload[0] if payload else 0
    name = payload[1:end]
    if end > len(payload) or not _NAME.fullmatch(name):
        raise CallerNameError("it should begin with its caller's name")
    plain = record._replace(kind=record.kind & ~(NAMED | FOR_KEY), payload=payload[end:])
    return Journalled(plain, name.decode(), is_noted=not record.kind & FOR_KEY)
