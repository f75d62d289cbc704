"""The part of a program that some variables depend on.

Most cases are about one variable of a notebook that makes many. Running only what that variable
depends on takes a fraction of the time, and still gives each case objects of its own.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator
from functools import lru_cache
from types import CodeType
from typing import NamedTuple


class Statement(NamedTuple):
    """A statement of a program, and the variables that it may change and may read.

    Attributes
    ----------
    node
        The statement.
    always
        Whether it counts whatever it changes, because that cannot be told from its text.
    """

    node: ast.stmt
    changes: frozenset[str]
    reads: frozenset[str]
    always: bool


def names_read(code: str) -> frozenset[str]:
    """Return the names that some code reads, within its functions too."""
    return _read(ast.parse(code))


@lru_cache
def statements(program: str, given: Collection[str] = ()) -> tuple[Statement, ...]:
    """Return a program's statements.

    Parameters
    ----------
    program
        The program's text.
    given
        Names, such as those of libraries, that no statement changes.
    """
    return tuple(_statement(node, frozenset(given)) for node in ast.parse(program).body)


def needed(listed: tuple[Statement, ...], names: Collection[str]) -> list[ast.stmt]:
    """Return the statements that some variables depend on, in their order."""
    wanted, kept = set(names), [each.always for each in listed]
    for each in listed:
        if each.always:
            wanted |= each.reads
    grown = True
    while grown:
        grown = False
        for place, each in enumerate(listed):
            if not kept[place] and each.changes & wanted:
                kept[place] = grown = True
                wanted |= each.reads
    return [each.node for each, keep in zip(listed, kept, strict=True) if keep]


def compiled(nodes: list[ast.stmt]) -> CodeType:
    """Compile some statements as a program."""
    return compile(ast.Module(body=nodes, type_ignores=[]), "notebook", "exec")


def _read(node: ast.AST) -> frozenset[str]:
    return frozenset(
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    )


def _statement(node: ast.stmt, given: frozenset[str]) -> Statement:
    reads = _read(node)
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return Statement(node, frozenset([node.name]), reads, always=False)
    if isinstance(node, ast.Import | ast.ImportFrom):
        return Statement(node, frozenset(), reads, always=True)
    own = reads - given - set(dir(builtins))
    changes = frozenset(_changed(node)) - given
    if isinstance(node, ast.Expr):  # it was written for what it does to something
        changes |= own
    return Statement(node, changes, reads, always="globals" in reads or not changes)


def _changed(node: ast.AST) -> Iterator[str]:
    """List the variables that a statement assigns, fills, deletes or calls a method of."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
            yield each.id
        target = None
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            target = each.func
        elif isinstance(each, ast.Attribute | ast.Subscript) and not isinstance(each.ctx, ast.Load):
            target = each
        while isinstance(target, ast.Attribute | ast.Subscript):
            target = target.value
        if isinstance(target, ast.Name):
            yield target.id
