"""Write what pages and stubs take from the code: `make pages`."""

from pathlib import Path

from docs.generate.pages import pages

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Write every generated file that differs."""
    for path, text in pages(ROOT).items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
