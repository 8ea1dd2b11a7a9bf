"""What LOAD_* environment variables set."""

import os
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Settings:
    """Size of a load test; each field is read from LOAD_<NAME>."""

    seconds: int = 30
    users: int = 20
    accounts: int = 20_000
    rows: int = 500
    seed: int = 2025


def settings_from_environment() -> Settings:
    """Read the settings; raise ValueError for a value that is not a whole number from 2 on."""
    values = {}
    for field in fields(Settings):
        name = f"LOAD_{field.name.upper()}"
        text = os.environ.get(name) or str(field.default)
        if not text.isdecimal() or int(text) < 2:
            raise ValueError(f"{name} must be a whole number from 2 on, not {text!r}")
        values[field.name] = int(text)
    return Settings(**values)
