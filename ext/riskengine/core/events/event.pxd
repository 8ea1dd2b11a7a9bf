"""An event: what a command tells about one account."""

from libc.stdint cimport int64_t


cdef struct Event:
    int64_t kind
    int64_t instruction_sequence
    int64_t sequence
    int64_t time_nanos
    int64_t account_id
    int64_t asset_id
    int64_t isolated_market_id
    int64_t market_id
    int64_t fund_id
    int64_t liquidation_id
    int64_t attempt
    int64_t counterparty_account_id
    int64_t side
    int64_t size_lots
    int64_t needed_lots
    int64_t stated_lots
    int64_t price_ticks
    int64_t quote_atoms
    int64_t amount_atoms
    int64_t fee_atoms
    int64_t discount_atoms
    int64_t haircut_atoms
    int64_t loss_atoms
    int64_t deadline_nanos
    int64_t score_ppm
    int64_t rank
    int64_t policy
    int64_t outcome
    int64_t state
    int64_t sliced
    int64_t payer
    int64_t left_atoms
    int64_t touched_accounts
    int64_t skipped_accounts
    int64_t mark_price_ticks
    int64_t equity_atoms
    int64_t maintenance_atoms
    int64_t position_lots
    int64_t tier
