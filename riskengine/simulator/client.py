"""The channel to the risk engine and the stubs on it."""

import grpc.aio

from riskengine.api.v1 import (
    account_service_pb2_grpc,
    admin_service_pb2_grpc,
    risk_service_pb2_grpc,
)

MAX_MESSAGE_BYTES = 64 * 1024 * 1024


def open_channel(address: str) -> grpc.aio.Channel:
    """Return a channel that takes messages as large as the server sends."""
    return grpc.aio.insecure_channel(
        address,
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ],
    )


class EngineClient:
    """The stubs of one channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.risk = risk_service_pb2_grpc.RiskServiceStub(channel)
        self.account = account_service_pb2_grpc.AccountServiceStub(channel)
        self.admin = admin_service_pb2_grpc.AdminServiceStub(channel)
