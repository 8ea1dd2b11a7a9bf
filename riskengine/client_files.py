"""What a client shows to a server: files, which options or the environment name.

So no secret is seen in a list of processes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

CLIENT_PREFIX = "RISKENGINE_CLIENT_"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFiles:
    """The files of one client, each named by RISKENGINE_CLIENT_<NAME>; empty: none.

    `ca` verifies the server, and turns TLS on. `cert` and `key` are the client's certificate.
    `token_file` holds the token on its first line. `server_name` is the name that the server's
    certificate must have when it is not the address that is called.
    """

    ca: str = ""
    cert: str = ""
    key: str = ""
    token_file: str = ""
    server_name: str = ""

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> "ClientFiles":
        """Return what the environment says."""
        return cls(**{name: environment.get(CLIENT_PREFIX + name.upper(), "") for name in NAMES})


NAMES = tuple(setting.name for setting in fields(ClientFiles))

CLIENT_KEYS = frozenset(CLIENT_PREFIX + name.upper() for name in NAMES)
"""What of the environment is for clients; a server beside them is not told by it."""
