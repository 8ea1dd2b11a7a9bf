"""When to try a broken stream again."""

import asyncio
import time

import grpc
import grpc.aio

RETRY_SECONDS = 15.0
"""How long a broken stream is opened again before the client gives up."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0
BROKEN_WHILE_SENDING = "Internal error from Core"
"""What grpcio makes of any end of a call that it notices while it sends."""


class Pause:
    """Waits between attempts, longer each time; gives up after `RETRY_SECONDS`."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew after a success."""
        self._since = 0.0
        self._seconds = FIRST_PAUSE_SECONDS

    async def after(self, error: grpc.aio.AioRpcError) -> None:
        """Wait, or raise the error when it is not of the passing kind or lasts too long."""
        now = time.monotonic()
        self._since = self._since or now
        if not _passes(error) or now - self._since > RETRY_SECONDS:
            raise error
        await asyncio.sleep(self._seconds)
        self._seconds = min(2 * self._seconds, LONGEST_PAUSE_SECONDS)


def _passes(error: grpc.aio.AioRpcError) -> bool:
    return error.code() is grpc.StatusCode.UNAVAILABLE or error.details() == BROKEN_WHILE_SENDING
