"""The stub of the core's enums, from the names and numbers of `codes.pxd`."""

import re
from collections.abc import Iterator

ENUM = re.compile(r"((?:^# .*\n)*)^cpdef enum (\w+):\n((?:^ +\w+ = \d+\n)+)", re.MULTILINE)
MEMBER = re.compile(r"^ +(\w+) = (\d+)$", re.MULTILINE)
HEAD = '''"""Enums of the core; names and numbers equal those of the contract, prefix left off.

Written by `make pages` from codes.pxd.
"""

from enum import IntEnum
'''
FACE = re.compile(r'^(\w+) = _face\("\1"\)$', re.MULTILINE)


def enums_stub(codes: str, faces: str) -> str:
    """Return enums.pyi: the enums that have a face in enums.py, their prefix left off.

    Comment lines above an enum become its docstring.
    """
    enums = {name: (comment, members) for comment, name, members in ENUM.findall(codes)}
    classes = ["".join(_enum(name, *enums[name])) for name in FACE.findall(faces)]
    return "\n".join([HEAD, *classes])


def _enum(name: str, comment: str, members: str) -> Iterator[str]:
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_"
    yield f"class {name}(IntEnum):\n"
    if comment:
        text = "\n    ".join(line.removeprefix("# ") for line in comment.splitlines())
        yield f'    """{text}"""\n\n'
    for member, number in MEMBER.findall(members):
        yield f"    {member.removeprefix(prefix)} = {number}\n"
