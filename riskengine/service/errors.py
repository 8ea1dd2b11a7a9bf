"""What can be wrong with a call as such; a refused command is a value, not one of these.

Nothing here knows gRPC: `status` says how each reason is told to the caller.
"""

from enum import Enum


class CallReason(Enum):
    """Why a call fails; the value is the text for the caller, filled in from the metadata."""

    UNDECODABLE_REQUEST = "the bytes are not a {message}"
    UNKNOWN_FIELD = "{message} has no field {field} of this form in the contract of this server"
    INVALID_FIELD = "{field} is {value}; allowed: {allowed}"
    ACCOUNT_NOT_FOUND = (
        "{account_id} has no account of asset {asset_id} and isolated market {isolated_market_id}"
    )
    NOT_LOADING = "the venue is live: there is nothing to report of a load"
    INSTRUCTIONS_TRIMMED = (
        "instruction {from_instruction_sequence} is no longer kept; "
        "the oldest kept is {oldest_instruction_sequence}"
    )
    INSTRUCTIONS_NOT_YET_MADE = (
        "instruction {from_instruction_sequence} is more than one past the last, "
        "{last_instruction_sequence}"
    )
    SUBSCRIBER_TOO_SLOW = (
        "instruction {from_instruction_sequence} was dropped before this subscriber read it; "
        "the oldest kept is {oldest_instruction_sequence}"
    )
    INSTRUCTIONS_DAMAGED = (
        "instruction {from_instruction_sequence} cannot be read from disk; the server's log says "
        "where; the last one made is {last_instruction_sequence}"
    )
    OTHER_LOG = (
        "this server's log is {log_id}, not {expected_log_id}: it is another history, as after a "
        "restore; begin anew from its state"
    )
    TOO_MANY_CONSUMERS = (
        "{consumer_id} would be one consumer more than {limit}; AdminService.ForgetConsumer makes "
        "room"
    )
    CONSUMER_NOT_FOUND = "{consumer_id} is no consumer"
    CLIENT_NOT_FOUND = "no client {client_id} of the caller is registered"
    CONSUMERS_NOT_WRITTEN = "the list of consumers cannot be written: {cause}"
    TOO_MANY_STATE_STREAMS = "{limit} state streams are open, the most there may be; call again"
    STATE_READ_TOO_SLOWLY = (
        "the state was not read within {seconds} seconds; call again, for less or faster"
    )
    STATE_UNREADABLE = "the state could not be read while commands go on: {cause}"
    SNAPSHOT_FAILED = "the snapshot failed, and nothing else: {cause}"
    DEADLINE_PASSED = "the deadline had passed before the request was taken; nothing was done"
    TOO_MANY_CALLS = (
        "{limit} calls of this group ({group}) are under way, the most there may be; call again"
    )
    GAVE_ROOM = (
        "other calls of this group ({group}) wanted a place, and this one had been idle; call again"
    )
    START_NOT_CONFIRMED = (
        "the log ended {gap_seconds} seconds before this server's clock, more than {limit}: no "
        "command is taken before an operator has called AdminService.ConfirmStart"
    )
    ALREADY_STARTED = "the start is in the log already; AdminService.SetLogTime puts time forward"
    SHUTTING_DOWN = "the server is shutting down; call again"
    DISK_NOT_ANSWERING = "the journal's disk has not answered for {millis} milliseconds; call again"
    JOURNAL_FAILED = "the journal failed and the engine has stopped: {cause}"
    NO_CREDENTIALS = (
        "the call shows neither a token (metadata authorization: Bearer ...) nor a client "
        "certificate"
    )
    UNKNOWN_CREDENTIALS = "what the call shows, a token or a client certificate, is nobody's"
    ROLE_MISSING = "{caller} may not call {rpc}; roles that may: {roles}"
    OTHER_ACCOUNT = "{caller} is held to its accounts, and {rpc} would tell of others"
    TOO_MANY_OF_CALLER = (
        "{caller} may make {limit} calls a second; call again in {retry_millis} milliseconds"
    )
    INTERNAL = "internal error; the server's log says more"


class CallError(Exception):
    """End a call with a reason; `metadata` holds every dynamic part of the text."""

    def __init__(self, reason: CallReason, **metadata: str | int) -> None:
        self.reason = reason
        self.metadata = {name: str(value) for name, value in metadata.items()}
        super().__init__(reason.value.format_map(self.metadata))

    @property
    def caller(self) -> dict[str, str]:
        """Who made the call, for its log line; empty where that is unknown or not said."""
        return {key: value for key, value in self.metadata.items() if key == "caller"}

    def fresh(self) -> "CallError":
        """Return an equal error: one that is raised twice would gather tracebacks."""
        return CallError(self.reason, **self.metadata)


def invalid_field(field: str, value: str | int, allowed: str) -> CallError:
    """Make the error of a field that a question cannot be asked with."""
    return CallError(CallReason.INVALID_FIELD, field=field, value=value, allowed=allowed)
