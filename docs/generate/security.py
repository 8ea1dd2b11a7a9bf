"""The table of docs/security.md that the code decides: who may call what."""

from docs.generate.block import replaced
from riskengine.service.roles import RPCS, Reach, Role

REACHES = {
    Reach.VENUE: "yes",
    Reach.ACCOUNT: "of its accounts",
    Reach.ALL_ACCOUNTS: "no",
}
"""What is told to an account reader that is held to some accounts."""


def security(page: str) -> str:
    """Return the page with its table as it should be; raises ValueError without its marks."""
    head = ["RPC", *(role.value.replace("_", " ") for role in Role), "reader of some accounts"]
    rows = [head, ["---"] * len(head)]
    for rpc, access in RPCS.items():
        may = ["x" if role in access.roles else "" for role in Role]
        is_read = Role.ACCOUNT_READER in access.roles
        rows.append([rpc, *may, REACHES[access.reach] if is_read else "no"])
    return replaced(page, "roles", "".join(f"| {' | '.join(row)} |\n" for row in rows))
