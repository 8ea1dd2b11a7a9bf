"""Whether a request holds only what this version knows.

Fields of a newer contract would be ignored now, kept in the log as they came, and mean something to
whoever replays it later: another state than the one that was told. A question with a condition that
is ignored would get an answer that never looked at it.

What protobuf itself drops is not seen: of two members of a oneof the last one counts, here as in
any later version.
"""

from typing import TypeVar

from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

MessageT = TypeVar("MessageT", bound=Message)


class UnknownFieldError(Exception):
    """Name a field that the contract of this version does not have, or has in another form."""

    def __init__(self, message: str, field_number: int) -> None:
        super().__init__(f"{message} has no field {field_number}")
        self.message = message
        self.field_number = field_number


def read_known(message: type[MessageT], raw: bytes) -> MessageT:
    """Return the message that the bytes are; raises DecodeError and UnknownFieldError."""
    read = message.FromString(raw)
    check_known(read)
    return read


def check_known(message: Message) -> None:
    """Raise `UnknownFieldError` for the first unknown field of a message or of one inside it."""
    unknown = UnknownFieldSet(message)
    if len(unknown):
        raise UnknownFieldError(message.DESCRIPTOR.full_name, unknown[0].field_number)
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in value if field.is_repeated else (value,):
                check_known(inner)
