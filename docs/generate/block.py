"""Parts of pages that are written by code."""


def replaced(page: str, name: str, text: str) -> str:
    """Return the page with the text between the marks of that name; raises ValueError without."""
    begin, end = f"<!-- {name}: written by `make pages` -->\n", f"<!-- end of {name} -->\n"
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"the page has no marks around its {name}")
    return f"{before}{begin}{text}{end}{after}"
