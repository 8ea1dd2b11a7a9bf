"""Plays a recorded journal and tells the first thing that is not as it was.

`python -m tests.recorded.compare [--show] NAME...` says the same at the command line; `--show`
prints every entry of the journal with what was recorded.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import zip_longest

from tests.recorded.contract import Contract, contract_of
from tests.recorded.journal import Entry, Journal, read_journal, recorded_names
from tests.recorded.player import START, Player, Reply, request_of, response_of

INSTRUCTIONS = "StreamInstructionsResponse"
ABSENT = b""
WHOLE_TEXT = 1_000
"""Lines around a difference: the message is to be read whole."""


class DifferenceError(AssertionError):
    """Name the journal, the first entry that differs, and print expected and actual."""


def play(journal: Journal) -> Player:
    """Play a journal and return its player; raises DifferenceError."""
    contract, player = contract_of(journal.header.revision), Player()
    for number, entry in enumerate(journal.entries, 1):
        reply = player.do(entry.kind, entry.time_nanos, entry.payload)
        if cleared(contract, entry.kind, reply) != (entry.answer, entry.instructions):
            raise DifferenceError("\n".join(_told(journal, number, reply)))
    return player


def cleared(contract: Contract, kind: int, reply: Reply) -> tuple[bytes, tuple[bytes, ...]]:
    """Return an answer and its instructions as a journal keeps them."""
    answer = contract.clear(response_of(kind), reply.answer)
    return answer, tuple(contract.clear(INSTRUCTIONS, piece) for piece in reply.instructions)


def _told(journal: Journal, number: int, reply: Reply) -> Iterator[str]:
    """Describe the entry of a number, from 1, and its first message that differs."""
    header, entry = journal.header, journal.entries[number - 1]
    contract = contract_of(header.revision)
    answer, instructions = cleared(contract, entry.kind, reply)
    yield f"journal {header.name}: entry {number} of {len(journal.entries)} is not answered as by "
    yield f"{header.revision}, at {entry.time_nanos}:"
    yield _request_text(contract, entry)
    if answer != entry.answer:
        yield from _difference(contract, "answer", response_of(entry.kind), entry.answer, answer)
    pairs = zip_longest(entry.instructions, instructions, fillvalue=ABSENT)
    for at, (expected, actual) in enumerate(pairs, 1):
        if expected != actual:
            what = f"instruction {at} of {len(entry.instructions)} (now {len(instructions)})"
            yield from _difference(contract, what, INSTRUCTIONS, expected, actual)
            return


def _difference(
    contract: Contract, what: str, name: str, expected: bytes, actual: bytes
) -> Iterator[str]:
    before, after = (contract.text(name, raw).splitlines() for raw in (expected, actual))
    yield f"{what}:"
    yield from unified_diff(before, after, "expected", "actual", n=WHOLE_TEXT, lineterm="")


def _request_text(contract: Contract, entry: Entry) -> str:
    name = request_of(entry.kind)
    if not name:
        return "a new venue" if entry.kind == START else "the timers' tick"
    return f"{name} {{\n{contract.text(name, entry.payload)}}}"


def show(journal: Journal) -> Iterator[str]:
    """Yield every entry of a journal with what was recorded."""
    contract = contract_of(journal.header.revision)
    yield f"{journal.header.name}, by {journal.header.revision}: {journal.header.about}"
    for number, entry in enumerate(journal.entries, 1):
        yield f"--- {number} at {entry.time_nanos}"
        yield _request_text(contract, entry)
        yield f"answer:\n{contract.text(response_of(entry.kind), entry.answer)}"
        yield from (contract.text(INSTRUCTIONS, piece) for piece in entry.instructions)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the journals named, or all; or show them."""
    parser = argparse.ArgumentParser(prog="python -m tests.recorded.compare", description=__doc__)
    parser.add_argument("--show", action="store_true", help="print the journals instead")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(recorded_names()):
        parser.error(f"no journal is called {', '.join(sorted(unknown))}")
    failed = 0
    for name in options.names or recorded_names():
        journal = read_journal(name)
        if options.show:
            sys.stdout.writelines(f"{line}\n" for line in show(journal))
            continue
        try:
            play(journal)
        except DifferenceError as difference:
            failed += 1
            sys.stdout.write(f"{difference}\n\n")
        else:
            sys.stdout.write(f"{name}: {len(journal.entries)} entries, as recorded\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
