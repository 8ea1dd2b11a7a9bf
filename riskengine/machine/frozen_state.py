"""What can be told of a state, as of one command, while commands go on."""

from collections.abc import Iterable, Iterator
from functools import partial
from struct import Struct

from riskengine.core.engine import Engine
from riskengine.machine.view import View, ViewError

_LENGTH = Struct("<I")


class FrozenState:
    """An engine's state as of now, to be told; made between commands, its rows read once.

    What there is little of is here as values; accounts, positions and open liquidation orders are
    rows, of the markets and of the parties that are asked for (none: of all).
    """

    def __init__(
        self, engine: Engine, market_ids: Iterable[int] = (), account_ids: Iterable[int] = ()
    ) -> None:
        """Freeze it; raises OSError when the process cannot be cloned."""
        self.sequence = engine.sequence
        self.time_nanos = engine.time_nanos
        self.next_instruction_sequence = engine.instruction_sequence + 1
        self.venue_mode = engine.venue_mode
        self.last_liquidation_id = engine.last_liquidation_id
        self.parameters = engine.parameters
        self.assets = engine.assets()
        self.markets = engine.markets()
        self.funds = engine.funds()
        self.fund_windows = engine.fund_windows()
        self.market_payouts = engine.market_payouts()
        begin = partial(engine.begin_state_stream, market_ids=market_ids, account_ids=account_ids)
        self._view = View(engine, begin)

    def rows(self) -> Iterator[bytes]:
        """Yield serialised StreamStateResponse messages; from any thread.

        Raises ViewError when those are not all.
        """
        return unframed(self._view.read())

    def give_up(self) -> None:
        """Have whoever reads the rows end soon, with a ViewError."""
        self._view.give_up()

    def close(self) -> None:
        """End it, whether or not it was read; nobody reads it any more."""
        self._view.close()


def unframed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield messages that come in pieces, each with its length before it.

    Raises ViewError when the last one is cut off.
    """
    rest = bytearray()
    for piece in pieces:
        rest += piece
        taken = 0
        for message in _whole(rest):
            taken += _LENGTH.size + len(message)
            yield message
        del rest[:taken]
    if rest:
        raise ViewError(f"the last {len(rest)} bytes are no whole message")


def _whole(data: bytearray) -> list[bytes]:
    """Return the messages at the front of the data that have come whole."""
    found: list[bytes] = []
    at = 0
    with memoryview(data) as view:
        while at + _LENGTH.size <= len(data):
            begin = at + _LENGTH.size
            at = begin + _LENGTH.unpack_from(data, at)[0]
            if at <= len(data):
                found.append(bytes(view[begin:at]))
    return found
