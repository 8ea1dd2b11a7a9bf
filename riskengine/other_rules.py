"""A journal that ends with commands of other rules: it goes on from the state behind the last one.

These rules would make another state of the same commands, so that none of them may be replayed. A
snapshot behind the last one has what they made.
"""

from pathlib import Path

from riskengine.machine.saving import (
    SavedFormError,
    SavedMachineError,
    read_machine_back,
    saved_hash,
)
from riskengine.persistence.snapshot_file import SnapshotDamaged
from riskengine.persistence.snapshots import SnapshotStore


def why_not_known(store: SnapshotStore, log_id: bytes, sequence: int) -> str:
    """Return why the state behind a sequence is not known from a snapshot, empty if it is.

    It is read back for that, and its hash compared with the one that is noted. Raises SnapshotForm
    and SavedFormError when this version does not read the form of it, and OSError.
    """
    try:
        paths = store.paths()
    except FileNotFoundError:
        paths = []
    found = [path for path in paths if store.sequence_of(path) == sequence]
    if not found:
        newest = max(map(store.sequence_of, paths), default=None)
        if newest is None:
            return f"there is no snapshot in {store.folder}"
        return f"the newest snapshot in {store.folder} is of sequence {newest}"
    return _why_unusable(store, found[0], log_id)


def _why_unusable(store: SnapshotStore, path: Path, log_id: bytes) -> str:
    try:
        snapshot = store.read(path)
        engine = read_machine_back(snapshot.sections).engine
        noted = saved_hash(snapshot.sections).digest.hex()
    except SavedFormError:
        raise
    except (SnapshotDamaged, SavedMachineError, OSError) as error:
        return f"the snapshot behind them cannot be used: {error}"
    sequence, read_back = engine.sequence, engine.state_hash()
    if snapshot.header.log_id != log_id:
        return f"{path} is of another journal"
    if sequence != snapshot.header.sequence:
        return f"{path} holds the state of sequence {sequence}"
    return "" if read_back == noted else f"{path} was read back with another hash than it notes"
