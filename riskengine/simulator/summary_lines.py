"""The sentences of the summary: a label and a text each."""

from collections.abc import Iterable

from riskengine.simulator.reconcile import Reconciliation
from riskengine.simulator.scene import RunFacts, quantiles
from riskengine.simulator.venue import Venue
from riskengine.simulator.wording import dollars, exact_dollars

Lines = Iterable[tuple[str, str]]


def account_lines(venue: Venue, facts: RunFacts) -> Lines:
    """Tell what became of the accounts."""
    tally = venue.tally
    share = 100 * len(tally.liquidated) / facts.accounts
    yield (
        "accounts",
        f"{facts.accounts:,}, of which liquidated {len(tally.liquidated):,} ({share:.1f} %)",
    )
    yield (
        "margin calls",
        (
            f"{tally.margin_calls:,}, of which cleared {tally.margin_calls_cleared:,};"
            f" {venue.top_ups:,} accounts added {dollars(venue.topped_up_atoms)}"
        ),
    )
    yield (
        "orders",
        (
            f"{venue.rested_orders:,} accepted, {venue.refused_orders:,} refused for margin,"
            f" {venue.cancelled_orders:,} cancelled by liquidations"
        ),
    )


def loss_lines(venue: Venue) -> Lines:
    """Tell who bore the losses."""
    tally, fund = venue.tally, venue.fund
    income_atoms = tally.fees_to_fund_atoms + tally.discounts_to_fund_atoms - tally.fund_paid_atoms
    result_atoms = fund.equity_atoms - fund.start_atoms - income_atoms
    made = "earned" if result_atoms >= 0 else "lost"
    yield (
        "insurance fund",
        (
            f"{dollars(fund.start_atoms)} at the start, {dollars(fund.low_atoms)} at the lowest,"
            f" {dollars(fund.equity_atoms)} at the end"
        ),
    )
    stopped = ", stopped at the end" if fund.is_stopped else ""
    yield "  stops by its limit", f"{fund.stops:,}{stopped}"
    yield "  fees of liquidations", dollars(tally.fees_to_fund_atoms)
    yield "  discounts of closes", dollars(tally.discounts_to_fund_atoms)
    yield "  paid towards losses", dollars(tally.fund_paid_atoms)
    most = dollars(fund.largest_inventory_atoms)
    yield "  positions taken over", f"up to {most}; {made} {dollars(abs(result_atoms))} on them"
    yield (
        "auto-deleveraging",
        (
            f"{len(tally.deleveraged):,} accounts in {tally.allocations:,} allocations,"
            f" {dollars(tally.haircut_atoms)} lost against mark"
        ),
    )
    yield (
        "hedges",
        (
            f"{len(tally.hedged_hit):,} hedged accounts lost a leg to it,"
            f" {len(tally.hedged_lost):,} of them were liquidated later"
        ),
    )
    yield (
        "bad debt",
        (
            f"{dollars(sum(tally.bad_debts.values()))} at the end,"
            f" {dollars(tally.largest_bad_debt_atoms)} at the highest"
        ),
    )
    yield (
        "  spread over gains",
        f"{dollars(tally.spread_atoms)}, borne by {len(tally.spread_over):,} accounts",
    )
    yield (
        "late answers",
        (
            f"{venue.late.orders:,} orders cancelled at their deadlines;"
            f" {venue.late.fills_after_end:,} fills after the end of theirs,"
            f" {dollars(tally.late_fills_atoms)} of them the fund's"
        ),
    )


def service_lines(venue: Venue, seconds: float) -> Lines:
    """Tell what the client measured."""
    telemetry = venue.link.telemetry
    for label, recorder in (
        ("mark sent to decision", telemetry.decisions),
        ("batch sent to durable", telemetry.answers),
        ("order check", telemetry.checks),
    ):
        middle, high = quantiles(recorder.quantile_millis)
        yield label, f"p50 {middle:.2f} ms, p99 {high:.2f} ms, of {recorder.count:,}"
    yield (
        "sent",
        (
            f"{telemetry.rows:,} rows in {telemetry.batches:,} batches over {seconds:.0f} s;"
            f" {telemetry.refused_rows:,} rows refused {telemetry.first_refusal}"
        ),
    )
    reopened = venue.link.reopened_streams
    again = f"; the stream stood still and was opened again {reopened:,} times" if reopened else ""
    yield "received", f"{venue.tally.instructions:,} instructions{again}"


def money_lines(found: Reconciliation) -> Lines:
    """Tell both sides of the conservation of money."""
    check = found.state.conservation[0]
    yield "net deposits", exact_dollars(int(check.net_deposits_atoms))
    yield "= balances of accounts", exact_dollars(int(check.balances_atoms))
    yield "+ unrealised PnL", exact_dollars(int(check.unsettled_pnl_atoms))
    yield "+ balance of the fund", exact_dollars(int(check.funds_atoms))
    yield "+ trading fees", exact_dollars(int(check.fees_atoms))
    yield "missing", f"{found.missing_atoms} atoms"
    yield (
        "books compared",
        (
            f"equity and notional of all {found.accounts:,} accounts, positions and cash of"
            f" {found.sampled:,}: {len(found.differences)} differences"
        ),
    )
