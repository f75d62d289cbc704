"""What the grader says to a notebook's process, and what it keeps to itself until when."""

from mnist_keras.checks.exercises import exercise_named
from mnist_keras.checks.questions import Status, Verdict
from mnist_keras.grading.dialogue import Dialogue
from mnist_keras.grading.hidden import HiddenTest, asks_of
from mnist_keras.sandbox.conversation import Ask, Replies

EXERCISE = exercise_named("01-learning-rate")
CELLS = [
    "import keras, numpy as np\nfrom matplotlib import pyplot as plt\nfrom keras import layers\n"
    "from mnist_keras import hold_out, load_data, prepare\n"
    "from mnist_keras.checks import open_exercise\ncheck, hint = open_exercise('1')",
    "(images, labels), _ = load_data()\n(x, y), validation = hold_out(images, labels)",
    'prediction_1_1 = "C"',
    "def build(learning_rate):\n    return learning_rate",
    "histories = {rate: build(rate) for rate in (1, 2)}",
    "results = [histories[rate] for rate in histories]",
    "fig, ax = plt.subplots()\nax.plot(results)",
    "best_learning_rate = max(histories)",
    "lost = [rate for rate in histories]",
    'answer_1_8 = "B"',
    'answer_1_9 = "C"',
]


def hold(cells, wrong=(), failed=(), absent=()):
    """Hold a dialogue in which some questions are wrong; give it with its steps."""

    def judge(question, data, typed):
        status = Status.NOT_YET if question.number in wrong else Status.CORRECT
        return Verdict(question.number, question.title, status, "", question.points)

    dialogue = Dialogue(EXERCISE, cells, asks_of(EXERCISE, ()), judge)
    steps, conversation = [], dialogue.steps()
    try:
        step = next(conversation)
        while True:
            steps.append(step)
            answers = {ask.key: {} for ask in step.asks} | {"absent": list(absent)}
            cells_run = {place for place, _ in step.cells}
            step = conversation.send(Replies(frozenset(cells_run & set(failed)), answers))
    except StopIteration:
        return dialogue, steps


def code_put_in(steps):
    return [code for step in steps for code in step.before]


def test_a_right_notebook_runs_once_and_hears_nothing_of_the_courses():
    dialogue, steps = hold(CELLS)
    assert [cell for step in steps for cell in step.cells] == list(enumerate(CELLS))
    assert code_put_in(steps) == []
    assert all(v.status is Status.CORRECT for v in dialogue.verdicts.values())
    assert not any(dialogue.course.values())


def test_the_courses_answer_stands_in_for_a_wrong_one_that_is_needed_later():
    dialogue, steps = hold(CELLS, wrong={"1.2"})
    (put,) = (k for k, step in enumerate(steps) if step.before)
    assert "def build(learning_rate):" in steps[put].before[0]
    asked_before = [ask.key for step in steps[:put] for ask in step.asks]
    assert "1.2" in asked_before
    assert steps[put].cells[0] == (4, CELLS[4])
    assert {number: names for number, names in dialogue.course.items() if names} == {
        "1.3": ["build"]
    }
    assert dialogue.verdicts["1.2"].status is Status.NOT_YET


def test_no_answer_is_sent_before_its_question_was_judged_for_good():
    cells = [*CELLS, "def build(learning_rate):\n    return 2 * learning_rate"]
    _, steps = hold(cells, wrong={"1.2"})
    assert code_put_in(steps) == []  # judged behind the last cell: nothing needs it any more
    asked = [ask.key for step in steps for ask in step.asks]
    assert asked.count("1.2") == 1


def test_what_nobody_needs_is_not_sent():
    wrong = {"1.1", "1.5", "1.6", "1.7", "1.8", "1.9"}
    assert code_put_in(hold(CELLS, wrong=wrong)[1]) == []


def test_an_answer_brings_the_answers_that_it_needs():
    cells = [cell for cell in CELLS if "build" not in cell]
    _, steps = hold(cells, wrong={"1.2", "1.3"})
    put = code_put_in(steps)
    assert [("def build" in code, "histories = {}" in code) for code in put] == [
        (True, False),
        (False, True),
    ]


def test_a_given_cell_that_is_gone_is_put_in_where_it_is_needed():
    cells = [CELLS[0], *CELLS[2:4], "histories = {rate: (x, y) for rate in (1, 2)}", *CELLS[5:]]
    _, steps = hold(cells)
    (code,) = code_put_in(steps)
    assert "hold_out(" in code


def test_a_given_cell_that_failed_is_put_in_where_it_is_needed():
    cells = [*CELLS[:4], "histories = {rate: x for rate in (1, 2)}", *CELLS[5:]]
    _, steps = hold(cells, failed={1}, absent={"x", "y", "validation"})
    assert ["hold_out(" in code for code in code_put_in(steps)] == [True]
    assert code_put_in(hold(cells, failed={1})[1]) == []


def test_a_forged_list_of_absent_names_is_read_as_far_as_it_names_any():
    cells = [*CELLS[:4], "histories = {rate: x for rate in (1, 2)}", *CELLS[5:]]
    _, steps = hold(cells, failed={1}, absent=[{"x": 1}, ["y"], 3, "x"])
    assert ["hold_out(" in code for code in code_put_in(steps)] == [True]


def test_data_of_ones_own_under_the_usual_names_are_left_alone():
    cells = [*CELLS]
    cells[1] = "x, y, validation = my_own_data()"
    cells[4] = "histories = {rate: (x, y, validation) for rate in (1, 2)}"
    assert code_put_in(hold(cells)[1]) == []


def test_hidden_asks_come_with_their_question():
    hidden = Ask("1.2 test_build", {"ask": "answers", "names": [], "calls": []})
    question = EXERCISE.question("1.2")
    asks = asks_of(EXERCISE, [HiddenTest(EXERCISE, question, "test_build", 1, (hidden,), print)])
    assert [ask.key for ask in asks["1.2"]] == ["1.2", "1.2 test_build"]
    assert [ask.key for ask in asks["1.5"]] == ["1.5", "picture 1.5"]
