"""A process that appends is killed at a random moment; what it had acknowledged is there."""

import subprocess
import sys
from pathlib import Path
from random import Random

from tests.persistence.support import contents, opened, records

ROOT = Path(__file__).parents[2]
SEED = 20260131
KILLS = 8

APPENDER = """
import os, sys
from pathlib import Path
from random import Random
from riskengine.persistence.files import Files
from tests.persistence.support import append, opened, record
log = opened(Path(sys.argv[1]), files=Files())
random = Random(int(sys.argv[2]))
sequence = log.head.sequence
while True:
    for _ in range(random.randint(1, 8)):
        sequence += 1
        append(log, record(sequence))
    os.write(1, b"%d\\n" % log.sync())
"""


def test_killed_process_loses_nothing_acknowledged(tmp_path: Path) -> None:
    random = Random(SEED)
    acknowledged = 0
    for kill in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", APPENDER, str(tmp_path), str(SEED + kill)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        ) as process:
            assert process.stdout is not None
            for _ in range(random.randint(1, 40)):
                process.stdout.readline()
            process.kill()
            lines = process.stdout.read().splitlines(keepends=True)
        complete = [int(line) for line in lines if line.endswith(b"\n")]
        acknowledged = max([acknowledged, *complete])
        log = opened(tmp_path)
        assert log.head.sequence >= acknowledged
        assert contents(log) == records(1, log.head.sequence)
        acknowledged = log.head.sequence
        log.close()
    assert acknowledged > KILLS
