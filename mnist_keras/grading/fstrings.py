"""F-strings as Python 3.12 allows them, written so that Python 3.11 reads them too.

Colab's Python is newer than many a grader's: there ``f"{row["loss"]}"`` is right, and 3.11 cannot
even read the cell. See PEP 701. This module can go when 3.11 does.
"""

import ast
import re
import sys

STRING = re.compile(r"([rbuf]{0,2})('''|\"\"\"|'|\")", re.IGNORECASE)
UNIT = re.compile(r"#[^\n]*|\w+|!=|[\s\S]")
OF_THE_SHELL = re.compile(r"[ \t]*[%!][^\n]*")
NAMED_CHARACTER = re.compile(r"\\N\{[^{}\n]*\}")
QUOTES = ("'", '"', "'''", '"""')
Around = tuple[str, ...]  # the quotes of the f-strings around some code, the outermost first


def readable(source: str) -> str:
    """Return a cell's source as this Python can read it."""
    return source if sys.version_info >= (3, 12) else rewritten(source)


def rewritten(source: str) -> str:
    """Let no f-string have its own quotes, a backslash, a line's end or a comment in its braces.

    What cannot be understood stays as it is.
    """
    try:
        return _code(source, 0, "", ())[0]
    except (IndexError, SyntaxError, ValueError, RecursionError):
        return source


def _code(text: str, place: int, ends: str, around: Around) -> tuple[str, int]:
    """Rewrite code up to a character that ends it, outside of brackets; else to its own end."""
    written: list[str] = []
    depth = 0
    while place < len(text):
        if found := STRING.match(text, place):
            piece, place = _string(text, found, around)
            written.append(piece)
            continue
        starts_a_line = not around and (place == 0 or text[place - 1] == "\n")
        shell = OF_THE_SHELL.match(text, place) if starts_a_line else None
        piece = shell[0] if shell else UNIT.match(text, place)[0]  # type: ignore[index]
        if depth == 0 and piece in ends:
            break
        depth += (piece in ("(", "[", "{")) - (piece in (")", "]", "}"))
        place += len(piece)
        # A line's end, or a comment, would end the string that the braces are in.
        written.append(" " if around and piece[0] in "#\n" else piece)
    return "".join(written), place


def _string(text: str, found: re.Match[str], around: Around) -> tuple[str, int]:
    """Rewrite a string of any kind; return the place behind it too."""
    prefix, quote = found.groups()
    if "f" in prefix.lower():
        return _fstring(text, found, around)
    place = found.end()
    while not text.startswith(quote, place):
        if text[place] == "\n" and len(quote) == 1:
            raise ValueError
        place += 2 if text[place] == "\\" else 1
    place += len(quote)
    literal = text[found.start() : place]
    return (literal if _fits(literal, around) else _requoted(literal, around)), place


def _fstring(text: str, found: re.Match[str], around: Around) -> tuple[str, int]:
    prefix, quote = found.groups()
    own = next((each for each in (quote, *QUOTES) if _fits(each, around)), "")
    parts, place = _literal(text, found.end(), quote, (*around, own), raw="r" in prefix.lower())
    literal = "".join(part for part in parts if not part.startswith("{") or part == "{{")
    if not own or (own != quote and (own[0] in literal or "\n" in literal)):
        raise ValueError
    if around and "\\" in literal:
        raise ValueError
    return f"{prefix}{own}{''.join(parts)}{own}", place + len(quote)


def _literal(
    text: str, place: int, end: str, around: Around, *, raw: bool = False
) -> tuple[list[str], int]:
    """Rewrite the inside of an f-string, or of a format in it, up to its end."""
    parts: list[str] = []
    while not text.startswith(end, place):
        named = None if raw else NAMED_CHARACTER.match(text, place)
        if named or (end != "}" and text.startswith(("{{", "}}"), place)):
            parts.append(named[0] if named else text[place : place + 2])
        elif text[place] == "{":
            field, after = _field(text, place + 1, around)
            parts.append(f"{{{field}}}")
            place = after
            continue
        else:
            parts.append(text[place : place + (2 if text[place] == "\\" else 1)])
        place += len(parts[-1])
    return parts, place


def _field(text: str, place: int, around: Around) -> tuple[str, int]:
    """Rewrite what stands between braces; return the place behind them too."""
    written, place = _code(text, place, "!:}", around)
    if text[place] == "!":
        conversion = text[place : place + 2]
        written, place = written.rstrip(" ") + conversion, place + 2
    if text[place] == ":":
        parts, place = _literal(text, place + 1, "}", around)
        written += ":" + "".join(parts)
    if text[place] != "}":
        raise ValueError
    return written, place + 1


def _fits(literal: str, around: Around) -> bool:
    """Tell whether Python 3.11 takes a text between the braces of such f-strings."""
    return not around or not ("\\" in literal or any(quote in literal for quote in around))


def _requoted(literal: str, around: Around) -> str:
    """Write a string so that it fits: in other quotes, or as its bytes."""
    value = ast.literal_eval(literal)
    if isinstance(value, str):
        for quote in QUOTES:
            other = f"{quote}{value}{quote}"
            if value.isprintable() and quote[0] not in value and _fits(other, around):
                return other
        return f"bytes({tuple(value.encode())}).decode()"
    return f"bytes({tuple(value)})"
