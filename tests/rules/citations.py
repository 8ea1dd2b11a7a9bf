"""Who cites a rule, and who shows it: read from the texts of the repository, nothing is run.

A rule is *cited* wherever its id stands. It is *shown* by a test that is marked with it,
`@pytest.mark.rule("WF-7")`, and by a scenario whose title ends with it, `"W02 slices [WF-8]"`.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.rules.pages import ID, ROOT

FOLDERS = ("deploy", "docs", "ext", "loadtests", "proto", "riskengine", "tests")
INVENTED = ROOT / "tests/rules/test_checker.py"
"""Its small texts cite rules that there are not."""
SUFFIXES = {".hpp", ".md", ".proto", ".pxd", ".py", ".pyi", ".pyx"}
CODE = re.compile(r"([A-Z]\d\d) .*")
BRACKETS = re.compile(r"\[([^\]]*)\]$")


class Shown(NamedTuple):
    """A test or a scenario, and the rules that it says it shows."""

    name: str
    rules: tuple[str, ...]


def texts() -> Iterator[Path]:
    """Yield each file of the repository in which an id may stand."""
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in SUFFIXES and path != INVENTED:
                yield path
    yield from (path for path in ROOT.iterdir() if path.suffix in SUFFIXES)


def unknown_ids(text: str, known: set[str]) -> set[str]:
    """Return what has the form of a rule's id and is none."""
    return set(ID.findall(text)) - known


def _is_mark(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.rule"


def _marked(node: ast.AST) -> list[str]:
    """Return the arguments of all marks in a piece of code."""
    return [
        argument.value
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and _is_mark(call.func)
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


def marked_tests(source: str) -> Iterator[Shown]:
    """Yield each test function with the rules of the marks on it and on its parameters."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("test_"):
            ids = [name for decorator in node.decorator_list for name in _marked(decorator)]
            yield Shown(node.name, tuple(dict.fromkeys(ids)))


def _titles(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        for key in node.keys if isinstance(node, ast.Dict) else ():
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value


def scenarios(source: str) -> Iterator[Shown]:
    """Yield each scenario by its code, with the rules in brackets at the end of its title."""
    for title in _titles(source):
        code, brackets = CODE.fullmatch(title), BRACKETS.search(title)
        if code:
            yield Shown(code[1], tuple(brackets[1].split()) if brackets else ())


def shown_by(everything: Iterable[Shown]) -> dict[str, list[str]]:
    """Return the names of those that show a rule, by its id."""
    found: dict[str, list[str]] = {}
    for one in everything:
        for name in one.rules:
            found.setdefault(name, []).append(one.name)
    return found
