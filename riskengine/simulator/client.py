"""The channels to the risk engine and the stubs on them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import grpc.aio

from riskengine import channels
from riskengine.api.v1 import (
    account_service_pb2_grpc,
    admin_service_pb2_grpc,
    risk_service_pb2_grpc,
)
from riskengine.client_files import ClientFiles

MAX_MESSAGE_BYTES = 64 * 1024 * 1024


class Callers(NamedTuple):
    """What each of those who call shows: for the venue, who reads accounts, and the operator."""

    venue: ClientFiles = ClientFiles()
    desk: ClientFiles = ClientFiles()
    operator: ClientFiles = ClientFiles()


IN_THE_CLEAR = Callers()


def open_channel(address: str, files: ClientFiles | None = None) -> grpc.aio.Channel:
    """Return a channel that takes messages as large as the server sends."""
    options = [
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ]
    return channels.open_channel(address, files or ClientFiles(), options)


class EngineClient:
    """The stubs of each service, each on the channel of who calls it; else on that of the venue."""

    def __init__(
        self,
        venue: grpc.aio.Channel,
        desk: grpc.aio.Channel | None = None,
        operator: grpc.aio.Channel | None = None,
    ) -> None:
        self.risk = risk_service_pb2_grpc.RiskServiceStub(venue)
        self.account = account_service_pb2_grpc.AccountServiceStub(desk or venue)
        self.admin = admin_service_pb2_grpc.AdminServiceStub(operator or venue)


@asynccontextmanager
async def open_client(address: str, callers: Callers) -> AsyncIterator[EngineClient]:
    """Open a channel for each who calls; those who show the same share one."""
    async with AsyncExitStack() as stack:
        channels: dict[ClientFiles, grpc.aio.Channel] = {}
        for files in callers:
            if files not in channels:
                opened = await stack.enter_async_context(open_channel(address, files))
                channels[files] = opened
        yield EngineClient(*(channels[files] for files in callers))
