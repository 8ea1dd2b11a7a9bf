"""Bounds of a server from its settings."""

from dataclasses import replace

import pytest

from riskengine.config import Config
from riskengine.limits import END_SECONDS, group_limits, listeners_of, longest_end, server_limits


@pytest.mark.parametrize(
    ("address", "count"),
    [("127.0.0.1:0", 1), ("[::1]:0", 1), ("0.0.0.0:50051", 1), ("no such host.invalid:1", 1)],
)
def test_each_address_listens_by_itself(address: str, count: int) -> None:
    assert listeners_of(address) == count


def test_an_end_may_take_what_its_steps_may() -> None:
    config = Config(
        failure_grace_millis=1_000,
        shutdown_grace_millis=2_000,
        snapshot_at_stop_millis=3_000,
        disk_answer_millis=4_000,
    )
    assert longest_end(config) == 10 + END_SECONDS


def test_connections_and_places_come_from_the_settings() -> None:
    config = replace(Config(), max_connections=7, max_engine_streams=9)
    assert ("grpc.max_allowed_incoming_connections", 7) in server_limits(config).options()
    assert group_limits(config).engine_streams == 9
