"""Files that change while the server serves: when they are taken, and what is refused."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from riskengine.metrics.statistics import ChangeStatistics
from riskengine.service.changes import CredentialsFile, Watched
from riskengine.service.credentials import Credentials, CredentialsError

TABLE = '[[caller]]\nname = "{name}"\nroles = ["metrics"]\ntoken_sha256 = "{digit:064}"\n'


def table(*names: str) -> str:
    return "".join(TABLE.format(name=name, digit=number) for number, name in enumerate(names))


BROKEN = ["", "caller = 1", table("a", "a"), "[[caller]", "caller = " + "[" * 5_000, None]


class Looked:
    """A file of credentials that is looked after, and what was taken of it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "credentials.toml"
        self.path.write_text(table("a"))
        self.statistics = ChangeStatistics()
        file = CredentialsFile(self.path, has_certificates=False)
        self.watched = Watched([self.path], file.read, "credentials.refused", self.statistics)
        self.watched.take = self._take
        self.taken = [self.watched.value.names]

    def _take(self, read: Credentials) -> None:
        self.taken.append(read.names)

    def replace(self, text: str) -> None:
        new = self.path.with_suffix(".new")
        new.write_text(text)
        new.replace(self.path)

    async def look(self, times: int = 2) -> None:
        for _ in range(times):
            await self.watched.look()


@pytest.fixture
def looked(tmp_path: Path) -> Looked:
    return Looked(tmp_path)


async def test_what_does_not_change_is_not_taken_again(looked: Looked) -> None:
    await looked.look(5)
    assert looked.taken == [{"a"}]
    assert (looked.statistics.taken, looked.statistics.refused) == (0, 0)


async def test_a_change_is_taken_once_it_has_stood_for_two_looks(looked: Looked) -> None:
    looked.replace(table("a", "b"))
    await looked.look(1)
    assert looked.taken == [{"a"}]
    await looked.look(3)
    assert looked.taken == [{"a"}, {"a", "b"}]


async def test_what_is_written_in_steps_is_not_judged_in_between(looked: Looked) -> None:
    text = table("a", "b", "c")
    for end in range(0, len(text), 40):
        looked.path.write_text(text[:end])
        await looked.look(1)
    looked.path.write_text(text)
    await looked.look()
    assert looked.taken == [{"a"}, {"a", "b", "c"}]
    assert looked.statistics.refused == 0


@pytest.mark.parametrize("text", BROKEN)
async def test_a_broken_file_changes_nothing_and_is_told_once(
    looked: Looked, text: str | None
) -> None:
    if text is None:
        looked.path.unlink()
    else:
        looked.replace(text)
    with capture_logs() as logs:
        await looked.look(5)
    assert looked.taken == [{"a"}]
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("credentials.refused", "error")
    ]
    assert str(looked.path) in logs[0]["error"]
    statistics = looked.statistics
    assert (statistics.taken, statistics.refused, statistics.is_refused) == (0, 1, True)
    looked.replace(table("b"))
    await looked.look()
    assert looked.taken == [{"a"}, {"b"}]
    assert (statistics.taken, statistics.refused, statistics.is_refused) == (1, 1, False)


def test_a_file_that_is_wrong_at_first_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(CredentialsError) as caught:
        CredentialsFile(path, has_certificates=False).read()
    assert str(caught.value) == f"{path}: No such file or directory"
