"""Rules and cases that the engine does not meet as they stand, each with the reason.

`make vectors` shows the lists; `test_vectors` holds them against the cases and the contract.
"""

from typing import NamedTuple


class Gap(NamedTuple):
    """Why a rule is not run, and words that names of the contract would have if it were built.

    No words: the engine does it another way, for a reason that stands.
    """

    reason: str
    words: tuple[str, ...] = ()


COLLATERAL = Gap(
    "one asset settles all: nothing else is collateral, and nobody borrows",
    ("collateral", "borrow", "liability"),
)
DEFERRAL = Gap("no loss is put off: it is allocated at once, or is bad debt", ("defer", "matured"))
DISPOSAL = Gap("what the fund took over it does not sell at a pace", ("disposal",))
FEE = Gap(
    "the fee is rate * notional, at most what leaves equity over maintenance as it was, whatever "
    "the shortage or the time"
)
FILLABLE = Gap(
    "an order's limit is a fixed discount off the mark, one that does not grow as health falls",
    ("price_spread", "fill_spread"),
)
FUNDING = Gap("there is no funding", ("funding",))
HEDGE_MODE = Gap(
    "an account holds one position a market, long or short", ("position_side", "hedge")
)
INVERSE = Gap("markets are linear", ("inverse",))
ISOLATED = Gap(
    "no margin is set apart for a position: every account is one cross account",
    ("_leverage", "margin_mode", "isolated_margin"),
)
LEVELS = Gap("there are two levels of margin, and the margin call's share of one")
LIGHTS = Gap("an account cannot ask for its rank in the queue", ("light", "quantile", "quintile"))
MARK_PRICE = Gap(
    "marks come in as they are: the venue makes them", ("index_price", "impact", "premium")
)
NO_NUMBERS = Gap("the case holds no numbers")
OPEN_INTEREST = Gap("initial rates do not grow with open interest", ("lower_cap", "upper_cap"))
OPTIONS = Gap("there are no options", ("option", "strike", "volatility"))
PORTFOLIO = Gap("there is no margin by scenarios", ("portfolio", "scenario"))
RESTING = Gap("what rests in the book has no margin", ("resting", "open_order"))
SCORE = Gap("QUEUE ranks as BitMEX does, by profit times leverage", ("queue_",))
SHARE = Gap("legs are closed one by one, the largest requirement first, not all by a share")
SIZE_PREMIUM = Gap("requirements grow by tiers, not by a root of the size")
SLICES = Gap("a slice is a number of lots, neither a share nor growing with time", ("slice_ppm",))
SOCIALISE = Gap(
    "a loss is borne by those who gained it and are closed for it, not by a side or all gains",
    ("socialis",),
)
WEALTH = Gap(
    "closes are of contracts; no haircut is taken from gains that are not closed",
    ("capped", "gains"),
)

RULES_NOT_RUN = {
    # adl
    "haircut_of_gains": WEALTH,
    "haircut_of_gains_down_a_queue": WEALTH,
    "haircut_of_gains_pro_rata": WEALTH,
    "haircut_of_gains_under_caps": WEALTH,
    "lights_by_cumulative_size": LIGHTS,
    "score_by_profit_and_margin_ratio": SCORE,
    "score_by_return_and_leverage": NO_NUMBERS,
    # collateral
    "borrowable": COLLATERAL,
    "full_liquidation_of_a_loan": COLLATERAL,
    "haircut": COLLATERAL,
    "haircut_by_tiers": COLLATERAL,
    "health_of_a_loan": COLLATERAL,
    "interest_of_a_loan": COLLATERAL,
    "least_transfer_of_a_debt": COLLATERAL,
    "liability_weight_by_size": COLLATERAL,
    "locked_for_a_loan": COLLATERAL,
    "partial_liquidation_of_a_loan": COLLATERAL,
    "rates_of_assets_and_debts": COLLATERAL,
    "ratio_of_a_carry_trade": COLLATERAL,
    "threshold_of_a_loan": COLLATERAL,
    "weight_by_all_deposits": COLLATERAL,
    "weight_by_size": COLLATERAL,
    # fund
    "best_size_of_a_fund": NO_NUMBERS,
    "disposal_at_a_pace": DISPOSAL,
    "fee_that_cannot_bankrupt": FEE,
    "fee_that_grows": FEE,
    "profit_of_inventory": DISPOSAL,
    # funding
    "funding_by_index": FUNDING,
    "funding_over_a_gap": FUNDING,
    "funding_payment": FUNDING,
    "funding_rate": FUNDING,
    "funding_rate_bounded": FUNDING,
    "funding_rate_cap": FUNDING,
    "funding_rate_scaled": FUNDING,
    "funding_rate_scaled_and_capped": FUNDING,
    "impact_notional": FUNDING,
    "margin_with_funding": FUNDING,
    "premium_by_weighted_median": FUNDING,
    "premium_of_impact_prices": FUNDING,
    "twap_of_a_period": FUNDING,
    "twap_with_an_auction": FUNDING,
    # hedge mode
    "available_of_two_sides": HEDGE_MODE,
    "maintenance_of_a_side": HEDGE_MODE,
    # inverse
    "inverse_bankruptcy_price": INVERSE,
    "inverse_prices_of_a_cross_account": INVERSE,
    "inverse_prices_of_an_isolated_margin": INVERSE,
    # isolated
    "isolated_margin_added": ISOLATED,
    "isolated_order_margin_of_both_sides": RESTING,
    "isolated_release": ISOLATED,
    "isolated_release_at_price": ISOLATED,
    "isolated_release_on_a_flip": ISOLATED,
    # margin
    "initial_margin_by_open_interest": OPEN_INTEREST,
    "initial_rate_by_open_interest": OPEN_INTEREST,
    "maintenance_rate_by_size": SIZE_PREMIUM,
    "margin_levels": LEVELS,
    # mark price
    "average_before_delivery": MARK_PRICE,
    "blend_of_bases": MARK_PRICE,
    "index_and_average_basis": MARK_PRICE,
    "median_of_the_fresh": MARK_PRICE,
    "median_of_three": MARK_PRICE,
    "price_of_trades": MARK_PRICE,
    "price_with_funding": MARK_PRICE,
    "two_inputs_and_an_average": MARK_PRICE,
    "update_at_an_interval": MARK_PRICE,
    "weighted_median_of_venues": MARK_PRICE,
    # options
    "black_76": OPTIONS,
    "margin_of_a_covered_call": OPTIONS,
    "margin_of_a_long_option": OPTIONS,
    "margin_of_a_short_option": OPTIONS,
    "margin_of_a_short_option_at_expiry": OPTIONS,
    "margin_of_a_short_option_in_coins": OPTIONS,
    "margin_of_a_short_option_in_dollars": OPTIONS,
    "margin_of_a_spread": OPTIONS,
    "margin_of_a_spread_by_its_short_leg": OPTIONS,
    # portfolio margin
    "contingency": PORTFOLIO,
    "least_delta_risk": PORTFOLIO,
    "margin_by_a_scan": PORTFOLIO,
    "margin_of_one_perpetual_by_a_scan": PORTFOLIO,
    "parameters_of_the_scan": PORTFOLIO,
    "shock_of_volatility": PORTFOLIO,
    # quotes
    "bankruptcy_price_with_funding": NO_NUMBERS,
    "fillable_price": FILLABLE,
    # socialised
    "fund_then_socialise": SOCIALISE,
    "indices_of_both_sides": SOCIALISE,
    "loss_per_unit_of_open_interest": SOCIALISE,
    "scale_of_matured_profit": DEFERRAL,
    "settle_then_fund_then_socialise": SOCIALISE,
    # waterfall
    "close_by_a_share": SHARE,
    "close_by_a_share_then_all": SLICES,
    "close_over_time": SLICES,
    "largest_and_least_portion": SLICES,
    "small_shortage_at_once": SLICES,
    "step_of_a_close_by_a_share": SHARE,
}

AT_MARK = (
    "with equity left holders close at the mark: what is over stays with the account, less the "
    "discount, which is the fund's"
)
AT_ENTRY = "the venue freezes isolated maintenance at the entry value; here it follows the mark"
ONE_ORDER = "each side is asked for as one order that fills; what rests has no margin yet"
FACTOR = "no factor is chosen: it is the market's initial rate, and no money is set apart"
FUNDING_PAID = "funding that is due stands in the balance"
FEE_LEFT_OUT = "there is no fee: Dango leaves it out of a close, here it is counted in"

MET_WITH_OWN_RESULT = {
    "anchor-097": "there is no reduce-only state between margin call and liquidation",
    "anchor-177": "profit times leverage puts other holders in front; the sum is as exact",
    "anchor-181": "ADL ends when the fund can carry the position, not with its first cent",
    "peer-031": "a price is never negative: 0, although the quote is -1",
    "peer-052": "a market's fee is at most 10 %",
    "peer-078": "the settlement asset is worth one of itself",
    **dict.fromkeys(("peer-060", "peer-062", "peer-066"), AT_MARK),
    "peer-068": "a holder who cannot pay is closed all the same: the rest of the loss is debt",
    "peer-070": AT_MARK,
    "peer-090": "the fund pays what is missing and takes over at the mark; Drift: at 1 % off it",
    **dict.fromkeys(("peer-141", "peer-147"), AT_MARK),
    "peer-143": "below an equity of 0 the book is not asked: all goes to ADL, no debt arises",
    "peer-149": "below an equity of 0 the book is not asked: all goes to ADL, no debt arises",
    **dict.fromkeys(("peer-151", "peer-153"), AT_MARK),
    "peer-162": "scores are profit times leverage (BitMEX), not profit by equity (FLOX)",
    "venue-018": AT_ENTRY,
    "venue-020": AT_ENTRY,
    "venue-022": AT_ENTRY,
    "venue-024": AT_ENTRY,
    "venue-026": AT_ENTRY,
    "venue-036": "a rate is a whole number of ppm: one sixth is 166,667",
}
"""Cases in which a number is another than the source's, by the engine's own rule."""

MET_IN_PART = {
    "anchor-043": ONE_ORDER,
    "anchor-044": "the open size is held as a position; the venue's leverage is no answer of ours",
    "anchor-049": ONE_ORDER,
    "anchor-050": ONE_ORDER,
    "anchor-051": ONE_ORDER,
    "anchor-052": ONE_ORDER,
    "anchor-053": ONE_ORDER,
    "anchor-055": ONE_ORDER,
    "anchor-057": FACTOR,
    "anchor-058": FACTOR,
    "anchor-059": FACTOR,
    "anchor-060": FACTOR,
    "anchor-063": FACTOR,
    "anchor-064": FACTOR,
    "anchor-065": FACTOR,
    "anchor-105": FUNDING_PAID,
    "anchor-175": "the profits of the shocks alone: no margin is made of them",
    **dict.fromkeys(("peer-139", "peer-145", "peer-155"), FEE_LEFT_OUT),
    "peer-158": FUNDING_PAID,
    "venue-102": "the fee is on the mark alone; the part on the executed price is not built",
}
"""Cases of which all numbers that are run are met, with what is missing set aside or stood in."""
