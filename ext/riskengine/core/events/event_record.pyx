"""An event as a Python value: the struct itself, read field by field (see event_record.pyi).

A crash makes thousands of events a mark. An integer object for each of their fields would cost
more than the judgement that made them, and most are read once, a third of them or less.
"""

from libc.stdint cimport int64_t
from libc.string cimport memcmp

from riskengine.core.events.event cimport Event


cdef Event EMPTY
cdef dict ZEROS = EMPTY
cdef tuple FIELDS = tuple(ZEROS)
assert sizeof(Event) == len(FIELDS) * sizeof(int64_t)


cdef class EventField:
    """A field of an event, as an attribute that cannot be set."""

    cdef size_t place

    def __cinit__(self, size_t place):
        """Have the attribute read the struct's field of that number."""
        self.place = place

    def __get__(self, EventRecord record, owner):
        """Return the value of the record's field; of the class, this descriptor."""
        if record is None:
            return self
        return (<const int64_t*>&record.event)[self.place]


cdef class EventRecord:
    def __init__(self, **fields):
        """Take every field by its name; raises TypeError when one is missing or unknown."""
        if fields.keys() != ZEROS.keys():
            raise TypeError(f"an event has each of these fields once: {', '.join(FIELDS)}")
        self.event = fields

    def _asdict(self):
        """Return the value of each field by its name, in the struct's order."""
        return self.event

    def __eq__(self, other):
        """Compare all fields; a record of another class with the same fields is equal."""
        if not isinstance(other, EventRecord):
            return NotImplemented
        return memcmp(&self.event, &(<EventRecord>other).event, sizeof(Event)) == 0

    def __hash__(self):
        """Return the instruction sequence, which no two events of a log share."""
        return self.event.instruction_sequence

    def __repr__(self):
        """Return the record as a call with all fields by name."""
        fields = ", ".join([f"{name}={value}" for name, value in self._asdict().items()])
        return f"{type(self).__name__}({fields})"


def with_fields(cls):
    """Make the annotated names of a class read the struct; TypeError if they are not its fields."""
    if tuple(cls.__annotations__) != FIELDS:
        raise TypeError(f"{cls.__name__} must declare the struct's fields: {', '.join(FIELDS)}")
    for place, name in enumerate(FIELDS):
        setattr(cls, name, EventField(place))
    cls._fields = FIELDS
    return cls
