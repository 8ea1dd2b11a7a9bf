"""The one table of commands: whatever else knows a command knows it by its row here.

A row follows from nothing and everything follows from it: the number under which the journal has
it, the label of its metrics (its name in small letters), the method of the core, and the RPC that
asks for it, whose request's fields are that method's arguments. Numbers stand in journals: they are
never changed or used again.
"""

from collections.abc import Callable
from enum import IntEnum

from riskengine.core.engine import Engine
from riskengine.core.types import Outcome

RULES = 4
"""Of which rules decide: another number whenever the same commands would make another state."""

SUBMIT_NUMBER = 2
"""In journals, a request that holds a batch of any command with columns: that of `Submit`."""


class CommandKind(IntEnum):
    """What a command does; a batch bears the name that it has in `Submit`.

    `rpc` is "Service.Method", empty for what no caller can ask.
    """

    method: Callable[..., Outcome]
    rpc: str

    def __new__(cls, number: int, method: Callable[..., Outcome], rpc: str) -> "CommandKind":
        kind = int.__new__(cls, number)
        kind._value_ = number
        kind.method = method
        kind.rpc = rpc
        return kind

    TICK = 1, Engine.tick, ""
    TRADES = 3, Engine.trades, "RiskService.ApplyTrades"
    POSITION_UPDATES = 4, Engine.position_updates, "RiskService.UpdatePositions"
    MARK_PRICES = 5, Engine.mark_prices, "RiskService.UpdateMarkPrices"
    LIQUIDATION_REPORTS = 6, Engine.liquidation_reports, "RiskService.ReportLiquidations"
    DEPOSITS = 7, Engine.deposits, "AccountService.Deposit"
    WITHDRAWALS = 8, Engine.withdrawals, "AccountService.Withdraw"
    ASSET = 9, Engine.create_asset, "AdminService.CreateAsset"
    MARKET = 10, Engine.set_market, "AdminService.SetMarket"
    FUND = 11, Engine.create_fund, "AdminService.CreateInsuranceFund"
    FUND_DEPOSIT = 12, Engine.fund_deposit, "AdminService.DepositInsuranceFund"
    RISK_PARAMETERS = 13, Engine.set_risk_parameters, "AdminService.SetRiskParameters"
    ACCOUNT_CLOSING = 14, Engine.close_account, "AccountService.CloseAccount"
    RETENTION = 15, Engine.set_retention, "AdminService.SetRetention"
    STATE_HASH_DUE = 16, Engine.note, ""
    STATE_HASH = 17, Engine.note, ""
    LOADING = 18, Engine.begin_loading, "AdminService.BeginLoading"
    LOADED_ACCOUNTS = 19, Engine.load_accounts, "AdminService.LoadAccounts"
    LOADED_POSITIONS = 20, Engine.load_positions, "AdminService.LoadPositions"
    LOADED_LIQUIDATIONS = 21, Engine.load_liquidations, "AdminService.LoadLiquidations"
    GOING_LIVE = 22, Engine.go_live, "AdminService.GoLive"
    WRITE_OFF = 23, Engine.write_off, "AdminService.WriteOff"
    CONTINUE = 24, Engine.go_on, ""
    REFUSED = 25, Engine.take_sequence, ""
    CLIENT = 26, Engine.register_client, "RiskService.RegisterClient"
    CLIENT_FORGETTING = 27, Engine.forget_client, "AdminService.ForgetClient"
    STARTED = 28, Engine.started, ""
    LOG_TIME = 29, Engine.set_log_time, "AdminService.SetLogTime"
    RESERVED_WITHDRAWAL = 30, Engine.reserve_withdrawal, "AccountService.ReserveWithdrawal"
    CONFIRMED_WITHDRAWAL = 31, Engine.confirm_withdrawal, "AccountService.ConfirmWithdrawal"
    CANCELLED_WITHDRAWAL = 32, Engine.cancel_withdrawal, "AccountService.CancelWithdrawal"
    LOADED_RESERVATIONS = 33, Engine.load_reservations, "AdminService.LoadReservations"
    BALANCE_ADJUSTMENTS = 34, Engine.adjust_balances, "AdminService.AdjustBalances"

    @property
    def label(self) -> str:
        """Return the value of the label `kind` of metrics."""
        return self.name.lower()
