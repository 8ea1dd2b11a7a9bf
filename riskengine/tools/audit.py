"""Who asked for what: the commands of a journal that set the venue up or move money."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from riskengine.commands import CommandKind
from riskengine.machine.journalled import is_audited
from riskengine.tools.folder import DataFolder
from riskengine.tools.inspecting import ShownRecord, shown_records
from riskengine.tools.moments import Moment, shown_time

NOBODY = "-"
"""In place of a name that does not stand in the record."""

AUDITED = frozenset(kind.label for kind in CommandKind if is_audited(kind.rpc))


class Audited(NamedTuple):
    """One command, and who asked for it."""

    shown: ShownRecord

    def as_values(self) -> dict[str, Any]:
        """Return it as values of JSON; `caller` is null where no name stands with it."""
        values = self.shown.as_values()
        return {
            "sequence": values["sequence"],
            "time_nanos": values["time_nanos"],
            "time": values["time"],
            "caller": self.shown.caller or None,
            "kind": values["kind"],
            "request": values.get("request", {}),
        }

    def line(self) -> str:
        """Return it on one line."""
        record, caller = self.shown.record, self.shown.caller or NOBODY
        time = shown_time(record.time_nanos)
        return f"{record.sequence} {time} {caller} {self.shown.kind} {self.shown.text}".rstrip()


def audited_commands(
    folder: DataFolder, begin: Moment | None, end: Moment | None, callers: frozenset[str]
) -> Iterator[Audited]:
    """Yield the commands from one moment to another, both inclusive; of some callers, or of all.

    These are those that set the venue up or move money, and all others that a name stands with,
    which an operator asked for; one whose name cannot be read is among them. Raises `ToolError`,
    `JournalError` and OSError.
    """
    for shown in shown_records(folder, begin, end, frozenset()):
        is_wanted = not callers or (shown.caller or NOBODY) in callers
        if is_wanted and _is_audited(shown):
            yield Audited(shown)


def _is_audited(shown: ShownRecord) -> bool:
    """Return whether who asked is noted, or should be; one who stands there for a key is not."""
    return shown.is_noted or shown.kind in AUDITED
