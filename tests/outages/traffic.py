"""A matching engine that goes on through an outage, and counts what it was told."""

from contextlib import suppress
from threading import Event, Thread
from time import monotonic, sleep

import grpc

from riskengine.api.v1 import account_service_pb2 as account_pb
from tests.e2e import venue
from tests.e2e.server import Client, Server, client_of
from tests.service import requests

ACCOUNT = 1
CALL_SECONDS = 5
PAUSE_SECONDS = 0.005
AGAIN = frozenset(
    (
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.CANCELLED,
    )
)


class Traffic:
    """Deposit one atom again and again under a key, each until it is acknowledged.

    What is sent again has its key, so that no atom is booked twice; `lost` and `doubled` compare
    what was acknowledged with the balance in the end.
    """

    def __init__(self, server: Server) -> None:
        self.acknowledged = 0
        self.worst_seconds = 0.0
        self._server = server
        self._stop = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Traffic":
        self._thread.start()
        self.wait_for(20)
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join(60)

    def wait_for(self, more: int) -> None:
        """Return once so many more deposits were acknowledged."""
        wanted = self.acknowledged + more
        end = monotonic() + 60
        while self.acknowledged < wanted:
            assert monotonic() < end, "nobody is served any more"
            sleep(PAUSE_SECONDS)

    def difference(self) -> int:
        """Return what is booked less what was acknowledged; call it once it has ended."""
        with client_of(self._server) as client:
            return venue.account(client, ACCOUNT).margin.balance_atoms - self.acknowledged

    def _run(self) -> None:
        while not self._stop.is_set():
            began = monotonic()
            request = requests.deposit(ACCOUNT, 1)
            request.key.CopyFrom(requests.key("traffic", self.acknowledged + 1))
            while not self._booked(request):
                sleep(PAUSE_SECONDS)
            self.acknowledged += 1
            self.worst_seconds = max(self.worst_seconds, monotonic() - began)
            sleep(PAUSE_SECONDS)

    def _booked(self, request: account_pb.DepositRequest) -> bool:
        """Send a deposit over a connection of its own, as after a lost one."""
        try:
            with client_of(self._server) as client:
                answer = client.account.Deposit(request, timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            if error.code() not in AGAIN:
                raise
            return False
        venue.accepted(answer.result)
        return True


def open_venue(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, ())


def is_served(client: Client) -> bool:
    """Return whether a new client is answered."""
    with suppress(grpc.RpcError):
        return client.state().sequence > 0
    return False
