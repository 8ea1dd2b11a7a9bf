"""The lists of docs/OPERATIONS.md that the code decides: settings and statuses."""

from collections.abc import Iterator, Mapping
from dataclasses import Field
from textwrap import fill
from typing import Any

from docs.generate.block import replaced
from riskengine.config import SETTINGS
from riskengine.service.errors import CallReason
from riskengine.service.status import CODES

PAGE_COLUMNS = 100


def operations(page: str) -> str:
    """Return the page with its lists as they should be; raises ValueError without their marks."""
    page = replaced(page, "settings", _list(_settings()))
    return replaced(page, "statuses", _list(_statuses()))


def _list(items: Iterator[str]) -> str:
    return "".join(
        fill(
            f"- {item}",
            PAGE_COLUMNS,
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        + "\n"
        for item in items
    )


def _settings() -> Iterator[str]:
    for key, setting in SETTINGS.items():
        yield f"`{key}` ({_values(setting)}): {setting.metadata['text']}"


def _values(setting: Field[Any]) -> str:
    """Return the default, and what is allowed where it has bounds or choices."""
    bounds: Mapping[str, Any] = setting.metadata
    if isinstance(setting.default, bool):
        return f"{str(setting.default).lower()}; true, false"
    if bounds.get("optional"):
        return "none"
    if isinstance(setting.default, int):
        return f"{setting.default:,}; {bounds['minimum']:,} to {bounds['maximum']:,}"
    choices = bounds.get("choices")
    return f"{setting.default}; {', '.join(choices)}" if choices else str(setting.default or "none")


def _statuses() -> Iterator[str]:
    for reason in CallReason:
        yield f"{reason.name}, {CODES[reason].name}: *{reason.value}*"
