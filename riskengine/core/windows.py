"""What is noted of funds and markets in the window of 8 hours, as plain tuples of integers."""

from typing import NamedTuple


class FundSlot(NamedTuple):
    """The highest equity of a fund that was noted in 5 minutes of the log's time."""

    begin_nanos: int
    peak_equity_atoms: int


class FundWindowView(NamedTuple):
    """What a fund was worth in the last 8 hours, oldest slot first."""

    fund_id: int
    slots: tuple[FundSlot, ...]


class PayoutSlot(NamedTuple):
    """What was paid for losses and debts of a market in 5 minutes of the log's time."""

    begin_nanos: int
    paid_atoms: int


class MarketPayoutsView(NamedTuple):
    """What a market's fund paid for its losses and debts in the last 8 hours, oldest slot first."""

    market_id: int
    slots: tuple[PayoutSlot, ...]
