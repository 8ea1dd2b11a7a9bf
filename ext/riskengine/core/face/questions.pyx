"""Questions to the state; none changes anything (see engine.pyi)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.digest cimport state_digest
from riskengine.core.books.state cimport state_init
from riskengine.core.books.timers cimport next_timer
from riskengine.core.commands.judgement cimport scan
from riskengine.core.commands.order_check cimport Order, refuse_order
from riskengine.core.face.audit cimport assert_invariants, conservation_view, counters_view
from riskengine.core.face.dump cimport dump_state
from riskengine.core.face.outcome cimport order_check_view
from riskengine.core.face.views cimport (
    account_page,
    account_view,
    asset_view,
    bad_debt,
    fund_view,
    market_view,
    parameters_view,
)
from riskengine.core.index.trigger_audit cimport assert_triggers
from riskengine.core.losses.ranking_audit cimport assert_rankings


cdef class Questions:
    def __cinit__(self, *, bint full_scan=False):
        state_init(self.state)
        self.state.full_scan = full_scan

    def check_order(
        self,
        int64_t account_id,
        int64_t market_id,
        int64_t side,
        int64_t size_lots,
        int64_t price_ticks,
        bint reduce_only,
    ):
        cdef Order order
        cdef Refusal refusal
        cdef bint refused
        order.account_id = account_id
        order.market_id = market_id
        order.side = side
        order.size_lots = size_lots
        order.price_ticks = price_ticks
        order.reduce_only = reduce_only
        refused = refuse_order(self.state, &order, &refusal)
        return order_check_view(&order, &refusal, refused)

    def account(self, int64_t account_id):
        cdef int32_t account = id_map_get(self.state.account_index, account_id)
        return None if account < 0 else account_view(self.state, account, True)

    def accounts(self, int64_t after_account_id, int64_t limit, int32_t state):
        return account_page(self.state, after_account_id, limit, state)

    def assets(self):
        return [asset_view(self.state)] if self.state.assets.size() else []

    def markets(self):
        views = [market_view(self.state, <int32_t>i) for i in range(self.state.markets.size())]
        return sorted(views, key=lambda view: view.parameters.market_id)

    def funds(self):
        cdef size_t i
        return sorted(
            [
                fund_view(self.state, self.state.fund_accounts[i])
                for i in range(self.state.fund_accounts.size())
            ]
        )

    def conservation(self):
        return [conservation_view(self.state)] if self.state.assets.size() else []

    def counters(self):
        return counters_view(self.state)

    def scan(self):
        return scan(self.state)

    def state_hash(self):
        return state_digest(self.state)

    def dump(self):
        return dump_state(self.state)

    def check_invariants(self):
        assert_invariants(self.state)
        if not self.state.full_scan:
            assert_triggers(self.state)
            assert_rankings(self.state)

    @property
    def sequence(self):
        return self.state.sequence

    @property
    def time_nanos(self):
        return self.state.time_nanos

    @property
    def instruction_sequence(self):
        return self.state.instruction_sequence

    @property
    def next_timer_nanos(self):
        return next_timer(self.state)

    @property
    def account_count(self):
        return (
            self.state.accounts.size()
            - self.state.free_accounts.size()
            - self.state.fund_accounts.size()
        )

    @property
    def position_count(self):
        return self.state.positions.size() - self.state.free_positions.size()

    @property
    def open_liquidation_count(self):
        return self.state.open_orders

    @property
    def recomputed_accounts(self):
        return self.state.totals.recomputed_accounts

    @property
    def bad_debt_atoms(self):
        return bad_debt(self.state)

    @property
    def parameters(self):
        return parameters_view(self.state)
