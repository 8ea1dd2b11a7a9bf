"""Section `replay`: recovery from the journal that the server of section `grpc` left."""

import json
from pathlib import Path

from loadtests.bench.grpc_section import DATA_FOLDER, TRADES_NOTE
from loadtests.bench.journal import replay_seconds
from loadtests.bench.profiles import Profile
from loadtests.bench.timing import median_of

Results = dict[str, float]


def run(profile: Profile, work: Path) -> Results:
    """Return trades a second of the journal's last part, which is trades alone."""
    note = json.loads((work / TRADES_NOTE).read_text())
    seconds = median_of(
        replay_seconds(work / DATA_FOLDER, note["first_sequence"]) for _ in range(profile.replays)
    )
    return {
        "replay_trades_per_s": note["trades"] / seconds,
        "replay_trades": note["trades"],
    }
