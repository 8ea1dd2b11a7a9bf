"""Memory after a view (ext/riskengine/core/face/pages.pyx)."""

def mend_pages(pages: list[tuple[int, int]]) -> None:
    """Have each page, by address and size in bytes, be as it was before the process was cloned.

    From any thread; what the memory holds stays as it is, and the GIL is let go meanwhile. A page
    that the system does not mend, or that is not there any more, is left.
    """
