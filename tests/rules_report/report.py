"""The table of the rules: what becomes of the losses of many venues."""

from collections.abc import Iterable

from tests.rules_report.venues import Result, play

MOST_SHOWN = 10


def report(seeds: Iterable[int]) -> tuple[list[str], list[str]]:
    """Play a venue for each seed, without limits and with them.

    Return the table's lines, a column each, and what was wrong.
    """
    off: list[Result] = []
    on: list[Result] = []
    wrong = []
    for seed in seeds:
        for results, is_limited in ((off, False), (on, True)):
            result = play(seed, is_limited=is_limited)
            results.append(result)
            name = f"seed {seed}{' with limits' if is_limited else ''}"
            wrong += [f"{name}: {text}" for text in result.wrong]
    return table(off, on) + wrong[:MOST_SHOWN], wrong


def table(off: list[Result], on: list[Result]) -> list[str]:
    """Return a line for each figure, without limits and with them; money in atoms."""
    columns = [_column(results) for results in (off, on)]
    return [
        f"{'':32}{'no limits':>24}{'limits of the fund':>24}",
        *(
            f"{name:32}" + "".join(f"{column[name]:>24}" for column in columns)
            for name in columns[0]
        ),
    ]


def _column(results: list[Result]) -> dict[str, str]:
    loss = sum(result.loss for result in results)

    def of_loss(atoms: int) -> str:
        tenths = 1_000 * atoms // loss if loss else 0
        return f"{atoms:,}{tenths // 10:>5}.{tenths % 10} %"

    return {
        "venues": f"{len(results):,}",
        "with bankrupt accounts": f"{sum(each.bankrupt_count > 0 for each in results):,}",
        "bankrupt accounts": f"{sum(each.bankrupt_count for each in results):,}",
        "with a debt left": f"{sum(each.left_as_debt > 0 for each in results):,}",
        "loss below zero": of_loss(loss),
        "paid by the fund": of_loss(sum(each.paid_by_fund for each in results)),
        "paid by those who gained": of_loss(sum(each.paid_by_holders for each in results)),
        "paid by gains an hour later": of_loss(sum(each.paid_by_gains for each in results)),
        "left as debt": of_loss(sum(each.left_as_debt for each in results)),
        "most paid by one holder": f"{max(each.most_of_one_holder for each in results):,}",
        "venues in which a rule is broken": f"{sum(bool(each.wrong) for each in results):,}",
    }
