"""What is spoiled can be sent, also when it was spoiled before."""

from random import Random

from tests.simulation.commands import Command
from tests.simulation.invalid import EXTREMES, spoil

TRIALS = 200


def test_a_spoiled_number_fits_64_bits() -> None:
    rng = Random(1)
    for value in EXTREMES:
        for _ in range(TRIALS):
            for command in (
                Command("fund_deposit", 5, (value, value)),
                Command("deposits", 5, ((value,), (value,), (value,))),
            ):
                for argument in spoil(rng, command).arguments:
                    numbers = argument if isinstance(argument, tuple) else (argument,)
                    assert all(-(2**63) <= one < 2**63 for one in numbers), (value, argument)
