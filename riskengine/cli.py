"""The command line: riskengine, or python -m riskengine."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any, NoReturn, TypeVar

import click

from riskengine import __version__
from riskengine.bootstrap import serve as run_server
from riskengine.channels import ChannelError
from riskengine.client_files import CLIENT_PREFIX, ClientFiles
from riskengine.config import (
    SETTINGS,
    Config,
    ConfigError,
    default_values,
    load_config,
    service_links,
)
from riskengine.persistence import JournalError
from riskengine.probe import is_serving, status_text
from riskengine.recovery import new_data_folder
from riskengine.simulator.main import demo
from riskengine.tools.main import COMMANDS

EXIT_CONFIG = 2
HELP_COLUMNS = 70
"""Of a setting's text, which is indented: a terminal has 80."""

_Function = TypeVar("_Function", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="riskengine %(version)s")
def main() -> None:
    """Risk engine of a perpetual-futures exchange, as a gRPC service.

    A matching engine streams trades and mark prices in; the engine keeps every account's margin,
    and streams out whom to liquidate and how losses are shared.

    Begin with `riskengine demo`, which plays a market crash against a server of its own.
    """


def _settings_help() -> str:
    text = "\b\nKeys of the file, with their defaults. Each can also be set in the\n"
    text += "environment, as RISKENGINE_ and the key in capitals:\n"
    for name, setting in SETTINGS.items():
        lines = wrap(setting.metadata["text"], HELP_COLUMNS, break_on_hyphens=False)
        default = json.dumps(setting.default)
        text += "\n".join([f"  {name} = {default}", *(f"      {line}" for line in lines)])
        text += "\n"
    return text


_CONFIG_OPTION = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file of settings.",
)


@main.command(epilog=_settings_help())
@_CONFIG_OPTION
@click.option("--listen", metavar="HOST:PORT", help="Address of the gRPC server.")
@click.option("--metrics-listen", metavar="HOST:PORT", help="Address of the metrics page.")
@click.option("--data-dir", metavar="FOLDER", help="Folder of the journal.")
@click.option("--create", is_flag=True, help="Make a new journal if there is none.")
def serve(
    config_path: Path | None,
    listen: str | None,
    metrics_listen: str | None,
    data_dir: str | None,
    create: bool,
) -> None:
    """Run the server until SIGTERM or Ctrl-C, on a folder that `riskengine init` made.

    It first recovers what the journal holds, then writes a line `riskengine ready ...` with the
    addresses to standard output; logs go to standard error. Exit codes: 0 stopped, 1 not started,
    2 wrong configuration, 70 a bug, 74 the journal failed.
    """
    options = {
        "listen": listen,
        "metrics_listen": metrics_listen,
        "data_dir": data_dir,
        "create": "true" if create else None,
    }
    config = _loaded(config_path, options)
    try:
        code = run_server(config, service_links(os.environ))
    except ConfigError as error:
        _end_for(error)
    sys.exit(code)


def _loaded(config_path: Path | None, options: Mapping[str, str | None]) -> Config:
    """Return the configuration, or end with the code of a wrong one."""
    try:
        return load_config(config_path, os.environ, options)
    except ConfigError as error:
        _end_for(error)


def _end_for(error: ConfigError) -> NoReturn:
    click.echo(f"riskengine: wrong configuration: {error}", err=True)
    sys.exit(EXIT_CONFIG)


@main.command()
@_CONFIG_OPTION
@click.option("--data-dir", metavar="FOLDER", help="Folder to make the journal in.")
def init(config_path: Path | None, data_dir: str | None) -> None:
    """Make the journal of a new venue in an empty data folder.

    A start takes no empty folder for a new venue: a disk that is not mounted looks like one. Prints
    the id of the log, which the setting log_id can pin. Exit code 1 if there is anything already.
    """
    nowhere = default_values()["listen"]  # as it listens nowhere, whoever may call is the start's
    config = _loaded(config_path, {"data_dir": data_dir, "listen": nowhere})
    try:
        log_id = new_data_folder(config)
    except (JournalError, OSError) as error:
        click.echo(f"riskengine: {error}", err=True)
        sys.exit(1)
    click.echo(f"riskengine initialised data={config.data_dir} log_id={log_id}")


def _client_option(name: str, value: str, text: str) -> Callable[[_Function], _Function]:
    variable = CLIENT_PREFIX + name.replace("-", "_").upper()
    return click.option(f"--{name}", metavar=value, envvar=variable, default="", help=text)


@main.command()
@click.option(
    "--address", default="127.0.0.1:50051", show_default=True, help="HOST:PORT of the server."
)
@click.option(
    "--service", default="", help="Full name of one service; without it, the server as a whole."
)
@click.option(
    "--timeout", "timeout_seconds", default=3.0, show_default=True, help="Seconds to wait."
)
@_client_option("ca", "FILE", "CAs (PEM) of the server's certificate; turns TLS on.")
@_client_option("cert", "FILE", "This client's certificate (PEM).")
@_client_option("key", "FILE", "The key of that certificate.")
@_client_option("token-file", "FILE", "File whose first line is this client's token.")
@_client_option("server-name", "NAME", "The server's name, if its address has another.")
@click.option("--detail", is_flag=True, help="Say too how the server itself is: its snapshots, ...")
def health(address: str, service: str, timeout_seconds: float, detail: bool, **files: str) -> None:
    """Ask a server whether it serves: exit code 0 if it does, 1 if not.

    2: what this client should show is not there. Each of its files can be named in the environment
    too, as RISKENGINE_CLIENT_ and the option in capitals.
    """
    client = ClientFiles(**files)
    try:
        answer = asyncio.run(is_serving(address, service, timeout_seconds, client))
        click.echo(answer.text)
        if detail:
            click.echo(asyncio.run(status_text(address, timeout_seconds, client)))
    except ChannelError as error:
        click.echo(f"riskengine: {error}", err=True)
        sys.exit(EXIT_CONFIG)
    sys.exit(0 if answer.is_serving else 1)


@main.command()
def version() -> None:
    """Show the version."""
    click.echo(f"riskengine {__version__}")


main.add_command(demo)
for tool in COMMANDS:
    main.add_command(tool)
