"""What was collected of a notebook, read with a sentence for each thing that is not as expected."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from mnist_keras.checks.facts import call_key
from mnist_keras.checks.plain import Data, is_dictionary, is_missing, is_number, kind_of, words
from mnist_keras.checks.tables import as_key, named, rows_in

# What computes nothing to be trained and leaves the numbers as they are, but for their scale.
NO_WORK = {
    *("Flatten", "Reshape", "ExpandDims", "Squeeze", "Identity", "Cast"),
    *("Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Normalization", "Rescaling"),
    *("Dropout", "GaussianDropout", "GaussianNoise"),
}
ACTIVATIONS = {"ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax", "Activation"}
# The metrics that measure accuracy, by the loss whose labels they fit; see `facts.metric_names`.
SPARSE, ONE_HOT = "sparse_categorical_crossentropy", "categorical_crossentropy"
ACCURACIES = {
    SPARSE: {"accuracy", "acc", "sparse_categorical_accuracy", "SparseCategoricalAccuracy"},
    ONE_HOT: {"accuracy", "acc", "categorical_accuracy", "CategoricalAccuracy"},
}
# How a history may call the accuracy: the best name first, any of the pattern's last.
NAMES_OF_ACCURACY = ("accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy")
ACCURACY = re.compile(r"(?!val_|.*(top|binary)).*(acc|accuracy|genauigkeit|exactitude|justesse)")
# What may stand before the letter of a choice, such as "Answer:".
INTRODUCTION = re.compile(
    r"^(?:my |the |la |die |mon |ma |meine )*(?:answer|choice|option|letter|prediction|réponse|"
    r"choix|lettre|antwort|wahl|buchstabe|respuesta)\s*(?:\s*(?:ist|is|est|es|[:=]))*\s*",
    re.IGNORECASE,
)

# Letters that look like A, B, C and E on a Greek or Cyrillic keyboard.
LOOK_ALIKES = str.maketrans("ΑαΒΕАаВвСсЕе", "AaBEAaBbCcEe")


class NotYetError(Exception):
    """An answer is not right; the message says what was expected and what was found."""


class NotAttemptedError(Exception):
    """Something that the rule needs was not filled in; the message names it."""


def not_yet(message: str) -> NoReturn:
    """Say what is not right with an answer."""
    raise NotYetError(message)


def expect(condition: object, message: str) -> None:
    """Say what is not right with an answer unless the condition holds."""
    if not condition:
        not_yet(message)


def expect_is(condition: object, said: str, value: Data) -> None:
    """Say what a value should be, and what it is, unless the condition holds."""
    expect(condition, f"{said}; it is {words(value)}")


def close(found: float, wanted: float) -> bool:
    """Whether two numbers are the same but for the digits that float32 drops."""
    return math.isclose(found, wanted, rel_tol=1e-5, abs_tol=1e-12)


def same(found: float, wanted: float) -> bool:
    """Whether two figures agree, also where one was rounded to three digits or is no number."""
    if math.isnan(wanted) or math.isnan(found):
        return math.isnan(wanted) and math.isnan(found)
    return math.isclose(found, wanted, rel_tol=2e-3, abs_tol=6e-4)


def same_digits(found: float, wanted: float) -> bool:
    """Whether two figures agree when rounded to two digits, however small they are."""
    return math.isclose(found, wanted, rel_tol=5.1e-2)


class Answers:
    """The plain data of a notebook's answers, as `facts.collect` returns them.

    Every method takes the name of a variable, gives its value as plain Python, and raises
    `NotAttemptedError` where it was not filled in and `NotYetError` where it is of another kind.
    """

    def __init__(self, data: Mapping[str, Data]) -> None:
        self._data = data

    def __getitem__(self, name: str) -> Data:
        """Return the data as they were collected."""
        if name not in self._data or is_missing(self._data[name]):
            raise NotAttemptedError(f"`{name}` is not filled in")
        return self._data[name]

    def number(self, name: str) -> float:
        """Return a finite number."""
        value = self[name]
        expect_is(is_number(value), f"`{name}` should be a number", value)
        expect(math.isfinite(value), f"`{name}` should be a finite number; it is {value}")
        return float(value)

    def whole(self, name: str) -> int:
        """Return a whole number; 5.0 is one."""
        value = self.number(name)
        expect_is(value == round(value), f"`{name}` should be a whole number", value)
        return round(value)

    def truth(self, name: str) -> bool:
        """Return True or False."""
        value = self[name]
        expect_is(isinstance(value, bool), f"`{name}` should be True or False", value)
        return bool(value)

    def choice(self, name: str, choices: Mapping[str, str]) -> str:
        """Return the letter of a choice, as a capital; ``choices`` are the texts by their letters.

        A letter may stand in brackets, in bold or before its text, as in ``"b) "`` and the text,
        and ``"Answer: B"`` is one too.
        """
        value = self[name]
        letter = chosen(value, choices) if isinstance(value, str) else None
        listed = ", ".join(f'"{each}"' for each in choices)
        expect_is(letter, f"`{name}` should be one of {listed}", value)
        return str(letter)

    def numbers(self, name: str, among: Collection[float] = ()) -> list[float]:
        """Return a list of numbers: a list, a tuple, a set or an array.

        Of a dictionary these are the values, or the keys where those alone are ``among`` some.
        """
        value = self[name]
        if is_dictionary(value):
            keys, values = ([pair[side] for pair in value["items"]] for side in (0, 1))
            known = [
                all(is_number(each) and each in among for each in side) for side in (keys, values)
            ]
            value = keys if known == [True, False] else values
        if kind_of(value) == "table" and len(value["columns"]) == 1:
            value = [each for row in value["rows"] for each in row]
        if is_number(value):
            value = [value]
        good = isinstance(value, list) and all(is_number(each) for each in value)
        expect_is(good, f"`{name}` should be a list of numbers", value)
        return [float(each) for each in value]

    def length(self, name: str) -> int:
        """Return the number of entries of a list, a dictionary or an array, however large it is."""
        value = self[name]
        if kind_of(value) == "array":
            return int(value["shape"][0])
        if is_dictionary(value):
            return len(value["items"])
        expect_is(isinstance(value, list), f"`{name}` should be an array", value)
        return len(value)

    def array(self, name: str, shape: Sequence[int]) -> Any:
        """Return an array of this shape, which may be a table, as nested lists of numbers."""
        value = self[name]
        if kind_of(value) == "table":
            value = value["rows"]
        elif isinstance(value, list) and all(is_dictionary(row) for row in value):
            value = [list(as_mapping(row, f"`{name}`").values()) for row in value]
        found = shape_of(value)
        expect_is(found, f"`{name}` should be an array of numbers", value)
        expect(
            found == tuple(shape),
            f"`{name}` should be an array of shape {tuple(shape)}; its shape is {found}",
        )
        return value

    def mapping(self, name: str) -> dict[Any, Data]:
        """Return a dictionary; a list of pairs is one too, and an empty one is not filled in."""
        found = as_mapping(self[name], f"`{name}`")
        if not found:
            raise NotAttemptedError(f"`{name}` is empty")
        return found

    def record(self, name: str, entries: Sequence[str]) -> dict[str, Data]:
        """Return a dictionary with these entries at least, and all of those filled in.

        Capitals and underscores in an entry's name do not matter.
        """
        record = named(self.mapping(name))
        for entry in entries:
            expect(
                entry in record,
                f'`{name}` should have the entry "{entry}"; it has {", ".join(map(words, record))}',
            )
            if is_missing(record[entry]):
                raise NotAttemptedError(f'the entry "{entry}" of `{name}` is not filled in')
        return record

    def rows(
        self, name: str, columns: Sequence[str], numbers: Sequence[str] = ()
    ) -> list[dict[str, Data]]:
        """Return a table as a list of rows, each with these columns at least.

        Tables are a list of dictionaries or of tuples in the order of the columns, a dictionary of
        columns, a dictionary of rows, and those of pandas, NumPy and Polars. One of the columns may
        stand in the index. Capitals and underscores in a column's name do not matter. The columns
        in ``numbers`` hold nothing else.
        """
        table = as_rows(self[name], f"`{name}`", columns)
        if not table:
            raise NotAttemptedError(f"`{name}` has no rows")
        for column in columns:
            expect(
                all(column in row for row in table),
                f'`{name}` should have the column "{column}"; '
                f"it has {', '.join(words(each) for each in table[0] if each) or 'none'}",
            )
        for column in numbers:
            good = all(is_number(row[column]) for row in table)
            expect(good, f'the column "{column}" of `{name}` should hold numbers')
        return [row | {column: float(row[column]) for column in numbers} for row in table]

    def history(self, name: str) -> dict[str, list[float]]:
        """Return what was measured after each epoch: a History, its dictionary or a pandas table.

        An empty one is not filled in.
        """
        value = self[name]
        if value == [] or (isinstance(value, dict) and value.get("items") == []):
            raise NotAttemptedError(f"`{name}` is empty")
        return as_history(value, f"`{name}`")

    def model(self, name: str) -> Model:
        """Return what is known of a Keras model."""
        return as_model(self[name], f"`{name}`")

    def panels(self, name: str) -> list[dict[str, Any]]:
        """Return the plots that a variable holds: axes, several of them, or those of a figure.

        Axes in which nothing was drawn are left out.
        """
        found = list(axes_in(self[name]))
        shown = f"fig, {name} = plt.subplots()"
        said = f"`{name}` should be the axes of your plot, as `{shown}` gives them"
        expect_is(found, said, self[name])
        drawn = [each for each in found if not each["empty"]]
        if not drawn:
            raise NotAttemptedError(
                f"`{name}` is empty: draw into it, as in `{name}.plot(…)`, or put "
                f"`{name} = plt.gca()` right after your plot, before plt.show()"
            )
        return drawn

    def result(self, function: str, *arguments: Any) -> Data:
        """Return what a function of the learner's returned."""
        self[function]
        shown = as_written(function, arguments)
        value = self._data.get(call_key(function, arguments))
        if value is None:
            not_yet(f"`{function}` should be a function; it is {words(self[function])}")
        if kind_of(value) == "error":
            not_yet(f"{shown} stopped with {value['type']}: {value['message']}")
        if is_missing(value):
            raise NotAttemptedError(f"{shown} returns nothing: end the function with `return …`")
        return value

    def model_from(self, function: str, *arguments: Any) -> Model:
        """Return the model that a function of the learner's returned."""
        what = f"what {as_written(function, arguments)} returns"
        return as_model(self.result(function, *arguments), what)


class Model(dict[str, Any]):
    """What is known of a Keras model, whichever way it was written; see `facts.model_data`.

    ``what`` is how a message names the model.
    """

    def __init__(self, data: Mapping[str, Any], what: str) -> None:
        super().__init__(data)
        self.what = what

    def steps(self) -> list[dict[str, Any]]:
        """List the layers that do work; a layer's activation is its own, wherever it was written.

        ``Dense(10), ReLU()``, ``Dense(10, activation="relu")`` and ``keras.ops.relu(Dense(10)(x))``
        are the same step.
        """
        steps: list[dict[str, Any]] = []
        for layer in (self["layers"][place] for place in self["order"]):
            own = layer.get("activation")
            if layer["class"] in ACTIVATIONS:
                own = own or layer["class"].lower()
            elif not layer.get("function") and layer["class"] != "Lambda":
                own = None
            if own:
                if steps and steps[-1].get("activation") in (None, "linear"):
                    steps[-1] = {**steps[-1], "activation": own}
            elif layer["class"] not in NO_WORK:
                steps.append(dict(layer))
        return steps

    def hidden(self) -> list[dict[str, Any]]:
        """List the steps but the last, which is the output."""
        return self.steps()[:-1]

    def output(self) -> dict[str, Any]:
        """Return the last step."""
        steps = self.steps()
        expect(steps, f"{self.what} should have layers; it has none")
        return steps[-1]

    def expect_output(self) -> None:
        """Expect that the model ends in one output a digit."""
        last = self.output()
        expect(
            last["class"] == "Dense" and last.get("units") == 10,
            f"{self.what} should end with a Dense layer of 10 units, one for each digit; it "
            f"ends with {describe_step(last)}",
        )

    def expect_built(self) -> None:
        """Expect that the model's parameters exist."""
        expect(
            self["built"] and self["parameters"] is not None,
            f"{self.what} has no parameters yet: begin it with keras.Input(shape=…), or let it "
            "read images once",
        )

    def expect_loss(self, *, one_hot: bool = False) -> None:
        """Expect that the model was compiled with a cross-entropy that fits labels and output.

        The labels are whole numbers; with ``one_hot``, they may be one-hot codes too.
        """
        loss, activation = self["loss"], self.output().get("activation")
        expect(loss, f"{self.what} should be compiled: call its compile()")
        expect(
            loss != ONE_HOT or one_hot,
            f"the labels are whole numbers, and {ONE_HOT} reads one-hot codes: {self.what} should "
            "be compiled with the sparse one, SparseCategoricalCrossentropy",
        )
        expect(
            loss in ACCURACIES,
            f"{self.what} should be compiled with the cross-entropy for whole-number labels, "
            f"SparseCategoricalCrossentropy; its loss is {loss}",
        )
        softmax, logits = activation == "softmax", activation in (None, "linear", "log_softmax")
        expect(
            softmax or logits,
            f"the last layer of {self.what} should give logits (no activation) or end in softmax; "
            f"its activation is {activation}",
        )
        ends = "logits, so its loss needs from_logits=True (or add softmax)"
        if softmax:
            ends = "softmax, so its loss should be without from_logits=True"
        expect(softmax != self["from_logits"], f"{self.what} ends in {ends}")

    def expect_accuracy(self) -> None:
        """Expect that the model measures the accuracy that fits the labels of its loss."""
        fitting = ACCURACIES.get(self["loss"], set())
        expect(
            fitting.intersection(self["metrics"]),
            f'{self.what} should measure accuracy: give compile() metrics=["accuracy"], which '
            f"finds out by itself what fits the labels; it measures "
            f"{', '.join(self['metrics']) or 'only the loss'}",
        )

    def expect_adam(self) -> None:
        """Expect that the model learns by Adam."""
        found = self["optimizer"]["class"]
        expect(
            found == "Adam",
            f"{self.what} should be compiled with keras.optimizers.Adam; it has {found}",
        )


def as_written(function: str, arguments: Sequence[Any]) -> str:
    """Return a call of a learner's function as code."""
    return f"`{function}({', '.join(map(repr, arguments))})`"


def chosen(text: str, choices: Mapping[str, str]) -> str | None:
    """Find the letter that an answer names; ``None`` where it names none, or several."""
    said = INTRODUCTION.sub("", _bare(text))
    texts = {letter: _bare(each).rstrip(".").lower() for letter, each in choices.items()}
    latin = said[:2].translate(LOOK_ALIKES) + said[2:]  # the letter, perhaps behind a bracket
    match = re.fullmatch(r"[(\[{<]?\s?([A-Za-z])\b\s?([)\]}>.:,;!–—-]*)\s*(.*)", latin)
    letter = match[1].upper() if match else ""
    if match and letter in choices:
        rest = match[3].rstrip(".")
        own = texts[letter].startswith(rest.lower())
        several = any(re.search(rf"\b{each}\b", rest) for each in choices)
        if own or (match[2] and not several):
            return letter
    return next((each for each in choices if texts[each] == said.rstrip(".").lower()), None)


def _bare(text: str) -> str:
    """Leave out quotes, the marks of Markdown's emphasis and all but single spaces."""
    return re.sub(r"[*_`'\"“”«»\s]+", " ", unicodedata.normalize("NFKC", text)).strip()


def shape_of(value: Data) -> tuple[int, ...] | None:
    """Return the shape of nested lists of numbers or of a large array; ``None`` otherwise."""
    if kind_of(value) == "array":
        return tuple(value["shape"])
    if is_number(value):
        return ()
    if not isinstance(value, list) or not value:
        return None
    first, *others = {shape_of(each) for each in value}
    return None if others or first is None else (len(value), *first)


def describe_step(step: Mapping[str, Any]) -> str:
    """Say what a layer is, in a few words."""
    size, activation = step.get("units") or step.get("filters"), step.get("activation")
    inside = [str(each) for each in (size, activation) if each and each != "linear"]
    return f"{step['class']}({', '.join(inside)})"


def as_model(value: Data, what: str) -> Model:
    """Read plain data as a model."""
    expect_is(kind_of(value) == "model", f"{what} should be a Keras model", value)
    return Model(value, what)


def as_mapping(value: Data, what: str) -> dict[Any, Data]:
    """Read plain data as a dictionary; a list of pairs is one too."""
    pairs = value["items"] if kind_of(value) in ("dict", "history") else value
    good = isinstance(pairs, list) and all(isinstance(p, list) and len(p) == 2 for p in pairs)
    expect_is(good, f"{what} should be a dictionary", value)
    for key, _ in pairs:
        good = not isinstance(key, dict)
        expect(good, f"the keys of {what} should be numbers or texts; one is {words(key)}")
    return {as_key(key): each for key, each in pairs}


def as_rows(value: Data, what: str, columns: Sequence[str] = ()) -> list[dict[str, Data]]:
    """Read plain data as a table; see `Answers.rows`."""
    rows = rows_in(value, columns)
    if rows is None:
        not_yet(
            f"{what} should be a table: a list with one dictionary for each row; it is "
            f"{words(value)}"
        )
    return rows


def as_history(value: Data, what: str) -> dict[str, list[float]]:
    """Read plain data as what was measured after each epoch.

    However the metric was called, its keys are ``accuracy`` and ``val_accuracy``.
    """
    if kind_of(value) == "table":
        columns = zip(value["columns"], map(list, zip(*value["rows"], strict=True)), strict=False)
        value = {"kind": "dict", "items": [list(each) for each in columns]}
    if isinstance(value, list) and value and all(is_dictionary(each) for each in value):
        epochs = [as_mapping(each, what) for each in value]
        items = [[name, [each.get(name) for each in epochs]] for name in epochs[0]]
        value = {"kind": "dict", "items": items}
    good = kind_of(value) in ("dict", "history")
    expect_is(good, f"{what} should be what fit() returns", value)
    found: dict[str, list[float]] = {}
    for key, each in as_mapping(value, what).items():
        if isinstance(each, list) and all(is_number(number) for number in each):
            found[str(key)] = [float(number) for number in each]
    expect(found.get("loss"), f"{what} should hold the loss of each epoch; it has none")
    for key in ("", "val_"):
        metrics = [name.removeprefix(key) for name in found if name.startswith(key)]
        known = [name for name in NAMES_OF_ACCURACY if name in metrics]
        known += [name for name in metrics if ACCURACY.fullmatch(name.lower())]
        if known:
            found[f"{key}accuracy"] = found.pop(key + known[0])
    return found


def axes_in(value: Data) -> Iterator[dict[str, Any]]:
    """Return the axes in a variable, in lists and figures too."""
    if isinstance(value, list):
        for each in value:
            yield from axes_in(each)
    elif kind_of(value) == "figure":
        yield from value["axes"]
    elif kind_of(value) == "axes":
        yield dict(value)
