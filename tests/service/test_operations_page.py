"""docs/OPERATIONS.md names every setting and every reason, as the code has them."""

from pathlib import Path

import pytest

from riskengine.config import SETTINGS
from riskengine.service.errors import CallReason
from riskengine.service.status import CODES

PAGE = (Path(__file__).parents[2] / "docs/OPERATIONS.md").read_text()


@pytest.mark.parametrize("key", SETTINGS)
def test_every_setting_stands_on_the_page_with_its_bounds(key: str) -> None:
    setting = SETTINGS[key]
    default = setting.default
    if isinstance(default, int):
        bounds = f"{setting.metadata['minimum']:,} to {setting.metadata['maximum']:,}"
        assert f"| `{key}` | {default:,} | {bounds} | {setting.metadata['text']} |" in PAGE
    else:
        assert f"| `{key}` | `{default}` |" in PAGE


@pytest.mark.parametrize("reason", CallReason)
def test_every_reason_stands_on_the_page(reason: CallReason) -> None:
    assert f"| {reason.name} | {CODES[reason].name} | {reason.value} |" in PAGE
