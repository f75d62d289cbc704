"""What a question reads of a notebook: its variables, and what its functions return, as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from mnist_keras.checks.facts import collected
from mnist_keras.checks.plain import Data


@dataclass(frozen=True)
class Call:
    """A call of a learner's function, whose result a rule wants to see."""

    function: str
    arguments: tuple[Any, ...] = ()


def call_key(function: str, arguments: Sequence[Any]) -> str:
    """Name the result of calling a learner's function."""
    return json.dumps([function, list(arguments)])


def collect(
    namespace: Mapping[str, Any], names: Iterable[str], calls: Iterable[Call]
) -> dict[str, Data]:
    """Turn variables, and the results of calls, into plain data, by name and by `call_key`."""
    data = {name: collected(namespace.get(name)) for name in names}
    for call in calls:
        function = namespace.get(call.function)
        if callable(function) and not isinstance(function, type):
            data[call_key(call.function, call.arguments)] = called(function, call.arguments)
    return data


def called(function: Callable[..., Any], arguments: Sequence[Any]) -> Data:
    """Call a learner's function; an error is a result too."""
    try:
        # A copy, because a function may change a list that it is given.
        return collected(function(*deepcopy(arguments)))
    except (Exception, SystemExit) as error:
        message = " ".join(str(error).split())
        return {"kind": "error", "type": type(error).__name__, "message": message[:200]}
