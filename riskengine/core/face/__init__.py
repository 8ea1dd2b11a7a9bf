"""The core as Python sees it."""
