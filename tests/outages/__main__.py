"""Try each outage on real servers and print what came of it: `python -m tests.outages [NAME]`."""

import sys

from tests.outages.rows import HEAD, ROWS, tried


def main(wanted: str) -> int:
    """Try the rows whose name holds a text; return 1 if any went wrong."""
    sys.stdout.write(HEAD + "\n")
    is_right = True
    for row in ROWS:
        if wanted in row.name:
            summary = tried(row, row.tries)
            is_right = is_right and summary.is_right
            sys.stdout.write(summary.line() + "\n")
            sys.stdout.flush()
    return not is_right


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
