"""One whole run: server, opening, crash, summary."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, NamedTuple

import grpc.aio
from rich.console import Console

from riskengine.simulator.client import EngineClient, open_channel
from riskengine.simulator.engine_link import EngineLink
from riskengine.simulator.exchange import Exchange
from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import MARKETS
from riskengine.simulator.notable import Notable
from riskengine.simulator.opening import open_venue
from riskengine.simulator.options import DemoOptions
from riskengine.simulator.policies import POLICIES
from riskengine.simulator.population import Population, make_population
from riskengine.simulator.prices import PricePath
from riskengine.simulator.reconcile import Reconciliation, reconcile
from riskengine.simulator.scene import RunFacts, make_scene
from riskengine.simulator.server_process import RunningServer, running_server
from riskengine.simulator.summary import WIDTH, print_summary
from riskengine.simulator.venue import Venue
from riskengine.simulator.view import LiveView, PlainView, View

NOTES_KEPT = 50
LAST_WORDS_SECONDS = 1.0


def make_console() -> Console:
    """Return the console of a run; one that is no terminal gets a width of its own."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


class Played(NamedTuple):
    """A run that came to its end."""

    venue: Venue
    reconciliation: Reconciliation


async def play(options: DemoOptions, path: PricePath, console: Console) -> Played:
    """Play a run to its end and print its summary.

    Raises `ServerError` when the server fails, `NotFreshError` when it refuses the set-up.
    """
    plain = options.plain
    if plain is None:
        plain = console.is_dumb_terminal or not console.is_terminal
    view: View = PlainView(console) if plain else LiveView(console)
    try:
        view.status("Starting the server, a process of its own with its journal on disk.")
        async with running_server(options.metrics_port) as server:
            run = _Run(options, path, console, view)
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
    def __init__(self, options: DemoOptions, path: PricePath, console: Console, view: View) -> None:
        self._options = options
        self._path = path
        self._console = console
        self._view = view
        self._notes: list[str] = []

    async def play(self, server: RunningServer) -> Played:
        options, start = self._options, self._path.index_ticks[0]
        self._view.status(f"Making {options.accounts:,} accounts.")
        population = make_population(MARKETS, start, options.accounts, options.seed)
        facts = RunFacts(
            self._path.title,
            options.accounts,
            options.policy,
            options.seed,
            f"{server.metrics_address}/metrics",
        )
        async with open_channel(server.grpc_address) as channel:
            client = EngineClient(channel)
            link = EngineLink(client, Ledger(MARKETS, options.accounts))
            try:
                await self._open(link, population)
                venue = self._venue(link, population)
                seconds = await self._crash(venue, facts)
                self._view.status("Comparing the books.")
                found = await reconcile(client, venue, options.seed)
            finally:
                await link.close()
        self._view.close()
        print_summary(self._console, venue, facts, found, list(start), seconds)
        return Played(venue, found)

    async def _open(self, link: EngineLink, population: Population) -> None:
        def progress(what: str, done: int, total: int) -> None:
            text = f"Opening the venue: {what}, {done:,} of {total:,}."
            self._view.status(text, passing=done < total)

        policy = POLICIES[self._options.policy]
        await open_venue(link, population, policy, self._path.index_ticks[0], progress)

    def _venue(self, link: EngineLink, population: Population) -> Venue:
        exchange = Exchange(
            link.ledger,
            population.maker_ids,
            population.open_interest_atoms(),
            self._path.index_ticks[0],
        )
        return Venue(link, exchange, population, self._path, self._options.seed)

    async def _crash(self, venue: Venue, facts: RunFacts) -> float:
        """Play every step, stretched to the wanted time; return the seconds that it took."""
        await venue.begin()
        notable = Notable(venue)
        history: list[list[int]] = [[mark] for mark in venue.exchange.marks]
        began, steps = time.monotonic(), len(self._path)
        for at in range(steps):
            await venue.step(at)
            for marks, mark in zip(history, venue.exchange.marks, strict=True):
                marks.append(mark)
            self._tell(notable.look())
            now = time.monotonic()
            if self._view.is_due() or at == steps - 1:
                notes = tuple(self._notes)
                self._view.show(make_scene(venue, facts, history, notes, now - began))
            ahead = began + self._options.seconds * (at + 1) / steps - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)
        await venue.finish()
        return time.monotonic() - began

    def _tell(self, news: list[str]) -> None:
        for text in news:
            self._notes.append(text)
            self._view.note(text)
        del self._notes[:-NOTES_KEPT]
