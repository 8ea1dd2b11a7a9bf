"""A part of the venues of `make rules-report`: no atom is missing, nobody is overcharged."""

from collections import Counter

from riskengine.core.enums import EventKind
from riskengine.core.types import Event
from tests.core.driver import Driver
from tests.rules_report.report import report, table
from tests.rules_report.venues import (
    FUND,
    LIMITS,
    Result,
    Venue,
    after_an_hour,
    paid_of,
    play,
    views_of,
    wrong_of_fund,
    wrong_of_holders,
    wrong_of_spread,
    wrong_of_sums,
    wrong_of_views,
)

COUNT = 300


def test_a_gap_costs_nobody_more_than_it_gave_him() -> None:
    lines, wrong = report(range(COUNT))
    assert wrong == []
    assert lines[0].split() == ["no", "limits", "limits", "of", "the", "fund"]
    assert lines[1].split() == ["venues", str(COUNT), str(COUNT)]
    off, on = ({line[:32].strip(): figure(line, at) for line in lines[1:]} for at in (32, 56))
    # The venues show what they are to show.
    nothing = "venues in which a rule is broken"
    assert {name for name, number in off.items() if number == 0} == {
        nothing,
        "paid by gains an hour later",
    }
    assert {name for name, number in on.items() if number == 0} == {nothing}
    assert on["loss below zero"] == off["loss below zero"]
    assert on["paid by the fund"] < off["paid by the fund"]


def figure(line: str, at: int) -> int:
    """Return the number of a column that begins there."""
    return int(line[at : at + 24].split(maxsplit=1)[0].replace(",", ""))


def test_a_venue_is_of_its_seed() -> None:
    for is_limited in (False, True):
        first, second = ([play(seed, is_limited=is_limited) for seed in range(5)] for _ in range(2))
        assert first == second


def test_the_table_adds_up() -> None:
    off = [
        Result(0, 0, 0, 0, 0, 0, 0, ()),
        Result(2, 900, 500, 300, 0, 100, 200, ("one thing", "another")),
        Result(1, 100, 0, 99, 0, 1, 99, ()),
    ]
    on = [Result(1, 1_000, 50, 700, 150, 100, 400, ())]
    assert [line[32:].split() for line in table(off, on)[1:]] == [
        ["3", "1"],
        ["2", "1"],
        ["3", "1"],
        ["2", "1"],
        ["1,000", "100.0", "%", "1,000", "100.0", "%"],
        ["500", "50.0", "%", "50", "5.0", "%"],
        ["399", "39.9", "%", "700", "70.0", "%"],
        ["0", "0.0", "%", "150", "15.0", "%"],
        ["101", "10.1", "%", "100", "10.0", "%"],
        ["200", "400"],
        ["1", "0"],
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


def test_what_a_fund_pays_or_holds_beyond_its_limits_is_told() -> None:
    driver = Venue(0, is_limited=True).open()
    driver.go_live()
    driver.fund_deposit(1_000)
    assert list(wrong_of_fund(driver, [])) == []
    loss = Driver()
    loss.market()
    loss.mark(100)
    loss.risk(**LIMITS)
    loss.fund_deposit(1_000)
    loss.deposit(1, 10_000)
    loss.trade(FUND, 1, 40, 100)  # holds four times what it has, in one market
    payout = Event(**dict.fromkeys(Event._fields, 0) | {"kind": EventKind.INSURANCE_PAYOUT})
    assert len(list(wrong_of_fund(loss, [payout]))) == 2
    loss.mark(92)  # and has lost 320 of 1,000
    assert len(list(wrong_of_fund(loss, [payout]))) == 3


def test_who_pays_more_of_a_debt_than_his_gain_is_told() -> None:
    seed = next(each for each in range(COUNT) if play(each, is_limited=True).paid_by_gains)
    venue = Venue(seed, is_limited=True)
    driver = venue.open()
    driver.go_live()
    driver.marks(venue.gap())
    spread = after_an_hour(driver)
    views = views_of(driver)
    (first, *_) = [each for each in spread if each.kind == EventKind.LOSS_SPREAD]
    assert list(wrong_of_spread(views, spread)) == []
    more = Event(**first._asdict() | {"amount_atoms": first.equity_atoms + 1})
    assert len(list(wrong_of_spread(views, [more]))) == 1
    poor = [view._replace(maintenance_atoms=view.equity_atoms + 1) for view in views]
    assert len(list(wrong_of_spread(poor, [first]))) == 1
