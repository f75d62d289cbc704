"""What the text of a notebook's code tells: which names it gives a value, and which were typed in.

Only the text is read, nothing is run. A number that was read off and typed in is right for one run
only; what is computed stays right with other data, on other machines and from other seeds.
"""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator

LONGEST_SOURCE = 50_000  # characters of a cell; a longer one is not parsed
CONSTANT_MODULES = frozenset({"numpy", "math", "statistics"})
WATCHING_MAGICS = frozenset({"time", "timeit", "capture", "prun"})  # of cells of Python
TIMING = ("time", "prun")  # magics of a line, which run the statement behind them
DEEPEST = 150  # levels of a cell; a deeper one is left alone
BLOCKS = (ast.With, ast.Try)  # their statements run in turn, on no condition
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def statements(source: str) -> list[ast.stmt]:
    """Return a cell's statements, with ``pass`` for magics and shell lines; none if it errs.

    A line that is timed, ``%time x = 1``, is the statement that it times.
    """
    magic = re.match(r"\s*%%(\w*)[^\n]*", source)
    if len(source) > LONGEST_SOURCE or (magic and magic[1] not in WATCHING_MAGICS):
        return []
    if magic:
        source = "\n" * source[: magic.end()].count("\n") + source[magic.end() :]
    try:
        source = re.sub(rf"(?m)^([ \t]*)%(?:{'|'.join(TIMING)})[ \t]+(?=[^\s\-])", r"\1", source)
        tree = ast.parse(re.sub(r"(?m)^([ \t]*)[%!].*$", r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return tree.body if _is_flat(tree) else []


def _is_flat(tree: ast.AST) -> bool:
    """Whether functions that call themselves for each level can go through it."""
    level = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return not level


def names_bound(node: ast.AST) -> set[str]:
    """Return the names that a statement gives a value in the notebook itself."""
    return set(_bound(node))


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    if isinstance(node, FUNCTIONS):
        yield getattr(node, "name", "")
        for each in ast.walk(node):
            if isinstance(each, ast.Global):
                yield from each.names
    elif not isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        for child in ast.iter_child_nodes(node):
            yield from _bound(child)


def names_mentioned(node: ast.AST) -> set[str]:
    """Return the names that some code mentions, those of its functions' parameters left out."""
    own = {node.id} if isinstance(node, ast.Name) else set()
    inside = {name for child in ast.iter_child_nodes(node) for name in names_mentioned(child)}
    if isinstance(node, FUNCTIONS):
        inside -= {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
        own |= {getattr(node, "name", "")}
    return own | inside


def typed_names(sources: Iterable[str]) -> set[str]:
    """Return the names whose value, after cells ran in turn, was typed in and not computed.

    An entry of a dictionary is ``name["key"]``. Typed is a value made of nothing but literals,
    signs and operators, functions of Python's and NumPy's, and names that are typed themselves.
    What a loop or a condition decides counts as computed, and so does all that cannot be told.
    """
    found = TypedNames()
    for source in sources:
        for statement in statements(source):
            found.follow(statement)
    return found.names


class TypedNames:
    """Follows a program from statement to statement; see `typed_names`."""

    def __init__(self) -> None:
        self.names: set[str] = set()  # those that are typed so far
        self._modules: set[str] = set()
        self._own: set[str] = set()  # names that hide functions of Python's
        # what the learner's own functions mention, by their names: a call may change it
        self._functions: dict[str, set[str]] = {}

    def follow(self, node: ast.stmt) -> None:
        """Take notice of what a statement does to names."""
        if not isinstance(node, (*FUNCTIONS, *BLOCKS)):
            self._forget(self._changed_by_own(node))
        if isinstance(node, ast.Import):
            self._forget(names_bound(node))
            for alias in node.names:
                if alias.name.partition(".")[0] in CONSTANT_MODULES:
                    self._modules.add(alias.asname or alias.name.partition(".")[0])
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assign(node.target, node.value)
        elif isinstance(node, BLOCKS):
            for part in ("body", "orelse", "finalbody"):
                for statement in getattr(node, part, ()):
                    self.follow(statement)
        else:
            bound = names_bound(node)
            self._own |= bound
            if isinstance(node, FUNCTIONS):
                self._functions |= {name: names_mentioned(node) - {name} for name in bound}
            self._forget(bound | self._changed(node))

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            if len(values) == len(target.elts):
                for each, own in zip(target.elts, values, strict=True):
                    self._assign(each, own)
            else:
                typed = self._is_typed(value)
                for each in target.elts:
                    self._set(each, typed)
        else:
            self._set(target, self._is_typed(value), value)

    def _set(self, target: ast.expr, typed: bool, value: ast.expr | None = None) -> None:
        if isinstance(target, ast.Name):
            self._forget({target.id})
            self._own.add(target.id)
            if typed:
                self.names.add(target.id)
            elif isinstance(value, ast.Dict):
                for key, each in zip(value.keys, value.values, strict=True):
                    if isinstance(key, ast.Constant) and self._is_typed(each):
                        self.names.add(f'{target.id}["{key.value!s}"]')
            return
        entry = ""
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            place = target.slice.value if isinstance(target.slice, ast.Constant) else ""
            entry = f'{target.value.id}["{place!s}"]'
        if typed:
            self.names |= {entry} - {""}
        else:
            self._forget(self._changed(target))

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self.names = {each for each in self.names if each.partition("[")[0] != name}
            self._modules.discard(name)

    def _changed(self, node: ast.AST) -> set[str]:
        """Return the names of objects that something which is not typed is put into."""
        changed = set()
        for each in ast.walk(node):
            if isinstance(each, ast.Subscript | ast.Attribute) and isinstance(each.ctx, ast.Store):
                changed |= _root(each)
            elif isinstance(each, ast.Call):
                inside = _arguments(each)
                if not all(map(self._is_typed, inside)):
                    changed |= {name for part in (each.func, *inside) for name in _root(part)}
            elif isinstance(each, ast.If) and not self._is_typed(each.test):
                # What happens there depends on what was computed, whatever is put in.
                called = [inner for inner in ast.walk(each) if isinstance(inner, ast.Call)]
                changed |= {name for call in called for name in _root(call.func)}
        return changed - self._modules

    def _changed_by_own(self, node: ast.AST) -> set[str]:
        """Return the names of objects that calls of the learner's own functions may change."""
        changed: set[str] = set()
        for each in ast.walk(node):
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
                named = self._functions.get(each.func.id)
                if named is not None:
                    inside = _arguments(each)
                    changed |= named.union(*map(_root, inside))
        return changed - self._modules

    def _is_typed(self, value: ast.expr) -> bool:
        """Whether a value is the same in every run."""
        for each in ast.walk(value):
            if isinstance(each, (*FUNCTIONS, ast.Await)) or getattr(each, "attr", "") == "random":
                return False
            if isinstance(each, ast.Name):
                builtin = each.id not in self._own and hasattr(builtins, each.id)
                stored = isinstance(each.ctx, ast.Store)  # by a comprehension
                if stored or not (builtin or each.id in self.names | self._modules):
                    return False
        return True


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _root(node: ast.AST) -> set[str]:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def said_of_typed(names: Iterable[str]) -> str:
    """Say what to do about typed answers."""
    listed = " and ".join(f"`{name}`" for name in sorted(names))
    many = " and " in listed
    return f"let Python find {listed}, so that {'they stay' if many else 'it stays'} right"
