"""The command `riskengine demo`."""

import asyncio
import shlex
import signal
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import click
from rich.console import Console

from riskengine.simulator.bars import BarsError
from riskengine.simulator.certificates import CertificatesError
from riskengine.simulator.figures import Figures, FiguresError, read_figures, write_figures
from riskengine.simulator.folder import DemoFolder, kept_folder, taken_up
from riskengine.simulator.opening import NotFreshError
from riskengine.simulator.options import DemoOptions
from riskengine.simulator.play import Played, StoppedError, make_console, play
from riskengine.simulator.policies import POLICIES
from riskengine.simulator.population import MAX_ACCOUNTS, MIN_ACCOUNTS
from riskengine.simulator.prices import PricePath
from riskengine.simulator.saved import FolderError
from riskengine.simulator.server_process import ServerError
from riskengine.simulator.stop import Stop
from riskengine.simulator.summary import print_beside

EXIT_BOOKS_DISAGREE, EXIT_USAGE, EXIT_SERVER = 1, 2, 3
SIGNAL_EXIT = 128
TIMES = ["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]


@click.command()
@click.option(
    "--seed",
    envvar="SEED",
    type=click.IntRange(0, 2**31),
    default=1,
    show_default=True,
    help="Another seed, another story; the same seed, the same one.",
)
@click.option(
    "--accounts",
    envvar="ACCOUNTS",
    type=click.IntRange(MIN_ACCOUNTS, MAX_ACCOUNTS),
    default=24_000,
    show_default=True,
    help="Accounts of the venue.",
)
@click.option(
    "--policy",
    envvar="POLICY",
    type=click.Choice(list(POLICIES), case_sensitive=False),
    default="queue",
    show_default=True,
    help="How a loss that the fund cannot carry is spread over winners.",
)
@click.option(
    "--prices",
    envvar="PRICES",
    type=click.Path(path_type=Path),
    help="CSV (also .gz) of one-minute bars to play as BTC: timestamp,open,high,low,close,volume."
    " Of a file of more than two days, the two days that end with the low of its largest fall.",
)
@click.option(
    "--from",
    "start",
    envvar="FROM",
    type=click.DateTime(TIMES),
    metavar="TIME",
    help="First bar to play, as 2022-01-21 or '2022-01-21 18:00', UTC.",
)
@click.option(
    "--to", "end", envvar="TO", type=click.DateTime(TIMES), metavar="TIME", help="End of the bars."
)
@click.option(
    "--seconds",
    envvar="SECONDS_TO_PLAY",
    type=click.FloatRange(0, 3_600),
    default=60.0,
    show_default=True,
    help="Stretch the play to this time; 0: as fast as it goes.",
)
@click.option(
    "--step-seconds",
    type=click.IntRange(1, 60),
    default=3,
    show_default=True,
    help="Simulated time of one step of the built-in prices.",
)
@click.option(
    "--metrics-port",
    envvar="METRICS_PORT",
    type=click.IntRange(0, 65_535),
    default=0,
    help="Port of the server's metrics page; 0, the default: a free one.",
)
@click.option(
    "--secure",
    envvar="SECURE",
    is_flag=True,
    help="Over mutual TLS, each caller with a role; openssl makes the certificates.",
)
@click.option("--plain/--live", default=None, help="Plain lines or the live picture.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Keep the run in this folder: stopped, it is played on by the same command.",
)
@click.option(
    "--figures",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write what the run came to, as JSON.",
)
@click.option(
    "--beside",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Tell beside it what another run of the same market came to, which --figures has written.",
)
@click.pass_context
def demo(context: click.Context, /, **chosen: object) -> None:
    """Play a market crash against a server of its own.

    A simulated exchange opens tens of thousands of accounts and streams trades and mark prices to
    the engine, which answers with liquidation orders, take-overs and auto-deleveraging. At the end
    every atom of money is accounted for.

    With --data-dir the server's data stay, and Ctrl-C or SIGTERM ends the step under way and keeps
    the exchange beside them. The same command then starts the server on its data and plays on, as
    if there had been no stop. A run that is killed cannot be played on: the engine has lost
    nothing, but the exchange has.

    Exit codes: 0 all is well, 1 an atom is missing or the books disagree, 2 wrong options, prices
    or folder, 3 the server failed, 128 and the signal's number: stopped.
    """
    console = make_console()
    options = DemoOptions(**chosen)  # type: ignore[arg-type]
    if options.prices is None and (options.start or options.end):
        raise click.UsageError("--from and --to choose among the bars of --prices")
    if options.start and options.end and options.start >= options.end:
        raise click.UsageError("--from must be before --to")
    given = {
        name
        for name in chosen
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
    }
    if options.prices is not None and "step_seconds" in given:
        raise click.UsageError("--step-seconds is of the built-in prices, not of --prices")
    try:
        before = None if options.beside is None else read_figures(options.beside)
        with kept_folder(options.data_dir) as folder:
            code = run(options, given, folder, console, before)
    except (BarsError, FiguresError, FolderError) as error:
        click.echo(f"riskengine demo: {error}", err=True)
        sys.exit(EXIT_USAGE)
    sys.exit(code)


def run(
    options: DemoOptions,
    given: Collection[str],
    folder: DemoFolder | None,
    console: Console,
    before: Figures | None = None,
) -> int:
    """Play a run to its end or to a signal; return the exit code.

    Raises `BarsError` and `FolderError`.
    """
    if folder is not None and folder.saved is not None:
        options = taken_up(options, given, folder.saved)
        path = folder.saved.progress.venue.path
    else:
        path = options.path()
    caught: list[signal.Signals] = []
    try:
        played = asyncio.run(_until_signal(options, path, console, folder, caught))
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo(_stopped_text(folder), err=True)
        return _signal_exit(caught)
    except StoppedError as stopped:
        command = f"riskengine demo --data-dir {shlex.quote(str(options.data_dir))}"
        step = f"step {stopped.step:,} of {stopped.steps:,}"
        click.echo(f"Stopped after {step}. Go on with the same command, or: {command}", err=True)
        return _signal_exit(caught)
    except CertificatesError as error:
        click.echo(f"riskengine demo: --secure: {error}", err=True)
        return EXIT_USAGE
    except (ServerError, NotFreshError) as error:
        click.echo(f"riskengine demo: {error}", err=True)
        return EXIT_SERVER
    print_beside(console, played.figures, before)
    if options.figures is not None:
        write_figures(options.figures, played.figures)
    return 0 if played.reconciliation.holds else EXIT_BOOKS_DISAGREE


def _stopped_text(folder: DemoFolder | None) -> str:
    """Tell of a run that was stopped where nothing had to be saved."""
    if folder is None:
        return "Stopped. The server and its data folder are gone."
    if not folder.is_begun:
        return f"Stopped before the venue was open. {folder.path} is empty again."
    return f"Stopped. {folder.path} keeps the run."


def _signal_exit(caught: Sequence[signal.Signals]) -> int:
    return SIGNAL_EXIT + (caught[0] if caught else signal.SIGINT)


async def _until_signal(
    options: DemoOptions,
    path: PricePath,
    console: Console,
    folder: DemoFolder | None,
    caught: list[signal.Signals],
) -> Played:
    """Play; a first signal ends the run in good order, and later ones do not disturb that."""
    stop = Stop(asyncio.current_task())

    def request(number: signal.Signals) -> None:
        caught.append(number)
        stop.request()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, request, number)
    return await play(options, path, console, folder, stop)


if __name__ == "__main__":
    demo()
