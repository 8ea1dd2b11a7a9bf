"""The summary at the end of a run."""

from rich import box
from rich.console import Console
from rich.table import Table

from riskengine.simulator.figures import Figures, lines_beside
from riskengine.simulator.reconcile import MAX_TOLD, Reconciliation
from riskengine.simulator.scene import RunFacts
from riskengine.simulator.summary_lines import (
    account_lines,
    loss_lines,
    money_lines,
    service_lines,
)
from riskengine.simulator.tally import LONG, SHORT, Stage
from riskengine.simulator.venue import Venue
from riskengine.simulator.wording import dollars, percent
from riskengine.units import PPM

WIDTH = 110
ROOMY = 92
"""A terminal with fewer columns has no room between those of the markets; 75 are enough."""


def print_summary(
    console: Console,
    venue: Venue,
    facts: RunFacts,
    found: Reconciliation,
    start_ticks: list[int],
    seconds: float,
) -> None:
    """Print what happened, what the service took for it, and whether the books agree."""
    console.print()
    console.rule(f"[bold]Summary[/bold]: {facts.title}", align="left")
    markets = _market_table(venue, start_ticks)
    if console.width < ROOMY:
        markets.padding = 0
    console.print(markets)
    console.print(_stage_table(venue))
    for title, lines in (
        ("Accounts", account_lines(venue, facts)),
        ("Losses", loss_lines(venue)),
        ("Service, measured by the client", service_lines(venue, seconds)),
        ("Money", money_lines(found)),
    ):
        console.print(f"\n[bold]{title}[/bold]")
        for label, text in lines:
            console.print(f"  {label:<26} {text}", highlight=False, soft_wrap=True)
    _print_verdict(console, venue, facts, found)


def print_beside(console: Console, now: Figures, before: Figures | None) -> None:
    """Print what another run of the same market came to, in brackets beside this one."""
    if before is None:
        return
    if not now.is_of_the_same_market(before):
        console.print(
            f"\nNothing to compare with: the figures given are of {before.title}, seed"
            f" {before.seed}, {before.accounts:,} accounts, {before.policy}.",
            highlight=False,
        )
        return
    console.print(f"\n[bold]The same market, in brackets under {before.under}[/bold]")
    for label, text in lines_beside(now, before):
        console.print(f"  {label:<26} {text}", highlight=False, soft_wrap=True)


def _table(title: str, *headers: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column(headers[0], no_wrap=True)
    for header in headers[1:]:
        table.add_column(header, justify="right", no_wrap=True)
    return table


def _market_table(venue: Venue, start_ticks: list[int]) -> Table:
    table = _table(
        "Markets",
        *("", "start", "low", "end", "lowest", "longs\nhit", "shorts\nhit", "closed", "ADL'd"),
    )
    for market, spec in enumerate(venue.ledger.markets):
        tally = venue.tally.markets[market]
        start, low = start_ticks[market], venue.lows[market]
        table.add_row(
            spec.symbol,
            spec.price_text(start),
            spec.price_text(low),
            spec.price_text(venue.exchange.marks[market]),
            percent((low - start) * PPM // start),
            f"{len(tally.accounts[LONG]):,}",
            f"{len(tally.accounts[SHORT]):,}",
            dollars(tally.notional_atoms()),
            f"{len(tally.deleveraged):,}",
        )
    return table


def _stage_table(venue: Venue) -> Table:
    table = _table(
        "Positions closed by force, notional at mark", "", "longs", "notional", "shorts", "notional"
    )
    names = {
        Stage.ORDER: "liquidation orders, filled in the book",
        Stage.TAKE_OVER: "taken over by the insurance fund",
        Stage.DELEVERAGE: "auto-deleveraged",
    }
    for stage, name in names.items():
        longs, shorts = venue.tally.closed(stage, LONG), venue.tally.closed(stage, SHORT)
        table.add_row(
            name,
            f"{longs.count:,}",
            dollars(longs.notional_atoms),
            f"{shorts.count:,}",
            dollars(shorts.notional_atoms),
        )
    return table


def _print_verdict(console: Console, venue: Venue, facts: RunFacts, found: Reconciliation) -> None:
    console.print()
    for difference in found.differences[:MAX_TOLD]:
        console.print(f"  {difference}", style="red", highlight=False)
    if found.holds:
        console.print(
            "[bold green]OK[/bold green]: money is conserved to the atom, and the venue's books"
            " equal the engine's.",
            highlight=False,
        )
    else:
        console.print(
            "[bold red]FAILED[/bold red]: an atom is missing or the books disagree.",
            highlight=False,
        )
    console.print(
        f"Story {venue.fingerprint} (the same again for seed {facts.seed}, {facts.accounts:,}"
        f" accounts, {facts.policy}); state hash {found.state.state_hash} (differs from run to run:"
        " it holds the log's times).",
        highlight=False,
        soft_wrap=True,
        style="dim",
    )
