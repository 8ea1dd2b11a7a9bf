"""The markets: price, open interest, balance of sides, trading."""

from deploy.grafana.spec import MARKET, RATE, Look, PanelSpec, Query, RowSpec, per_minute

MARK = f"riskengine_mark_price_asset_units{{{MARKET}}}"
POSITIONS = "riskengine_position_contracts"
TRADED = f"riskengine_traded_contracts_total{{{MARKET}}}"

MARKETS = RowSpec(
    "Markets",
    (
        PanelSpec(
            "Fall from the hour's high",
            "Mark price against its highest of the last hour. A cliff in one market only: suspect "
            "the mark, not the market.",
            "percentunit",
            (Query(f"{MARK} / max_over_time({MARK}[1h]) - 1", "{{market}}"),),
        ),
        PanelSpec(
            "Mark price",
            "What every account is judged by. A flat line: the venue sends no marks.",
            "short",
            (Query(MARK, "{{market}}"),),
        ),
        PanelSpec(
            "Open interest",
            "Long positions at mark, in units of the settlement asset. A steep fall is "
            "deleveraging.",
            "short",
            (Query(f"riskengine_open_interest_asset_units{{{MARKET}}}", "{{market}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Long and short positions",
            "Sum of each side, in contracts. They are equal as long as the venue sends two-sided "
            "trades.",
            "short",
            (Query(f"{POSITIONS}{{{MARKET}}}", "{{market}} {{side}}"),),
        ),
        PanelSpec(
            "Imbalance",
            "Sum of all positions, in contracts. Other than 0 only with one-sided position "
            "updates; a number that stays: some account's updates are missing.",
            "short",
            (Query(f"riskengine_position_imbalance_contracts{{{MARKET}}}", "{{market}}"),),
        ),
        PanelSpec(
            "Position mismatches a minute",
            "Absolute position updates that disagreed with the engine's own. Each is an "
            "instruction with both numbers: reconcile the venue's stream.",
            "short",
            (
                Query(
                    f"60 * sum(rate(riskengine_position_mismatches_total{RATE}))",
                    "mismatches",
                ),
            ),
        ),
        PanelSpec(
            "Trades a second",
            "Trades applied, liquidation fills among them.",
            "short",
            (
                Query(
                    f"sum by (market) (rate(riskengine_trades_total{{{MARKET}}}{RATE}))",
                    "{{market}}",
                ),
            ),
        ),
        PanelSpec(
            "Repriced trades a minute",
            "Trades at a price worse than mark that would have left a side below zero; the other "
            "side kept the mark. A steady rate: somebody tries to drain accounts into a friend's.",
            "short",
            (
                Query(
                    f"60 * sum by (market) (rate(riskengine_repriced_trades_total{{{MARKET}}}"
                    f"{RATE}))",
                    "{{market}}",
                ),
            ),
        ),
        PanelSpec(
            "Repriced a minute",
            "What went back to those sides from the other one, in units of the settlement asset.",
            "short",
            (
                Query(
                    per_minute(f"riskengine_repriced_asset_units_total{{{MARKET}}}", "market"),
                    "{{market}}",
                ),
            ),
        ),
        PanelSpec(
            "Turnover a minute",
            "Traded contracts at mark, in units of the settlement asset.",
            "short",
            (
                Query(
                    f"60 * sum by (market) (rate({TRADED}{RATE}) * on (instance, market) {MARK})",
                    "{{market}}",
                ),
            ),
        ),
        PanelSpec(
            "Positions and accounts",
            "Open positions, and accounts in normal state.",
            "short",
            (
                Query("sum(riskengine_positions)", "positions"),
                Query('sum(riskengine_accounts{state="normal"})', "normal accounts"),
            ),
        ),
    ),
)
