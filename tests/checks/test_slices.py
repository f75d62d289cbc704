"""Only the statements run that the variables asked for depend on."""

import ast

import pytest

from checks.slices import names_read, needed, statements

PROGRAM = """
import math
size = 3
other = 5
def double(x):
    return factor * x
factor = 2
doubled = double(size)
table = {"a": doubled}
table["b"] = other
lonely = 9
values = []
values.append(lonely)
print(doubled)
np.random.seed(1)
"""
ALWAYS = ["import math", "np.random.seed(1)"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], []),
        (["factor"], ["factor = 2"]),
        (["values"], ["lonely = 9", "values = []", "values.append(lonely)"]),
    ],
)
def test_what_a_variable_depends_on(names, expected):
    kept = [ast.unparse(each) for each in needed(statements(PROGRAM, ("np",)), names)]
    assert [each for each in kept if each not in ALWAYS] == expected
    assert [each for each in kept if each in ALWAYS] == ALWAYS


def test_functions_and_changes_of_parts_are_followed():
    kept = "\n".join(ast.unparse(each) for each in needed(statements(PROGRAM), ["table"]))
    for text in ("size = 3", "factor = 2", "def double", "other = 5", "table['b'] = other"):
        assert text in kept
    assert "lonely = 9" not in kept


def test_what_code_reads_includes_the_bodies_of_functions():
    assert names_read("def f(x):\n    return x + y\nz = f(w)") == {"x", "y", "f", "w"}
