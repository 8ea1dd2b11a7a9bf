"""Why a row is refused, and the guards that all commands share."""

from collections.abc import Sequence

from tests.simulation.oracle.names import MAX_ROWS, Reason
from tests.simulation.oracle.world import Rejection

Column = Sequence[int]


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    def __init__(
        self, reason: Reason, field: str, value: int, limit: int = 0, detail: int = 0
    ) -> None:
        super().__init__(f"{reason.name} {field} {value} {limit} {detail}")
        self.reason = reason
        self.field = field
        self.value = value
        self.limit = limit
        self.detail = detail

    def of_row(self, row: int) -> Rejection:
        return Rejection(row, self.reason, self.field, self.value, self.limit, self.detail)


def require_columns(columns: dict[str, Column]) -> None:
    """Refuse columns that differ, none, and too many rows (CM-2)."""
    first = next(iter(columns))
    length = len(columns[first])
    for name, column in columns.items():
        if len(column) != length:
            raise Refused(Reason.COLUMN_LENGTH, name, len(column), length)
    if length == 0:
        raise Refused(Reason.EMPTY_BATCH, first, 0, 1)
    if length > MAX_ROWS:
        raise Refused(Reason.BATCH_TOO_LARGE, first, length, MAX_ROWS)


def require_range(field: str, value: int, least: int, largest: int) -> None:
    if value < least:
        raise Refused(Reason.OUT_OF_RANGE, field, value, least)
    if value > largest:
        raise Refused(Reason.OUT_OF_RANGE, field, value, largest)


def require_step(field: str, value: int, step: int) -> None:
    if value % step != 0:
        raise Refused(Reason.OFF_STEP, field, value, step)


def require_symbol(symbol: str) -> None:
    """Refuse what is not 1 to 23 printable ASCII characters (GD-2)."""
    if not 1 <= len(symbol) <= 23 or not all(" " <= letter <= "~" for letter in symbol):
        raise Refused(Reason.INVALID_TEXT, "symbol", 0, detail=23)
