"""A machine as it was, to be kept while the machine goes on, and a machine from what was kept."""

from collections.abc import Iterator, Mapping, Sequence

from riskengine.core.engine import Engine
from riskengine.machine.instruction_ring import InstructionRing
from riskengine.machine.machine import Machine, Seen
from riskengine.machine.pieces import Pieces, joined
from riskengine.machine.sessions import Sessions
from riskengine.machine.state_hash import STATE_FORM, StateHash, StateHasher, hash_of_saved
from riskengine.machine.view import View

STATE, SESSIONS, INSTRUCTIONS, STATE_HASH = 1, 2, 3, 4
"""The sections of what is kept."""


class SavedMachineError(ValueError):
    """Report sections that are not those of a machine."""


class SavedFormError(SavedMachineError):
    """Refuse a state in a form that this version does not read."""

    def __init__(self, form: int) -> None:
        super().__init__(
            f"the state in a snapshot is of form {form}; this version reads form {STATE_FORM}"
        )


class FrozenMachine:
    """A machine as of now; made between commands, its sections read from any thread.

    `unpublished` is what others are still to see of commands that were applied.
    """

    def __init__(self, machine: Machine, unpublished: Sequence[Seen]) -> None:
        """Freeze it; raises OSError when the process cannot be cloned."""
        self.sequence = machine.engine.sequence
        self.time_nanos = machine.engine.time_nanos
        self.state_hash: StateHash | None = None
        """The hash of the state, once the sections have been read."""
        self._unpublished = unpublished
        self._sessions = machine.sessions.copy()
        self._ring = machine.ring.copy()
        self._view = View(machine.engine)

    def sections(self) -> Mapping[int, Iterator[bytes]]:
        """Return what is to be kept, by section, to be read in this order.

        Reading raises ViewError when the view comes to no end.
        """
        for pieces, kept in self._unpublished:
            self._ring.publish(pieces, kept)
        return {
            STATE: self._hashed(self._view.read()),
            SESSIONS: joined(self._sessions.saved()),
            INSTRUCTIONS: joined(self._ring.saved()),
            STATE_HASH: self._noted(),
        }

    def _hashed(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        hasher = StateHasher()
        for piece in pieces:
            hasher.update(piece)
            yield piece
        self.state_hash = StateHash(self.sequence, STATE_FORM, hasher.digest())

    def _noted(self) -> Iterator[bytes]:
        assert self.state_hash is not None
        yield self.state_hash.encode()

    def give_up(self) -> None:
        """Have whoever reads the sections end soon, with a ViewError."""
        self._view.give_up()

    def close(self) -> None:
        """End it, whether or not it was read; nobody reads it any more."""
        self._view.close()


def read_machine_back(sections: Mapping[int, bytearray]) -> Machine:
    """Return the machine that was kept; raises SavedMachineError."""
    if sections.keys() - {STATE, SESSIONS, INSTRUCTIONS, STATE_HASH} or STATE not in sections:
        raise SavedMachineError(f"it has the sections {sorted(sections)}")
    try:
        noted = saved_hash(sections)
        if noted.form != STATE_FORM:
            raise SavedFormError(noted.form)
        if noted.digest != hash_of_saved(sections[STATE]):
            raise SavedMachineError("its state does not have the hash that is noted beside it")
        engine = Engine.read_back(sections[STATE])
        retention = engine.retention
        sessions = Sessions.read_back(retention, Pieces(sections.get(SESSIONS, b"")))
        ring = InstructionRing.read_back(
            retention.instruction_count, Pieces(sections.get(INSTRUCTIONS, b""))
        )
    except SavedMachineError:
        raise
    except ValueError as error:
        raise SavedMachineError(str(error)) from error
    return Machine(engine, sessions, ring)


def saved_hash(sections: Mapping[int, bytearray]) -> StateHash:
    """Return the hash that is noted beside a state that was kept; raises SavedMachineError."""
    try:
        return StateHash.decode(bytes(sections.get(STATE_HASH, b"")))
    except ValueError as error:
        raise SavedMachineError(str(error)) from error
