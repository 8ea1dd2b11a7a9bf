"""Refusals in the log: whose command, which number, what it said as a digest, and the answer.

Not the request: a replay takes the answer from the record, so that rules of a later time give the
same answer to whoever asks again.
"""

from typing import NamedTuple, Self

from google.protobuf.message import DecodeError

from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.machine.pieces import Pieces, joined, number
from riskengine.machine.sessions import ClientName, SessionKey


class RefusalError(ValueError):
    """Report a record that is no refusal."""


class Refusal(NamedTuple):
    """A keyed command that was refused whole, and what its sender is answered."""

    key: SessionKey
    result: CommandResult

    def encode(self) -> bytes:
        """Return the payload of its record, in which its caller's name stands before it."""
        key = self.key
        parts = (
            key.client.client_id.encode(),
            number(key.incarnation),
            number(key.batch_sequence),
            key.digest,
            self.result.SerializeToString(),
        )
        return b"".join(joined(parts))

    @classmethod
    def decode(cls, payload: bytes, caller: str) -> Self:
        """Return what a record says; raises RefusalError when it says something else."""
        pieces = Pieces(payload)
        try:
            client = ClientName(caller, pieces.take().decode())
            key = SessionKey(client, pieces.take_number(), pieces.take_number(), pieces.take())
            result = CommandResult.FromString(pieces.take())
        except (ValueError, DecodeError) as error:
            raise RefusalError(f"it is no refusal: {error}") from None
        if not pieces.is_empty:
            raise RefusalError("it is no refusal: something follows it")
        return cls(key, result)
