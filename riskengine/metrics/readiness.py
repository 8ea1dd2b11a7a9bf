"""Whether the server is ready for calls, and if not, how far its start is or why it ends.

Written by whoever starts and ends the server, read by the thread that answers probes.
"""

from typing import NamedTuple

STARTING, RECOVERING, READY = "starting", "recovering", "ready"
NOT_ANSWERING, STOPPING, FAILED = "disk not answering", "stopping", "failed"
NOT_CONFIRMED = "start not confirmed"


class Phase(NamedTuple):
    """Where the server is: one of the names above; which step of a recovery, or why not ready."""

    name: str
    step: str = ""
    reason: str = ""


class Readiness:
    """Hold the phase and the progress of its step; one attribute is written at a time."""

    __slots__ = ("_bytes", "_phase")

    def __init__(self) -> None:
        self._phase = Phase(STARTING)
        self._bytes = (0, 0)

    @property
    def is_ready(self) -> bool:
        """Return whether calls are served."""
        return self._phase.name == READY

    def enter(self, name: str, *, step: str = "", reason: str = "") -> None:
        """Begin a phase, or a step of it."""
        self._bytes = (0, 0)
        self._phase = Phase(name, step, reason)

    def progress(self, done_bytes: int, total_bytes: int) -> None:
        """Say how far the step is."""
        self._bytes = (done_bytes, total_bytes)

    def facts(self) -> dict[str, bool | int | str]:
        """Return what is told to who asks."""
        name, step, reason = self._phase
        facts: dict[str, bool | int | str] = {"ready": name == READY, "phase": name}
        if step:
            done_bytes, total_bytes = self._bytes
            facts |= {"step": step, "done_bytes": done_bytes, "total_bytes": total_bytes}
        if reason:
            facts["reason"] = reason
        return facts
