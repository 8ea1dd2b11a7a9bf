"""The command line: riskengine, or python -m riskengine."""

import asyncio
import os
import sys
from pathlib import Path
from textwrap import wrap

import click

from riskengine import __version__
from riskengine.bootstrap import serve as run_server
from riskengine.config import SETTINGS, ConfigError, load_config
from riskengine.probe import is_serving, status_text
from riskengine.simulator.main import demo
from riskengine.tools.main import COMMANDS

EXIT_CONFIG = 2
HELP_COLUMNS = 70
"""Of a setting's text, which is indented: a terminal has 80."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
        text += "\n".join([f"  {name} = {setting.default!r}", *(f"      {line}" for line in lines)])
        text += "\n"
    return text


@main.command(epilog=_settings_help())
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file of settings.",
)
@click.option("--listen", metavar="HOST:PORT", help="Address of the gRPC server.")
@click.option("--metrics-listen", metavar="HOST:PORT", help="Address of the metrics page.")
@click.option("--data-dir", metavar="FOLDER", help="Folder of the journal; made if need be.")
def serve(
    config_path: Path | None, listen: str | None, metrics_listen: str | None, data_dir: str | None
) -> None:
    """Run the server until SIGTERM or Ctrl-C.

    It first recovers what the journal holds, then writes a line `riskengine ready ...` with the
    addresses to standard output; logs go to standard error. Exit codes: 0 stopped, 1 not started,
    2 wrong configuration, 70 a bug, 74 the journal failed.
    """
    options = {"listen": listen, "metrics_listen": metrics_listen, "data_dir": data_dir}
    try:
        config = load_config(config_path, os.environ, options)
    except ConfigError as error:
        click.echo(f"riskengine: wrong configuration: {error}", err=True)
        sys.exit(EXIT_CONFIG)
    sys.exit(run_server(config))


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
@click.option("--detail", is_flag=True, help="Say too how the server itself is: its snapshots, ...")
def health(address: str, service: str, timeout_seconds: float, detail: bool) -> None:
    """Ask a server whether it serves: exit code 0 if it does, 1 if not."""
    answer = asyncio.run(is_serving(address, service, timeout_seconds))
    click.echo(answer.text)
    if detail:
        click.echo(asyncio.run(status_text(address, timeout_seconds)))
    sys.exit(0 if answer.is_serving else 1)


@main.command()
def version() -> None:
    """Show the version."""
    click.echo(f"riskengine {__version__}")


main.add_command(demo)
for tool in COMMANDS:
    main.add_command(tool)
