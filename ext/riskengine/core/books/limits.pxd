"""Bounds of the state: with them equity fits 64 bits and nothing wraps."""

from libc.stdint cimport int64_t

cdef enum:
    MAX_ASSETS = 16
    MAX_MARKETS = 4096
    MAX_FUNDS = 4096
    MAX_TIERS = 16
    MAX_ROWS = 65536
    MAX_LEGS_PER_ACCOUNT = 128
    MAX_SYMBOL_LENGTH = 23
    SYMBOL_BYTES = MAX_SYMBOL_LENGTH + 1
    MAX_FUND_ID = 1000000
    MAX_STEP = 1 << 30
    MAX_MULTIPLIER_EXPONENT = 15
    MAX_REJECTIONS_KEPT = 1000
    MAX_ACCOUNTS = 1 << 30
    MAX_DELAY_MILLIS = 3600000
    MAX_FUND_NOTIONAL_PPM = 1000000000
    WINDOW_SLOTS = 96  # of 5 minutes of the log's time
    MAX_LATE_FILL_MILLIS = 86400000
    MAX_ENDED_ORDERS = 1 << 20  # that are kept for late fills
    MAX_LOADED_LIQUIDATIONS = 1 << 24  # so many ids back from the last one
    DEFAULT_WORK_UNITS = 20000
    MAX_WORK_UNITS = 1000000000
    DEFAULT_RESERVATIONS = 16
    MAX_RESERVATIONS = 128  # of an account

cdef extern from *:
    """
    static const int64_t RISKENGINE_MAX_ID = ((int64_t)1 << 62) - 1;
    static const int64_t RISKENGINE_FUND_ACCOUNT_BASE = (int64_t)1 << 62;
    static const int64_t RISKENGINE_MAX_NOTIONAL_ATOMS = (int64_t)1 << 54;
    static const int64_t RISKENGINE_MAX_BALANCE_ATOMS = (int64_t)1 << 60;
    static const int64_t RISKENGINE_MAX_NET_DEPOSITS_ATOMS = (int64_t)1 << 61;
    static const int64_t RISKENGINE_MAX_RESERVED_ATOMS = (int64_t)1 << 61;
    static const int64_t RISKENGINE_MOST_SHARED_ATOMS = (int64_t)1 << 61;
    static const int64_t RISKENGINE_MAX_SIDE_TOTAL_LOTS = (int64_t)1 << 61;
    static const int64_t RISKENGINE_MAX_ISSUED_LIQUIDATIONS = (int64_t)1 << 61;
    static const int64_t RISKENGINE_SLOT_NANOS = INT64_C(300000000000);
    """
    const int64_t MAX_ID "RISKENGINE_MAX_ID"
    const int64_t FUND_ACCOUNT_BASE "RISKENGINE_FUND_ACCOUNT_BASE"
    const int64_t MAX_NOTIONAL_ATOMS "RISKENGINE_MAX_NOTIONAL_ATOMS"
    const int64_t MAX_BALANCE_ATOMS "RISKENGINE_MAX_BALANCE_ATOMS"
    const int64_t MAX_NET_DEPOSITS_ATOMS "RISKENGINE_MAX_NET_DEPOSITS_ATOMS"
    const int64_t MAX_RESERVED_ATOMS "RISKENGINE_MAX_RESERVED_ATOMS"  # of an account, in sum
    const int64_t MOST_SHARED_ATOMS "RISKENGINE_MOST_SHARED_ATOMS"  # at once; sums end there
    const int64_t MAX_SIDE_TOTAL_LOTS "RISKENGINE_MAX_SIDE_TOTAL_LOTS"
    const int64_t MAX_ISSUED_LIQUIDATIONS "RISKENGINE_MAX_ISSUED_LIQUIDATIONS"
    const int64_t SLOT_NANOS "RISKENGINE_SLOT_NANOS"
