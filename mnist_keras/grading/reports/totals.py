"""What several reports count: points of a learner, of an exercise, of a question, of the class."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean, median

from mnist_keras.grading.grades import ClassGrades, LearnerGrades, NotebookGrade, State

BINS = 10
ROUNDING = 1e-9


def notebook_for(learner: LearnerGrades, exercise: str) -> NotebookGrade:
    """Return what a learner handed in for an exercise, or a notebook that is missing."""
    missing = NotebookGrade(exercise, "", State.MISSING)
    return next((each for each in learner.notebooks if each.exercise == exercise), missing)


def by_exercise(grades: ClassGrades, learner: LearnerGrades) -> list[NotebookGrade]:
    """List a learner's notebooks, one an exercise."""
    return [notebook_for(learner, exercise) for exercise in grades.exercises]


def unassigned(grades: ClassGrades, learner: LearnerGrades) -> list[NotebookGrade]:
    """List the notebooks of which it could not be told which exercise they are."""
    return [each for each in learner.notebooks if each.exercise not in grades.exercises]


def total(grades: ClassGrades, learner: LearnerGrades) -> float:
    """Sum what a learner earned in the exercises that were graded."""
    return sum(notebook.earned for notebook in by_exercise(grades, learner))


def points_of_all(grades: ClassGrades) -> int:
    """Sum what the exercises are worth."""
    return sum(grades.exercises.values())


def is_corrected(notebook: NotebookGrade) -> bool:
    """Tell whether an instructor set something by hand."""
    return any(question.corrected for question in notebook.questions)


def counts(notebook: NotebookGrade) -> bool:
    """Tell whether the points of a notebook are known."""
    return notebook.state is State.GRADED or is_corrected(notebook)


@dataclass(frozen=True)
class ExerciseSums:
    """How the class did in an exercise; ``mean`` and ``median`` are of those graded, in points."""

    exercise: str
    points: int
    graded: int
    not_graded: int
    missing: int
    mean: float | None
    median: float | None


def exercise_sums(grades: ClassGrades) -> list[ExerciseSums]:
    """Count each exercise's hand-ins and take the means of what they earned."""
    sums = []
    for exercise, points in grades.exercises.items():
        notebooks = [notebook_for(learner, exercise) for learner in grades.learners]
        earned = [each.earned for each in notebooks if counts(each)]
        rest = [each.state for each in notebooks if not counts(each)]
        states = len(earned), rest.count(State.NOT_GRADED), rest.count(State.MISSING)
        means = (fmean(earned), median(earned)) if earned else (None, None)
        sums.append(ExerciseSums(exercise, points, *states, *means))
    return sums


@dataclass(frozen=True)
class QuestionSums:
    """How many got a question, of those whose notebook was graded."""

    exercise: str
    number: str
    title: str
    right: int
    partly: int
    asked: int

    @property
    def share(self) -> float:
        """The part of those asked who got it."""
        return self.right / self.asked


def missed_questions(grades: ClassGrades) -> list[QuestionSums]:
    """List the questions that somebody missed, the most often missed first."""
    answers = defaultdict(list)
    for exercise in grades.exercises:
        for learner in grades.learners:
            notebook = notebook_for(learner, exercise)
            for question in notebook.questions if notebook.state is State.GRADED else ():
                if question.points:
                    answers[exercise, question.number, question.title].append(question)
    sums = []
    for about, given in answers.items():
        right = sum(each.is_right for each in given)
        partly = sum(each.earned > 0 and not each.is_right for each in given)
        sums.append(QuestionSums(*about, right, partly, len(given)))
    return sorted((each for each in sums if each.right < each.asked), key=lambda each: each.share)


def histogram(grades: ClassGrades) -> list[int]:
    """Count the learners in each tenth of the points, from 0 to 100 percent."""
    bins, points = [0] * BINS, points_of_all(grades)
    for learner in grades.learners if points else ():
        place = int(BINS * total(grades, learner) / points + ROUNDING)
        bins[min(max(place, 0), BINS - 1)] += 1
    return bins


def notebooks_of(grades: ClassGrades, learner: LearnerGrades) -> list[NotebookGrade]:
    """List a learner's notebooks, one an exercise, and those of which that cannot be told."""
    return [*by_exercise(grades, learner), *unassigned(grades, learner)]


def note_lines(grades: ClassGrades, learner: LearnerGrades) -> list[str]:
    """List what an instructor should know of a learner's hand-ins, an entry a line."""
    lines = []
    for notebook in notebooks_of(grades, learner):
        label = notebook.exercise or notebook.file or "a file"
        if notebook.state is State.NOT_GRADED:
            lines.append(f"{label}: could not be graded: {notebook.reason}")
        lines.extend(f"{label}: {note}" for note in notebook.notes)
        corrected = [each.number for each in notebook.questions if each.corrected]
        if corrected:
            lines.append(f"{label}: corrected by the instructor: {', '.join(corrected)}")
    return lines
