"""Whether a request holds only what this version knows.

Fields of a newer contract would be ignored now, kept in the log as they came, and mean something to
whoever replays it later: another state than the one that was told.
"""

from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet


class UnknownFieldError(Exception):
    """Name a field that the contract of this version does not have."""

    def __init__(self, message: str, field_number: int) -> None:
        super().__init__(f"{message} has no field {field_number}")
        self.message = message
        self.field_number = field_number


def check_known(message: Message) -> None:
    """Raise `UnknownFieldError` for the first unknown field of a message or of one inside it."""
    unknown = UnknownFieldSet(message)
    if len(unknown):
        raise UnknownFieldError(message.DESCRIPTOR.full_name, unknown[0].field_number)
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in value if field.is_repeated else (value,):
                check_known(inner)
