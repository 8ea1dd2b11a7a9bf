"""Sets the engine up and opens the venue: markets, money, positions."""

from collections.abc import Callable, Sequence

from riskengine.api.v1 import admin_service_pb2, common_pb2
from riskengine.simulator.engine_link import CALL_SECONDS, EngineLink
from riskengine.simulator.levels import RISK_PARAMETERS
from riskengine.simulator.markets import (
    ASSET_EXPONENT,
    ASSET_ID,
    ASSET_SYMBOL,
    FUND_ACCOUNT_ID,
    FUND_ID,
)
from riskengine.simulator.population import Population
from riskengine.units import PPM

FUND_OF_INTEREST_PPM = 8_000
"""What is in the insurance fund at the start, of the traders' notional."""
GROUP_ROWS = 8_000


class NotFreshError(Exception):
    """The engine refuses the set-up, or holds something already."""


async def open_venue(
    link: EngineLink,
    population: Population,
    policy: common_pb2.LossPolicy,
    start_ticks: Sequence[int],
    progress: Callable[[str, int, int], None],
) -> None:
    """Create asset, fund and markets; pay in every account; open every position.

    `progress` is told what is under way, rows done, rows in all.
    """
    await _create(link, policy, population.open_interest_atoms() * FUND_OF_INTEREST_PPM // PPM)
    await link.send_marks(start_ticks)
    await link.answered()
    deposits = [(account.account_id, account.deposit_atoms) for account in population.accounts]
    for done in range(0, len(deposits), GROUP_ROWS):
        await link.send_deposits(deposits[done : done + GROUP_ROWS])
        await link.answered()
        progress("accounts pay in", min(done + GROUP_ROWS, len(deposits)), len(deposits))
    trades = population.opening_trades
    for done in range(0, len(trades), GROUP_ROWS):
        await link.send_trades(trades[done : done + GROUP_ROWS])
        await link.answered()
        progress("positions are opened", min(done + GROUP_ROWS, len(trades)), len(trades))


async def _create(link: EngineLink, policy: common_pb2.LossPolicy, fund_atoms: int) -> None:
    admin, ledger = link.client.admin, link.ledger
    asset = admin_service_pb2.Asset(asset_id=ASSET_ID, symbol=ASSET_SYMBOL, exponent=ASSET_EXPONENT)
    made = await admin.CreateAsset(
        admin_service_pb2.CreateAssetRequest(asset=asset), timeout=CALL_SECONDS
    )
    _accepted(made.result, "asset")
    fund = await admin.CreateInsuranceFund(
        admin_service_pb2.CreateInsuranceFundRequest(fund_id=FUND_ID, asset_id=ASSET_ID),
        timeout=CALL_SECONDS,
    )
    _accepted(fund.result, "insurance fund")
    paid = await admin.DepositInsuranceFund(
        admin_service_pb2.DepositInsuranceFundRequest(fund_id=FUND_ID, amount_atoms=fund_atoms),
        timeout=CALL_SECONDS,
    )
    _accepted(paid.result, "deposit into the fund")
    ledger.deposit(FUND_ACCOUNT_ID, fund_atoms)
    levels = admin_service_pb2.SetRiskParametersRequest(parameters=RISK_PARAMETERS)
    _accepted((await admin.SetRiskParameters(levels, timeout=CALL_SECONDS)).result, "levels")
    for market in ledger.markets:
        request = admin_service_pb2.SetMarketRequest(market=market.to_message(policy))
        answer = await admin.SetMarket(request, timeout=CALL_SECONDS)
        _accepted(answer.result, f"market {market.symbol}")


def _accepted(result: common_pb2.CommandResult, what: str) -> None:
    if result.rejections:
        first = result.rejections[0]
        raise NotFreshError(
            f"{what}: {common_pb2.RejectReason.Name(first.reason)} {first.field} {first.message}"
        )
