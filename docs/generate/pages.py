"""Every file below docs/ that is generated, in whole or in part."""

from pathlib import Path

from docs.generate.operations import operations


def pages(root: Path) -> dict[Path, str]:
    """Return the texts that the files should have."""
    operations_page = root / "docs/OPERATIONS.md"
    return {operations_page: operations(operations_page.read_text())}
