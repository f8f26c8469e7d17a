"""What is typed along with a command and was never meant: characters, prompts, blanks."""

import re
from collections.abc import Callable, Iterator

from freshrun.diagnosis import (
    Slip,
    blanks_after_backslash,
    html_entities,
    stray_characters,
    unquoted,
)
from freshrun.lint.flaw import Edit, Flaw
from freshrun.lint.subject import Subject
from freshrun.model import BlockKind, Command
from freshrun.shell import Export


def wrong_characters(subject: Subject) -> Iterator[Flaw]:
    """Find characters that a reader can't tell from the right ones."""
    for command in subject.commands:
        if command.text.isascii():
            continue
        for slip in stray_characters(command.text):
            if _ends_a_line(command.text, slip):
                continue  # `blanks` tells of it
            message = f"this is the {slip.name}; {_right(slip.meant)}"
            span = (slip.start, slip.end)
            yield subject.flaw_in(command, "wrong-character", message, span=span, right=slip.meant)


def _ends_a_line(text: str, slip: Slip) -> bool:
    """Tell whether a blank stands between a backslash and the end of its line."""
    before, after = text[: slip.start].rstrip(), text[slip.start :].partition("\n")[0]
    return slip.meant == " " and before.endswith("\\") and not after.strip()


def _right(meant: str) -> str:
    if not meant:
        return "nobody sees it: delete it"
    return "write a plain blank" if meant == " " else f"write `{meant}`"


def entities(subject: Subject) -> Iterator[Flaw]:
    """Find HTML's names of characters: the shell reads `&`, a word and `;`."""
    yield from _in_lines(subject, "html-entity", "&", html_entities, "this is the {name}; {right}")


def blanks(subject: Subject) -> Iterator[Flaw]:
    """Find blanks behind a backslash that should have joined two lines."""
    message = "a {name} ends the command here; delete it"
    yield from _in_lines(subject, "blank-after-backslash", "\\", blanks_after_backslash, message)


def _in_lines(
    subject: Subject, rule: str, sign: str, find: Callable[[str], Iterator[Slip]], message: str
) -> Iterator[Flaw]:
    """Find slips in the document's lines, for such a slip ends the command in the middle of one."""
    for first, text in _stretches(subject):
        for slip in find(text) if sign in text else ():
            line = first + text.count("\n", 0, slip.start)
            start = slip.start - (text.rfind("\n", 0, slip.start) + 1)
            edit = Edit(line, start, start + slip.end - slip.start, slip.meant)
            told = message.format(name=slip.name, right=_right(slip.meant))
            path = subject.runbook.path
            yield Flaw(path, line, told, start + 1, rule, (edit,), width=edit.end - edit.start)


def _stretches(subject: Subject) -> Iterator[tuple[int, str]]:
    """Yield lines that are typed, with the number of the first: whole scripts, and commands."""
    for block in subject.blocks:
        if block.kind is BlockKind.SCRIPT:
            yield block.line + 1, "\n".join(subject.lines[block.line : block.end_line - 1])
            continue
        for command in block.commands:
            yield command.line, "\n".join(subject.lines[command.line - 1 : command.end_line])


# --- prompts ---

_PROMPT = re.compile(
    r"(?P<prompt>(?:\([\w.-]{1,60}\)[ \t]?)?"
    r"(?:\[?[\w.-]{1,60}@[\w.-]{1,60}[^\s$#%>]{0,80}\]?)?[$%])"
    r"[ \t]+(?=\S)"
)
_OTHER_PROMPT = re.compile(
    r"(?P<prompt>>>>|\.\.\.|PS(?: [A-Z]:[^\s>]{0,200})?>|[A-Z]:\\[^\s>]{0,200}>|In \[\d{1,4}\]:"
    r"|(?:mysql|sqlite|irb|scala|ftp|redis|MariaDB \[[^\]\s]{1,60}\]|[\w.-]{1,60}:\d{1,5})>"
    r"|(?:postgres|\w{1,40})=[#>])[ \t]+(?=\S)"
)


def prompts(subject: Subject) -> Iterator[Flaw]:
    """Find prompts that were pasted into a script."""
    for command in subject.commands:
        if found := _PROMPT.match(command.text):
            span = (found.start(), found.end())
            message = f"the prompt `{found['prompt']}` was pasted too; delete it"
            yield subject.flaw_in(command, "pasted-prompt", message, span=span, right="")
        elif found := _OTHER_PROMPT.match(command.text):
            said = f"`{found['prompt']}` is the prompt of another program"
            message = f"{said}; put its lines into a block of their own, or give it stdin"
            yield subject.flaw_in(command, "pasted-prompt", message, span=found.span("prompt"))


# --- blanks around = ---

_BEGIN = r"(?:^|[\n;|{]|&&|(?<!\()\((?!\())[ \t]*+"
_EQUALS = re.compile(
    _BEGIN + r"(?P<head>(?:(?:export|local|declare|readonly|typeset)[ \t]++(?:-\w++[ \t]++)?)?)"
    r"(?P<name>[A-Za-z_]\w*+)(?P<sign>[ \t]++=[ \t]*+|=[ \t]++)(?P<value>[^\s;&|]*+)"
)
_LITERAL = re.compile(r"[\"'`\d]|\$\(|https?:|\Z")


def equals(subject: Subject) -> Iterator[Flaw]:
    """Find blanks around the `=` of an assignment, which make it a command or an empty value."""
    for command in subject.commands:
        found = list(_EQUALS.finditer(command.text)) if "=" in command.text else []
        bare = unquoted(command.text) if found else ""
        for each in found:
            is_bare = bare.startswith(each["name"], each.start("name"))
            if is_bare and _is_assignment(command, subject, each):
                yield _equals(command, subject, each)


def _is_assignment(command: Command, subject: Subject, found: re.Match[str]) -> bool:
    name, sign = found["name"], found["sign"]
    if found["head"]:
        events = subject.events[command.number]
        return not events or any(isinstance(each, Export) for each in events)
    if sign.startswith("="):
        return bool(_LITERAL.match(command.text, found.start("value"))) and bool(
            command.text[found.start("value") :].strip()
        )
    return any(
        call.name == name and call.words and call.words[0].startswith("=")
        for call in subject.calls(command)
    )


_ONE_WORD = re.compile(r"\A(?>(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s;&|()<>\"'`])*)[ \t]*+(?=[\n;&|]|\Z)")


def _equals(command: Command, subject: Subject, found: re.Match[str]) -> Flaw:
    name, span = found["name"], found.span("sign")
    message = f"a blank stands at the `=` of {name}; write `{name}=` and the value behind it"
    is_whole = _ONE_WORD.match(command.text[found.end("sign") :])
    right = "=" if is_whole else None
    return subject.flaw_in(command, "blank-around-equals", message, span=span, right=right)
