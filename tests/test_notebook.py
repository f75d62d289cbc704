"""What runs inside a notebook: numbers for the text, and the report of the set-up cell."""

import os
import re
import subprocess
import sys
import types
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest
from myst_nb.core.variables import format_plain_text
from myst_nb.ext.glue import extract_glue_data
from nbclient import NotebookClient

from mnist_keras.notebook import GLUE_PREFIX, Numbers, format_number, plain_number, set_up_report

ROOT = Path(__file__).resolve().parents[1]

LESSON = """\
---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
---
# Numbers

```{code-cell} ipython3
import numpy as np
from mnist_keras.notebook import Numbers
from myst_nb import glue

numbers = Numbers()
values = {
    "accuracy": 98.34,
    "mistakes": 166,
    "digit": "seven",
    "loss": np.float64(0.05),
    "share": np.float32(0.25),
    "count": np.int64(3),
}
numbers.say("{accuracy}")
```

```{code-cell} ipython3
numbers.keep(**values)
```

```{code-cell} ipython3
for name, value in values.items():
    glue(name, getattr(value, "item", lambda: value)(), display=False)
```

```{code-cell} ipython3
numbers.say("Right on **{accuracy:.1f} %**, {mistakes} mistakes.")
```
"""


@pytest.fixture(scope="module")
def executed():
    """Run the lesson through a real kernel."""
    notebook = jupytext.reads(LESSON, fmt="md:myst")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return NotebookClient(notebook, timeout=120).execute(env=environment)


def test_site_finds_the_numbers_as_it_finds_its_own(executed):
    _, keep, glue, _ = (cell for cell in executed.cells if cell.cell_type == "code")
    assert len(keep.outputs) == 6
    assert keep.outputs == glue.outputs


def test_site_reads_the_numbers(executed):
    keep = [cell for cell in executed.cells if cell.cell_type == "code"][1]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.from_dict(keep)])
    found = extract_glue_data(notebook, [0], None)
    texts = {name: output["data"]["text/plain"] for name, output in found.items()}
    assert texts == {
        "accuracy": "98.34",
        "mistakes": "166",
        "digit": "'seven'",
        "loss": "0.05",
        "share": "0.25",
        "count": "3",
    }
    assert format_plain_text(texts["accuracy"], ".1f") == "98.3"
    assert notebook.cells[0].outputs == [], "a kept number must not be shown on the page"


def test_say_shows_markdown(executed):
    (output,) = executed.cells[-1].outputs
    assert output["data"]["text/markdown"] == "Right on **98.3 %**, 166 mistakes."


def test_missing_number_is_a_friendly_line_and_no_error(executed):
    first = next(cell for cell in executed.cells if cell.cell_type == "code")
    (output,) = first.outputs
    assert "`numbers.keep(accuracy=…)`" in output["data"]["text/markdown"]


def test_numbers_are_kept_and_overwritten():
    numbers = Numbers()
    numbers.keep(a=1, b=2)
    numbers.keep(b=np.float64(3.5))
    assert numbers == {"a": 1, "b": 3.5}
    assert type(numbers["b"]) is float


def test_keep_prints_nothing_outside_a_notebook(capsys):
    Numbers().keep(a=1)
    assert capsys.readouterr().out == ""


def test_say_prints_in_a_terminal(capsys):
    Numbers(a=0.5).say("\nHalf: {a:.0%}\n")
    assert capsys.readouterr().out == "Half: 50%\n"


def test_a_false_claim_fails_the_site_and_no_learner(monkeypatch, capsys):
    numbers = Numbers()
    monkeypatch.setenv("MNIST_KERAS_CLAIMS", "hold")
    numbers.claim("two is more than one", np.int64(2) > 1)
    with pytest.raises(AssertionError, match="one is more than two"):
        numbers.claim("one is more than two", np.int64(1) > 2)
    monkeypatch.delenv("MNIST_KERAS_CLAIMS")
    numbers.claim("one is more than two", False)
    assert "In your run" in capsys.readouterr().out


def test_all_missing_numbers_are_named():
    line = Numbers(b=1).fill("{c} {b} {a:.1f} {a}")
    assert "`a`, `c`" in line
    assert "`numbers.keep(a=…, c=…)`" in line
    assert "\n" not in line


def test_doubled_braces_are_braces():
    assert Numbers(a=1).fill(r"$\frac{{1}}{{n}}$ {a} {{a}}") == r"$\frac{1}{n}$ 1 {a}"


@pytest.mark.parametrize("value", [98.34, 166, -0.5, 1e-7, "seven", True])
@pytest.mark.parametrize("spec", ["", ".1f", "d", ",", ".2%", ".3g", "s", ">8", "05.1f", "x"])
def test_formats_are_those_of_the_site(value, spec):
    def outcome(function, *arguments):
        try:
            return function(*arguments)
        except ValueError:
            return ValueError

    expected = outcome(format_plain_text, repr(value), spec)
    assert outcome(format_number, value, spec) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.int32(3), 3),
        (np.bool_(True), True),
        (np.array(2.0), 2.0),
        (1.5, 1.5),
        ("text", "text"),
        (None, None),
    ],
)
def test_scalars_become_python_numbers(value, expected):
    assert plain_number(value) == expected
    assert type(plain_number(value)) is type(expected)


def test_tensor_becomes_a_python_number():
    class Tensor:
        shape = ()

        def numpy(self):
            return np.float32(0.25)

    assert repr(plain_number(Tensor())) == "0.25"


def test_array_stays_an_array():
    array = np.zeros(3)
    assert plain_number(array) is array


def test_prefix_is_the_one_of_the_site():
    from myst_nb.ext import glue

    assert GLUE_PREFIX == glue.GLUE_PREFIX


@pytest.mark.parametrize("code", ["Numbers().keep(a=1)", "Numbers(a=1).say('{a}')"])
def test_plain_python_needs_neither_keras_nor_ipython(code):
    script = (
        f"import sys; from mnist_keras.notebook import Numbers; {code};"
        "print(sorted({'IPython', 'keras', 'myst_nb', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def report(monkeypatch, capsys, gpus):
    """Return the report's lines with TensorFlow replaced, on a machine with these GPUs."""
    devices = [types.SimpleNamespace(name=f"/physical_device:GPU:{i}") for i in range(len(gpus))]
    details = {device.name: gpu for device, gpu in zip(devices, gpus, strict=True)}
    config = types.SimpleNamespace(
        list_physical_devices=lambda kind: devices if kind == "GPU" else [],
        experimental=types.SimpleNamespace(
            get_device_details=lambda device: details[device.name],
        ),
    )
    tensorflow = types.SimpleNamespace(__version__="2.20.0", config=config)
    monkeypatch.setitem(sys.modules, "tensorflow", tensorflow)
    monkeypatch.setitem(sys.modules, "keras", types.SimpleNamespace(__version__="3.13.2"))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    set_up_report()
    return capsys.readouterr().out.splitlines()


def test_report_names_versions_and_gpus(monkeypatch, capsys):
    gpus = [{"device_name": "Tesla T4"}, {}]
    versions, gpu, ready = report(monkeypatch, capsys, gpus)
    assert re.fullmatch(
        rf"Python 3\.[\d.+a-z]+ · TensorFlow 2\.20\.0 · Keras 3\.13\.2 · NumPy {np.__version__}",
        versions,
    )
    assert gpu == "GPU: Tesla T4, /physical_device:GPU:1"
    assert ready == "Ready."


def test_report_without_a_gpu_says_where_to_get_one(monkeypatch, capsys):
    _, gpu, ready = report(monkeypatch, capsys, [])
    assert gpu == (
        "no GPU: everything here also runs on the processor, only slower. "
        "In Colab: Runtime → Change runtime type → T4 GPU"
    )
    assert ready == "Ready."
