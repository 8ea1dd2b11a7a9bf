"""A part of the venues of `make rules-report`: no atom is missing, nobody is overcharged."""

from collections import Counter

from tests.rules_report.report import report, table
from tests.rules_report.venues import (
    Result,
    Venue,
    paid_of,
    play,
    views_of,
    wrong_of_holders,
    wrong_of_sums,
    wrong_of_views,
)

COUNT = 300


def test_a_gap_costs_nobody_more_than_it_gave_him() -> None:
    lines, wrong = report(range(COUNT))
    assert wrong == []
    assert lines[0].split() == ["venues", str(COUNT)]
    figures = {line[:32].strip(): line[32:].split()[0] for line in lines}
    assert figures["venues in which a rule is broken"] == "0"
    # The venues show what they are to show.
    assert {name for name, figure in figures.items() if figure == "0"} == {
        "venues in which a rule is broken"
    }


def test_a_venue_is_of_its_seed() -> None:
    assert [play(seed) for seed in range(5)] == [play(seed) for seed in range(5)]


def test_the_table_adds_up() -> None:
    results = [
        Result(0, 0, 0, 0, 0, 0, ()),
        Result(2, 900, 500, 300, 100, 200, ("one thing", "another")),
        Result(1, 100, 0, 99, 1, 99, ()),
    ]
    assert [line.split("  ")[-1].strip() for line in table(results)] == [
        "3",
        "2",
        "3",
        "2",
        "100.0 %",
        "50.0 %",
        "39.9 %",
        "10.1 %",
        "200",
        "1",
    ]


def test_what_is_wrong_is_told() -> None:
    """Against marks that did not move every payment is too much, and so on."""
    seed = next(each for each in range(COUNT) if play(each).paid_by_holders)
    venue = Venue(seed)
    driver = venue.open()
    driver.go_live()
    marks = venue.gap()
    events = driver.marks(marks)
    paid = paid_of(events)
    assert list(wrong_of_holders(venue, marks, events)) == []
    assert len(list(wrong_of_holders(venue, venue.marks, events))) >= len(+paid)
    assert list(wrong_of_views(views_of(driver), paid)) == []
    result = play(seed)
    assert list(wrong_of_sums(driver, result)) == []
    assert len(list(wrong_of_sums(driver, result._replace(left_as_debt=10**9)))) == 2
    assert len(list(wrong_of_sums(driver, result._replace(loss=result.loss + 1)))) == 1


def test_who_is_left_below_maintenance_or_below_zero_is_told() -> None:
    driver = Venue(0).open()
    driver.go_live()
    held = next(view for view in views_of(driver) if view.positions)
    paid = Counter({held.account_id: 1})
    assert list(wrong_of_views([held], paid)) == []
    below = held._replace(equity_atoms=held.maintenance_atoms - 1)
    assert len(list(wrong_of_views([below], paid))) == 1
    assert list(wrong_of_views([below], Counter())) == []
    assert len(list(wrong_of_views([held._replace(equity_atoms=-1)], Counter()))) == 1
    assert list(wrong_of_views([held._replace(equity_atoms=-1, positions=())], Counter())) == []
