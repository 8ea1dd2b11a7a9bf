"""A folder that keeps a run: the server's data, and the exchange beside it once it is stopped."""

import fcntl
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from riskengine.api.v1 import admin_service_pb2
from riskengine.simulator.options import DemoOptions
from riskengine.simulator.prices import PricePath
from riskengine.simulator.saved import (
    TEMPORARY_SUFFIX,
    FolderError,
    Saved,
    Shape,
    read_saved,
    sync_folder,
    write_saved,
)
from riskengine.simulator.server_process import DATA_NAME, LOG_NAME

STATE_NAME = "exchange.state"
OWN_NAMES = {DATA_NAME, LOG_NAME, STATE_NAME, Path(STATE_NAME).with_suffix(TEMPORARY_SUFFIX).name}
PRICE_OPTIONS = {"prices", "start", "end"}


class DemoFolder:
    """The folder of one run.

    While a run is played there is no file of its exchange. So one that was killed, or whose server
    ended, is not taken up with an exchange that knows less than the engine has done since.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.saved: Saved | None = self._read()
        self.is_begun = self.saved is not None
        """False while nothing in it is worth keeping."""

    def begin(self) -> None:
        """Note that the play goes on: what was saved is no more how things stand."""
        self.is_begun = True
        (self.path / STATE_NAME).unlink(missing_ok=True)
        sync_folder(self.path)

    def save(self, saved: Saved) -> None:
        """Keep a run that is stopped or over. Raises `FolderError`."""
        try:
            write_saved(self.path / STATE_NAME, saved)
        except OSError as error:
            raise FolderError(f"{self.path}: not saved, and lost: {error.strerror}") from error

    def clear(self) -> None:
        """Remove what a run has left in it."""
        for path in map(self.path.joinpath, OWN_NAMES):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def _read(self) -> Saved | None:
        names = set(os.listdir(self.path))
        if STATE_NAME in names:
            return read_saved(self.path / STATE_NAME)
        foreign = sorted(names - OWN_NAMES if LOG_NAME in names else names)
        if foreign:
            raise FolderError(
                f"{self.path}: it holds '{foreign[0]}', which is no demo's; give an empty folder"
            )
        if names:
            raise FolderError(
                f"{self.path}: its demo was not stopped but killed, or its server ended, and the"
                " exchange is lost; begin anew in an empty folder"
            )
        return None


@contextmanager
def kept_folder(path: Path | None) -> Iterator[DemoFolder | None]:
    """Open a folder for one run, made if need be; leave it empty if that was not begun.

    None stays None. Raises `FolderError`.
    """
    if path is None:
        yield None
        return
    descriptor = _locked(path)
    try:
        folder = DemoFolder(path)
        try:
            yield folder
        finally:
            if not folder.is_begun:
                folder.clear()
    finally:
        os.close(descriptor)


def _locked(path: Path) -> int:
    """Return a descriptor of the folder; until it is closed no other demo opens that."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
    except FileExistsError as error:
        raise FolderError(f"{path}: it is no folder") from error
    except BlockingIOError as error:
        raise FolderError(f"{path}: another demo is playing in it") from error
    except OSError as error:
        raise FolderError(f"{path}: cannot be used: {error.strerror}") from error
    return descriptor


def taken_up(options: DemoOptions, given: Collection[str], saved: Saved) -> DemoOptions:
    """Return the options with the shape of a saved run.

    `given` names those that were chosen and are not defaults: one that contradicts the run raises
    `FolderError`, and bars that cannot be read `BarsError`.
    """
    for name, kept in asdict(saved.shape).items():
        wanted = getattr(options, name)
        if name in given and wanted != kept:
            option = name.replace("_", "-")
            raise FolderError(
                f"--{option} is {wanted}, but the run in {options.data_dir} has {kept}"
            )
    options = replace(options, **asdict(saved.shape))
    if PRICE_OPTIONS.intersection(given):
        wanted, kept = options.path(), saved.progress.venue.path
        if wanted != kept:
            raise FolderError(
                f"the prices given are {_told(wanted)}, but the run in {options.data_dir} has"
                f" {_told(kept)}"
            )
    return options


def _told(path: PricePath) -> str:
    return f"'{path.title}' in {len(path):,} steps that end at {path.index_ticks[-1][0]:,} ticks"


def instructed_meanwhile(saved: Saved, state: admin_service_pb2.GetStateResponse) -> int:
    """Return how many instructions a server gave since the run was stopped: its timers alone did.

    They are carried out like any other, but then the story is not that of a run without a stop.
    Its start is a command, and so are timers that find nothing to do. Raises `FolderError` when the
    server's data are not those of the run.
    """
    last = saved.link.telemetry.sequence
    if state.sequence < last:
        raise FolderError(
            f"the server's data end with command {state.sequence:,}, but the exchange has sent"
            f" command {last:,}: they are not those of this run"
        )
    if state.sequence == last and state.state_hash != saved.state_hash:
        raise FolderError(
            f"the server's state hash after command {last:,} is {state.state_hash}, but was"
            f" {saved.state_hash} when the run was stopped"
        )
    return state.instruction_sequence - (saved.link.next_instruction_sequence - 1)


def shape_of(options: DemoOptions) -> Shape:
    """Return what a folder keeps of the options."""
    return Shape(options.seed, options.accounts, options.policy, options.step_seconds)
