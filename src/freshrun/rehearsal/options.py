"""The options of a rehearsal: the one table from which every front door has its own.

A new option is a new field of `Choices`. Invoke's and pytest's options, the keyword arguments of
`freshrun.rehearse` and `Setup` follow from it.
"""

from dataclasses import Field, asdict, dataclass, field, fields
from inspect import Parameter, Signature
from typing import TypeVar

from freshrun.model import FreshrunError

_T = TypeVar("_T", str, bool)


@dataclass(frozen=True, slots=True)
class _Meaning:
    help: str
    value: str = ""
    words: tuple[str, ...] = ()
    pytest: str = ""
    several: bool = False


def _row(usual: _T, meaning: _Meaning) -> _T:
    """Return a field of `Choices`; `usual` is what it is where nobody says anything."""
    made: _T = field(default=usual, metadata={"meaning": meaning})
    return made


def _switch(meaning: str, *, usual: bool = False) -> bool:
    return _row(usual, _Meaning(meaning))


def _text(meaning: str, *, value: str, pytest: str = "", several: bool = False) -> str:
    return _row("", _Meaning(meaning, value, pytest=pytest, several=several))


def _word(meaning: str, *, words: tuple[str, ...]) -> str:
    return _row("", _Meaning(meaning, "WORD", words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the caller of a rehearsal says, a field for each option; an empty text leaves it open.

    `image`, `github`, `json`, `html` and `junit` are paths as seen from the working directory.
    """

    image: str = _text("an image, or the path of a Dockerfile", value="IMAGE", several=True)
    user: str = _text("the user who types the commands", value="NAME")
    worktree: bool = _switch("take what git would commit now, not what is committed")
    github: str = _text("a recorded workflow run that gh is shown, or `live`", value="RECORDING")
    github_via: str = _word(
        "how gh reaches a recorded run: `socket`, or `proxy` with its own CA",
        words=("socket", "proxy"),
    )
    github_fault: str = _text(
        "what goes wrong there, such as not-found; a wrong name lists them all", value="NAME"
    )
    bd: str = _word("`stand-in`, or `live` for the real beads", words=("stand-in", "live"))
    servers: str = _word(
        "`fail` where a command that turns out to be a server has to fail; else `pass`",
        words=("pass", "fail"),
    )
    unmarked: str = _word(
        "what blocks without a language are: `shell`, or `text` unless a prompt begins them",
        words=("text", "shell"),
    )
    strict: bool = _switch("fail where a line that readers see as shell was not typed")
    update: bool = _switch("write the printed output into transcripts that promise another one")
    keep_going: bool = _switch("run every section, also after a failure")
    keep_durations: bool = _switch(
        "add what commands with a band took to the durations.json beside the runbook"
    )
    allow_host: bool = _switch("let the machine reach the services of the engine's host")
    checklist: bool = _switch("judge the checklist that the runbook's settings name", usual=True)
    verbose: bool = _switch("tell also what is always so here, such as a mirror, after a green run")
    install_engine: bool = _switch(
        "install a container engine where there is none (root on Debian)"
    )
    keep_engine: bool = _switch("leave freshrun's private container engine running")
    json: str = _text("where the record goes; .freshrun/record.json unless given", value="PATH")
    html: str = _text("write the record as a page", value="PATH")
    junit: str = _text("write a JUnit XML report", value="PATH")
    k: str = _text(
        "judge only what matches EXPR, as pytest's -k; what stands before it runs too",
        value="EXPR",
        pytest="-k",
    )


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the table.

    `value` names what is given; it is empty for a switch. `words` are all that it may be, where
    there are but a few. `several` tells whether a caller may say it again, for a rehearsal each;
    one rehearsal takes one. `pytest` is pytest's own option that does the same. `usual` holds where
    nobody says anything.
    """

    name: str
    help: str
    value: str = ""
    words: tuple[str, ...] = ()
    pytest: str = ""
    usual: str | bool = ""
    several: bool = False

    @property
    def field(self) -> str:
        """Return its name in Python."""
        return self.name.replace("-", "_")


def _option(one: "Field[str | bool]") -> Option:
    meaning: _Meaning = one.metadata["meaning"]
    usual: str | bool = asdict(Choices())[one.name]
    return Option(
        name=one.name.replace("_", "-"),
        help=meaning.help,
        value=meaning.value,
        words=meaning.words,
        pytest=meaning.pytest,
        usual=usual,
        several=meaning.several,
    )


TABLE = tuple(_option(one) for one in fields(Choices))
"""Every option of a rehearsal."""


def chosen(**given: str | bool) -> Choices:
    """Return what was given to options, by their names in Python."""
    return Choices(**{**asdict(Choices()), **given})


def signature(*first: Parameter) -> Signature:
    """Return the signature of what takes every option by keyword, behind other parameters."""
    rows = (Parameter(one.field, Parameter.KEYWORD_ONLY, default=one.usual) for one in TABLE)
    return Signature([*first, *rows])


def check_words(choices: Choices, *, dashes: str = "--") -> None:
    """Raise `FreshrunError` where an option was given a word that it does not know.

    `dashes` is what the caller writes in front of an option's name.
    """
    given = asdict(choices)
    for row in TABLE:
        word = given[row.field]
        if word and row.words and word not in row.words:
            raise FreshrunError(f"{dashes}{row.name} {word}: {' or '.join(row.words)} is right")
