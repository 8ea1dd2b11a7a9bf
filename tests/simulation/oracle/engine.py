"""The oracle's face: the commands of riskengine.core.engine, by the same names (CM-1 to CM-7)."""

from collections.abc import Callable, Mapping

from tests.simulation.oracle import load_rows, log_time, questions, reservations, rows, setup_rows
from tests.simulation.oracle.frame import LIVE, LOADING
from tests.simulation.oracle.names import Reason
from tests.simulation.oracle.paying import PayingOracle
from tests.simulation.oracle.questions import OrderCheck, PlannedOrder
from tests.simulation.oracle.refusal import Column, Refused
from tests.simulation.oracle.world import MarketParameters, Outcome, RiskParameters


class Oracle(PayingOracle):
    def create_asset(self, time_nanos: int, asset_id: int, symbol: str, exponent: int) -> Outcome:
        return self._single(
            time_nanos, lambda: setup_rows.create_asset(self.world, asset_id, symbol, exponent)
        )

    def create_fund(self, time_nanos: int, fund_id: int, asset_id: int) -> Outcome:
        return self._single(
            time_nanos, lambda: setup_rows.create_fund(self.world, fund_id, asset_id)
        )

    def set_market(self, time_nanos: int, parameters: MarketParameters) -> Outcome:
        return self._single(time_nanos, lambda: setup_rows.set_market(self.world, parameters))

    def set_risk_parameters(self, time_nanos: int, parameters: RiskParameters) -> Outcome:
        return self._single(
            time_nanos, lambda: setup_rows.set_risk_parameters(self.world, parameters)
        )

    def set_retention(self, time_nanos: int, *bounds: int) -> Outcome:
        return self._single(time_nanos, lambda: setup_rows.set_retention(self.world, *bounds))

    def trades(
        self,
        time_nanos: int,
        market_id: Column,
        buyer_account_id: Column,
        seller_account_id: Column,
        price_ticks: Column,
        size_lots: Column,
        buyer_fee_atoms: Column,
        seller_fee_atoms: Column,
        liquidation_id: Column,
    ) -> Outcome:
        zeros = [0] * len(market_id)
        columns = {
            "market_id": market_id,
            "buyer_account_id": buyer_account_id,
            "seller_account_id": seller_account_id,
            "price_ticks": price_ticks,
            "size_lots": size_lots,
            "buyer_fee_atoms": zeros if len(buyer_fee_atoms) == 0 else buyer_fee_atoms,
            "seller_fee_atoms": zeros if len(seller_fee_atoms) == 0 else seller_fee_atoms,
            "liquidation_id": zeros if len(liquidation_id) == 0 else liquidation_id,
        }
        return self._batch(time_nanos, columns, lambda *row: rows.trade(self.world, *row), LIVE)

    def position_updates(
        self,
        time_nanos: int,
        mode: int,
        account_id: Column,
        market_id: Column,
        size_lots: Column,
        price_ticks: Column,
    ) -> Outcome:
        columns = {
            "account_id": account_id,
            "market_id": market_id,
            "size_lots": size_lots,
            "price_ticks": price_ticks,
        }
        return self._batch(
            time_nanos,
            columns,
            lambda *row: rows.position_update(self.world, mode, *row),
            LIVE,
            mode=mode,
        )

    def mark_prices(self, time_nanos: int, market_id: Column, mark_price_ticks: Column) -> Outcome:
        seen: set[int] = set()
        columns = {"market_id": market_id, "mark_price_ticks": mark_price_ticks}
        return self._batch(
            time_nanos, columns, lambda *row: rows.mark_price(self.world, seen, *row)
        )

    def liquidation_reports(self, time_nanos: int, liquidation_id: Column) -> Outcome:
        columns = {"liquidation_id": liquidation_id}
        return self._batch(
            time_nanos, columns, lambda *row: rows.liquidation_report(self.world, *row), LIVE
        )

    def begin_loading(self, time_nanos: int, last_liquidation_id: int) -> Outcome:
        return self._single(
            time_nanos, lambda: load_rows.begin(self.world, last_liquidation_id), LIVE
        )

    def load_accounts(
        self,
        time_nanos: int,
        account_id: Column,
        asset_id: Column,
        balance_atoms: Column,
        net_deposits_atoms: Column,
        debt_market_id: Column,
    ) -> Outcome:
        columns = {
            "account_id": account_id,
            "asset_id": asset_id,
            "balance_atoms": balance_atoms,
            "net_deposits_atoms": net_deposits_atoms,
            "debt_market_id": debt_market_id,
        }
        missing = {"net_deposits_atoms": balance_atoms, "debt_market_id": [0] * len(account_id)}
        return self._load(time_nanos, columns, load_rows.account, missing)

    def load_positions(
        self,
        time_nanos: int,
        account_id: Column,
        market_id: Column,
        size_lots: Column,
        cost_atoms: Column,
    ) -> Outcome:
        columns = {
            "account_id": account_id,
            "market_id": market_id,
            "size_lots": size_lots,
            "cost_atoms": cost_atoms,
        }
        return self._load(time_nanos, columns, load_rows.position, {})

    def load_liquidations(
        self,
        time_nanos: int,
        liquidation_id: Column,
        account_id: Column,
        market_id: Column,
        side: Column,
        size_lots: Column,
        filled_lots: Column,
        limit_price_ticks: Column,
        deadline_nanos: Column,
        sliced: Column,
    ) -> Outcome:
        columns = {
            "liquidation_id": liquidation_id,
            "account_id": account_id,
            "market_id": market_id,
            "side": side,
            "size_lots": size_lots,
            "filled_lots": filled_lots,
            "limit_price_ticks": limit_price_ticks,
            "deadline_nanos": deadline_nanos,
            "sliced": sliced,
        }
        missing = {"sliced": [0] * len(liquidation_id)}
        return self._load(time_nanos, columns, load_rows.liquidation, missing)

    def load_reservations(
        self,
        time_nanos: int,
        account_id: Column,
        asset_id: Column,
        reservation_id: Column,
        amount_atoms: Column,
    ) -> Outcome:
        columns = {
            "account_id": account_id,
            "asset_id": asset_id,
            "reservation_id": reservation_id,
            "amount_atoms": amount_atoms,
        }
        return self._load(time_nanos, columns, reservations.load, {})

    def go_live(self, time_nanos: int, accept_imbalance: bool) -> Outcome:
        return self._single(
            time_nanos, lambda: load_rows.go_live(self.world, accept_imbalance), LOADING
        )

    def _load(
        self,
        time_nanos: int,
        columns: dict[str, Column],
        effect: Callable[..., None],
        missing: Mapping[str, Column],
    ) -> Outcome:
        """Load rows; a column that may be left out has what it stands for then."""
        given = {
            name: missing[name] if name in missing and len(column) == 0 else column
            for name, column in columns.items()
        }
        return self._batch(time_nanos, given, lambda *row: effect(self.world, *row), LOADING)

    def tick(self, time_nanos: int) -> Outcome:
        return self._single(time_nanos, lambda: self._require_due(time_nanos), LIVE)

    def go_on(self, time_nanos: int) -> Outcome:
        """Refuse to go on: here no command pauses, so nothing is ever pending (WK-3)."""
        return self._single(time_nanos, lambda: self._require_work(time_nanos), LIVE)

    def started(self, time_nanos: int) -> Outcome:
        return self._single(time_nanos, lambda: log_time.start(self.world), is_quiet=True)

    def set_log_time(self, time_nanos: int, log_time_nanos: int) -> Outcome:
        return self._single(
            time_nanos, lambda: log_time.put_forward(self.world, log_time_nanos), is_quiet=True
        )

    def take_sequence(self, time_nanos: int) -> Outcome:
        """Take a sequence for a refusal that is noted, at the time that it is (CM-8)."""
        world = self.world
        if time_nanos != world.time_nanos:
            now = world.time_nanos
            return self._refused(Refused(Reason.OUT_OF_RANGE, "time_nanos", time_nanos, now))
        world.sequence += 1
        return Outcome(world.sequence, world.time_nanos, 0, 0, [], [])

    def count_pauses(self, count: int) -> None:
        """Count the Continues by which the engine ended the last command: sequences (WK-3)."""
        self.world.sequence += count

    def check_order(
        self,
        account_id: int,
        market_id: int,
        side: int,
        size_lots: int,
        price_ticks: int,
        reduce_only: bool,
        isolated_market_id: int = 0,
    ) -> OrderCheck:
        order = PlannedOrder(
            account_id, market_id, side, size_lots, price_ticks, reduce_only, isolated_market_id
        )
        return questions.check_order(self.world, order)

    @property
    def next_timer_nanos(self) -> int:
        if self.world.mode == LOADING:
            return 0
        return min((timer.time_nanos for timer in self.world.timers), default=0)

    def _require_work(self, time_nanos: int) -> None:
        raise Refused(Reason.NOTHING_DUE, "time_nanos", time_nanos, 0)

    def _require_due(self, time_nanos: int) -> None:
        """Refuse a tick at which no timer is due (GD-20)."""
        following = self.next_timer_nanos
        if following == 0 or following > time_nanos:
            raise Refused(Reason.NOTHING_DUE, "time_nanos", time_nanos, following)
