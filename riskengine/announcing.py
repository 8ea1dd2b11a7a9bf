"""A line for who started a server: what it is, ready or held, and where."""

import sys
from pathlib import Path

import structlog

from riskengine.addresses import at_port, write_addresses
from riskengine.config import Config

_LOG = structlog.get_logger("riskengine")


def announce(config: Config, what: str, grpc_port: int, metrics_port: int) -> None:
    """Say on the standard output what the server is, and where; tools find it in the data folder.

    The file helps them, and the server serves without it.
    """
    grpc = at_port(config.listen, grpc_port)
    metrics = at_port(config.metrics_listen, metrics_port)
    try:
        write_addresses(Path(config.data_dir), grpc=grpc, metrics=metrics)
    except OSError as error:
        _LOG.warning("addresses.not_written", error=str(error))
    if what == "ready":
        _LOG.info("server.ready", grpc=grpc, metrics=metrics)
    else:
        _LOG.info("server.held", grpc=grpc, metrics=metrics)
    sys.stdout.write(f"riskengine {what} grpc={grpc} metrics={metrics} data={config.data_dir}\n")
    sys.stdout.flush()
