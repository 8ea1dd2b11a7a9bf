"""A scene to draw."""

from riskengine.simulator.scene import MarketScene, RunFacts, Scene
from riskengine.simulator.tally import LONG, SHORT, Closed, Stage

MILLION = 1_000_000 * 1_000_000


def make_scene(*, with_adl: bool = True) -> Scene:
    adl = (
        "Trader 17,864 was closed 16,140 XRP of a short of 25,000 XRP at 1.2941 (mark 1.2941).",
        "Why it: rank 1 in the queue, score 0.204 = 49.0 % profit on cost x 0.42 leverage.",
        "Why at all: trader 9 could not carry its long of 36,550 XRP.",
    )
    return Scene(
        facts=RunFacts("10 October 2025", 24_000, "queue", 1, "127.0.0.1:9464/metrics"),
        clock="10 Oct 2025 21:10:33",
        step=411,
        steps=1_201,
        markets=(
            MarketScene(
                "BTC", "110,249.5", -100_000, -110_000, (9, 8, 7), 640_000, 20 * MILLION, 11_000_000
            ),
            MarketScene("SUI", "1.3268", 626_000, 0, (1, 2), 10_000, 0, 0),
        ),
        fund_start_atoms=2 * MILLION,
        fund_atoms=MILLION // 2,
        fund_low_atoms=MILLION // 4,
        fund_inventory_atoms=5 * MILLION,
        fund_is_stopped=False,
        fund_history_atoms=(2, 1),
        closed={(stage, side): Closed(7, 3 * MILLION) for stage in Stage for side in (LONG, SHORT)},
        margin_calls=1_234,
        called_now=56,
        top_ups=78,
        liquidated=4_800,
        bad_debt_atoms=0,
        cancelled_orders=9,
        adl_events=2_844 if with_adl else 0,
        adl_accounts=1_707 if with_adl else 0,
        haircut_atoms=2_210_000_000 if with_adl else 0,
        hedged_hit=575 if with_adl else 0,
        hedged_lost=5 if with_adl else 0,
        last_adl=adl if with_adl else (),
        answer_millis=(1.5, 9.0),
        decision_millis=(2.5, 31.4),
        rows=133_199,
        rows_a_second=2_154.0,
        commands=4_224,
        instructions=234_229,
        notes=tuple(f"21:0{at}:00  Note {at}." for at in range(9)),
    )
