"""The RPCs of the contract by their names."""

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from riskengine.api.v1 import account_service_pb2, admin_service_pb2, risk_service_pb2

SERVICES = tuple(
    service
    for file in (risk_service_pb2, account_service_pb2, admin_service_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
)

METHODS: dict[str, MethodDescriptor] = {
    f"{service.name}.{method.name}": method for service in SERVICES for method in service.methods
}
"""Every RPC, as "Service.Method"."""


def request_type(rpc: str) -> type[Message]:
    """Return the message that an RPC takes."""
    return GetMessageClass(METHODS[rpc].input_type)


def response_type(rpc: str) -> type[Message]:
    """Return the message that an RPC gives."""
    return GetMessageClass(METHODS[rpc].output_type)
