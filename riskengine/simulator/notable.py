"""Notices what is worth telling while a run goes on."""

from riskengine.simulator.levels import RISK_PARAMETERS
from riskengine.simulator.scene import clock_text
from riskengine.simulator.tally import LONG, SHORT, Stage
from riskengine.simulator.venue import Venue
from riskengine.simulator.wording import dollars
from riskengine.units import PPM

FALLS_PERCENT = (5, 10, 25, 50, 75)
FUND_PERCENT = (75, 50, 25, 10, 1)
LIQUIDATED = (100, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000)
DELEVERAGED = (10, 100, 500, 1_000, 5_000, 10_000)
STOPS_TOLD = 3


class Notable:
    """Tells each threshold that is passed once, with the simulated time."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._start = tuple(venue.exchange.marks)
        self._told: set[str] = set()

    def look(self) -> list[str]:
        """Return what is new since the last look."""
        news = [
            *self._firsts(),
            *self._limits(),
            *self._prices(),
            *self._fund(),
            *self._counts(),
        ]
        fresh = {key: text for key, text in news if key not in self._told}
        self._told.update(fresh)
        clock = clock_text(self._venue.path.times_seconds[self._venue.at])[-8:]
        return [f"{clock}  {text}" for text in fresh.values()]

    def _firsts(self) -> list[tuple[str, str]]:
        tally = self._venue.tally
        count = {
            stage: tally.closed(stage, LONG).count + tally.closed(stage, SHORT).count
            for stage in Stage
        }
        debt = tally.largest_bad_debt_atoms
        events = (
            ("margin call", tally.margin_calls > 0, "First margin call."),
            ("order", count[Stage.ORDER] > 0, "First position closed by a liquidation order."),
            (
                "take-over",
                count[Stage.TAKE_OVER] > 0,
                "First position taken over by the insurance fund, at a discount from mark.",
            ),
            (
                "adl",
                count[Stage.DELEVERAGE] > 0,
                "First auto-deleveraging: the fund cannot take this one.",
            ),
            ("hedge", bool(tally.hedged_hit), "A hedged account lost one leg to ADL."),
            (
                "debt",
                debt > 0,
                f"An account is bankrupt and the fund cannot pay {dollars(debt)} now.",
            ),
        )
        return [(key, text) for key, happened, text in events if happened]

    def _limits(self) -> list[tuple[str, str]]:
        """Tell what the limits of the fund, late answers and old debts bring about."""
        tally, fund, late = self._venue.tally, self._venue.fund, self._venue.late
        drawdown, resume = (
            level * 100 // PPM
            for level in (RISK_PARAMETERS.fund_drawdown_ppm, RISK_PARAMETERS.fund_resume_ppm)
        )
        stops = 0 < fund.stops <= STOPS_TOLD
        events = (
            (
                f"stopped {fund.stops}",
                stops and fund.is_stopped,
                (
                    f"The insurance fund is stopped at {dollars(fund.equity_atoms)}, {drawdown} %"
                    " below its highest: it pays nothing and takes nothing over."
                ),
            ),
            (
                f"goes on {fund.stops}",
                stops and not fund.is_stopped,
                f"The insurance fund goes on: it is less than {resume} % below its highest.",
            ),
            (
                "late",
                late.orders > 0,
                "First order cancelled at its deadline: what it filled counts in a second term.",
            ),
            (
                "late fill",
                tally.late_fills > 0,
                "First fill after an order's end: the fund is flat again in what it took of it.",
            ),
            (
                f"spread {tally.spread_atoms}",
                tally.spread_atoms > 0,
                (
                    f"{dollars(tally.spread_atoms)} of old debts in all were spread over the"
                    f" gains of {len(tally.spread_over):,} accounts."
                ),
            ),
        )
        return [(key, text) for key, happened, text in events if happened]

    def _prices(self) -> list[tuple[str, str]]:
        news = []
        for spec, start, mark in zip(
            self._venue.ledger.markets, self._start, self._venue.exchange.marks, strict=True
        ):
            fallen = (start - mark) * 100 // start
            passed = [level for level in FALLS_PERCENT if fallen >= level]
            if passed:
                text = f"{spec.name} is down {passed[-1]} % at {spec.price_text(mark)}."
                news.append((f"{spec.name} {passed[-1]}", text))
        return news

    def _fund(self) -> list[tuple[str, str]]:
        fund = self._venue.fund
        share = fund.equity_atoms * PPM // max(1, fund.start_atoms)
        passed = [level for level in FUND_PERCENT if share < level * 10_000]
        if not passed:
            return []
        left = dollars(fund.equity_atoms)
        text = f"The insurance fund is below {passed[-1]} % of its start: {left}."
        return [(f"fund {passed[-1]}", text)]

    def _counts(self) -> list[tuple[str, str]]:
        tally = self._venue.tally
        liquidated, deleveraged = len(tally.liquidated), len(tally.deleveraged)
        news = []
        for limits, count, text in (
            (LIQUIDATED, liquidated, "accounts have been liquidated."),
            (DELEVERAGED, deleveraged, "accounts have been deleveraged against their will."),
        ):
            passed = [limit for limit in limits if count >= limit]
            if passed:
                news.append((f"{passed[-1]} {text}", f"{passed[-1]:,} {text}"))
        return news
