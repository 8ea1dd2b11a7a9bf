"""The insurance funds: what they hold, how fast it goes, what it must carry."""

from deploy.grafana.spec import MARKET, RATE, Level, PanelSpec, Query, RowSpec, per_minute

EQUITY = "riskengine_insurance_fund_equity_asset_units"
DRAWDOWN_LEVELS = (Level(None, "green"), Level(0.15, "orange"), Level(0.3, "red"))

INSURANCE = RowSpec(
    "Insurance fund",
    (
        PanelSpec(
            "Balance and equity",
            "Cash, and cash with the unrealised PnL of the inventory. Equity far from the balance: "
            "the fund carries positions whose price moves it.",
            "short",
            (
                Query("riskengine_insurance_fund_balance_asset_units", "{{fund}} balance"),
                Query(EQUITY, "{{fund}} equity"),
            ),
        ),
        PanelSpec(
            "Drawdown",
            "Fall of equity from its highest of the last 8 hours of the log's time. A fund that "
            "has lost fund_drawdown_ppm of it is stopped (1), pays nothing, and losses go to ADL: "
            "deposit before that. 30 % is where venues begin to spread losses.",
            "percentunit",
            (
                Query("riskengine_insurance_fund_drawdown_ratio", "{{fund}} in 8 h"),
                Query("riskengine_insurance_fund_stopped", "{{fund}} stopped"),
            ),
            levels=DRAWDOWN_LEVELS,
        ),
        PanelSpec(
            "Ratio to open interest",
            "Equity of a fund over the open interest of the markets that use it. The smaller, the "
            "sooner a crash reaches ADL.",
            "percentunit",
            (
                Query(
                    f"sum by (instance, fund) ({EQUITY}) / (sum by (instance, fund) ("
                    "riskengine_open_interest_asset_units * on (instance, market) "
                    "group_left (fund) riskengine_market_info) > 0)",
                    "{{fund}}",
                ),
            ),
        ),
        PanelSpec(
            "Free capacity and inventory",
            "Free capacity is equity above the maintenance margin of the inventory: what the fund "
            "can still pay or take over with. At 0 every loss goes to ADL. Inventory is the "
            "notional of the positions that it took over.",
            "short",
            (
                Query(
                    f"{EQUITY} - riskengine_insurance_fund_maintenance_asset_units",
                    "{{fund}} free capacity",
                ),
                Query("riskengine_insurance_fund_inventory_asset_units", "{{fund}} inventory"),
            ),
        ),
        PanelSpec(
            "Income and payouts a minute",
            "Liquidation fees, and discounts on what is taken over or deleveraged, are what the "
            "funds earn; payouts are what they pay into losses before ADL, and to accounts that "
            "were left with a debt.",
            "short",
            (
                Query(
                    per_minute(
                        f"riskengine_liquidation_fees_asset_units_total{{{MARKET}}}", "asset"
                    ),
                    "liquidation fees {{asset}}",
                ),
                Query(
                    per_minute(
                        f"riskengine_liquidation_discounts_asset_units_total{{{MARKET}}}", "asset"
                    ),
                    "discounts {{asset}}",
                ),
                Query(
                    per_minute("riskengine_insurance_payout_asset_units_total", "asset"),
                    "payouts {{asset}}",
                ),
            ),
        ),
        PanelSpec(
            "Change of equity a minute",
            "Slope of each fund's equity over 5 minutes. Below 0, the fund's equity divided by it "
            "is the time that is left.",
            "short",
            (Query(f"60 * deriv({EQUITY}[5m])", "{{fund}}"),),
        ),
        PanelSpec(
            "Payouts and bad debts a minute",
            "Number of payments into losses before ADL and to accounts left with a debt, and of "
            "debts that no fund could pay.",
            "short",
            (
                Query(f"60 * sum(rate(riskengine_insurance_payouts_total{RATE}))", "payouts"),
                Query(f"60 * sum(rate(riskengine_bad_debts_total{RATE}))", "bad debts"),
            ),
        ),
        PanelSpec(
            "Bad debt",
            "Negative balances that no fund could pay yet. A deposit into the insurance fund pays "
            "them off.",
            "short",
            (Query("riskengine_bad_debt_asset_units", "{{asset}}"),),
            levels=(Level(None, "green"), Level(1e-9, "red")),
        ),
        PanelSpec(
            "Debts spread and written off a minute",
            "Debts that waited in vain and that gains of other accounts bore, and those that a "
            "fund, the fees or the venue paid by a write-off.",
            "short",
            (
                Query(
                    per_minute("riskengine_spread_debt_asset_units_total", "asset"),
                    "spread {{asset}}",
                ),
                Query(
                    per_minute("riskengine_written_off_debt_asset_units_total", "asset"),
                    "written off {{asset}}",
                ),
            ),
        ),
        PanelSpec(
            "Unallocated loss and the gate of withdrawals",
            "By how much accounts and funds are below zero at mark, whatever their state. Above "
            "the level the gate is closed (1): an account is paid out no more than it paid in, "
            "and gains wait. See accounts in liquidation, bad debt, and the funds' equity.",
            "short",
            (
                Query("riskengine_unallocated_loss_asset_units", "loss {{asset}}"),
                Query("riskengine_withdrawal_gate_level_asset_units", "level {{asset}}"),
                Query("riskengine_withdrawal_gate_closed", "gate closed {{asset}}"),
            ),
        ),
    ),
)
