"""The server of the faults that are the wire's."""

from tests.e2e.conftest import client, server

__all__ = ["client", "server"]
