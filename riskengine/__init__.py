"""Risk engine of a perpetual-futures exchange."""

import os
from importlib.metadata import version

# Before grpc is loaded: its core writes lines of its own, also about connections that end well.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

__version__ = version("riskengine")
