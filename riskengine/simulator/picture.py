"""Draws a scene for a terminal."""

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from riskengine.simulator.charts import bar, sparkline
from riskengine.simulator.scene import SPARK_POINTS, MarketScene, Scene, thin
from riskengine.simulator.tally import LONG, SHORT, Stage
from riskengine.simulator.wording import dollars, percent
from riskengine.units import PPM

UP, DOWN, QUIET, STRONG = "green", "red", "dim", "bold"
NOTES_SHOWN = 6
SPLIT = (13, 7)
NARROW_POINTS = 10
SMALL_HEIGHT = 32
"""A terminal with fewer lines is shown no notes."""
WIDE = 124
"""A terminal with fewer columns is shown less about each market."""
SPARKS = 110
"""One with fewer than this has shorter charts."""
NARROW = 100
"""One with fewer than this has shorter words as well, so that no number is cut."""
TIGHT_POINTS = 8
STAGES = {
    Stage.ORDER: ("1 orders in the book", "1 order book"),
    Stage.TAKE_OVER: ("2 taken over by the fund", "2 fund"),
    Stage.DELEVERAGE: ("3 auto-deleveraged (ADL)", "3 ADL"),
}


def picture(scene: Scene, width: int, height: int) -> RenderableType:
    """Return the whole picture; a small terminal gets less of it."""
    wide = width >= WIDE
    tight = width < NARROW
    points = SPARK_POINTS if width >= SPARKS else TIGHT_POINTS if tight else NARROW_POINTS
    parts: list[RenderableType] = [
        _header(scene),
        _beside(_markets(scene, points, wide=wide, tight=tight), _fund(scene, points), SPLIT),
        _beside(_stages(scene, tight=tight), _accounts(scene, tight=tight), SPLIT),
        _last_adl(scene),
    ]
    if height >= SMALL_HEIGHT:
        parts.append(_beside(_notes(scene), _service(scene), SPLIT))
    parts.append(_progress(scene, 15 if tight else 50))
    return Group(*parts)


def _beside(left: RenderableType, right: RenderableType, ratio: tuple[int, int]) -> Table:
    grid = Table.grid(expand=True)
    grid.add_column(ratio=ratio[0])
    grid.add_column(ratio=ratio[1])
    grid.add_row(left, right)
    return grid


def _panel(body: RenderableType, title: str, style: str = "cyan", height: int = 0) -> Panel:
    return Panel(
        body,
        title=f"[bold]{title}[/bold]",
        title_align="left",
        border_style=style,
        box=box.ROUNDED,
        padding=(0, 1),
        height=height or None,
    )


def _table(*headers: str, tight: bool) -> Table:
    padding = (0, 1, 0, 0) if tight else (0, 1)
    table = Table(box=None, expand=True, pad_edge=False, padding=padding, header_style=QUIET)
    table.add_column(headers[0], no_wrap=True)
    for header in headers[1:]:
        table.add_column(header, justify="right", no_wrap=True)
    return table


def _header(scene: Scene) -> Text:
    facts = scene.facts
    return Text.assemble(
        (" riskengine demo ", "bold reverse"),
        (f"  {scene.clock} UTC  ", "bold"),
        f"{facts.title}; {facts.accounts:,} accounts, policy {facts.policy}, seed {facts.seed}",
        overflow="ellipsis",
        no_wrap=True,
    )


def _markets(scene: Scene, points: int, *, wide: bool, tight: bool) -> Panel:
    extra = ("longs hit", "shorts hit") if wide else ()
    table = _table("", "price", "change", "lowest", "", "depth", *extra, tight=tight)
    for market in scene.markets:
        hit = (dollars(market.long_atoms), dollars(market.short_atoms)) if wide else ()
        spark = Text(sparkline(thin(market.history, points)), style=_direction(market.change_ppm))
        table.add_row(
            Text(market.name, style=STRONG),
            market.price,
            _change(market.change_ppm),
            _change(market.low_ppm),
            spark,
            _depth(market),
            *hit,
        )
    return _panel(table, "markets", height=8)


def _change(ppm: int) -> Text:
    return Text(percent(ppm), style=_direction(ppm))


def _direction(ppm: int) -> str:
    return DOWN if ppm < 0 else UP


def _depth(market: MarketScene) -> Text:
    share = market.depth_ppm / PPM
    return Text(f"{bar(share, 5)} {share * 100:3.0f}%", style=_strength(share))


def _strength(share: float) -> str:
    return UP if share > 0.6 else "yellow" if share > 0.2 else DOWN


def _fund(scene: Scene, points: int) -> Panel:
    share = scene.fund_atoms / max(1, scene.fund_start_atoms)
    style = _strength(share)
    table = _facts()
    table.add_row("equity", Text(dollars(scene.fund_atoms), style=f"bold {style}"))
    table.add_row(Text(bar(share, points), style=style), f"{share * 100:.0f}% of start")
    table.add_row(
        Text(sparkline(thin(scene.fund_history_atoms, points)), style=style),
        f"low {dollars(scene.fund_low_atoms)}",
    )
    table.add_row("at start", dollars(scene.fund_start_atoms))
    table.add_row("inventory", dollars(scene.fund_inventory_atoms))
    table.add_row("bad debt", _debt(scene))
    title = "insurance fund, stopped" if scene.fund_is_stopped else "insurance fund"
    return _panel(table, title, style, height=8)


def _debt(scene: Scene) -> Text:
    return Text(dollars(scene.bad_debt_atoms), style=DOWN if scene.bad_debt_atoms else "")


def _facts() -> Table:
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(style=QUIET, no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    return table


def _stages(scene: Scene, *, tight: bool) -> Panel:
    table = _table("closed by force", "longs", "notional", "shorts", "notional", tight=tight)
    for stage, names in STAGES.items():
        name = names[tight]
        longs, shorts = scene.closed[stage, LONG], scene.closed[stage, SHORT]
        table.add_row(
            name,
            f"{longs.count:,}",
            dollars(longs.notional_atoms),
            f"{shorts.count:,}",
            dollars(shorts.notional_atoms),
        )
    both = [
        sum(closed.notional_atoms for (_, side), closed in scene.closed.items() if side == wanted)
        for wanted in (LONG, SHORT)
    ]
    share = both[0] * 100 / max(1, sum(both))
    table.add_row(
        Text("sum", style=STRONG),
        f"{share:.0f} %" if sum(both) else "",
        Text(dollars(both[0]), style=STRONG),
        f"{100 - share:.0f} %" if sum(both) else "",
        Text(dollars(both[1]), style=STRONG),
    )
    return _panel(table, "liquidations", height=7)


def _accounts(scene: Scene, *, tight: bool) -> Panel:
    table = _facts()
    share = 100 * scene.liquidated / scene.facts.accounts
    called_now = "" if tight else f", {scene.called_now:,} open"
    table.add_row("margin calls", f"{scene.margin_calls:,}{called_now}")
    table.add_row("added margin", f"{scene.top_ups:,}")
    table.add_row("liquidated", f"{scene.liquidated:,} ({share:.{0 if tight else 1}f}%)")
    table.add_row("deleveraged", f"{scene.adl_accounts:,}")
    table.add_row("cancelled" if tight else "orders cancelled", f"{scene.cancelled_orders:,}")
    return _panel(table, "accounts", height=7)


def _last_adl(scene: Scene) -> Panel:
    title = "auto-deleveraging"
    if not scene.last_adl:
        quiet = Text("None so far: the book and the insurance fund carry every loss.", style=QUIET)
        return _panel(quiet, title, height=6)
    hedged = f"; {scene.hedged_hit:,} hedged accounts lost a leg" if scene.hedged_hit else ""
    lines = [
        Text(
            f"{scene.adl_accounts:,} accounts closed in {scene.adl_events:,} steps,"
            f" haircut {dollars(scene.haircut_atoms)}{hedged}. The last one:",
            style=STRONG,
        ),
        *(Text(line, overflow="ellipsis", no_wrap=True) for line in scene.last_adl),
    ]
    return _panel(Group(*lines), title, "magenta", height=6)


def _notes(scene: Scene) -> Panel:
    lines = [Text(note, overflow="ellipsis", no_wrap=True) for note in scene.notes[-NOTES_SHOWN:]]
    return _panel(Group(*lines), "what happened", height=NOTES_SHOWN + 2)


def _service(scene: Scene) -> Panel:
    table = _facts()
    table.add_row("mark to decision", _millis(scene.decision_millis))
    table.add_row("batch to durable", _millis(scene.answer_millis))
    table.add_row("rows sent", f"{scene.rows:,} ({scene.rows_a_second:,.0f}/s)")
    table.add_row("commands", f"{scene.commands:,}")
    table.add_row("instructions", f"{scene.instructions:,}")
    table.add_row("metrics at", scene.facts.metrics_address)
    return _panel(table, "service, as the client sees it", height=NOTES_SHOWN + 2)


def _millis(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.1f} ms, p99 {pair[1]:.1f}"


def _progress(scene: Scene, points: int) -> Text:
    share = scene.step / scene.steps
    then = "stops; the same command goes on" if scene.facts.is_kept else "stops and cleans up"
    return Text.assemble(
        (f" {bar(share, points)} ", "cyan"),
        f"step {scene.step:,} of {scene.steps:,}",
        (f"   Ctrl-C {then}", QUIET),
        overflow="ellipsis",
        no_wrap=True,
    )
