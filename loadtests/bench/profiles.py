"""How much a run measures: the sizes of the populations and the repetitions."""

import json
from dataclasses import asdict, dataclass, replace

CALM_PPM, USUAL_PPM, WILD_PPM = 100, 1_000, 5_000


@dataclass(frozen=True, slots=True)
class Profile:
    """One run; each number says how much of one thing, `accounts` ascending."""

    name: str
    accounts: tuple[int, ...]
    markets: int = 200
    seed: int = 2025
    repetitions: int = 5
    usual_rounds: int = 100
    """Rounds of one mark for each market in a repetition, at calm and usual moves; as many come
    before them and are not timed."""
    wild_rounds: int = 10
    counted_rounds: int = 15
    """Rounds in which the recomputations of each mark are counted, at usual and wild moves."""
    counted_passes: int = 3
    numpy_passes: int = 5
    """Whole-book passes of NumPy in a repetition; as many of the core's scan."""
    market_scan_rounds: int = 1
    core_rows: int = 400_000
    """Trades in a repetition, straight into the core."""
    grpc_turns: int = 20
    """Times that server, echo and core get their turn; short ones, so that noise meets all."""
    grpc_batches: int = 100
    """Batches in a turn."""
    batch_rows: int = 1_000
    window: int = 64
    """Batches on their way at once."""
    unary_turns: int = 20
    """Times that server and echo get their turn with unary calls."""
    unary_calls: int = 1_000
    unary_tasks: int = 32
    latency_samples: int = 1_000
    replays: int = 3
    crash_step_seconds: int = 1
    crash_seconds: int = 3_600
    crash_repetitions: int = 5
    """Times that the same crash is played: four of its marks decide the 99.9 %, in a second."""
    stream_accounts: int = 300_000
    """Accounts whose state a client reads; once in a repetition."""
    wave_accounts: int = 100_000
    """Accounts that one mark takes below zero, against as many."""
    choice_holders: int = 20_000
    """Accounts with a position in each of the markets in which some are to be chosen."""
    spread_payers: int = 300_000
    """Accounts that pay of one debt."""

    @property
    def largest(self) -> int:
        """Return the accounts of the largest population."""
        return self.accounts[-1]

    @property
    def smallest(self) -> int:
        """Return the accounts of the smallest population."""
        return self.accounts[0]

    def rounds(self, move_ppm: int) -> int:
        """Return the rounds of a repetition at these moves."""
        return self.wild_rounds if move_ppm == WILD_PPM else self.usual_rounds

    def to_text(self) -> str:
        """Return the profile as the argument of a section's process."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_text(text: str) -> "Profile":
        """Return the profile that `to_text` wrote."""
        values = json.loads(text)
        return Profile(**(values | {"accounts": tuple(values["accounts"])}))


FULL = Profile("full", (10_000, 100_000, 1_000_000))
QUICK = replace(
    FULL,
    name="quick",
    accounts=(10_000, 100_000),
    repetitions=3,
    usual_rounds=60,
    wild_rounds=5,
    core_rows=100_000,
    grpc_turns=8,
    grpc_batches=50,
    unary_turns=8,
    unary_calls=500,
    latency_samples=200,
    replays=1,
    crash_step_seconds=2,
    crash_repetitions=3,
    stream_accounts=30_000,
    wave_accounts=20_000,
    choice_holders=5_000,
    spread_payers=50_000,
)


def label(accounts: int) -> str:
    """Return the suffix of a key: 10k, 100k, 1m."""
    for unit, suffix in ((1_000_000, "m"), (1_000, "k")):
        if accounts >= unit and accounts % unit == 0:
            return f"{accounts // unit}{suffix}"
    return str(accounts)
