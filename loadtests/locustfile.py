"""Locust users that load the service as venues do; see `make load`.

locust -f loadtests/locustfile.py --host 127.0.0.1:50051
"""

import os
from itertools import count
from random import Random
from typing import Any
from uuid import uuid4

from grpc.experimental import gevent as grpc_gevent

grpc_gevent.init_gevent()

from locust import LoadTestShape, User, constant_throughput, events, task  # noqa: E402
from locust.env import Environment  # noqa: E402

from loadtests import batches, world  # noqa: E402
from loadtests.calls import DEADLINE_SECONDS, SubmitStream, require_applied, timed  # noqa: E402
from loadtests.settings import settings_from_environment  # noqa: E402
from riskengine.api.v1 import risk_service_pb2, risk_service_pb2_grpc  # noqa: E402
from riskengine.channels import open_blocking  # noqa: E402
from riskengine.client_files import ClientFiles  # noqa: E402

SETTINGS = settings_from_environment()
CLIENT = ClientFiles.of_environment(os.environ)
RUN_ID = uuid4().hex
USER_NUMBERS = count(1)
STAGES = ((0.2, 0.3), (0.6, 0.6), (0.8, 1.0), (1.0, 0.5))
"""End of each stage as a share of the run's time, and its share of the users."""


class VenueShape(LoadTestShape):
    """Warm up, run steadily, surge, ease off."""

    def tick(self) -> tuple[int, float] | None:
        done = self.get_run_time() / SETTINGS.seconds
        for end, share in STAGES:
            if done < end:
                return max(3, round(SETTINGS.users * share)), float(SETTINGS.users)
        return None


class GrpcUser(User):
    """A user with a channel and a random stream of its own."""

    abstract = True

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.number = next(USER_NUMBERS)
        self.random = Random(f"{SETTINGS.seed}-{self.number}")
        self.channel = open_blocking(str(self.host), CLIENT)
        self.risk = risk_service_pb2_grpc.RiskServiceStub(self.channel)

    def on_stop(self) -> None:
        self.channel.close()


class MatchingEngine(GrpcUser):
    """Streams batches of trades, one after the other."""

    weight = 3
    wait_time = constant_throughput(10)

    def on_start(self) -> None:
        self.stream = SubmitStream(self.risk, f"load-{RUN_ID}-{self.number}")

    def on_stop(self) -> None:
        self.stream.close()
        super().on_stop()

    @task
    def submit_trades(self) -> None:
        columns = batches.trades(self.random, SETTINGS.accounts, SETTINGS.rows)
        request = risk_service_pb2.SubmitRequest(trades=columns)
        timed(
            self.environment,
            "RiskService/Submit trades",
            lambda: require_applied(self.stream.ask(request)),
        )


class PriceFeed(GrpcUser):
    """Sends the marks of all markets, as one instant, by the unary form."""

    fixed_count = 1
    wait_time = constant_throughput(20)

    def on_start(self) -> None:
        self.walk = batches.MarkWalk(self.random)

    @task
    def update_mark_prices(self) -> None:
        request = risk_service_pb2.UpdateMarkPricesRequest(mark_prices=self.walk.step())
        timed(
            self.environment,
            "RiskService/UpdateMarkPrices",
            lambda: require_applied(
                self.risk.UpdateMarkPrices(request, timeout=DEADLINE_SECONDS).result
            ),
        )


class OrderGateway(GrpcUser):
    """Asks before each order whether it would be accepted; a no is an answer, not a failure."""

    weight = 2
    wait_time = constant_throughput(50)

    @task(20)
    def check_order(self) -> None:
        request = batches.order(self.random, SETTINGS.accounts)

        def call() -> int:
            self.risk.CheckOrder(request, timeout=DEADLINE_SECONDS)
            return 1

        timed(self.environment, "RiskService/CheckOrder", call)

    @task(1)
    def apply_trades(self) -> None:
        columns = batches.trades(self.random, SETTINGS.accounts, 1)
        request = risk_service_pb2.ApplyTradesRequest(trades=columns)
        timed(
            self.environment,
            "RiskService/ApplyTrades",
            lambda: require_applied(
                self.risk.ApplyTrades(request, timeout=DEADLINE_SECONDS).result
            ),
        )


@events.test_start.add_listener
def seed_venue(environment: Environment, **_: Any) -> None:
    """Make the venue before the first user comes."""
    with open_blocking(str(environment.host), CLIENT) as channel:
        world.seed(channel, SETTINGS.accounts)


@events.test_stop.add_listener
def check_money(environment: Environment, **_: Any) -> None:
    """Fail the run when an atom is missing."""
    with open_blocking(str(environment.host), CLIENT) as channel:
        state = world.venue_state(channel)
    missing = [asset.missing_atoms for asset in state.conservation]
    if missing != ["0"]:
        environment.process_exit_code = 1
    print(f"missing atoms: {', '.join(missing)}")
    print(f"commands: {state.sequence:,}, instructions: {state.instruction_sequence:,}")


@events.quitting.add_listener
def print_rows(environment: Environment, **_: Any) -> None:
    """Print rows a second of each call, which Locust keeps as content length."""
    for entry in environment.stats.entries.values():
        seconds = (entry.last_request_timestamp or 0) - entry.start_time
        rate = entry.total_content_length / seconds if seconds > 0 else 0
        print(f"{entry.name}: {rate:,.0f} rows/s")
