"""The venue's levels: what is set for all accounts and funds."""

from riskengine.api.v1 import admin_service_pb2

HOUR_SECONDS = 3_600
"""How long a debt waits until it is spread, on the simulated clock."""
RISK_PARAMETERS = admin_service_pb2.RiskParameters(
    margin_call_ppm=1_250_000,
    # Slippage and fee come out of this: with less a liquidation takes many small steps.
    liquidation_buffer_ppm=200_000,
    take_over_ppm=666_667,
    margin_call_clear_ppm=1_350_000,
    withdrawal_margin_ppm=100_000,
    gate_floor_units=1_000,
    gate_ppm=1_000,
    fund_market_notional_ppm=1_000_000,
    fund_notional_ppm=3_000_000,
    fund_drawdown_ppm=300_000,
    fund_resume_ppm=250_000,
    # Longer than the decision's second, on a clock that the story must not depend on.
    second_term_millis=600_000,
    late_fill_millis=3_600_000,
    # An hour is played in a minute or less, as fast as the machine can: on the server's clock debts
    # wait for ever, and the venue has them spread when an hour of its own clock is over.
    spread_after_millis=0,
)


def with_debts_due() -> admin_service_pb2.RiskParameters:
    """Return the levels with which every debt is due that is older than a millisecond."""
    levels = admin_service_pb2.RiskParameters()
    levels.CopyFrom(RISK_PARAMETERS)
    levels.spread_after_millis = 1
    return levels
