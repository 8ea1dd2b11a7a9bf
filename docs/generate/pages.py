"""Every file that is generated from the code, in whole or in part."""

from pathlib import Path

from docs.generate.bands import bands
from docs.generate.operations import operations
from docs.generate.rooms import tour_page
from docs.generate.security import security
from docs.generate.stubs import enums_stub


def pages(root: Path) -> dict[Path, str]:
    """Return the texts that the files should have."""
    tour, core = root / "docs/TOUR.md", root / "ext/riskengine/core"
    operations_page, security_page = root / "docs/OPERATIONS.md", root / "docs/security.md"
    codes = core / "base/codes.pxd"
    faces = root / "riskengine/core/enums.py"
    return {
        tour: tour_page(tour.read_text(), core),
        root / "docs/pictures/bands.svg": bands(),
        operations_page: operations(operations_page.read_text()),
        security_page: security(security_page.read_text()),
        faces.with_suffix(".pyi"): enums_stub(codes.read_text(), faces.read_text()),
    }
