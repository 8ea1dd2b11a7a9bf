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
    seed: int = 1


def settings_from_environment() -> Settings:
    """Read the settings; raise ValueError for a value that is not a positive whole number."""
    values = {}
    for field in fields(Settings):
        name = f"LOAD_{field.name.upper()}"
        text = os.environ.get(name) or str(field.default)
        if not text.isdecimal() or int(text) < 1:
            raise ValueError(f"{name} must be a whole number above 0, not {text!r}")
        values[field.name] = int(text)
    return Settings(**values)
