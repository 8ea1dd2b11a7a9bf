"""The table of the rules: what becomes of the losses of many venues."""

from collections.abc import Iterable

from tests.rules_report.venues import Result, play

MOST_SHOWN = 10


def report(seeds: Iterable[int]) -> tuple[list[str], list[str]]:
    """Play a venue for each seed; return the table's lines, and what was wrong."""
    results = [(seed, play(seed)) for seed in seeds]
    wrong = [f"seed {seed}: {text}" for seed, result in results for text in result.wrong]
    return table([result for _, result in results]) + wrong[:MOST_SHOWN], wrong


def table(results: list[Result]) -> list[str]:
    """Return a line for each figure; money in atoms."""
    loss = sum(result.loss for result in results)

    def of_loss(name: str, atoms: int) -> str:
        tenths = 1_000 * atoms // loss if loss else 0
        return f"{name:32}{atoms:>16,}{tenths // 10:>6}.{tenths % 10} %"

    rows = (
        ("venues", len(results)),
        ("with bankrupt accounts", sum(result.bankrupt_count > 0 for result in results)),
        ("bankrupt accounts", sum(result.bankrupt_count for result in results)),
        ("with a debt left", sum(result.left_as_debt > 0 for result in results)),
    )
    return [
        *(f"{name:32}{number:>16,}" for name, number in rows),
        of_loss("loss below zero", loss),
        of_loss("paid by the fund", sum(result.paid_by_fund for result in results)),
        of_loss("paid by those who gained", sum(result.paid_by_holders for result in results)),
        of_loss("left as debt", sum(result.left_as_debt for result in results)),
        f"{'most paid by one holder':32}{max(each.most_of_one_holder for each in results):>16,}",
        f"{'venues in which a rule is broken':32}{sum(bool(each.wrong) for each in results):>16,}",
    ]
