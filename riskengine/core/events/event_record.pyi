"""What `riskengine.core.types.Event` is made of."""

from typing import ClassVar, TypeVar, dataclass_transform

from typing_extensions import disjoint_base

_Record = TypeVar("_Record", bound=EventRecord)

@disjoint_base
class EventRecord:
    """An immutable value whose fields are those of the core's struct, all integers of 64 bits."""

    _fields: ClassVar[tuple[str, ...]]
    def _asdict(self) -> dict[str, int]:
        """Return the value of each field by its name, in order."""

@dataclass_transform(frozen_default=True, kw_only_default=True)
def with_fields(cls: type[_Record]) -> type[_Record]:
    """Make the annotated names of a class read the struct; they must be its fields, in order."""
