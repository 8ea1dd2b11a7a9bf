"""Write what pages and stubs take from the code: `make pages`."""

from pathlib import Path

from docs.generate.pages import pages
from docs.generate.tour import renumbered

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Write every generated file that differs."""
    tour = ROOT / "tests/tour.txt"
    for path, text in {**pages(ROOT), tour: renumbered(ROOT, tour.read_text())}.items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
