"""Risk engine of a perpetual-futures exchange."""

from importlib.metadata import version

__version__ = version("riskengine")
