"""A venue of several assets beside venues of one asset each, which get its commands in parts."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.simulation.commands import Command
from tests.simulation.oracle.names import Kind
from tests.simulation.oracle.world import EventFields, Outcome
from tests.simulation.side_by_side import same

Apply = Callable[[Command], Outcome]
MARKET_COLUMN = {"trades": 0, "mark_prices": 0, "position_updates": 2}
"""Which argument of a batch says the market, and so the asset, of a row."""

MONEY = ("deposits", "withdrawals", "adjust_balances")
RESERVING = ("reserve_withdrawal", "confirm_withdrawal", "cancel_withdrawal")
ORDER_ARGUMENT = {"trades": 7, "liquidation_reports": 0}
COUNTED = ("sequence", "instruction_sequence")


class Apart:
    """Applies commands to the venue and its parts and compares the events, asset by asset.

    `venue` applies to the whole one, `found` opens a venue and returns how to apply to it. A part
    that has no share in a command gets a tick, for time passes for all.
    """

    def __init__(self, venue: Apply, found: Callable[[], Apply]) -> None:
        self._venue = venue
        self._found = found
        self.parts: dict[int, Apply] = {}
        self.shares = 0
        self.fallen_together = 0
        self._risk: Command | None = None
        self._asset_of_market: dict[int, int] = {}
        self._asset_of_fund: dict[int, int] = {}
        self._orders: dict[int, tuple[int, int]] = {}

    def apply(self, command: Command) -> Outcome:
        outcome = self._venue(command)
        if outcome.sequence == 0:
            return outcome
        self._note(command)
        rows = {row for row, *_ in outcome.rejections}
        assert outcome.rejected_rows == len(rows)
        fallen = 0
        for asset_id, part in self.parts.items():
            share = self._share(command, asset_id, rows)
            self.shares += share is not None
            alone = part(share or Command("tick", command.time_nanos, ()))
            assert share is None or alone.rejections == [], (share, alone)
            self._compare(asset_id, outcome, alone)
            fallen += any(event["kind"] == Kind.CANCEL_ORDERS for event in alone.events)
        self.fallen_together += fallen > 1
        return outcome

    def _note(self, command: Command) -> None:
        """Remember what is of which asset; open a part for a new one."""
        given = command.arguments
        if command.name == "create_asset":
            self.parts[given[0]] = self._found()
        elif command.name == "create_fund":
            self._asset_of_fund[given[0]] = given[1]
        elif command.name == "set_market":
            self._asset_of_market[given[0].market_id] = given[0].asset_id
        elif command.name == "set_risk_parameters":
            self._risk = command

    def _share(self, command: Command, asset_id: int, refused: set[int]) -> Command | None:
        name, given = command.name, command.arguments
        if name == "set_risk_parameters":
            return command
        if name == "create_asset" and given[0] == asset_id and self._risk:
            self.parts[asset_id](self._risk._replace(time_nanos=command.time_nanos))
        if name in (*MONEY, "liquidation_reports", *MARKET_COLUMN):
            return self._rows(command, asset_id, refused)
        return command if self._owner(command) == asset_id else None

    def _owner(self, command: Command) -> int:
        """Return the asset of a command without rows, 0 of a tick."""
        name, given = command.name, command.arguments
        if name in ("create_fund", "write_off", *RESERVING):
            return int(given[1])
        if name == "fund_deposit":
            return self._asset_of_fund[given[0]]
        if name == "set_market":
            return int(given[0].asset_id)
        if name == "close_account":
            return int((*given, 0)[1]) or next(iter(self.parts))
        return int(given[0]) if name == "create_asset" else 0

    def _rows(self, command: Command, asset_id: int, refused: set[int]) -> Command | None:
        """Return the batch with the asset's rows that the venue applied, None if there is none."""
        columns = [given for given in command.arguments if isinstance(given, tuple)]
        chosen = [
            row
            for row in range(max(map(len, columns)))
            if row not in refused and self._asset_of_row(command, row) == asset_id
        ]
        if not chosen:
            return None
        arguments: list[Any] = [
            tuple(given[row] for row in chosen) if isinstance(given, tuple) and given else given
            for given in command.arguments
        ]
        index = ORDER_ARGUMENT.get(command.name)
        if index is not None and arguments[index]:
            arguments[index] = self._own_orders(arguments[index], asset_id)
        return command._replace(arguments=tuple(arguments))

    def _asset_of_row(self, command: Command, row: int) -> int:
        if command.name in MONEY:
            return int(command.arguments[1][row])
        if command.name == "liquidation_reports":
            return self._orders[command.arguments[0][row]][0]
        return self._asset_of_market[command.arguments[MARKET_COLUMN[command.name]][row]]

    def _own_orders(self, named: Sequence[int], asset_id: int) -> tuple[int, ...]:
        """Return by which ids the part knows the orders; one of another asset is none of its."""
        known = [self._orders.get(one, (0, 0)) for one in named]
        return tuple(own if owner == asset_id else 0 for owner, own in known)

    def _compare(self, asset_id: int, outcome: Outcome, alone: Outcome) -> None:
        theirs = [event for event in outcome.events if event["asset_id"] == asset_id]
        for event, own in zip(theirs, alone.events, strict=False):
            if event["kind"] == own["kind"] == Kind.LIQUIDATION_ORDER:
                self._orders[event["liquidation_id"]] = (asset_id, own["liquidation_id"])
            same("event", self._as_alone(event), without(own, COUNTED))
        same("events", len(theirs), len(alone.events))

    def _as_alone(self, event: EventFields) -> EventFields:
        fields = without(event, COUNTED)
        if "liquidation_id" in fields:
            fields["liquidation_id"] = self._orders[fields["liquidation_id"]][1]
        return fields


def without(event: EventFields, names: Sequence[str]) -> EventFields:
    return {name: value for name, value in event.items() if name not in names}
