"""Since when debts wait, on the simulated clock."""

from riskengine.api.v1 import instructions_pb2
from riskengine.simulator.levels import HOUR_SECONDS


class OldDebts:
    """The debts that nobody has borne so far, and the simulated second since which each waits."""

    def __init__(self) -> None:
        self._since_seconds: dict[int, int] = {}

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._since_seconds)

    def follow(
        self, kind: str, instruction: instructions_pb2.Instruction, now_seconds: int
    ) -> None:
        """Begin or end a debt as an instruction says; any other changes none."""
        match kind:
            case "bad_debt":
                self._since_seconds.setdefault(instruction.bad_debt.account_id, now_seconds)
            case "liquidation_ended":
                self._since_seconds.pop(instruction.liquidation_ended.account_id, None)

    def are_due(self, now_seconds: int) -> bool:
        """Tell whether the oldest has waited for an hour."""
        oldest = min(self._since_seconds.values(), default=now_seconds)
        return now_seconds - oldest >= HOUR_SECONDS

    def wait_again(self, now_seconds: int) -> None:
        """Have those that are left wait anew."""
        self._since_seconds = dict.fromkeys(self._since_seconds, now_seconds)
