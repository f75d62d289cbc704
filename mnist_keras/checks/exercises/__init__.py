"""The course's exercises, a module each."""

from mnist_keras.checks.exercises import (
    add_a_hidden_layer,
    batch_size,
    epochs,
    learning_rate,
    remove_a_hidden_layer,
    search_an_architecture,
)
from mnist_keras.checks.questions import Exercise, Question
from mnist_keras.errors import CourseError

EXERCISES: tuple[Exercise, ...] = (
    learning_rate.EXERCISE,
    batch_size.EXERCISE,
    epochs.EXERCISE,
    add_a_hidden_layer.EXERCISE,
    remove_a_hidden_layer.EXERCISE,
    search_an_architecture.EXERCISE,
)


def exercise_named(name: str) -> Exercise:
    """Find an exercise by its name or by its number.

    Raises
    ------
    CourseError
        If there is none; the message lists those that there are.
    """
    for exercise in EXERCISES:
        if str(name) == exercise.name or str(name).zfill(2) == exercise.name[:2]:
            return exercise
    names = ", ".join(exercise.name for exercise in EXERCISES)
    raise CourseError(f"there is no exercise {name!r}; there is: {names}")


def question_numbered(number: str) -> Question | None:
    """Find a question of any exercise by its number."""
    questions = (question for exercise in EXERCISES for question in exercise.questions)
    return next((question for question in questions if question.number == number), None)
