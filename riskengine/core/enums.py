"""Enums of the core, with the prefix of the contract left off (see enums.pyi)."""

import re
from enum import IntEnum

from riskengine.core.base import codes


def _face(name: str) -> type[IntEnum]:
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_"
    members = {member.name.removeprefix(prefix): member.value for member in getattr(codes, name)}
    return IntEnum(name, members)  # type: ignore[no-any-return]


Side = _face("Side")
AccountState = _face("AccountState")
LossPolicy = _face("LossPolicy")
PositionUpdateMode = _face("PositionUpdateMode")
LiquidationOutcome = _face("LiquidationOutcome")
VenueMode = _face("VenueMode")
WriteOffPayer = _face("WriteOffPayer")
AdjustmentReason = _face("AdjustmentReason")
Stage = _face("Stage")
EventKind = _face("EventKind")
RejectReason = _face("RejectReason")
