"""The runbook's defect template with the values of one failure in it, ready to be pasted.

A variable of the template is the field of the diagnostics that it is named after: `TENANT_IDS` is
`tenantIds`. `CLASS`, `OWNER`, `PRIORITY`, `RUN_ID` and `RUN_URL` are what triage found out.

Artifacts come from whoever can start a run, so every value is one quoted word of printable
characters: neither a shell nor a terminal can take any of it for a command.
"""

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from freshrun.checklist import (
    Where,
    address,
    checkout,
    contract_of,
    downloads,
    matching,
    output_folder,
)
from freshrun.model import Block, Runbook
from freshrun.shell import is_ambient, names
from freshrun.triage.defects import FILE_BLOCK, READ_BLOCK
from freshrun.triage.filing import SEARCH_BLOCK

BLOCKS = (SEARCH_BLOCK, FILE_BLOCK, READ_BLOCK)
"""The blocks of the template that follow its values, in the order in which a reader types them."""

_STOPPED = (
    "trap 'test $? = 0 || echo \"Stopped. If the search found this failure, add your run to that "
    "bead and file nothing.\" >&2' EXIT"
)
_URL = re.compile(r"(?:https?://)?(?P<host>[^/]+)/(?P<name>[^/]+/[^/]+?)(?:\.git)?/?")
_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Paste:
    """The commands, and their gaps: the variables that nothing of the run has a value for.

    A gap is told before anything is filed, until somebody has filled it in.
    """

    commands: str = ""
    missing: tuple[str, ...] = ()


def wanted(runbook: Runbook) -> tuple[str, ...]:
    """Return the variables that the template's blocks use and don't set."""
    seen = names("\n".join(block.text for block in _blocks(runbook)))
    return tuple(n for n in seen.used if n not in seen.assigned and not is_ambient(n))


def field_of(variable: str) -> str:
    """Return the field of the diagnostics that a variable is named after."""
    first, *rest = variable.lower().split("_")
    return "".join((first, *(word.capitalize() for word in rest)))


def paste(
    runbook: Runbook, *, values: Mapping[str, str], artifact: str = "", file: str = ""
) -> Paste:
    """Fill the template in; `values` are by variable.

    `artifact` and `file` are the artifact and the diagnostics file that the failure is in; they
    take the place of those that the template names. A shell in the repository's root reads the
    whole as one command, which ends at the first failure: at the search, if it finds the bead.
    """
    variables = wanted(runbook)
    if not variables:
        return Paste()
    gaps = tuple(name for name in variables if name not in values)
    lines = [
        "(",
        "set -e",
        _STOPPED,
        *_moves(runbook),
        *(f"{name}={quoted(values[name])}" for name in variables if name in values),
        *(f"{name}=''" for name in gaps),
        *(f': "${{{name}:?is a gap: fill it in above}}"' for name in gaps),
        *(_renamed(runbook, b.text, artifact=artifact, file=file) for b in _blocks(runbook)),
        ")",
    ]
    return Paste("\n".join(line.rstrip("\n") for line in lines), gaps)


def gh_repository(runbook: Runbook) -> str:
    """Return the runbook's repository as gh's -R takes it; empty where it names none on GitHub."""
    found = _URL.fullmatch(address(runbook))
    if found is None:
        return ""
    host = "" if found["host"] == "github.com" else f"{found['host']}/"
    return f"{host}{found['name']}"


def log_command(runbook: Runbook, run: str) -> str:
    """Return the command that shows what the failed jobs of a run printed; empty without a hub."""
    repository = gh_repository(runbook)
    return f"gh run view {run or 'RUN_ID'} -R {repository} --log-failed" if repository else ""


def quoted(value: str) -> str:
    """Return a value as one word of bash or zsh, in one line of printable characters."""
    if _PLAIN.fullmatch(value):
        return value
    if value.isprintable() and "!" not in value:
        return shlex.quote(value)
    return f"$'{''.join(map(_escaped, value))}'"


def _escaped(character: str) -> str:
    if character.isprintable() and character not in "'\\!":
        return character
    escapes = {"\n": "\\n", "\t": "\\t", "\\": "\\\\", "\0": "\\\\0"}  # no word holds a NUL
    return escapes.get(character) or "".join(
        f"\\x{byte:02x}" for byte in character.encode("utf-8", "replace")
    )


def _blocks(runbook: Runbook) -> tuple[Block, ...]:
    by_name = {block.options.name: block for block in runbook.blocks}
    return tuple(by_name[name] for name in BLOCKS if name in by_name)


def _moves(runbook: Runbook) -> Iterator[str]:
    """Yield what leads from the root of the checkout to where the template's reader stands.

    The folder of the download is there for that reader, and empty for this one.
    """
    folder = _standing(runbook)
    if folder != ".":
        yield f"cd -- {shlex.quote(folder)}"
    for download in downloads(runbook).rows[:1]:
        yield f"mkdir -p -- {shlex.quote(download.folder)}"


def _standing(runbook: Runbook) -> str:
    """Return the folder below the checkout in which the template's first command is typed."""
    place = home = "/home"
    for command in runbook.commands:
        if command.options.name == BLOCKS[0]:
            break
        step = re.search(r"(?:^|&& )cd (?:-- )?([\w@%+=:,./-]+)$", command.text.strip())
        place = posixpath.join(place, step[1]) if step else place
    folder = posixpath.relpath(place, checkout(runbook, home=home))
    return "." if folder.startswith("..") else folder


def _renamed(runbook: Runbook, text: str, *, artifact: str, file: str) -> str:
    """Put artifact and diagnostics file of the failure in the place of the template's own."""
    for download in downloads(runbook).rows[:1] if artifact else ():
        text = re.sub(
            rf"(?<![\w./-]){re.escape(download.artifact)}(?![\w-])", _plain(artifact), text
        )
    for word in _named_files(runbook, text) if file else ():
        text = text.replace(word, _plain(file))
    return text


def _named_files(runbook: Runbook, text: str) -> set[str]:
    """Return the words of the template that are paths of diagnostics files in an artifact."""
    rows = [row for row in contract_of(runbook).locations.rows if row.where is Where.JSON]
    globs = {row.path.removeprefix(f"{output_folder(runbook)}/") for row in rows}
    words = re.findall(r"[\w./-]+", text)
    return {word for glob in globs for word in matching(glob, words)}


def _plain(path: str) -> str:
    """Return a path in characters that mean nothing to a shell."""
    return re.sub(r"[^\w@%+=:,./-]", "_", path, flags=re.ASCII)
