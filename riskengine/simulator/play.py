"""One whole run: server, opening, crash, summary; or what is left of one that was stopped."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, NamedTuple

import grpc.aio
from rich.console import Console

from riskengine.api.v1 import admin_service_pb2
from riskengine.simulator.client import EngineClient, open_client
from riskengine.simulator.engine_link import CALL_SECONDS, EngineLink
from riskengine.simulator.exchange import Exchange
from riskengine.simulator.figures import Figures, figures_of
from riskengine.simulator.folder import DemoFolder, instructed_meanwhile, shape_of
from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import MARKETS
from riskengine.simulator.notable import Notable
from riskengine.simulator.opening import open_venue
from riskengine.simulator.options import DemoOptions
from riskengine.simulator.policies import POLICIES
from riskengine.simulator.population import make_population
from riskengine.simulator.prices import PricePath
from riskengine.simulator.reconcile import Reconciliation, reconcile
from riskengine.simulator.saved import Progress, Saved
from riskengine.simulator.scene import RunFacts, make_scene
from riskengine.simulator.server_process import RunningServer, running_server
from riskengine.simulator.stop import Stop
from riskengine.simulator.summary import WIDTH, print_summary
from riskengine.simulator.venue import Venue
from riskengine.simulator.view import LiveView, PlainView, View

NOTES_KEPT = 50
LAST_WORDS_SECONDS = 1.0


def make_console() -> Console:
    """Return the console of a run; one that is no terminal gets a width of its own."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


class StoppedError(Exception):
    """A run was stopped after `step` of `steps`, and is kept in its folder."""

    def __init__(self, step: int, steps: int) -> None:
        super().__init__(f"stopped after step {step:,} of {steps:,}")
        self.step = step
        self.steps = steps


class Played(NamedTuple):
    """A run that came to its end."""

    venue: Venue
    reconciliation: Reconciliation
    figures: Figures


async def play(
    options: DemoOptions,
    path: PricePath,
    console: Console,
    folder: DemoFolder | None = None,
    stop: Stop | None = None,
) -> Played:
    """Play a run to its end and print its summary; that of a folder, from where it was stopped.

    Raises `ServerError` when the server fails, `NotFreshError` when it refuses the set-up,
    `StoppedError` when a stop was asked for and the run is kept, `FolderError` when that fails or
    the server's data are not those of the run.
    """
    plain = options.plain
    if plain is None:
        plain = console.is_dumb_terminal or not console.is_terminal
    view: View = PlainView(console) if plain else LiveView(console)
    try:
        view.status("Starting the server, a process of its own with its journal on disk.")
        if options.secure:
            view.status("All goes over mutual TLS: venue, desk and operator have a role each.")
        kept = folder.path if folder else None
        async with running_server(options.metrics_port, kept, secured=options.secure) as server:
            run = _Run(options, path, console, view, folder, stop or Stop())
            return await _while_serving(server, run.play(server))
    finally:
        view.close()


async def _while_serving(server: RunningServer, work: Coroutine[Any, Any, Played]) -> Played:
    """Do the work; raise `ServerError` when the server ends before it is done."""
    guard = asyncio.create_task(server.fail_when_ended())
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({guard, task}, return_when=asyncio.FIRST_COMPLETED)
        if not guard.done() and isinstance(task.exception(), grpc.aio.AioRpcError):
            # A call may fail a moment before the end of the process is known.
            await asyncio.wait({guard}, timeout=LAST_WORDS_SECONDS)
        if guard.done():
            await guard
        return await task
    finally:
        guard.cancel()
        task.cancel()
        await asyncio.gather(guard, task, return_exceptions=True)


class _Run:
    def __init__(
        self,
        options: DemoOptions,
        path: PricePath,
        console: Console,
        view: View,
        folder: DemoFolder | None,
        stop: Stop,
    ) -> None:
        self._options = options
        self._path = path
        self._console = console
        self._view = view
        self._folder = folder
        self._stop = stop

    async def play(self, server: RunningServer) -> Played:
        saved = self._folder.saved if self._folder else None
        async with open_client(server.grpc_address, server.callers) as client:
            if saved is None:
                link = EngineLink(client, Ledger(MARKETS, self._options.accounts))
            else:
                link = EngineLink(client, saved.progress.venue.ledger, saved.link)
            try:
                progress = await (self._open(link) if saved is None else self._take_up(saved, link))
                facts = self._facts(server)
                await self._play_on(progress, facts)
                self._view.status("Comparing the books.")
                found = await reconcile(client, progress.venue, self._options.seed)
            finally:
                await link.close()
        self._view.close()
        start = list(self._path.index_ticks[0])
        print_summary(self._console, progress.venue, facts, found, start, progress.seconds)
        return Played(progress.venue, found, figures_of(progress.venue, facts))

    def _facts(self, server: RunningServer) -> RunFacts:
        return RunFacts(
            self._path.title,
            self._options.accounts,
            self._options.policy,
            self._options.seed,
            f"{server.metrics_address}/metrics",
            is_kept=self._folder is not None,
        )

    async def _open(self, link: EngineLink) -> Progress:
        """Open the venue of a new run."""

        def progress(what: str, done: int, total: int) -> None:
            text = f"Opening the venue: {what}, {done:,} of {total:,}."
            self._view.status(text, passing=done < total)

        options, start = self._options, self._path.index_ticks[0]
        self._view.status(f"Making {options.accounts:,} accounts.")
        population = make_population(MARKETS, start, options.accounts, options.seed)
        await open_venue(link, population, POLICIES[options.policy], start, progress)
        interest_atoms = population.open_interest_atoms()
        exchange = Exchange(link.ledger, population.maker_ids, interest_atoms, start)
        venue = Venue(link, exchange, population, self._path, options.seed)
        await venue.begin()
        return Progress(venue, Notable(venue), [[mark] for mark in exchange.marks])

    async def _take_up(self, saved: Saved, link: EngineLink) -> Progress:
        """Give a saved run its link, once the server's data are found to be those of the run."""
        progress, shape = saved.progress, saved.shape
        progress.venue.link = link
        run = f"seed {shape.seed}, {shape.accounts:,} accounts, {shape.policy}"
        at = f"step {progress.next_step:,} of {len(self._path):,}"
        over = "It is over: its books are compared once more." if progress.is_over else ""
        self._view.status(f"Taking up the run in the folder: {run}, after {at}. {over}".rstrip())
        meanwhile = instructed_meanwhile(saved, await _state(link.client))
        if meanwhile:
            self._tell(progress, [f"While it was stopped timers gave {meanwhile:,} instructions."])
        return progress

    async def _play_on(self, progress: Progress, facts: RunFacts) -> None:
        """Play what is left of a run; keep it at its end or when a stop is asked for."""
        if self._folder is None:
            await self._steps(progress, facts)
            return
        with self._stop.held():
            self._folder.begin()
            await self._steps(progress, facts)
            state = await _state(progress.venue.link.client)
            link = progress.venue.link.state
            self._folder.save(Saved(shape_of(self._options), progress, link, state.state_hash))
        if not progress.is_over:
            raise StoppedError(progress.next_step, len(self._path))

    async def _steps(self, progress: Progress, facts: RunFacts) -> None:
        """Play the steps that are left, stretched to their share of the wanted time."""
        venue, first, steps = progress.venue, progress.next_step, len(self._path)
        played, began = progress.seconds, time.monotonic()
        if first and not progress.is_over:
            await venue.trade()
        for at in range(first, steps):
            await venue.mark(at)
            progress.next_step = at + 1
            is_stopped = self._stop.asked.is_set()
            if not is_stopped:
                await venue.trade()
            progress.seconds = played + time.monotonic() - began
            self._look(progress, facts)
            if is_stopped:
                return
            due = began + self._options.seconds * (at + 1 - first) / steps
            await self._stop.pause(due - time.monotonic())
        await venue.settle()
        self._tell(progress, progress.notable.look())
        progress.seconds = played + time.monotonic() - began
        progress.is_over = True

    def _look(self, progress: Progress, facts: RunFacts) -> None:
        """Note and show the step that was played last."""
        venue = progress.venue
        for marks, mark in zip(progress.history, venue.exchange.marks, strict=True):
            marks.append(mark)
        self._tell(progress, progress.notable.look())
        if self._view.is_due() or progress.next_step == len(self._path):
            notes = tuple(progress.notes)
            scene = make_scene(venue, facts, progress.history, notes, progress.seconds)
            self._view.show(scene)

    def _tell(self, progress: Progress, news: list[str]) -> None:
        for text in news:
            progress.notes.append(text)
            self._view.note(text)
        del progress.notes[:-NOTES_KEPT]


async def _state(client: EngineClient) -> admin_service_pb2.GetStateResponse:
    request = admin_service_pb2.GetStateRequest(with_state_hash=True)
    return await client.admin.GetState(request, timeout=CALL_SECONDS)
