"""How many of a small unit make a large one; but for the tests' oracle all take it from here."""

NANOS_PER_MICRO = 1_000
NANOS_PER_MILLI = 1_000_000
NANOS_PER_SECOND = 1_000_000_000
MICROS_PER_SECOND = 1_000_000
MILLIS_PER_SECOND = 1_000
PPM = 1_000_000
