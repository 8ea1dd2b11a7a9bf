"""The consumers of a folder, as a copy of its instructions has them."""

from riskengine.persistence.consumers_file import ConsumersFile, confirmed_through
from riskengine.persistence.errors import ConsumersDamaged, InstructionsRefused


def consumers_through(
    file: ConsumersFile, last_instruction: int, notes: list[str]
) -> dict[str, int] | None:
    """Return what consumers have confirmed of instructions up to that one, None without a list.

    A list that names nobody is one: without it a start would take the consumers for lost. One that
    cannot be read is noted, and is none. Raises OSError.
    """
    try:
        confirmed = file.read()
    except (ConsumersDamaged, InstructionsRefused) as error:
        notes.append(f"left out: {error}")
        return None
    return None if confirmed is None else confirmed_through(confirmed, last_instruction)
