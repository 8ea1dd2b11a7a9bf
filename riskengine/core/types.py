"""The values that go into the core and come out of it.

All are plain tuples of integers but `Event`, which is the core's own struct; the last word of a
name is its unit (see docs/rules). The fields of `Event` are a union over all kinds: what a
kind does not use is 0.
"""

from typing import NamedTuple

from riskengine.core.events.event_record import EventRecord, with_fields


class RiskTier(NamedTuple):
    """One step of a market's margin rates, from `floor_atoms` of position notional on."""

    floor_atoms: int
    initial_rate_ppm: int
    maintenance_rate_ppm: int


class MarketParameters(NamedTuple):
    """Parameters of a linear perpetual; the bounds stand in `admin_service.proto`."""

    market_id: int
    symbol: str
    asset_id: int
    fund_id: int
    tick_exponent: int
    lot_exponent: int
    price_step_ticks: int
    size_step_lots: int
    max_price_ticks: int
    max_position_lots: int
    tiers: tuple[RiskTier, ...]
    liquidation_fee_ppm: int
    liquidation_timeout_millis: int
    liquidation_slice_lots: int
    liquidation_cooldown_millis: int
    dust_notional_atoms: int
    loss_policy: int
    order_band_ppm: int = 50_000
    reprices_trades: bool = True
    discount_ppm: int = 0
    book_attempts: int = 1
    fund_share_ppm: int = 0
    inventory_ppm: int = 0


class RiskParameters(NamedTuple):
    """Levels of the waterfall and of withdrawals, and limits of funds, for all of them."""

    margin_call_ppm: int = 1_250_000
    liquidation_buffer_ppm: int = 50_000
    take_over_ppm: int = 666_667
    margin_call_clear_ppm: int = 1_350_000
    withdrawal_margin_ppm: int = 100_000
    gate_floor_units: int = 1_000
    gate_ppm: int = 1_000
    fund_market_notional_ppm: int = 0
    fund_notional_ppm: int = 0
    fund_drawdown_ppm: int = 0
    fund_resume_ppm: int = 0
    second_term_millis: int = 0
    late_fill_millis: int = 0
    spread_after_millis: int = 0
    work_units: int = 0
    max_reservations: int = 16


class Retention(NamedTuple):
    """How much is remembered; decides what clients and subscribers are answered.

    Clients in all and of one caller (a new one beyond them is refused, unless one can be forgotten
    that was idle for `client_idle_millis`), first answers of each client and their bytes (older
    ones lose their list of refusals, the last one is kept whole), and instructions.
    """

    client_count: int
    answer_count: int
    answer_bytes: int
    instruction_count: int
    caller_client_count: int
    client_idle_millis: int


class Rejection(NamedTuple):
    """Why a row (or, with row -1, the command) was refused; `field` is the contract's name.

    `detail` is what the text needs besides; it does not leave the process. By reason:

    - UNKNOWN_ACCOUNT: the asset of which the party has none; 0 when it may have none at all
    - LOSS_UNALLOCATED: the asset
    - NOT_WITHDRAWABLE: who is to pay, of a write-off or an adjustment; 0 of a withdrawal
    - REASON_MISMATCH: the reason of the adjustment
    - UNKNOWN_LIQUIDATION: the last id that was issued, 0 before the first
    - NOT_REDUCING: the position, in lots
    - CAPACITY of positions: the id of the account that has them; of anything else 0
    - ALREADY_EXISTS of what is loaded: the asset of the account, or the account in the market; of a
      reservation its account; of anything else 0
    - IMBALANCED: the market
    - LIQUIDATION_OVERFILL, _PRICE and _SIDE: the liquidation
    - INVALID_TIERS: the number, from 1, of the first tier at fault (missing, one too many, wrong)
    - INVALID_TEXT: the most characters
    """

    row: int
    reason: int
    field: str
    value: int
    limit: int
    detail: int = 0


@with_fields
class Event(EventRecord):
    """One event, with its evidence.

    By kind (EventKind), besides the account's name (account_id, asset_id, isolated_market_id) and
    the evidence (mark_price_ticks, equity_atoms, maintenance_atoms, position_lots, tier):

    - LIQUIDATION_ORDER: liquidation_id, attempt, market_id, side, size_lots, price_ticks (limit),
      deadline_nanos, sliced
    - LIQUIDATION_FILL: liquidation_id, market_id, side, size_lots, price_ticks, fee_atoms
    - LIQUIDATION_ORDER_ENDED: liquidation_id, market_id, size_lots, needed_lots (unfilled), outcome
    - LIQUIDATION_ORDER_REDUCED: liquidation_id, market_id, side, size_lots (whole), needed_lots
      (unfilled)
    - CANCEL_LIQUIDATION_ORDER: liquidation_id, market_id, side, needed_lots (unfilled),
      deadline_nanos (the second one)
    - LATE_FILL: liquidation_id, market_id, fund_id, counterparty_account_id (the fund's account),
      side (of the order), size_lots (that are the fund's), price_ticks
    - TAKE_OVER: market_id, fund_id, counterparty_account_id (the fund's account), side, size_lots,
      quote_atoms (at mark), discount_atoms
    - AUTO_DELEVERAGE: counterparty_account_id, market_id, side (closed on the counterparty),
      size_lots, price_ticks, quote_atoms, loss_atoms (which it counts), rank, score_ppm, policy;
      evidence of the counterparty
    - LOSS_ALLOCATION: market_id, side, policy, needed_lots, size_lots, touched_accounts,
      skipped_accounts, quote_atoms (at mark), discount_atoms, loss_atoms, amount_atoms (paid of it
      by the fund), haircut_atoms (paid of it by counterparties)
    - INSURANCE_PAYOUT: fund_id, amount_atoms. BAD_DEBT: amount_atoms. LIQUIDATION_ENDED: state
    - LOSS_SPREAD: amount_atoms (that the account pays); evidence before it
    - DEBT_WRITTEN_OFF: amount_atoms, payer, fund_id (0 unless a fund pays), left_atoms
    - POSITION_MISMATCH: market_id, position_lots (the engine's), stated_lots
    - TRADE_REPRICED: market_id, counterparty_account_id (who pays), side (the account's in the
      trade), size_lots, price_ticks (the trade's), amount_atoms; evidence without the amount
    """

    __slots__ = ()

    kind: int
    instruction_sequence: int
    sequence: int
    time_nanos: int
    account_id: int
    asset_id: int
    isolated_market_id: int
    market_id: int
    fund_id: int
    liquidation_id: int
    attempt: int
    counterparty_account_id: int
    side: int
    size_lots: int
    needed_lots: int
    stated_lots: int
    price_ticks: int
    quote_atoms: int
    amount_atoms: int
    fee_atoms: int
    discount_atoms: int
    haircut_atoms: int
    loss_atoms: int
    deadline_nanos: int
    score_ppm: int
    rank: int
    policy: int
    outcome: int
    state: int
    sliced: int
    payer: int
    left_atoms: int
    touched_accounts: int
    skipped_accounts: int
    mark_price_ticks: int
    equity_atoms: int
    maintenance_atoms: int
    position_lots: int
    tier: int


class Outcome(NamedTuple):
    """What became of a command: sequence 0 if refused whole, the first 1,000 rejections."""

    sequence: int
    time_nanos: int
    applied_rows: int
    rejected_rows: int
    rejections: list[Rejection]
    events: list[Event]


class PositionView(NamedTuple):
    """One position at the current mark; prices are 0 where there is none."""

    market_id: int
    size_lots: int
    cost_atoms: int
    mark_price_ticks: int
    unrealised_pnl_atoms: int
    notional_atoms: int
    maintenance_atoms: int
    initial_atoms: int
    tier: int
    liquidation_price_ticks: int
    bankruptcy_price_ticks: int


class ReservationView(NamedTuple):
    """What is reserved of an account for a withdrawal that is not paid out yet."""

    reservation_id: int
    amount_atoms: int


class AccountView(NamedTuple):
    """One margin account at the current marks; positions by market id, reservations by number.

    What is reserved is no longer in the balance, nor in the net deposits.

    Its name is `account_id`, `asset_id` and `isolated_market_id`, which is 0 of a cross account.
    """

    account_id: int
    asset_id: int
    isolated_market_id: int
    state: int
    is_fund: bool
    balance_atoms: int
    unrealised_pnl_atoms: int
    equity_atoms: int
    maintenance_atoms: int
    initial_atoms: int
    withdrawable_atoms: int
    notional_atoms: int
    net_deposits_atoms: int
    reserved_atoms: int
    positions: tuple[PositionView, ...]
    reservations: tuple[ReservationView, ...]


class AssetView(NamedTuple):
    """One asset."""

    asset_id: int
    symbol: str
    exponent: int


class GateView(NamedTuple):
    """The gate of an asset: closed while its unallocated loss is above the level; unbounded."""

    asset_id: int
    unallocated_loss_atoms: int
    level_atoms: int
    is_closed: bool


class LiquidationView(NamedTuple):
    """A liquidation order that is open."""

    liquidation_id: int
    account_id: int
    asset_id: int
    isolated_market_id: int
    market_id: int
    side: int
    size_lots: int
    filled_lots: int
    limit_price_ticks: int
    deadline_nanos: int
    attempt: int
    cancelling: bool


class MarketView(NamedTuple):
    """One market; `short_lots` is the sum of short positions as a positive number."""

    parameters: MarketParameters
    mark_price_ticks: int
    long_lots: int
    short_lots: int
    imbalance_lots: int
    open_interest_atoms: int


class FundView(NamedTuple):
    """One insurance fund; its peak and what it paid by rule: of the last 8 hours (FD-9, FD-10)."""

    fund_id: int
    asset_id: int
    account_id: int
    balance_atoms: int
    equity_atoms: int
    maintenance_atoms: int
    inventory_notional_atoms: int
    peak_equity_atoms: int
    is_stopped: bool
    paid_atoms: int
    noted_equity_atoms: int


class OrderCheck(NamedTuple):
    """Whether an order is accepted (`rejection` is None) and the margin after a complete fill."""

    rejection: Rejection | None
    equity_after_atoms: int
    initial_after_atoms: int


class Conservation(NamedTuple):
    """Both sides of the conservation of an asset; `missing_atoms` must be 0. Unbounded integers.

    `bad_debt_atoms` is what accounts owe that no fund could pay yet; their balances are negative.
    `carried_in_atoms` is what of their deposits accounts had no more when they were loaded.
    `reserved_atoms` is in no balance and in no net deposits any more, and not paid out yet.
    """

    asset_id: int
    net_deposits_atoms: int
    balances_atoms: int
    unsettled_pnl_atoms: int
    funds_atoms: int
    fees_atoms: int
    missing_atoms: int
    bad_debt_atoms: int
    carried_in_atoms: int
    reserved_atoms: int


class AccountRisk(NamedTuple):
    """One margin account by its name, what it is worth and what it must hold."""

    account_id: int
    asset_id: int
    isolated_market_id: int
    equity_atoms: int
    maintenance_atoms: int


class ForeseenAccounts(NamedTuple):
    """How many accounts something would happen to, and the first 100 in the order in which."""

    account_count: int
    accounts: list[AccountRisk]


class WaitingAccount(NamedTuple):
    """An account below maintenance, and when the last of its open orders ends in the log's time."""

    account_id: int
    asset_id: int
    isolated_market_id: int
    equity_atoms: int
    maintenance_atoms: int
    until_nanos: int


class WaitingAccounts(NamedTuple):
    """How many accounts wait, how many of them with negative equity; the 100 riskiest, in order."""

    account_count: int
    bankrupt_count: int
    accounts: list[WaitingAccount]


class LoadedMarket(NamedTuple):
    """What is loaded of one market; `cost_atoms` sums over its positions, unbounded."""

    market_id: int
    mark_price_ticks: int
    long_lots: int
    short_lots: int
    imbalance_lots: int
    cost_atoms: int


class LoadReport(NamedTuple):
    """What going live would find, and do at the present marks.

    Markets by id; accounts that would be called, or liquidated (funds: deleveraged), and those of
    the latter whose equity is negative; those below maintenance that would first wait for open
    orders. `rejection` is why it would be refused, None if it is not.
    """

    markets: list[LoadedMarket]
    called: ForeseenAccounts
    liquidated: ForeseenAccounts
    bankrupt: ForeseenAccounts
    waiting: WaitingAccounts
    rejection: Rejection | None
