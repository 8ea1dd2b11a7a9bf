"""Auto-deleveraging: whose winning positions were closed, and what it cost them."""

from deploy.grafana.spec import MARKET, RATE, Look, PanelSpec, Query, RowSpec, per_minute

NOTIONAL = "riskengine_liquidated_notional_asset_units_total"
DAY = "sum by (market) (increase({}[24h]))"
ALL_NOTIONAL = f"{NOTIONAL}{{{MARKET}}}"
ADL_NOTIONAL = f'{NOTIONAL}{{{MARKET},stage="auto_deleverage"}}'
ALLOCATIONS = f"riskengine_adl_allocations_total{{{MARKET}}}"
ACCOUNTS = f"riskengine_adl_deleveraged_accounts_total{{{MARKET}}}"
HAIRCUT = f"riskengine_adl_haircut_asset_units{{{MARKET}}}"

ADL = RowSpec(
    "ADL",
    (
        PanelSpec(
            "Allocations a minute, by market and policy",
            "Losses put on counterparties. It ends when the price turns or the fund can take over "
            "again; a deposit into the market's insurance fund is what an operator can do.",
            "short",
            (
                Query(
                    f"60 * sum by (market, policy) (rate({ALLOCATIONS}{RATE}) "
                    "* on (instance, market) group_left (policy) riskengine_market_info)",
                    "{{market}} {{policy}}",
                ),
            ),
            Look.STACK,
        ),
        PanelSpec(
            "Deleveraged accounts a minute",
            "Counterparties touched, once an allocation. Each is a customer who lost a position "
            "without doing anything wrong.",
            "short",
            (Query(per_minute(ACCOUNTS, "market"), "{{market}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Haircut a minute",
            "What the counterparties gave up against closing at mark, in units of the settlement "
            "asset: the loss that was put on them. Below 0 they gained: the account still had "
            "equity, but the fund had no room for its position.",
            "short",
            (
                Query(
                    f"60 * sum by (market, asset) (deriv({HAIRCUT}{RATE}))",
                    "{{market}}",
                ),
            ),
        ),
        PanelSpec(
            "Notional closed by ADL a minute",
            "By market and by side of the bankrupt position; the counterparties that were closed "
            "against it were on the other side.",
            "short",
            (Query(per_minute(ADL_NOTIONAL, "market, side"), "{{market}} {{side}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Share of ADL, 24 h",
            "ADL's share of the liquidated notional. Above a few percent the insurance fund is too "
            "small for the open interest, or the leverage allowed is too high.",
            "percentunit",
            (
                Query(
                    f"{DAY.format(ADL_NOTIONAL)} / ({DAY.format(ALL_NOTIONAL)} > 0)",
                    "{{market}}",
                ),
            ),
        ),
        PanelSpec(
            "Totals, 24 h",
            "Allocations and accounts touched, by market.",
            "short",
            (
                Query(DAY.format(ALLOCATIONS), "{{market}} allocations"),
                Query(DAY.format(ACCOUNTS), "{{market}} accounts"),
            ),
        ),
    ),
)
