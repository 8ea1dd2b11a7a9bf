"""AdminService: for operators."""

from riskengine.api.v1 import admin_service_pb2 as pb
from riskengine.service import commands
from riskengine.service.mapping import views
from riskengine.service.sequencer import Sequencer
from riskengine.service.subscriptions import InstructionRing


class AdminServicer:
    """Serve AdminService; each method is named after its RPC."""

    def __init__(self, sequencer: Sequencer, ring: InstructionRing) -> None:
        self._sequencer = sequencer
        self._ring = ring

    async def create_asset(
        self, request: pb.CreateAssetRequest, raw: bytes
    ) -> pb.CreateAssetResponse:
        result = await self._sequencer.execute(commands.CREATE_ASSET, request, raw)
        return pb.CreateAssetResponse(result=result)

    async def list_assets(
        self, _request: pb.ListAssetsRequest, _raw: bytes
    ) -> pb.ListAssetsResponse:
        found = self._sequencer.engine.assets()
        await self._sequencer.settled()
        return pb.ListAssetsResponse(assets=map(views.asset, found))

    async def set_market(self, request: pb.SetMarketRequest, raw: bytes) -> pb.SetMarketResponse:
        result = await self._sequencer.execute(commands.SET_MARKET, request, raw)
        return pb.SetMarketResponse(result=result)

    async def list_markets(
        self, _request: pb.ListMarketsRequest, _raw: bytes
    ) -> pb.ListMarketsResponse:
        found = self._sequencer.engine.markets()
        await self._sequencer.settled()
        return pb.ListMarketsResponse(markets=map(views.market_state, found))

    async def create_insurance_fund(
        self, request: pb.CreateInsuranceFundRequest, raw: bytes
    ) -> pb.CreateInsuranceFundResponse:
        result = await self._sequencer.execute(commands.CREATE_INSURANCE_FUND, request, raw)
        return pb.CreateInsuranceFundResponse(result=result)

    async def deposit_insurance_fund(
        self, request: pb.DepositInsuranceFundRequest, raw: bytes
    ) -> pb.DepositInsuranceFundResponse:
        result = await self._sequencer.execute(commands.DEPOSIT_INSURANCE_FUND, request, raw)
        return pb.DepositInsuranceFundResponse(result=result)

    async def list_insurance_funds(
        self, _request: pb.ListInsuranceFundsRequest, _raw: bytes
    ) -> pb.ListInsuranceFundsResponse:
        found = self._sequencer.engine.funds()
        await self._sequencer.settled()
        return pb.ListInsuranceFundsResponse(funds=map(views.insurance_fund, found))

    async def set_risk_parameters(
        self, request: pb.SetRiskParametersRequest, raw: bytes
    ) -> pb.SetRiskParametersResponse:
        result = await self._sequencer.execute(commands.SET_RISK_PARAMETERS, request, raw)
        return pb.SetRiskParametersResponse(result=result)

    async def get_state(self, request: pb.GetStateRequest, _raw: bytes) -> pb.GetStateResponse:
        engine = self._sequencer.engine
        return pb.GetStateResponse(
            sequence=engine.sequence,
            durable_sequence=self._sequencer.durability.sequence,
            instruction_sequence=engine.instruction_sequence,
            oldest_instruction_sequence=self._ring.oldest_sequence,
            time_nanos=engine.time_nanos,
            account_count=engine.account_count,
            position_count=engine.position_count,
            open_liquidation_count=engine.open_liquidation_count,
            bad_debt_atoms=engine.bad_debt_atoms,
            parameters=views.risk_parameters(engine.parameters),
            conservation=map(views.conservation, engine.conservation()),
            state_hash=engine.state_hash() if request.with_state_hash else "",
        )
