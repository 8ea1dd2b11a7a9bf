"""The attacker's accounting: what a command gives one, beyond the marks, it takes from others."""

from tests.attack.attacker import Attacker


def test_no_atom_of_an_effect_is_missing() -> None:
    seen = set()
    for seed in range(40):
        attacker = Attacker(seed)
        attacker.play(80)
        for effect in attacker.venue.effects:
            seen.add(effect.what)
            assert sum(effect.beyond.values()) == 0
            assert sum(effect.at_mark.values()) == 0
    assert seen == {"trade", "fill", "report", "mark", "tick"}


def test_a_trade_away_from_the_mark_is_beyond_it() -> None:
    venue = Attacker(0).venue
    mark = venue.marks[1]
    effect = venue.trade(1, 2, 1, 10, mark + 3)
    assert (effect.beyond[1], effect.beyond[2]) == (-30, 30)
    effect = venue.mark({1: mark + 5})
    assert (effect.at_mark[1], effect.at_mark[2]) == (50, -50)
    assert not any(effect.beyond.values())


def test_what_is_taken_out_is_no_loss() -> None:
    venue = Attacker(0).venue
    assert venue.takes_out_all(1) == venue.withdrawn[1] == 100_000
    assert venue.takes_out_all(1) == 0
