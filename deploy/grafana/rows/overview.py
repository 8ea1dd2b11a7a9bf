"""The first row: is anything burning, and how big is it."""

from deploy.grafana.spec import (
    MARKET,
    RED_ABOVE_ZERO,
    Level,
    Look,
    PanelSpec,
    Query,
    RowSpec,
)

NOTIONAL = "riskengine_liquidated_notional_asset_units_total"
DAY = f"sum by (asset) (increase({NOTIONAL}{{{MARKET}}}[24h]))"
DAY_BEFORE = f"sum by (asset) (increase({NOTIONAL}{{{MARKET}}}[24h] offset 24h))"

OVERVIEW = RowSpec(
    "Overview",
    (
        PanelSpec(
            "Liquidated, 24 h",
            "Notional at mark of all forced closes of the last 24 hours: fills of liquidation "
            "orders, take-overs by the insurance fund, and ADL. In units of the settlement asset. "
            "High beside a falling insurance fund: look at the rows below for the market.",
            "short",
            (Query(DAY, "{{asset}}"),),
            Look.STAT,
        ),
        PanelSpec(
            "Change against the day before",
            "Liquidated notional of the last 24 hours less that of the 24 hours before. "
            "Above 0: liquidations are growing.",
            "short",
            (Query(f"{DAY} - ({DAY_BEFORE} or 0 * {DAY})", "{{asset}}"),),
            Look.STAT,
        ),
        PanelSpec(
            "Long share, 24 h",
            "Share of the liquidated notional that was long. Near 100 %: the market fell on "
            "crowded longs; near 0 %: a squeeze of shorts. Empty when nothing was liquidated.",
            "percentunit",
            (
                Query(
                    f'sum by (asset) (increase({NOTIONAL}{{{MARKET},side="long"}}[24h]))'
                    f" / ({DAY} > 0)",
                    "{{asset}}",
                ),
            ),
            Look.STAT,
        ),
        PanelSpec(
            "Insurance fund",
            "Cash and unrealised PnL of all insurance funds. When it can no longer carry what it "
            "takes over, losses go to ADL: deposit into the fund before that, not after.",
            "short",
            (Query("sum by (asset) (riskengine_insurance_fund_equity_asset_units)", "{{asset}}"),),
            Look.STAT,
            (Level(None, "red"), Level(1e-9, "green")),
        ),
        PanelSpec(
            "ADL allocations, 24 h",
            "Losses that the insurance fund could not take and that were put on winning "
            "positions. Each is felt by customers: tell support, and see the ADL row for which "
            "market and how many accounts.",
            "short",
            (Query(f"sum(increase(riskengine_adl_allocations_total{{{MARKET}}}[24h]))"),),
            Look.STAT,
            RED_ABOVE_ZERO,
            decimals=0,
        ),
        PanelSpec(
            "Bad debt",
            "Negative balances that no fund could pay yet. A deposit into the insurance fund pays "
            "it off. Gains of that asset wait while the gate of withdrawals is closed: see the "
            "insurance row.",
            "short",
            (Query("sum by (asset) (riskengine_bad_debt_asset_units)", "{{asset}}"),),
            Look.STAT,
            RED_ABOVE_ZERO,
        ),
        PanelSpec(
            "Engine",
            "1: the engine answered the last scrape. 0: the target is down, or its event loop did "
            "not answer in time; then see the service's log, and the journal's disk first.",
            "short",
            (Query('min(riskengine_engine_up or on (instance) up{job="riskengine"})'),),
            Look.STAT,
            (Level(None, "red"), Level(1, "green")),
            decimals=0,
        ),
        PanelSpec(
            "Loading",
            "1: a venue is being brought over, and nobody is called or liquidated until GoLive. 0: "
            "it is live.",
            "short",
            (Query("max(riskengine_venue_loading)"),),
            Look.STAT,
            (Level(None, "green"), Level(1, "orange")),
            decimals=0,
        ),
        PanelSpec(
            "Accounts in liquidation",
            "Accounts whose equity fell below maintenance and that are being reduced now. A number "
            "that stays: liquidation orders are not being filled or reported done by the venue.",
            "short",
            (Query('sum(riskengine_accounts{state="liquidating"})'),),
            Look.STAT,
            (Level(None, "green"), Level(1, "orange")),
            decimals=0,
        ),
        PanelSpec(
            "Bankrupt accounts",
            "Accounts without positions and with a debt that no fund could pay. See bad debt.",
            "short",
            (Query('sum(riskengine_accounts{state="bankrupt"})'),),
            Look.STAT,
            RED_ABOVE_ZERO,
            decimals=0,
        ),
        PanelSpec(
            "Margin calls, 24 h",
            "Accounts that fell below the margin call level. They are the liquidations of the next "
            "move of the same size.",
            "short",
            (Query("sum(increase(riskengine_margin_calls_total[24h]))"),),
            Look.STAT,
            decimals=0,
        ),
        PanelSpec(
            "Open interest",
            "Open interest of the markets chosen, at mark, in units of the settlement asset.",
            "short",
            (
                Query(
                    f"sum by (asset) (riskengine_open_interest_asset_units{{{MARKET}}})",
                    "{{asset}}",
                ),
            ),
            Look.STAT,
        ),
        PanelSpec(
            "Decision latency, p99",
            "From the receipt of mark prices to the publishing of their instructions, last 5 "
            "minutes. Liquidation orders are this late. Above 0.1 s: see the Service row.",
            "s",
            (
                Query(
                    "histogram_quantile(0.99, sum by (le) "
                    "(rate(riskengine_decision_duration_seconds_bucket[5m])))"
                ),
            ),
            Look.STAT,
            (Level(None, "green"), Level(0.1, "orange"), Level(1, "red")),
        ),
    ),
)
