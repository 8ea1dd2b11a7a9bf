"""A venue as a state stream tells it, and the calls that load it into another server."""

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from google.protobuf.message import Message

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import columns_pb2 as columns_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.state_pb2 import (
    StateHead,
    StateRows,
    StreamStateRequest,
    StreamStateResponse,
)
from tests.e2e.server import WAIT_SECONDS, Client
from tests.e2e.venue import accepted
from tests.machine.told import Told, split

MessageT = TypeVar("MessageT", bound=Message)

FUND_ACCOUNT = 2**62


class Exported(NamedTuple):
    """Head and rows of a state stream."""

    head: StateHead
    rows: list[StateRows]

    def told(self) -> Told:
        responses = [StreamStateResponse(head=self.head)]
        responses += [StreamStateResponse(rows=rows) for rows in self.rows]
        return split(responses)[1]


def export(client: Client) -> Exported:
    """Read the state of a server."""
    first, *rest = client.account.StreamState(StreamStateRequest(), timeout=WAIT_SECONDS)
    return Exported(first.head, [message.rows for message in rest])


def load(client: Client, exported: Exported, net_deposits: Mapping[int, int]) -> None:
    """Load it all, and leave the venue loading; net deposits in atoms by account id."""
    make_venue(client, exported.head)
    admin, last = client.admin, exported.head.last_liquidation_id
    accepted(admin.BeginLoading(admin_pb.BeginLoadingRequest(last_liquidation_id=last)).result)
    for rows in exported.rows:
        accounts = accounts_of(rows, net_deposits)
        accepted(admin.LoadAccounts(admin_pb.LoadAccountsRequest(accounts=accounts)).result)
    for rows in exported.rows:
        positions = same_columns(columns_pb.LoadPositionColumns, rows.positions)
        ids = [rows.accounts.account_id[row] for row in rows.positions.account_row]
        positions.account_id.extend(ids)
        accepted(admin.LoadPositions(admin_pb.LoadPositionsRequest(positions=positions)).result)
        orders = same_columns(columns_pb.LoadLiquidationColumns, rows.liquidations)
        request = admin_pb.LoadLiquidationsRequest(liquidations=orders)
        accepted(admin.LoadLiquidations(request).result)


def make_venue(client: Client, head: StateHead) -> None:
    """Make assets, funds, markets with their marks, and levels."""
    admin = client.admin
    for asset in head.assets:
        accepted(admin.CreateAsset(admin_pb.CreateAssetRequest(asset=asset)).result)
    for fund in head.funds:
        made = admin_pb.CreateInsuranceFundRequest(fund_id=fund.fund_id, asset_id=fund.asset_id)
        accepted(admin.CreateInsuranceFund(made).result)
    for state in head.markets:
        accepted(admin.SetMarket(admin_pb.SetMarketRequest(market=state.market)).result)
    levels = admin_pb.SetRiskParametersRequest(parameters=head.parameters)
    accepted(admin.SetRiskParameters(levels).result)
    marks = columns_pb.MarkPriceColumns(
        market_id=[state.market.market_id for state in head.markets],
        mark_price_ticks=[state.mark_price_ticks for state in head.markets],
    )
    request = risk_pb.UpdateMarkPricesRequest(mark_prices=marks)
    accepted(client.risk.UpdateMarkPrices(request).result)


def same_columns(loads: type[MessageT], told: Message) -> MessageT:
    """Return the columns that both have, as they were told."""
    names = {field.name for field in loads.DESCRIPTOR.fields}
    common = [field.name for field in told.DESCRIPTOR.fields if field.name in names]
    return loads(**{name: getattr(told, name) for name in common})


def accounts_of(rows: StateRows, net_deposits: Mapping[int, int]) -> columns_pb.LoadAccountColumns:
    """Return the accounts but for funds that have nothing: those have no row."""
    told = same_columns(columns_pb.LoadAccountColumns, rows.accounts)
    found = columns_pb.LoadAccountColumns()
    for row, account_id in enumerate(told.account_id):
        if account_id > FUND_ACCOUNT and not told.balance_atoms[row]:
            continue
        for name in ("account_id", "asset_id", "balance_atoms", "debt_market_id"):
            getattr(found, name).append(getattr(told, name)[row])
        found.net_deposits_atoms.append(net_deposits[account_id])
    return found
