"""The live picture and the plain lines say what is in a scene."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from riskengine.simulator.charts import bar, sparkline
from riskengine.simulator.picture import picture
from riskengine.simulator.scene import MarketScene, Scene, thin
from riskengine.simulator.tally import Closed
from riskengine.simulator.view import MAX_NOTES, LiveView, PlainView, plain_line
from riskengine.units import PPM
from tests.simulator.scenes import make_scene


def drawn(scene: Scene, width: int, height: int) -> list[str]:
    console = Console(record=True, width=width, height=height, file=io.StringIO())
    console.print(picture(scene, width, height))
    return console.export_text().splitlines()


@pytest.mark.parametrize(("width", "height"), [(140, 45), (100, 45), (140, 30), (80, 24)])
def test_the_picture_fits_its_terminal(width: int, height: int) -> None:
    lines = drawn(make_scene(), width, height)
    assert all(len(line) <= width for line in lines)
    assert len(lines) <= max(height, 30)


@pytest.mark.parametrize(
    "text",
    [
        *("10 Oct 2025 21:10:33 UTC", "24,000 accounts", "policy queue", "seed 1"),
        *("110,249.5", "-10.0%", "-11.0%", "64%", "$20.0 M", "+62.6%"),
        *("$500 k", "25% of start", "low $250 k", "$5.00 M"),
        *("1,234, 56 open", "4,800 (20.0%)", "1 orders in the book", "50 %"),
        *("1,707 accounts closed in 2,844 steps", "haircut $2.21 k", "575 hedged accounts"),
        *("Trader 17,864 was closed", "Why it: rank 1", "Why at all: trader 9"),
        *("2.5 ms, p99 31.4", "133,199 (2,154/s)", "127.0.0.1:9464/metrics", "Note 8."),
        *("step 411 of 1,201", "Ctrl-C"),
    ],
)
def test_the_picture_tells(text: str) -> None:
    assert text in "\n".join(drawn(make_scene(), 140, 45))


def test_a_terminal_of_80_columns_cuts_no_number() -> None:
    """With the longest names, prices and amounts of the demo."""
    scene = make_scene()
    long = MarketScene("LINK", "122,500.0", -76_000, -650_000, (9, 8, 7) * 9, PPM, 0, 0)
    closed = dict.fromkeys(scene.closed, Closed(50_866, 14_800_000_000_000))
    scene = replace(scene, markets=(long,) * 5, closed=closed, fund_atoms=scene.fund_start_atoms)
    scene = replace(scene, margin_calls=11_143, facts=replace(scene.facts, is_kept=True))
    lines = drawn(scene, 80, 30)
    boxes = [line for line in lines[1:-7] if "…" in line]
    assert boxes == []
    assert "…" not in lines[-1]
    for text in ("-65.0%", "100%", "50,866", "$14.8 M", "100% of start", "11,143", "4,800 (20%)"):
        assert text in "\n".join(lines)


def test_without_deleveraging_the_picture_says_so() -> None:
    text = "\n".join(drawn(make_scene(with_adl=False), 140, 45))
    assert "None so far: the book and the insurance fund carry every loss." in text


def test_a_fund_that_is_stopped_is_named_so() -> None:
    stopped = replace(make_scene(), fund_is_stopped=True)
    assert "insurance fund, stopped" in "\n".join(drawn(stopped, 140, 45))
    assert "stopped" not in "\n".join(drawn(make_scene(), 140, 45))


def test_the_picture_of_a_kept_run_says_how_it_goes_on() -> None:
    scene = make_scene()
    kept = replace(scene, facts=replace(scene.facts, is_kept=True))
    assert "Ctrl-C stops and cleans up" in "\n".join(drawn(scene, 140, 45))
    assert "Ctrl-C stops; the same command goes on" in "\n".join(drawn(kept, 140, 45))


def test_the_live_view_uses_the_other_screen_and_gives_it_back() -> None:
    output = io.StringIO()
    view = LiveView(Console(file=output, force_terminal=True, width=140, height=45))
    view.status("Starting.")
    assert view.is_due()
    view.show(make_scene())
    view.note("told in the picture only")
    view.close()
    text = output.getvalue()
    assert text.index("\x1b[?1049h") < text.index("insurance fund") < text.rindex("\x1b[?1049l")
    assert "told in the picture only" not in text


def test_plain_lines_have_no_escapes_and_are_bounded() -> None:
    output = io.StringIO()
    view = PlainView(Console(file=output, width=110))
    view.status("Starting.")
    view.show(make_scene())
    for at in range(MAX_NOTES + 5):
        view.note(f"event {at}")
    view.close()
    lines = output.getvalue().splitlines()
    assert lines[0] == "Starting."
    assert lines[1] == plain_line(make_scene())
    assert len(lines) == 2 + MAX_NOTES + 1
    assert lines[-1] == "  * and 5 more events"
    assert "\x1b" not in output.getvalue()


def test_a_plain_line_has_prices_stages_fund_and_latency() -> None:
    line = plain_line(make_scene())
    assert line.startswith("[ 34 %] 21:10:33 BTC -10.0% SUI +62.6% | margin calls 1,234")
    assert "closed: orders 14, taken over 14, ADL 14" in line
    assert "fund $500 k (25 %)" in line
    assert line.endswith("decision p99 31.4 ms")


def test_charts() -> None:
    assert sparkline([]) == ""
    assert sparkline([5, 5]) == "▁▁"
    assert sparkline([0, 50, 100]) == "▁▄█"
    assert (bar(-1, 4), bar(0.5, 4), bar(2, 4)) == ("░░░░", "██░░", "████")
    assert thin(list(range(10)), 4) == (0, 3, 6, 9)
    assert thin([1, 2], 4) == (1, 2)
