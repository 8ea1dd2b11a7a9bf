"""Print who bears the losses of random gaps: `python -m tests.rules_report [venues]`."""

import sys
import time

from tests.rules_report.report import report

COUNT = 60_000


def main(count: int) -> int:
    """Play so many venues, print the table, and return 1 if anything was wrong."""
    began = time.monotonic()
    lines, wrong = report(range(count))
    seconds = time.monotonic() - began
    sys.stdout.write("\n".join([*lines, f"{'seconds':32}{seconds:>24.1f}"]) + "\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
