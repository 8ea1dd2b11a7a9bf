"""The commands of the tools; what they print goes to standard output, bars to standard error."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
from rich.console import Console

from riskengine.config import ENVIRONMENT_PREFIX, default_values
from riskengine.machine.replay import ReplayError
from riskengine.persistence import JournalError
from riskengine.tools.audit import audited_commands
from riskengine.tools.backup import back_up
from riskengine.tools.folder import DataFolder, ToolError, WrongUsageError
from riskengine.tools.inspecting import (
    command_values,
    kind_names,
    segment_values,
    shown_records,
    snapshot_values,
    state_of,
)
from riskengine.tools.moments import Moment, parse_moment
from riskengine.tools.progress import Steps, steps_on
from riskengine.tools.prune import prune
from riskengine.tools.replay import replay_until
from riskengine.tools.reports import json_text, rows_text
from riskengine.tools.restore import restore as restore_folder
from riskengine.tools.verify import verify as verify_folder
from riskengine.units import NANOS_PER_SECOND

EXIT_DAMAGED, EXIT_USAGE = 1, 2
SECONDS_PER_DAY = 86_400
TEXT, JSON = "text", "json"

_Arguments = ParamSpec("_Arguments")
_Function = TypeVar("_Function", bound=Callable[..., Any])


def _moment(_ctx: click.Context, param: click.Parameter, text: str | None) -> Moment | None:
    """Return the moment that an option names; a text that names none is an error of usage."""
    if text is None:
        return None
    try:
        return parse_moment(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param=param) from None


def _moment_option(*names: str, text: str) -> Callable[[_Function], _Function]:
    return click.option(*names, metavar="SEQUENCE|TIME", callback=_moment, help=text)


def _told(command: Callable[_Arguments, int]) -> Callable[_Arguments, None]:
    """Run a command and exit with its code; say what kept it from being done."""

    @wraps(command)
    def run(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
        except BrokenPipeError:
            raise  # click ends quietly: who reads has seen enough.
        except WrongUsageError as error:
            click.echo(f"riskengine: {error}", err=True)
            code = EXIT_USAGE
        except (ToolError, JournalError, ReplayError, OSError) as error:
            click.echo(f"riskengine: {error}", err=True)
            code = EXIT_DAMAGED
        sys.exit(code)

    return run


@contextmanager
def _writing_into(target: Path) -> Iterator[None]:
    """Have an error that names no file, as a full disk's does not, name the folder."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        raise ToolError(f"{target} is not done: {error}") from error


_data_dir = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    envvar=f"{ENVIRONMENT_PREFIX}DATA_DIR",
    default=default_values()["data_dir"],
    show_default=True,
    metavar="FOLDER",
    help="Data folder of a server, or a backup of one.",
)
_format = click.option(
    "--format",
    "form",
    type=click.Choice([TEXT, JSON]),
    default=TEXT,
    show_default=True,
    help="For people or for programs.",
)


def _steps() -> Steps:
    return steps_on(Console(stderr=True))


def _show(values: Mapping[str, Any], form: str) -> None:
    click.echo(json_text(values) if form == JSON else rows_text(values))


@click.command()
@_data_dir
@_format
@click.option("--deep", is_flag=True, help="Replay as well, and compare state hashes.")
@_told
def verify(data_dir: Path, form: str, deep: bool) -> int:
    """Verify a data folder or a backup; changes nothing.

    Reads every record of the journal (checksums, chain, sequences), every snapshot, which it reads
    back into a machine, and all instructions on disk with the list of consumers; of a backup also
    its manifest. The folder may be that of a running server: what is durable is verified. Exit
    codes: 0 whole, 1 damaged (file, offset and sequence are named), 2 wrong usage.
    """
    verified = verify_folder(DataFolder.existing(data_dir), _steps(), deep=deep)
    click.echo(json_text(verified.as_values()) if form == JSON else verified.text())
    return 0 if verified.is_whole else EXIT_DAMAGED


@click.command()
@_data_dir
@_format
@_moment_option(
    "--until",
    text="Stop behind this sequence, or the last command at or before this time; else at the end.",
)
@_told
def replay(data_dir: Path, form: str, until: Moment | None) -> int:
    """Replay a journal in memory, from as far back as it reaches; changes nothing.

    Shows the state that it comes to, and compares its hash with each snapshot on the way. Exit
    codes: 0 all hashes are the same, 1 one differs or the journal is damaged, 2 wrong usage.
    """
    replayed = replay_until(DataFolder.existing(data_dir), until, _steps())
    _show(replayed.as_values(), form)
    return 0 if replayed.is_right else EXIT_DAMAGED


@click.command()
@_data_dir
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="The backup: a new folder, or one that an earlier backup made.",
)
@_moment_option(
    "--prune-before",
    text="Then drop from the backup what no point from this one on needs.",
)
@click.option(
    "--keep-days",
    type=click.IntRange(min=1),
    help="Then drop what no point of the last so many days of the log needs.",
)
@_format
@_told
def backup(
    data_dir: Path, target: Path, prune_before: Moment | None, keep_days: int | None, form: str
) -> int:
    """Back up a data folder, also while a server runs on it.

    Copies what the backup does not have yet; each copy is synced and read back. The backup is a
    data folder itself. What is dropped are whole files from its beginning; what stays begins with a
    snapshot, and is verified before and after. Exit codes: 0 done, 1 not done (what the backup held
    before is as it was), 2 wrong usage.
    """
    if prune_before is not None and keep_days is not None:
        raise WrongUsageError("--prune-before and --keep-days cannot be given together")
    folder = DataFolder(target)
    with _writing_into(target):
        done = back_up(DataFolder.existing(data_dir), folder, _steps())
    values = done.as_values()
    if keep_days is not None:
        kept_nanos = keep_days * SECONDS_PER_DAY * NANOS_PER_SECOND
        prune_before = Moment(time_nanos=max(0, done.manifest.last_time_nanos - kept_nanos))
    if prune_before is not None:
        with _writing_into(target):
            values["pruned"] = prune(folder, prune_before, _steps()).as_values()
    _show(values, form)
    return 0


@click.command()
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="A backup, or a data folder.",
)
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="The new data folder: absent or empty.",
)
@_moment_option(
    "--until",
    text="Restore up to this sequence, or the last command at or before this time; else all.",
)
@_format
@_told
def restore(source: Path, target: Path, until: Moment | None, form: str) -> int:
    """Make a data folder from a backup, as of its end or of an earlier command.

    The restored log has a new id: it is another history than the one it came from. Exit codes:
    0 done, 1 not done, 2 wrong usage.
    """
    with _writing_into(target):
        done = restore_folder(DataFolder.existing(source), DataFolder(target), until, _steps())
    _show(done.as_values(), form)
    return 0 if done.replayed.is_right else EXIT_DAMAGED


@click.group()
def inspect() -> None:
    """Look into a data folder or a backup; changes nothing."""


@inspect.command()
@_data_dir
@_format
@_moment_option("--from", "begin", text="First record; else the oldest kept.")
@_moment_option("--to", "end", text="Last record; else the last durable one.")
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(kind_names()),
    multiple=True,
    metavar="KIND",
    help="Only records of this kind; may be given several times. Kinds: "
    f"{', '.join(kind_names())}.",
)
@_told
def records(
    data_dir: Path, form: str, begin: Moment | None, end: Moment | None, kinds: tuple[str, ...]
) -> int:
    """Show the journal's records, each with its request, a line each."""
    folder = DataFolder.existing(data_dir)
    for shown in shown_records(folder, begin, end, frozenset(kinds)):
        click.echo(json_text(shown.as_values(), indent=None) if form == JSON else shown.line())
    return 0


@inspect.command()
@click.argument("sequence", type=click.IntRange(min=1))
@_data_dir
@_format
@_told
def record(sequence: int, data_dir: Path, form: str) -> int:
    """Show one command: its request, and, replayed to it, what was answered and instructed."""
    _show(command_values(DataFolder.existing(data_dir), sequence, _steps()), form)
    return 0


@inspect.command()
@_data_dir
@_format
@_moment_option("--at", text="Behind this sequence or time; else at the end.")
@click.option("--account", "account_id", type=click.IntRange(min=1), help="Accounts of a party.")
@click.option("--market", "market_id", type=click.IntRange(min=1), help="One market.")
@_told
def state(
    data_dir: Path, form: str, at: Moment | None, account_id: int | None, market_id: int | None
) -> int:
    """Show the state after a command, replayed from the newest snapshot before it."""
    folder = DataFolder.existing(data_dir)
    _show(state_of(folder, at, account_id, market_id, _steps()), form)
    return 0


@inspect.command()
@_data_dir
@_format
@_told
def segments(data_dir: Path, form: str) -> int:
    """Show the journal's segments: which records each has, and under which rules they were decided.

    Commands of other rules than this release's cannot be replayed by it.
    """
    _show({"segments": segment_values(DataFolder.existing(data_dir))}, form)
    return 0


@inspect.command()
@_data_dir
@_format
@_told
def snapshots(data_dir: Path, form: str) -> int:
    """Show the snapshots: what state each is of, its size, and that of its sections."""
    rows = list(snapshot_values(DataFolder.existing(data_dir)))
    _show({"snapshots": rows}, form)
    return EXIT_DAMAGED if any("fault" in row for row in rows) else 0


@click.command()
@_data_dir
@_format
@_moment_option("--from", "begin", text="First record; else the oldest kept.")
@_moment_option("--to", "end", text="Last record; else the last durable one.")
@click.option(
    "--caller",
    "callers",
    multiple=True,
    metavar="NAME",
    help="Only what this caller asked for; may be given several times; - is nobody known.",
)
@_told
def audit(
    data_dir: Path, form: str, begin: Moment | None, end: Moment | None, callers: tuple[str, ...]
) -> int:
    """Show who asked for what, and when: commands of operators, and all that move money.

    Of the journal of a server, also while it runs, or of a backup; a line each.
    """
    folder = DataFolder.existing(data_dir)
    for one in audited_commands(folder, begin, end, frozenset(callers)):
        click.echo(json_text(one.as_values(), indent=None) if form == JSON else one.line())
    return 0


COMMANDS = (verify, inspect, audit, replay, backup, restore)
"""The tools, as the command line has them."""
