"""Cases of the shared vectors that are not met as they stand, each with the reason."""

ISOLATED = "isolated margin is a later part; every account is one cross account"
FUNDING = "funding is a later part"
COLLATERAL = "one asset settles all; haircuts, weights, loans are a later part"
INVERSE = "inverse contracts are a later part; markets are linear"
WEALTH = "closes are of contracts; haircuts of wealth are policies of a later part"
SOCIALISE = "no loss is socialised: the policies are QUEUE and PRO_RATA"
LIQUIDATOR = "there are no outside liquidators with fees of their own"
FILLABLE = "a liquidation order's limit is the bankruptcy price, with no price path before it"
DISPOSAL = "what the fund took over it does not sell at a pace yet"
FEE = "the fee is min(rate * notional, max(0, equity after)), whatever the shortage"
OPEN_INTEREST = "initial rates do not grow with open interest yet"
SIZE_PREMIUM = "requirements grow by tiers, not by a root of the size"
SHARE = "legs are closed one by one, the largest requirement first, not all by a share"
NO_NUMBERS = "the case holds no numbers"

KINDS_NOT_MET = {
    "adl_capped_pro_rata": WEALTH,
    "adl_drawdown_trigger": "a fund's drawdown does not trigger ADL yet; its capacity does",
    "adl_haircut_application": WEALTH,
    "adl_pro_rata_wealth_space": WEALTH,
    "adl_queue_wealth_space": WEALTH,
    "adl_quintile_lights": "an account cannot ask for its rank yet",
    "adl_score_binance": "QUEUE ranks as BitMEX does",
    "adl_score_hyperliquid": NO_NUMBERS,
    "bankruptcy_socialised": SOCIALISE,
    "collateral_haircut": COLLATERAL,
    "collateral_ltv": COLLATERAL,
    "collateral_size_discount": COLLATERAL,
    "deposit_scaled_collateral_weight": COLLATERAL,
    "fillable_price": FILLABLE,
    "funding_payment": FUNDING,
    "funding_rate_bounds": FUNDING,
    "funding_rate_clamp": FUNDING,
    "funding_settlement": FUNDING,
    "funding_with_auction": FUNDING,
    "impact_margin_notional": FUNDING,
    "initial_margin_oi_scaled": OPEN_INTEREST,
    "insurance_fee_that_cannot_bankrupt": FEE,
    "insurance_fund_optimal_size": NO_NUMBERS,
    "insurance_then_socialise": SOCIALISE,
    "inverse_cross_bankruptcy_and_liquidation": INVERSE,
    "inverse_isolated_bankruptcy_price": INVERSE,
    "inverse_isolated_liq_and_bankruptcy": INVERSE,
    "isolated_margin_on_decrease": ISOLATED,
    "isolated_margin_on_flip": ISOLATED,
    "isolated_margin_on_increase": ISOLATED,
    "isolated_order_margin": ISOLATED,
    "junior_haircut_h": SOCIALISE,
    "liability_size_premium": COLLATERAL,
    "liability_transfer_size": COLLATERAL,
    "linear_bankruptcy_price_formula": NO_NUMBERS,
    "liquidation_fillable_price": FILLABLE,
    "liquidation_slicing": DISPOSAL,
    "loss_socialisation_pro_rata_on_gains": SOCIALISE,
    "margin_levels": "there are two levels of margin, and the margin call's share of one",
    "margin_with_funding": FUNDING,
    "max_liquidatable_notional": "a slice is a number of lots, not a share of the position",
    "max_pct_to_liquidate": "a slice does not grow with time",
    "network_pnl": DISPOSAL,
    "network_position_pnl": DISPOSAL,
    "oi_scaled_imf": OPEN_INTEREST,
    "paced_disposal": DISPOSAL,
    "paced_liquidation": "resting orders carry no margin yet, and slices do not grow with time",
    "partial_liquidation_share": SHARE,
    "portfolio_margin_iv_shock": "there are no options",
    "premium_index_impact": FUNDING,
    "settle_insure_socialise_full": SOCIALISE,
    "size_premium_margin_ratio": SIZE_PREMIUM,
    "social_loss_per_unit_oi": SOCIALISE,
    "time_ramped_liquidation_fee": "the fee does not grow with time",
}

FROZEN = "Bybit freezes isolated maintenance at the entry value; here it follows the mark"

CASES_NOT_MET = {
    "peer-076": "fees are no part of the size to close: the buffer pays them",
    "peer-078": "the settlement asset is worth one of itself",
    "peer-158": FUNDING,
    "venue-018": FROZEN,
    "venue-020": FROZEN,
    "venue-022": FROZEN,
    "venue-024": FROZEN,
    "venue-026": FROZEN,
}
"""Cases of kinds that are met otherwise."""

CASES_MET_DIFFERENTLY = {
    "peer-031": "a price is never negative: 0, although the quote is -1",
    "peer-052": "a market's fee is at most 10 %",
    "peer-090": "the fund takes over at the bankruptcy price; Drift's liquidator at 1 % off mark",
    "peer-143": "below an equity of 0 the book is not asked: all goes to ADL, no debt arises",
    "peer-149": "below an equity of 0 the book is not asked: all goes to ADL, no debt arises",
    "peer-151": "equity is shared over legs by maintenance (dYdX), not all laid on one (Dango)",
    "peer-153": "equity is shared over legs by maintenance (dYdX), not all laid on one (Dango)",
    "peer-162": "scores are profit times leverage (BitMEX), not uPnL / equity (FLOX)",
    "venue-036": "a rate is a whole number of ppm: one sixth is 166,667",
    "venue-068": "counterparties close at the bankruptcy price, not at mark with a transfer",
    "venue-102": "the fee is on the mark alone; the part on the executed price is not built",
}
"""Cases that are run, with the result that the engine's own rule gives where it is another one."""
