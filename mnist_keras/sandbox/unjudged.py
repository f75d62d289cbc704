"""What ``mnist_keras.checks`` is in a notebook that is graded: ``check()`` without the rules."""

from collections.abc import Callable

SAID = "Answers are judged after the notebook ran."


def open_exercise(name: str) -> tuple[Callable[..., None], Callable[..., None]]:
    """Return a `check` and a `hint` that only say when answers are judged."""

    def say(number: object = None) -> None:
        print(SAID)

    return say, say
