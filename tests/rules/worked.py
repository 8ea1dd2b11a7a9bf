"""Arithmetic of the worked numbers in docs/rules: each line is computed and must hold.

    E = 60 + 10 * 90 - 1000 = -40      # an account long 10 at 100, mark 90
    MM(N) = ceil(N * 50_000 / 10^6)    # a function of the lines below it
    MM(900) = 45
    E < MM(900)

A line is a chain of expressions with = < <= > >= != between them. A name that has no value yet
gets one where it stands first in a chain; all else is computed exactly, in fractions.
"""

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any

RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
RELATION = re.compile(r"\s(=|!=|<=?|>=?)\s")
NAME = re.compile(r"[A-Za-z]\w*'?")
FUNCTION = re.compile(r"([A-Za-z]\w*)\(([A-Za-z]\w*)\)")
OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}
BUILT_IN: dict[str, Callable[..., Any]] = {
    "ceil": ceil,
    "floor": floor,
    "min": min,
    "max": max,
    "abs": abs,
}

Scope = dict[str, Any]


def parsed(text: str) -> ast.expr:
    return ast.parse(text.strip().replace("^", "**").replace("'", "_prime"), mode="eval").body


def value_of(node: ast.expr, scope: Scope) -> Fraction:
    """Return the exact value; ValueError for what is no arithmetic, KeyError for a name unknown."""
    match node:
        case ast.Constant(value=int(number)):
            return Fraction(number)
        case ast.Name(id=name):
            return Fraction(scope[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -value_of(operand, scope)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATIONS:
            apply = OPERATIONS[type(sign)]
            return Fraction(apply(value_of(left, scope), value_of(right, scope)))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            function = scope[name] if name in scope else BUILT_IN[name]
            return Fraction(function(*(value_of(argument, scope) for argument in arguments)))
    raise ValueError(ast.unparse(node))


def defined(parameter: str, body: ast.expr, scope: Scope) -> Callable[[Fraction], Fraction]:
    return lambda argument: value_of(body, scope | {parameter: argument})


def check_line(line: str, scope: Scope) -> bool:
    """Compute one line and return whether it claims anything; ValueError when it does not hold."""
    first, *rest = RELATION.split(line)
    if not rest:
        raise ValueError("nothing is claimed")
    head, function = first.strip(), FUNCTION.fullmatch(first.strip())
    if function and rest[0] == "=" and function[1] not in scope | BUILT_IN:
        if len(rest) != 2:
            raise ValueError("a function is one expression")
        scope[function[1]] = defined(function[2], parsed(rest[1]), scope)
        return False
    name = head.replace("'", "_prime")
    is_new = bool(NAME.fullmatch(head)) and rest[0] == "=" and name not in scope
    if is_new:
        scope[name] = value_of(parsed(rest[1]), scope)
    left = value_of(parsed(first), scope)
    for relation, text in zip(rest[::2], rest[1::2], strict=True):
        right = value_of(parsed(text), scope)
        if not RELATIONS[relation](left, right):
            raise ValueError(f"{left} {relation} {right} does not hold")
        left = right
    return not is_new or len(rest) > 2


def faults(block: str) -> list[str]:
    """Return each line that does not hold, with the reason; a block must claim something."""
    scope: Scope = {}
    found = []
    claims = 0
    for raw in block.splitlines():
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        try:
            claims += check_line(line, scope)
        except (ArithmeticError, KeyError, SyntaxError, TypeError, ValueError) as fault:
            found.append(f"{line}: {type(fault).__name__} {fault}")
    return found if found or claims else ["nothing is claimed"]
