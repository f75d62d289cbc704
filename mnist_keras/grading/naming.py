"""Whom the name of a file or folder names: what is left of it without what names nobody."""

import re
import unicodedata

from mnist_keras.grading.notebooks import exercise_in_name

# How systems in their own language call a copy: "Copy of a", "a - Kopie (2)", "a-Copy1".
COPIES = (
    *("copy of", "copy", "copia de", "copia di", "copia", "cópia de", "cópia", "còpia de"),
    *("copie de", "copie a", "copie", "kopie von", "kopie van", "kopie", "kopia av", "kopia"),
    *("kopi av", "kopi af", "kopi", "kopio", "másolat", "kopyası", "kopya", "bản sao của"),
    *("salinan", "копия", "копія", "αντίγραφο", "のコピー", "コピー", "的副本", "副本"),
    *("의 사본", "사본", "복사본", "نسخة من", "עותק של"),
)
COPY = re.compile(
    r"\(\d{1,3}\)|\[\d{1,3}\]|(?<![^\W_])(?:"
    + "|".join(re.escape(words).replace(r"\ ", r"[\s_]") for words in COPIES)
    + r")(?![^\W\d_])",
    re.IGNORECASE,
)
# What Drive and browsers add to an archive's name: "-20261128T123000Z-001", " (1)".
STAMP = re.compile(r"[-_ ]\d{8}T\d{6}Z(?:-\d+)*(?:-\d{3})?|(?:[-_ ]\d{3})?[ _]?\(\d{1,3}\)$")
# Folders and files of these words alone are a course's or a learner's work, and name nobody.
WORDS = """
    all answer answers archive assignment assignments attachment attachments batch by class
    classe classroom colab copy course done download downloads draft drive exercise exercises
    export file files final finished gradebook google hand handed handin handins hands hw homework
    homeworks in ins keras lab labs latest mnist new note notes notebook notebooks of old part
    result results section sheet solution solutions solved source students submission
    submissions submitted task tasks the turned unit untitled update updated upload uploads v
    version week weeks work working
    abgabe abgaben aufgabe aufgaben kurs klasse lösung lösungen übung übungen woche
    cours devoir devoirs exercice exercices rendu rendus semaine solucion
    clase curso ejercicio ejercicios entrega entregas semana tarea tareas
"""
GENERAL = frozenset(WORDS.split())

PHRASES = frozenset({"student work", "colab notebooks"})
# An exercise by its number alone, as in "Dora Ex-1": what is in the file tells which it is.
NUMBERED = re.compile(
    r"(?<![^\W_])(?:ex|exo|exercise|exercice|ejercicio|aufgabe|übung|homework|hw|assignment|task|lab)"
    r"[\W_]*\d{1,2}(?![^\W_])",
    re.IGNORECASE,
)


def learner_in_name(stem: str) -> str:
    """Return whom a file name names besides the exercise: ``alice`` of ``alice_01-learning-rate``.

    A name that has no exercise is a learner's altogether, unless it is of general words only.
    """
    around = _around_exercise(stem)
    if len(around) == 1:
        return stem if _is_more_than_general(stem) else ""
    parts = (COPY.sub(" ", part).strip(" -_.,–—'\"“”«»:") for part in around)
    return next((part for part in parts if _is_more_than_general(part)), "")


def names_somebody(name: str) -> bool:
    """Tell whether a name has more in it than copies, numbers, exercises and general words."""
    return any(map(_is_more_than_general, _around_exercise(name)))


def _around_exercise(name: str) -> list[str]:
    """Return what stands before and after the exercise in a name."""
    name = unicodedata.normalize("NFKC", name)
    exercise = exercise_in_name(name)
    if exercise is None:
        return NUMBERED.split(name, maxsplit=1)
    words = r"[\W_]+".join(exercise.split("-"))
    return re.split(rf"(?<!\d){words}(?![^\W\d_])", name, maxsplit=1, flags=re.IGNORECASE)


def _is_more_than_general(text: str) -> bool:
    # A long number may be a learner's; a short one counts copies.
    text = COPY.sub(" ", STAMP.sub(" ", unicodedata.normalize("NFKC", text)))
    words = re.findall(r"[^\W\d_]+", text.casefold())
    general = text.casefold() in PHRASES or GENERAL.issuperset(words)
    return not general if words else re.search(r"\d{4}", text) is not None


def archive_of(stem: str) -> str:
    """Return an archive's name as it was before Drive or a browser added to it."""
    return STAMP.sub("", stem)
