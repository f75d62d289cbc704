"""What stands in for a package that a notebook imports and this machine has not."""

import subprocess
import sys

import pytest
from command_line import environment

from mnist_keras.sandbox.stand_ins import FETCHING, PACKAGES, StandIn, StandInFinder


def test_anything_can_be_done_with_it():
    seaborn = StandIn("seaborn")
    seaborn.set_theme(style="white")
    seaborn.data["x"] = 1
    with seaborn.context() as inner:
        assert list(inner) == []
    assert not isinstance(3, seaborn.Kind)
    assert not issubclass(int, seaborn.Kind)
    assert repr(seaborn.axes[0].title) == "<stand-in for seaborn.axes[…].title>"


def test_a_progress_bar_goes_through_what_it_is_given():
    bar = StandIn("tqdm.notebook").tqdm([3, 4], desc="epochs")
    assert list(bar) == [3, 4]
    assert len(bar) == 2
    bar.set_description("done")
    assert list(StandIn("tqdm").trange(2, 4)) == [2, 3]
    assert list(StandIn("tqdm").tqdm(total=5)) == []


def test_as_a_decorator_it_gives_the_function_back():
    def build():
        return 7

    assert StandIn("numba").njit(build) is build
    assert StandIn("numba").njit(cache=True)(build)() == 7


def test_a_class_can_be_derived_from_it():
    module = StandIn("torch").nn.Module

    class Net(module):
        pass

    assert Net().__class__.__mro__ == (Net, object)


def test_libraries_are_told_the_truth():
    finder = StandInFinder()
    assert "pandas" in PACKAGES
    assert finder.find_spec("pandas") is None  # this module is no notebook
    asked = {"find": finder.find_spec, "__name__": "__main__"}
    exec("found, other = find('pandas.plotting'), find('nobodys_package')", asked)
    assert asked["found"].name == "pandas.plotting"
    assert asked["other"] is None


BESIDE = """
import torch
import torch.nn.functional as F
from sklearn.metrics import confusion_matrix
import keras_tuner
seen = int(confusion_matrix([0, 1], [0, 1]).sum()), isinstance(3, torch.Tensor)
"""


def test_a_library_that_looks_for_another_among_the_modules_does_not_find_a_stand_in():
    code = (
        "import sys; from mnist_keras.sandbox.kernel import Kernel; kernel = Kernel(0)\n"
        f"print(kernel.run({BESIDE!r}), kernel.names['seen'], 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), timeout=300
    )
    assert done.stdout == "[] (2, False) False\n", done.stderr


@pytest.mark.parametrize("name", ["keras", "keras_tuner", "tensorflow", "numpy", "tensorboard"])
def test_nothing_stands_in_for_what_grading_needs(name):
    assert name not in PACKAGES


@pytest.mark.parametrize(
    ("line", "quiet"),
    [
        ("pip install -q pandas", True),
        ("python3 -m pip install keras", True),
        ("sudo apt-get install graphviz", True),
        ("wget https://example.com", True),
        ("ls -la", False),
        ("echo pip", False),
        ("mkdir -p git", False),
    ],
)
def test_shell_lines_that_need_a_network_do_nothing(line, quiet):
    assert bool(FETCHING.match(line)) is quiet
