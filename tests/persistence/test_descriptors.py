"""The journal finds a descriptor when connections have taken all."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import os, resource, sys
from pathlib import Path
from riskengine.persistence.descriptors import DescriptorReserve, raise_limit

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 128))
print(raise_limit())
reserve = DescriptorReserve()
reserve.hold(3)
taken = []
try:
    while True:
        taken.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
found = []
for _ in range(4):
    try:
        found.append(reserve.open(Path(sys.argv[1]), os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        print(error.strerror)
print(len(found), reserve.count)
for fd in taken[:5]:
    os.close(fd)
os.close(reserve.open(Path(sys.argv[1]), os.O_RDONLY, 0))
print(reserve.count)
reserve.hold(0)
print(reserve.count)
"""


def test_what_is_reserved_is_for_who_must_have_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "file")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=ROOT,
        env=dict(os.environ),
    )
    assert done.stdout.split("\n") == ["128", "Too many open files", "3 0", "3", "0", ""]
