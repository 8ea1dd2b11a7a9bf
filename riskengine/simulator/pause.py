"""When to try a broken stream again."""

import asyncio
import time

import grpc
import grpc.aio

RETRY_SECONDS = 15.0
"""How long a broken stream is opened again before the client gives up."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0


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
        if error.code() is not grpc.StatusCode.UNAVAILABLE or now - self._since > RETRY_SECONDS:
            raise error
        await asyncio.sleep(self._seconds)
        self._seconds = min(2 * self._seconds, LONGEST_PAUSE_SECONDS)
