"""The server's configuration: a TOML file, the environment over it, options over both.

It says where things lie, how fast they go, and what is refused before it is in the log. Whatever
decides anything else is in the log itself, so that every server makes the same of it.

Every key can stand in the file, or in the environment as RISKENGINE_<KEY IN CAPITALS>. Each has
bounds; whatever is unknown or out of bounds is an error that says where it stands.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from riskengine.client_files import CLIENT_KEYS

ENVIRONMENT_PREFIX = "RISKENGINE_"
DEFAULT_SOURCE = "default"
JOURNAL_RECORD_BYTES = 4096
"""Room that a segment keeps beside the largest request."""

JOURNAL_BLOCK_BYTES = 4096
"""A segment is whole blocks of the disk."""

_LOG_ID = re.compile(r"[0-9a-f]{16}")
_SERVICE_LINK = re.compile(
    r"(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)


class ConfigError(Exception):
    """Say where a wrong setting stands, which it is, and what is allowed."""

    def __init__(self, source: str, key: str, problem: str) -> None:
        super().__init__(f"{source}: {key}: {problem}")
        self.source = source
        self.key = key


def _number(default: int, minimum: int, maximum: int, text: str) -> int:
    metadata = {"minimum": minimum, "maximum": maximum, "text": text}
    return field(default=default, metadata=metadata)


def _flag(text: str) -> bool:
    return field(default=False, metadata={"text": text})


def _text(default: str, text: str, choices: tuple[str, ...] = ()) -> str:
    return field(default=default, metadata={"choices": choices, "text": text})


def _path(default: str, text: str) -> str:
    return field(default=default, metadata={"path": True, "text": text})


def _file(text: str) -> str:
    """Declare a file that there need not be: the default is none."""
    return field(default="", metadata={"path": True, "optional": True, "text": text})


def _log_id(text: str) -> str:
    return field(default="", metadata={"log_id": True, "text": text})


def _address(default: str, text: str) -> str:
    return field(default=default, metadata={"address": True, "text": text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Hold every setting; the last word of a number's name is its unit, or what it counts."""

    listen: str = _address("127.0.0.1:50051", "HOST:PORT of the gRPC server; port 0: a free one")
    metrics_listen: str = _address("127.0.0.1:9464", "HOST:PORT of the metrics page")
    tls_cert: str = _file("PEM file of the gRPC server's certificate, and those up to its CA")
    tls_key: str = _file("PEM file of the key of tls_cert")
    tls_client_ca: str = _file(
        "PEM file of the CAs whose certificates clients must show; without it, clients need none"
    )
    credentials: str = _file(
        "TOML file of who may call what; without it, whoever reaches the server may do everything"
    )
    allow_insecure_listen: bool = _flag(
        "listen on other than loopback also without tls_cert and credentials"
    )
    data_dir: str = _path(
        "riskengine-data", "folder of the journal; `riskengine init` makes one; ~ is your home"
    )
    create: bool = _flag(
        "make a new journal where there is none; without it a folder that vanished is no new venue"
    )
    log_id: str = _log_id("id of the log that is served, in hexadecimal; another one is refused")
    log_level: str = _text("info", "least level logged", ("debug", "info", "warning", "error"))
    log_format: str = _text(
        "auto", "auto: JSON unless the log goes to a terminal", ("auto", "json", "console")
    )
    max_batch_rows: int = _number(10_000, 1, 65_536, "rows of one batch")
    max_request_bytes: int = _number(4 << 20, 4 << 10, 64 << 20, "size of one request")
    max_response_bytes: int = _number(4 << 20, 4 << 20, 64 << 20, "size of one response")
    max_metadata_bytes: int = _number(16 << 10, 8 << 10, 1 << 20, "size of a call's metadata")
    max_concurrent_streams: int = _number(1_000, 1, 100_000, "calls under way on a connection")
    max_connections: int = _number(
        10_000, 1, 1_000_000, "connections; more are closed; never so many that files want for one"
    )
    max_connection_idle_millis: int = _number(
        300_000, 1_000, 86_400_000, "time after which a connection without calls is closed"
    )
    max_handshake_millis: int = _number(
        10_000, 100, 3_600_000, "time for a new connection to speak HTTP/2"
    )
    max_health_calls: int = _number(64, 1, 10_000, "health checks under way, and as many watches")
    max_operator_calls: int = _number(
        64, 1, 10_000, "calls of AdminService under way; more than any of these: RESOURCE_EXHAUSTED"
    )
    max_engine_calls: int = _number(1_000, 1, 100_000, "calls of matching engines under way")
    max_engine_streams: int = _number(
        128, 1, 10_000, "Submit streams open, and as many streams of instructions"
    )
    max_gateway_calls: int = _number(
        4_000, 1, 100_000, "order checks, deposits and withdrawals under way"
    )
    max_reader_calls: int = _number(1_000, 1, 100_000, "questions and lists under way")
    request_seconds: int = _number(10, 1, 3_600, "time for the message of a call to be there")
    max_in_flight_batches: int = _number(
        256,
        1,
        65_536,
        "batches of one Submit call that are received and not yet answered; not more than answers "
        "are kept",
    )
    max_pending_records: int = _number(
        4_096, 1, 1_000_000, "commands taken and not yet durable, of all calls"
    )
    max_pending_bytes: int = _number(64 << 20, 64 << 10, 4 << 30, "bytes of those commands")
    max_instructions_per_message: int = _number(1_000, 1, 10_000, "instructions of one message")
    keepalive_interval_millis: int = _number(
        30_000, 1_000, 3_600_000, "pings of an idle connection; clients may ping as often"
    )
    keepalive_timeout_millis: int = _number(
        10_000, 1_000, 3_600_000, "wait for the answer to a ping"
    )
    shutdown_grace_millis: int = _number(
        10_000, 0, 3_600_000, "time for calls to end after SIGTERM or SIGINT"
    )
    failure_grace_millis: int = _number(
        5_000, 0, 3_600_000, "time from a failed journal to the exit, for health to be seen"
    )
    disk_answer_millis: int = _number(
        5_000, 100, 3_600_000, "time for the disk to answer; later calls are refused until it does"
    )
    journal_gather_micros: int = _number(
        10_000, 0, 1_000_000, "longest time that batches of a stream wait to be synced together"
    )
    journal_segment_bytes: int = _number(
        64 << 20,
        1 << 20,
        1 << 30,
        "size of a new journal file; a multiple of 4,096, and at least that much more than "
        "max_request_bytes",
    )
    max_start_gap_seconds: int = _number(
        604_800,
        1,
        3_153_600_000,
        "time from the log's end to a start; after a longer one an operator confirms the start",
    )
    snapshot_interval_seconds: int = _number(
        600, 0, 604_800, "time from one snapshot to the next; 0: not by time"
    )
    snapshot_journal_bytes: int = _number(
        1 << 30, 0, 1 << 40, "new journal after which a snapshot is taken; 0: not by size"
    )
    snapshot_at_stop_millis: int = _number(
        10_000, 0, 3_600_000, "time for a snapshot at the end of a planned stop; 0: none then"
    )
    instructions_kept_seconds: int = _number(
        86_400,
        60,
        31_622_400,
        "time for which instructions are kept on disk in any case, by the log's time",
    )
    instructions_alarm_bytes: int = _number(
        8 << 30, 32 << 20, 1 << 50, "instructions on disk from which on there is an alarm"
    )
    max_state_streams: int = _number(
        2, 1, 16, "state streams open at once; more end with RESOURCE_EXHAUSTED"
    )
    state_stream_seconds: int = _number(
        60, 1, 3_600, "time for a client to read a state stream; later: DEADLINE_EXCEEDED"
    )


MOVED = {
    "max_concurrent_calls": "it is divided: max_engine_calls, max_gateway_calls and so on",
    "max_clients": "AdminService.SetRetention sets client_count",
    "answers_kept_per_client": "AdminService.SetRetention sets answer_count",
    "answer_bytes_kept_per_client": "AdminService.SetRetention sets answer_bytes",
    "instructions_kept": "AdminService.SetRetention sets instruction_count",
}
"""What was a setting, and what is in its place: a part of the log where it decides an answer."""

NEEDED = {"tls_cert": "tls_key", "tls_key": "tls_cert", "tls_client_ca": "tls_cert"}
"""Settings that say nothing without another."""

FLAGS = {"true": True, "false": False}
"""How the environment says what is true."""

SETTINGS: dict[str, Field[Any]] = {setting.name: setting for setting in fields(Config)}


def load_config(
    path: Path | None, environment: Mapping[str, str], options: Mapping[str, str | None]
) -> Config:
    """Return the configuration, all of it checked; raises `ConfigError` for the first fault.

    `options` are those of the command line by key, None where it was not given.
    """
    values = default_values()
    sources = dict.fromkeys(values, DEFAULT_SOURCE)
    for source, key, value in _given(path, environment, options):
        values[key] = _checked(source, key, value)
        sources[key] = source
    _check_together(values, sources)
    return Config(**values)


def default_values() -> dict[str, Any]:
    """Return every key with its default."""
    assert all(setting.default is not MISSING for setting in SETTINGS.values())
    return asdict(Config())


def _given(
    path: Path | None, environment: Mapping[str, str], options: Mapping[str, str | None]
) -> Iterator[tuple[str, str, Any]]:
    """Yield source, key and value of all that is set, the weakest source first."""
    if path is not None:
        for key, value in _read_file(path).items():
            _check_known(str(path), key, key)
            yield str(path), key, value
    for name in sorted(environment):
        is_other = name in CLIENT_KEYS or _is_service_link(name)
        if name.startswith(ENVIRONMENT_PREFIX) and not is_other:
            key = name.removeprefix(ENVIRONMENT_PREFIX).lower()
            _check_known("environment", name, key)
            yield "environment", key, _from_text("environment", key, environment[name])
    for key, text in options.items():
        if text is not None:
            yield "command line", key, _from_text("command line", key, text)


def service_links(environment: Mapping[str, str]) -> list[str]:
    """Return variables that are no settings: Kubernetes sets them for a service of this name."""
    return [name for name in sorted(environment) if _is_service_link(name)]


def _is_service_link(name: str) -> bool:
    key = name.removeprefix(ENVIRONMENT_PREFIX)
    is_known = key.lower() in SETTINGS or key.lower() in MOVED
    return key != name and not is_known and _SERVICE_LINK.fullmatch(key) is not None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(str(path), "file", os.strerror(error.errno or 0)) from error
    except (ValueError, RecursionError) as error:  # of its own kind, and of numbers and depth
        raise ConfigError(str(path), "file", f"not TOML: {error}") from error


def _check_known(source: str, given: str, key: str) -> None:
    if key in MOVED:
        raise ConfigError(source, given, f"no setting any more: {MOVED[key]}")
    if key not in SETTINGS:
        near = "".join(f"did you mean {name}? " for name in get_close_matches(key, SETTINGS, n=1))
        keys = ", ".join(sorted(SETTINGS))
        raise ConfigError(source, given, f"unknown; {near}the keys are {keys}")


def _from_text(source: str, key: str, text: str) -> str | int | bool:
    default = SETTINGS[key].default
    if isinstance(default, bool):
        return FLAGS.get(text, text)
    if not isinstance(default, int):
        return text
    try:
        return int(text)
    except ValueError:
        raise ConfigError(source, key, f"{text!r} is not a whole number") from None


def _checked(source: str, key: str, value: Any) -> Any:
    """Return the value, the home of a user in a path put in; raises `ConfigError`."""
    setting = SETTINGS[key]
    if setting.metadata.get("path") and isinstance(value, str):
        value = os.path.expanduser(value)
    if isinstance(setting.default, bool):
        problem = "" if isinstance(value, bool) else f"{value!r} is neither true nor false"
    elif isinstance(setting.default, int):
        problem = _number_problem(value, setting.metadata["minimum"], setting.metadata["maximum"])
    else:
        problem = _text_problem(value, setting.metadata)
    if problem:
        raise ConfigError(source, key, problem)
    return value


def _number_problem(value: Any, minimum: int, maximum: int) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return f"{value!r} is not a whole number"
    if not minimum <= value <= maximum:
        return f"{value} is out of bounds; allowed: {minimum} to {maximum}"
    return ""


def _text_problem(value: Any, metadata: Mapping[str, Any]) -> str:
    if not isinstance(value, str):
        return f"{value!r} is not a text"
    if not value:
        return "" if metadata.get("optional") else "may not be empty"
    if metadata.get("path") and value.startswith("~"):
        return f"{value!r} begins with the home of a user that is unknown"
    if metadata.get("log_id") and not _LOG_ID.fullmatch(value):
        return f"{value!r} is not 16 small hexadecimal digits"
    choices = metadata.get("choices")
    if choices and value not in choices:
        return f"{value!r} is unknown; allowed: {', '.join(choices)}"
    if metadata.get("address"):
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65_535:
            return f"{value!r} is not HOST:PORT with a port of 0 to 65535"
    return ""


def _check_together(values: Mapping[str, Any], sources: Mapping[str, str]) -> None:
    """Check what no setting can say alone; the source named is the one that was set."""
    _check_journal(values, sources)
    for key, needed in NEEDED.items():
        if values[key] and not values[needed]:
            raise ConfigError(sources[key], key, f"it is of no use without {needed}")
    listen = values["listen"]
    is_guarded = values["tls_cert"] and values["credentials"]
    if not (is_loopback(listen) or is_guarded or values["allow_insecure_listen"]):
        problem = (
            f"{listen} is not loopback: set tls_cert (with tls_key) and credentials, or "
            "allow_insecure_listen = true"
        )
        raise ConfigError(sources["listen"], "listen", problem)


def is_loopback(address: str) -> bool:
    """Return whether only this machine reaches HOST:PORT; a name but localhost may be anything."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_journal(values: Mapping[str, Any], sources: Mapping[str, str]) -> None:
    segment, request = "journal_segment_bytes", "max_request_bytes"
    bytes_, most = values[segment], values[segment] - JOURNAL_RECORD_BYTES
    if bytes_ % JOURNAL_BLOCK_BYTES:
        problem = f"{bytes_} is not a multiple of {JOURNAL_BLOCK_BYTES}"
        raise ConfigError(sources[segment], segment, problem)
    if values[request] > most:
        source = sources[request] if sources[request] != DEFAULT_SOURCE else sources[segment]
        problem = f"{values[request]} does not fit into {segment}, {bytes_}; allowed: up to {most}"
        raise ConfigError(source, request, problem)
