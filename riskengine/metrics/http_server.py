"""Serve the metrics page and the probes over HTTP, beside the event loop of the calls.

It listens before recovery begins. An event loop of its own, on one thread, holds a bounded number
of connections, each for a time: whoever connects and says nothing makes room for who comes later. A
second thread makes the pages, one at a time.
"""

import asyncio
import gzip
import json
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Thread
from typing import NamedTuple

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder

from riskengine.metrics.collector import RiskEngineCollector
from riskengine.metrics.readiness import Readiness

MAX_CONNECTIONS = 64
MAX_SCRAPES = 4
"""Pages that are made or wait to be made."""

REQUEST_SECONDS = 5.0
ANSWER_SECONDS = 10.0
HEAD_BYTES = 8 << 10
CLOSE_SECONDS = 5.0

METRICS, LIVE, READY = "/metrics", "/healthz", "/readyz"
ALLOWED_METHODS = ("GET", "HEAD")
TEXT, JSON = "text/plain; charset=utf-8", "application/json"
REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


class Answer(NamedTuple):
    """What a request is answered."""

    status: int
    body: bytes
    content_type: str = TEXT
    headers: tuple[tuple[str, str], ...] = ()

    def encode(self, *, with_body: bool) -> bytes:
        """Return it as it goes over the wire; the connection is closed behind it."""
        lines = [
            f"HTTP/1.1 {self.status} {REASONS[self.status]}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers),
            "Connection: close",
            "",
            "",
        ]
        return "\r\n".join(lines).encode() + (self.body if with_body else b"")


class Request(NamedTuple):
    """The head of a request; names of headers are in small letters, the path has no query."""

    method: str
    path: str
    headers: Mapping[str, str]

    @classmethod
    def parse(cls, head: bytes) -> "Request | None":
        """Return what the bytes say, None if they are no request of HTTP."""
        first, *rest = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return None
        fields = (line.partition(":") for line in rest if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in fields}
        return cls(words[0], words[1].partition("?")[0], headers)


class Pages:
    """Make the answers; the page of metrics holds Prometheus' usual `process_*` families too."""

    def __init__(self, collector: RiskEngineCollector, readiness: Readiness) -> None:
        self._readiness = readiness
        self._registry = CollectorRegistry()
        self._registry.register(collector)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def metrics(self, request: Request) -> Answer:
        """Return all families, as the request wants them; it may take as long as a snapshot."""
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        body = encode(self._registry)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Answer(
                200, gzip.compress(body, 1), content_type, (("Content-Encoding", "gzip"),)
            )
        return Answer(200, body, content_type)

    def other(self, path: str) -> Answer:
        """Return the answer of a probe, or that there is no such page."""
        if path == LIVE:
            return Answer(200, b"live\n")
        if path == READY:
            facts = self._readiness.facts()
            body = json.dumps(facts).encode() + b"\n"
            return Answer(200 if facts["ready"] else 503, body, JSON)
        return Answer(404, f"no such page; there are {METRICS}, {LIVE}, {READY}\n".encode())


class MetricsServer:
    """Serve from construction to `close`; port 0 takes a free one.

    Raises OSError when the address cannot be bound.
    """

    def __init__(
        self, address: str, port: int, collector: RiskEngineCollector, readiness: Readiness
    ) -> None:
        self._pages = Pages(collector, readiness)
        self._socket = _listening(address, port)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # of one connection alone
        self._maker = ThreadPoolExecutor(1, "metrics-page")
        self._scrapes = 0
        self._connections: dict[asyncio.StreamWriter, bool] = {}
        """Those that are open, the oldest first, and whether their request is still to come."""
        self._is_serving = Event()
        self._thread = Thread(target=self._run, name="metrics", daemon=True)
        self._thread.start()
        self._is_serving.wait()

    def close(self) -> None:
        """Stop serving and free the port; a scrape that is under way may be cut off."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        self._maker.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        serving = asyncio.start_server(self._serve, sock=self._socket, limit=HEAD_BYTES)
        server = self._loop.run_until_complete(serving)
        self._is_serving.set()
        self._loop.run_forever()
        server.close()
        for writer in self._connections:
            writer.transport.abort()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection: one request, one answer."""
        if not self._make_room():
            writer.transport.abort()
            return
        self._connections[writer] = True
        try:
            with suppress(TimeoutError, OSError, asyncio.IncompleteReadError):
                await self._exchange(reader, writer)
        finally:
            del self._connections[writer]
            writer.transport.abort()

    def _make_room(self) -> bool:
        """Close the connection that has waited longest with its request, if there are too many."""
        if len(self._connections) < MAX_CONNECTIONS:
            return True
        for writer, is_waited_for in self._connections.items():
            if is_waited_for:
                self._connections[writer] = False
                writer.transport.abort()
                return True
        return False

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(REQUEST_SECONDS):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.LimitOverrunError:
                head = None
        self._connections[writer] = False
        answer, with_body = Answer(431, b"the head of the request is too long\n"), True
        if head is not None:
            request = Request.parse(head)
            with_body = request is None or request.method != "HEAD"
            answer = await self._answer(request)
        async with asyncio.timeout(ANSWER_SECONDS):
            writer.write(answer.encode(with_body=with_body))
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    async def _answer(self, request: Request | None) -> Answer:
        if request is None:
            return Answer(400, b"no request of HTTP/1\n")
        if request.method not in ALLOWED_METHODS:
            allow = (("Allow", ", ".join(ALLOWED_METHODS)),)
            return Answer(405, b"GET or HEAD\n", headers=allow)
        if request.path != METRICS:
            return self._pages.other(request.path)
        if self._scrapes >= MAX_SCRAPES:
            return Answer(503, f"{MAX_SCRAPES} scrapes are under way\n".encode())
        self._scrapes += 1
        try:
            making = self._loop.run_in_executor(self._maker, self._pages.metrics, request)
            return await making
        finally:
            self._scrapes -= 1


def _listening(address: str, port: int) -> socket.socket:
    try:
        family, _, _, _, where = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(where)
            listening.listen()
        except BaseException:
            listening.close()
            raise
    except OSError as error:
        text = f"metrics_listen: cannot bind {address}:{port}: {error.strerror}"
        raise OSError(text) from error
    return listening
