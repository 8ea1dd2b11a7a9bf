"""Risk engine of a perpetual-futures exchange."""

import os
from importlib.metadata import version

# Before grpc is loaded: its core writes lines of its own to standard error, in no form that reads a
# log, and waits until somebody has read them. What it has to say about calls their statuses say.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

__version__ = version("riskengine")
