"""Words that the reader has to replace, typed as they stand."""

import re
from collections.abc import Iterator

from freshrun.diagnosis.case import Case, either, last_words, line_of, quoted
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.diagnosis.known import KNOWN
from freshrun.diagnosis.signs import by_signs
from freshrun.shell import names

_BRACKETED = re.compile(r"(?<![<\w])<(?P<word>[A-Za-z][\w ./:|-]*|\.{3})>")
"""The shell takes the brackets for redirections: of the file `word`, into the next word."""

_UNMISTAKABLE = either(
    r"\bYOUR[_-]?[A-Z][A-Z0-9_-]*",
    r"\byour[_-][a-z][\w-]*",
    r"%[A-Z][A-Z0-9_]*%",
    r"\{\{\s*(?!(?:end|else|break|continue)\s*\})[A-Za-z][\w -]*\}\}",
    r"\$\{\{(?>(?:[^}$]|\$(?!\{\{))*)\}\}",
    r"\b(?:CHANGE|REPLACE)[_-]?ME\b|\bchangeme\b",
    r"\b(?:INSERT|PUT)_\w+_HERE\b",
    r"\b[vV]?[xX]\.[yY]\.[zZ]\b",
    r"<(?:[Yy]our|YOUR|my|MY|insert|INSERT)[^<>\n]*>",
)
_IF_NAMED = either(
    r"^\[(?:sudo|optional)\](?=\s)",
    r"(?<=[\s=/'\"])\[[A-Za-z][\w -]+\]",
    r"(?<![\w$^@%#])\{[A-Za-z][\w -]+\}",
    r"(?<![A-Za-z])[xX]{3,}(?![A-Za-z])",
    r"(?<![\w-])(?<![\w-]\.)(?:[\w-]+\.)*example\.(?:com|org|net)\b",
    r"example\.(?:com|org|net)\b",
    r"/?path/to/[\w./-]+",
    r"<[A-Za-z][\w .-]*>",
)
"""What may be meant as it stands, unless the failure names it."""

_WINDOWS = re.compile(r"%(?:USERPROFILE|(?:LOCAL)?APPDATA|TEMP|HOMEPATH|PROGRAMFILES|CD|PATH)%")
_BROUGHT_ABOUT = {
    Cause.GONE,
    Cause.PERMISSION_DENIED,
    Cause.PACKAGE_NOT_FOUND,
    Cause.WAITS_FOR_INPUT,
    Cause.NO_SUCH_FILE,
}
"""What a word that was not replaced brings about, even where the failure does not name it."""


_MANY = 50
"""Variables of one command that are looked into."""


def placeholder(case: Case) -> Diagnosis | None:
    """Find a placeholder in the command, or in a variable that an earlier one set."""
    return _as_redirection(case) or _in_words(case) or _in_variable(case)


def _as_redirection(case: Case) -> Diagnosis | None:
    """Find `<NAME>`: the shell reads a file of that name, or finds no word after `>`."""
    told = [line for line in case.lines if _REDIRECTED.search(line)]
    for found in _BRACKETED.finditer(_unquoted(case.command.text)) if told else ():
        word = re.split("[ |]", found["word"])[0]
        for line in told:
            if _is_missed(word, line):
                how = f"the shell takes it for redirections ({quoted(line)})"
                return _diagnosis(case, found, said=how)
    return None


_SYNTAX_ERROR = "syntax error near unexpected token"
_REDIRECTED = re.compile(rf"{_SYNTAX_ERROR}|: (?:No such file|ambiguous)")


def _is_missed(word: str, line: str) -> bool:
    """Tell whether a line that complains of a redirection is about this word."""
    if _SYNTAX_ERROR in line:
        return True
    missing = rf"(?:^|: ){re.escape(word)}: (?:No such file|ambiguous)"
    return word in line and re.search(missing, line) is not None


def _unquoted(text: str) -> str:
    """Return the text with everything in quotes blanked, every position kept."""
    return re.sub(r"'[^']*'|\"[^\"]*\"", lambda quotes: re.sub(r"[^\n]", " ", quotes[0]), text)


def _in_words(case: Case) -> Diagnosis | None:
    text = case.command.text
    certain = [each for each in _marks(text, _UNMISTAKABLE, _IF_NAMED) if case.names(each[0])]
    if certain:
        line = next(line for line in case.lines if certain[0][0] in line)
        return _diagnosis(case, certain[0], said=f"the failure names it ({quoted(line)})")
    for found in () if _explained(case) else _marks(text, _UNMISTAKABLE):
        return _diagnosis(case, found, said=f"no other cause is in sight, and {last_words(case)}")
    return None


def _marks(text: str, *patterns: re.Pattern[str]) -> Iterator[re.Match[str]]:
    for pattern in patterns:
        yield from (each for each in pattern.finditer(text) if not _WINDOWS.fullmatch(each[0]))


def _explained(case: Case) -> bool:
    """Tell whether what was printed has a cause that a placeholder does not bring about."""
    shown = by_signs(case, KNOWN)
    return shown is not None and shown.cause not in _BROUGHT_ABOUT


def _in_variable(case: Case) -> Diagnosis | None:
    """Find a variable that the command uses and that an earlier one set to a placeholder."""
    used = names(case.command.text).used if "$" in case.command.text else ()
    for name in used[:_MANY]:
        for command in reversed(case.reached):
            value = re.search(rf"(?<![\w$]){name}=(['\"]?)(?P<value>[^\n;]*)", command.text)
            found = _UNMISTAKABLE.search(value["value"]) if value else None
            if found and (case.names(found[0]) or not _explained(case)):
                where = line_of(command, value.start() if value else 0)
                hint = f"`{found[0]}` is left to be replaced, at {where}, where `{name}` is set"
                return Diagnosis(Cause.PLACEHOLDER, hint)
            if value:
                break
    return None


def _diagnosis(case: Case, found: re.Match[str], *, said: str) -> Diagnosis:
    where = line_of(case.command, found.start())
    hint = f"`{found[0]}` at {where} is left for the reader to replace; {said}"
    return Diagnosis(Cause.PLACEHOLDER, hint)
