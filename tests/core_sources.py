"""The sources of the core, as the tests read them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
CORE = ROOT / "ext/riskengine/core"
TEXT = re.compile(r'"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|#[^\n]*')
FUNCTION = re.compile(
    r"^( *)(?:async def|def|cpdef|cdef)\b(?!.*\b(?:class|cppclass|struct|enum)\b)(?![^(]*=)"
)


class Function(NamedTuple):
    """A function with a body; `name` is its first line, `head` how many lines come before it."""

    name: str
    lines: list[str]
    head: int

    @property
    def is_documented(self) -> bool:
        body = next((line for line in self.lines[self.head :] if line.strip()), "")
        return body.lstrip().startswith('"""')


def core_files() -> list[Path]:
    return sorted(path for path in CORE.rglob("*") if path.suffix in {".pyx", ".pxd"})


def name_of(path: Path) -> str:
    return path.relative_to(CORE).as_posix()


def module_of(path: Path) -> str:
    """Return a module's name within the core."""
    return ".".join(path.relative_to(CORE).with_suffix("").parts)


def without_texts(source: str) -> str:
    """Blank out comments and strings, but keep the lines."""
    return TEXT.sub(lambda match: "\n" * match.group().count("\n"), source)


def arguments(source: str, start: int) -> tuple[str, ...]:
    """Return what stands between the bracket that opens just before `start` and its end."""
    depth, parts, begin = 1, [], start
    for at in range(start, len(source)):
        letter = source[at]
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 or (depth == 1 and letter == ","):
            parts.append(source[begin:at].strip())
            begin = at + 1
        if depth == 0:
            return tuple(part for part in parts if part)
    raise AssertionError(f"no end of {source[start : start + 40]!r}")


def cython_functions(source: str) -> Iterator[Function]:
    """Yield each function with its lines, by indentation."""
    lines = source.splitlines()
    for start, line in enumerate(lines):
        match = FUNCTION.match(line)
        if match is None or "(" not in line:
            continue
        header_end = start
        while not without_texts(lines[header_end]).rstrip().endswith(":"):
            header_end += 1
            if header_end == len(lines) or not lines[header_end].strip():
                break
        else:
            end = _block_end(lines, header_end, len(match.group(1)))
            yield Function(line.strip(), lines[start:end], header_end + 1 - start)


def _block_end(lines: list[str], header_end: int, indent: int) -> int:
    """Return the index after the last line that is indented deeper than `indent`."""
    end = header_end + 1
    for index in range(header_end + 1, len(lines)):
        line = lines[index]
        if not line.strip():
            continue
        if len(line) - len(line.lstrip()) <= indent:
            break
        end = index + 1
    return end
