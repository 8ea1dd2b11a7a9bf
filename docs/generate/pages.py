"""Every file that is generated from the code, in whole or in part."""

from pathlib import Path

from docs.generate.operations import operations
from docs.generate.stubs import enums_stub


def pages(root: Path) -> dict[Path, str]:
    """Return the texts that the files should have."""
    operations_page = root / "docs/OPERATIONS.md"
    codes = root / "ext/riskengine/core/base/codes.pxd"
    faces = root / "riskengine/core/enums.py"
    return {
        operations_page: operations(operations_page.read_text()),
        faces.with_suffix(".pyi"): enums_stub(codes.read_text(), faces.read_text()),
    }
