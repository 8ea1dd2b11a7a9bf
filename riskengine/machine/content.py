"""What a command says, as a digest: the same for all encodings, whatever the RPC that brings it.

Answers are kept with it, so it must be the same in later versions too. What a command does not say,
or says as it would be anyway, does not count: a field that comes later changes no digest of before.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from xxhash import xxh3_128

from riskengine.commands import CommandKind
from riskengine.machine.command import Command

NO_COMMAND = 0
"""In place of a kind, of a request that holds no command."""

LEFT_OUT_FROM = {
    CommandKind.TRADES: 5,
    CommandKind.DEPOSITS: 3,
    CommandKind.WITHDRAWALS: 3,
    CommandKind.LOADED_ACCOUNTS: 4,
    CommandKind.LOADED_LIQUIDATIONS: 8,
    CommandKind.BALANCE_ADJUSTMENTS: 5,
}
"""From which column on they may be left out, which stands for zeros (CM-2)."""


def digest_of(command: Command | None) -> bytes:
    """Return 16 bytes, by which a repeated command is told from another one.

    They are there against mistakes: who forges a command of the same digest deceives nobody but
    himself.
    """
    if command is None:
        return xxh3_128(seed=NO_COMMAND).digest()
    kind, arguments = command.kind, command.arguments
    digest = xxh3_128(seed=kind)
    left_out_from = LEFT_OUT_FROM.get(kind, len(arguments))
    for at, argument in enumerate(arguments):
        if not isinstance(argument, np.ndarray):
            if argument:
                digest.update(b"%d=%s;" % (at, _said(argument).encode()))
        elif len(argument) and (at < left_out_from or argument.any()):
            digest.update(b"%d:%d;" % (at, len(argument)))
            digest.update(argument.data)
    return digest.digest()


def _said(value: Any) -> str:
    """Return a value in one spelling; of one with fields, those that it would not have anyway."""
    if isinstance(value, tuple):
        return f"({','.join(_parts(value))})"
    return str(int(value)) if isinstance(value, int) else repr(value)


def _parts(value: Any) -> list[str]:
    defaults: Mapping[str, Any] | None = getattr(value, "_field_defaults", None)
    if defaults is None:
        return [_said(one) for one in value]
    said = ((name, one) for name, one in value._asdict().items() if one != defaults.get(name, 0))
    return [f"{name}={_said(one)}" for name, one in said]
