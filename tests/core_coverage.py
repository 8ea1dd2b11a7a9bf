"""Plugin of coverage.py for the compiled core: which lines there are, and which were traced.

Cython.Coverage knows one C++ file for a source; what is inlined from a .pxd stands in many, and a
.pxd alone has none. `make coverage` uses this in a tree whose core is compiled with line trace.
"""

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from coverage import CoveragePlugin, FileReporter, FileTracer
from coverage.plugin_support import Plugins
from coverage.types import TConfigSectionOut

SOURCES = Path("ext")
"""Where the core's sources lie, and the generated C++ beside them; below the working folder."""

SOURCE_LINE = re.compile(r'\s*/\* "(.+)":\d+$')
HEADS = ("cdef inline", "@")
"""How lines begin that are traced but in a .pxd never run."""

TRACED_LINE = re.compile(r"\s*__Pyx_TraceLine\((\d+),")


class CoreCoverage(CoveragePlugin):
    """Take the core's .pyx and .pxd files on."""

    def file_tracer(self, filename: str) -> FileTracer | None:
        path = Path(filename).resolve()
        return CoreTracer(path) if path in lines_of_sources() else None

    def file_reporter(self, filename: str) -> FileReporter:
        return CoreReporter(filename)


class CoreTracer(FileTracer):
    """A source whose lines are traced as they are numbered."""

    def __init__(self, path: Path) -> None:
        self._name = str(path)

    def source_filename(self) -> str:
        return self._name


class CoreReporter(FileReporter):
    """The lines of a source that are code; heads of inline functions are none."""

    def lines(self) -> set[int]:
        texts = self.source().splitlines()
        lines = lines_of_sources()[Path(self.filename)]
        return {line for line in lines if not texts[line - 1].startswith(HEADS)}


@cache
def lines_of_sources() -> dict[Path, set[int]]:
    """Return the traced lines of each source, over all C++ files that hold code of it."""
    lines: dict[Path, set[int]] = defaultdict(set)
    for generated in sorted(SOURCES.rglob("*.cpp")):
        path = None
        for text in generated.read_text().splitlines():
            if source := SOURCE_LINE.match(text):
                path = (SOURCES / source[1]).resolve()
            elif path and path.exists() and (traced := TRACED_LINE.match(text)):
                lines[path].add(int(traced[1]))
    return dict(lines)


def coverage_init(reg: Plugins, _options: TConfigSectionOut) -> None:
    """Register the plugin."""
    reg.add_file_tracer(CoreCoverage())
