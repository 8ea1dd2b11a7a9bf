"""Memory that a view leaves in small pages (ext/riskengine/core/face/pages.pyx)."""

def collapse_page(address: int) -> bool:
    """Make one huge page again of that at the address; False when the system did not.

    From any thread; what the memory holds stays as it is, and the GIL is let go meanwhile.
    """
