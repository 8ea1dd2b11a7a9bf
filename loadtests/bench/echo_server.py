"""A server that parses the same requests, does nothing, and answers: the floor of gRPC.

Its transport has the options of the real one, and its handlers read and write as that one's do.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import fields
from typing import TypeAlias

import grpc

from riskengine.api.v1 import common_pb2, risk_service_pb2
from riskengine.config import Config
from riskengine.service.rpc import RpcHandler
from riskengine.service.server import ServerLimits

Context: TypeAlias = "grpc.aio.ServicerContext[bytes, bytes]"


async def submit(raw_requests: AsyncIterator[bytes], context: Context) -> None:
    """Answer each batch when it is parsed."""
    async for raw in raw_requests:
        request = risk_service_pb2.SubmitRequest.FromString(raw)
        result = common_pb2.CommandResult(sequence=request.key.batch_sequence, applied_rows=1)
        response = risk_service_pb2.SubmitResponse(
            batch_sequence=request.key.batch_sequence, result=result
        )
        await context.write(response.SerializeToString())


async def check_order(raw: bytes, _context: Context) -> bytes:
    """Answer with numbers of the usual size."""
    request = risk_service_pb2.CheckOrderRequest.FromString(raw)
    response = risk_service_pb2.CheckOrderResponse(
        accepted=True, equity_after_atoms=request.price_ticks, initial_after_atoms=10**9
    )
    return response.SerializeToString()


def _limits() -> ServerLimits:
    """Return the limits of a real server with its default configuration."""
    config = Config()
    return ServerLimits(
        **{limit.name: getattr(config, limit.name) for limit in fields(ServerLimits)}
    )


async def serve() -> None:
    """Serve until SIGTERM."""
    limits = _limits()
    server = grpc.aio.server(options=limits.options())
    handlers: dict[str, RpcHandler] = {
        "Submit": grpc.stream_stream_rpc_method_handler(submit),
        "CheckOrder": grpc.unary_unary_rpc_method_handler(check_order),
    }
    service = risk_service_pb2.DESCRIPTOR.services_by_name["RiskService"]
    handler = grpc.method_handlers_generic_handler(service.full_name, handlers)
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await server.start()
    sys.stdout.write(f"riskengine ready grpc=127.0.0.1:{port}\n")
    sys.stdout.flush()
    await ended.wait()
    await server.stop(None)


if __name__ == "__main__":
    asyncio.run(serve())
