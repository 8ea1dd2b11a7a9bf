"""Loss policies by the names of the contract, prefix left off."""

from riskengine.api.v1 import common_pb2

_PREFIX = "LOSS_POLICY_"


def policy_name(policy: common_pb2.LossPolicy) -> str:
    """Return the name in lower case: `pro_rata`."""
    return common_pb2.LossPolicy.Name(policy).removeprefix(_PREFIX).lower()


POLICIES: dict[str, common_pb2.LossPolicy] = {
    name.removeprefix(_PREFIX).lower(): getattr(common_pb2, name)
    for name, number in common_pb2.LossPolicy.items()
    if number != common_pb2.LOSS_POLICY_UNSPECIFIED
}
