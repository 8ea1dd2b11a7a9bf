"""Which server it is, and which log it serves: a caller may say which one it expects."""

import re
from typing import NamedTuple

from riskengine.service.errors import CallError, CallReason, invalid_field

EXPECTED_LOG_ID = "riskengine-expected-log-id"
"""The metadata of a call that says the same as the field `expected_log_id` of some requests.

It is metadata, since a batch that is sent again to a restored log must have the same bytes.
"""

SHOWN_LENGTH_MAX = 40

_LOG_ID = re.compile(r"[0-9a-f]{16}")


class Identity(NamedTuple):
    """The server's version, when it started, by its clock, and its log's id in hexadecimal."""

    version: str
    started_nanos: int
    log_id: str

    def check_log(self, expected: str, field: str) -> None:
        """Raise `CallError` unless a log that a caller names in a field is this one."""
        if not _LOG_ID.fullmatch(expected):
            shown = ascii(expected[:SHOWN_LENGTH_MAX])
            raise invalid_field(field, shown, "16 small hexadecimal digits")
        if expected != self.log_id:
            raise CallError(CallReason.OTHER_LOG, log_id=self.log_id, expected_log_id=expected)

    def check_field(self, expected_log_id: str) -> None:
        """Raise `CallError` when a request expects another log; empty expects none."""
        if expected_log_id:
            self.check_log(expected_log_id, "expected_log_id")
