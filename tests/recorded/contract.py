"""Messages as an older contract has them, so that a newer one may have added fields."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tests.recorded.journal import contract_path

PACKAGE = "riskengine.api.v1"
REJECTION = f"{PACKAGE}.Rejection"
TEXT_FIELD = "message"
"""Of a Rejection: for a human reader, and worded anew at will."""


class Contract:
    """The messages of one descriptor set, without the texts of refusals."""

    def __init__(self, descriptors: bytes) -> None:
        self._pool = DescriptorPool()
        for file in FileDescriptorSet.FromString(descriptors).file:
            self._pool.Add(file)
        self._classes: dict[str, type[Message]] = {}
        self._holders: dict[str, Mapping[str, bool]] = {}

    def parse(self, name: str, raw: bytes) -> Message:
        """Return a message without what this contract does not know, and without texts."""
        message = self._class(name).FromString(raw)
        message.DiscardUnknownFields()
        self._clear_texts(message)
        return message

    def clear(self, name: str, raw: bytes) -> bytes:
        """Return the same, serialised."""
        return self.parse(name, raw).SerializeToString(deterministic=True)

    def text(self, name: str, raw: bytes) -> str:
        """Return a message for a reader, a field a line."""
        return text_format.MessageToString(self._class(name).FromString(raw))

    def _class(self, name: str) -> type[Message]:
        found = self._classes.get(name)
        if found is None:
            descriptor = self._pool.FindMessageTypeByName(f"{PACKAGE}.{name}")
            found = self._classes[name] = GetMessageClass(descriptor)
        return found

    def _clear_texts(self, message: Message) -> None:
        descriptor = message.DESCRIPTOR
        if descriptor.full_name == REJECTION:
            message.ClearField(TEXT_FIELD)
        for field, is_repeated in self._ways_to_rejections(descriptor).items():
            value: Any = getattr(message, field)
            if is_repeated:
                for one in value:
                    self._clear_texts(one)
            elif message.HasField(field):
                self._clear_texts(value)

    def _ways_to_rejections(self, descriptor: Any) -> Mapping[str, bool]:
        """Return the fields below which rejections may be, and whether they are repeated."""
        found = self._holders.get(descriptor.full_name)
        if found is None:
            found = self._holders[descriptor.full_name] = {
                field.name: field.is_repeated
                for field in descriptor.fields
                if field.message_type and _leads_to_rejection(field.message_type)
            }
        return found


def _leads_to_rejection(descriptor: Any) -> bool:
    return descriptor.full_name == REJECTION or any(
        _leads_to_rejection(field.message_type) for field in descriptor.fields if field.message_type
    )


@cache
def contract_of(revision: str) -> Contract:
    """Return the contract of a revision by which journals were recorded."""
    return Contract(contract_path(revision).read_bytes())
