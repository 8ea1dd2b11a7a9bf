"""What is to be reached, and the ratios that say so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One bound of a result: `at_most` it, or at least."""

    key: str
    bound: float
    at_most: bool
    meaning: str

    def is_met(self, value: float) -> bool:
        """Return whether a value keeps the bound."""
        return value <= self.bound if self.at_most else value >= self.bound

    def key_at(self, largest: str, streamed: str = "300k") -> str:
        """Return the key of the same result in a run of other populations.

        Those are the largest, and the one whose state is streamed.
        """
        for usual, here in (("_1m", largest), ("_300k", streamed)):
            plain, suffix, _ = self.key.rpartition(usual)
            if suffix:
                return f"{plain}_{here}"
        return self.key

    @property
    def text(self) -> str:
        """Return the bound as the table shows it."""
        bound = f"{self.bound:,.0f}" if self.bound >= 1_000 else f"{self.bound:g}"
        return f"{'at most' if self.at_most else 'at least'} {bound}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """A result formed of others."""

    key: str
    needs: tuple[str, ...]
    form: Callable[..., float]


TARGETS = (
    Target("mark_us_mean_1m", 3, True, "one mark, the whole call, mean"),
    Target("mark_us_p999_1m", 500, True, "one mark, 99.9 % of calls"),
    Target("mark_speedup_vs_numpy_1m", 5_000, False, "over NumPy's whole-book pass"),
    Target("mark_speedup_vs_scan_1m", 10_000, False, "over the core's own full scan"),
    Target("recompute_growth_1m", 2.5, True, "cost of a recomputation, over the smallest book's"),
    Target("recomputes_per_mark_1m", 1.5, True, "accounts recomputed a mark"),
    Target("trades_per_s_core_1m", 1_000_000, False, "two-sided trades into the core"),
    Target("trades_grpc_of_ideal", 0.8, False, "durable over gRPC, of 1 / (1/echo + 1/core)"),
    Target("check_order_of_echo", 0.75, False, "order checks over gRPC, of the unary echo"),
    Target(
        "mark_to_instruction_echoes", 2.5, True, "p50 less one sync, in round trips of the echo"
    ),
    Target("bytes_per_position_1m", 250, True, "resident growth, accounts included"),
    Target("replay_trades_per_s", 800_000, False, "recovery from the journal on disk"),
    Target("crash_mark_us_p999_1m", 20_000, True, "one instant's marks in the October path"),
    Target("crash_mark_us_max_1m", 100_000, True, "the longest piece of one"),
    Target("adl_wave_ms_300x5000", 50, True, "300 accounts closed against 5,000 holders"),
    Target("wave_piece_ms_max", 100, True, "the longest piece of 100,000 liquidations at a mark"),
    Target(
        "choice_piece_ms_max", 100, True, "the longest piece of a close in 24 markets of 20,000"
    ),
    Target("spread_piece_ms_max", 100, True, "the longest piece of a debt spread over 300,000"),
    Target("parameters_piece_ms_max_1m", 100, True, "the longest piece of SetRiskParameters"),
    Target("view_longest_call_ms_1m", 50, True, "a call beside the beginning of a view"),
    Target("mark_after_view_1m", 1.1, True, "a mark after views, over one before them"),
    Target("snapshot_read_back_s_1m", 3, True, "reading a snapshot, verified, and back"),
    Target("state_stream_s_300k", 3, True, "the whole state, read by a client"),
    Target("mark_ms_max_beside_state_stream_300k", 50, True, "longest of a mark a ms beside that"),
)


def ratios(smallest: str, largest: str) -> tuple[Ratio, ...]:
    """Return the ratios of a run; the arguments are the suffixes of its populations."""
    return (
        Ratio(
            f"recompute_growth_{largest}",
            (f"recompute_us_mean_{largest}", f"recompute_us_mean_{smallest}"),
            lambda large, small: large / small,
        ),
        Ratio(
            f"mark_core_us_mean_{largest}",
            (f"mark_us_mean_{largest}", "mark_call_us_p50"),
            lambda mark, call: mark - call,
        ),
        Ratio(
            f"mark_after_view_{largest}",
            (f"mark_us_mean_{largest}_after_view", f"mark_us_mean_{largest}_before_view"),
            lambda after, before: after / before,
        ),
        Ratio(
            "trades_grpc_of_ideal",
            (
                "trades_per_s_grpc_durable",
                "trades_per_s_grpc_echo",
                "trades_per_s_core_beside_grpc",
            ),
            lambda durable, echo, core: durable * (1 / echo + 1 / core),
        ),
        Ratio(
            "check_order_of_echo",
            ("check_order_per_s", "echo_unary_per_s"),
            lambda check, echo: check / echo,
        ),
        Ratio(
            "mark_to_instruction_echoes",
            ("mark_to_instruction_ms_p50", "journal_sync_ms_p50", "echo_roundtrip_ms_p50"),
            lambda mark, sync, echo: (mark - sync) / echo,
        ),
    )


def with_ratios(results: Mapping[str, float], smallest: str, largest: str) -> dict[str, float]:
    """Return the results and every ratio whose parts are among them and not 0."""
    complete = dict(results)
    for ratio in ratios(smallest, largest):
        parts = [results.get(need, 0.0) for need in ratio.needs]
        if all(parts):
            complete[ratio.key] = ratio.form(*parts)
    return complete
