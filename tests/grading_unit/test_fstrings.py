"""What only Python 3.12 and later read of f-strings is rewritten, and means the same."""

import ast

import pytest

from mnist_keras.grading.fstrings import rewritten

NAMES = {"row": {"loss": 0.25, "it's": 1}, "lines": ["a", "b"], "x": 7, "n": 3}

NEWER = {
    'f"{row["loss"]}"': "0.25",
    'f"{row["loss"]:.3f} of {x}"': "0.250 of 7",
    "f'{row['loss']!r:>6}'": "  0.25",
    'f"{"\\n".join(lines)}"': "a\nb",
    "f'{row[\"it\\'s\"]}'": "1",
    'f"{f"{x}"}"': "7",
    'f"{x:{n}}|{row["loss"]:{n}.{n - 2}f}"': "  7|0.2",
    'f"{row["loss"] if x != 3 else "no"}"': "0.25",
    'f"{\n    x  # seven\n}"': "7",
    'f"{{{row["loss"]}}}"': "{0.25}",
    'f"\\N{EN DASH}{row["loss"]}\\n"': "–0.25\n",
    '"before " f"{row["loss"]}" " behind"': "before 0.25 behind",
    'f"{len("\\u00e9ü")}"': "2",
    'f"{", ".join(f"{each}!" for each in lines)}"': "a!, b!",
    'rf"\\d{row["loss"]}"': "\\d0.25",
    'f"""{row["loss"]}\n{"""x"""}"""': "0.25\nx",
    'f"{b"ab".hex()}"': "6162",
}

OLDER = (
    "f\"{row['loss']:.2f} {x!r} {x=}\"",
    'print("it\'s", f"{x}")  # it\'s "fine"',
    "%cd it's here\n!echo \"it's\"\nx = f'{x}'",
    'f"""{row["loss"]}"""',
    "'a' \"b\" '''c\nd'''\nf = 'f'",
    "lambda x: {1: f'{x}'}",
    'd = {"a": 1}\nrb = r"\\" + "{"',
)


@pytest.mark.parametrize("source", NEWER)
def test_what_is_newer_is_rewritten_and_means_the_same(source):
    written = rewritten(source)
    assert eval(written, dict(NAMES)) == NEWER[source], written
    assert written != source
    assert rewritten(written) == written, "something is left that 3.11 cannot read"


@pytest.mark.parametrize("source", OLDER)
def test_what_any_python_reads_stays_as_it_is(source):
    assert rewritten(source) == source


def test_what_cannot_be_said_in_311_stays_as_it_is():
    assert rewritten('f"{f"{f"{x}"}"}"') == 'f"{f"{f"{x}"}"}"'


@pytest.mark.parametrize("source", ['f"{x', 'f"{x!', 'f"', "'''", "f'{" * 2000, 'f"{a["]}"'])
def test_what_is_no_python_stays_as_it_is(source):
    assert rewritten(source) == source
    with pytest.raises((SyntaxError, MemoryError, RecursionError)):
        ast.parse(source)
