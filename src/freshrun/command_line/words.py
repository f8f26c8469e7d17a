"""The words after `freshrun`, as its tasks take them: files first, options anywhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from freshrun.model import FreshrunError, did_you_mean

REHEARSE = "validate-runbook"
"""The task of a command line that names none."""

OWN = ("--help", "--version", "--list", "--print-completion-script", "--complete")
"""The options of the program itself."""

_HELP = ("--help", "-h")
_DOCUMENTS = (".md", ".markdown", ".mdx")
_SEE = "`freshrun --help` lists them"


@dataclass(frozen=True, slots=True)
class Form:
    """What one task takes.

    `flags` tells of each option whether a value follows it. A word without dashes is given to the
    option `words`, once or `several` times; `needed` are the words that have to be there. Some take
    `folders` for the documents in them.
    """

    name: str
    flags: Mapping[str, bool]
    words: str = ""
    several: bool = False
    needed: tuple[str, ...] = ()
    folders: bool = False


def understood(typed: Sequence[str], forms: Mapping[str, Form]) -> tuple[str, ...]:
    """Return the words as the tasks take them: `README.md` is `validate-runbook --runbook=...`.

    `forms` are the tasks, by name and by alias. `FreshrunError`, with what would be right, for
    what none of them takes; whether a document exists is the task's to say.
    """
    if not typed or typed[0].partition("=")[0] in {*OWN, "-h", "-V", "-l"}:
        return _own(typed, forms)
    if typed[0] in forms:
        return _for_task(forms[typed[0]], typed[1:], forms)
    if typed[0].startswith("-") or _is_document(typed[0]):
        return _for_task(forms[REHEARSE], typed, forms)
    raise FreshrunError(_no_task(typed[0], forms))


def documents_here() -> list[str]:
    """Return the names of the documents in the working directory."""
    return sorted(path.name for path in Path().iterdir() if path.suffix.lower() in _DOCUMENTS)


def _own(typed: Sequence[str], forms: Mapping[str, Form]) -> tuple[str, ...]:
    """Return the words of a command line that is about the program itself."""
    if not typed or typed[0] not in _HELP:
        return tuple(typed)
    about = [word for word in typed[1:] if not word.startswith("-")]
    if about and about[0] not in forms and not _is_document(about[0]):
        raise FreshrunError(_no_task(about[0], forms))
    return (f"--help={forms[about[0]].name}" if about and about[0] in forms else "--help",)


def _for_task(form: Form, typed: Sequence[str], forms: Mapping[str, Form]) -> tuple[str, ...]:
    if any(word in _HELP for word in typed):
        return (f"--help={form.name}",)
    options, words = _parted(form, typed, forms)
    if len(words) < len(form.needed):
        raise FreshrunError(f"{form.name} needs more: freshrun {form.name} {' '.join(form.needed)}")
    if form.needed:
        return (form.name, *words, *options)
    if words and not form.words:
        raise FreshrunError(f'{form.name} takes no "{words[0]}", only options; {_help_of(form)}')
    if len(words) > 1 and not form.several:
        one = form.words.removeprefix("--")
        raise FreshrunError(f"{form.name} takes one {one}, and {len(words)} are named")
    for word in words:
        _check_file(form, word, forms)
    return (form.name, *options, *(f"{form.words}={word}" for word in words))


def _parted(
    form: Form, typed: Sequence[str], forms: Mapping[str, Form]
) -> tuple[list[str], list[str]]:
    """Return the options with their values, and the other words."""
    options: list[str] = []
    words: list[str] = []
    coming = iter(typed)
    for word in coming:
        if word.startswith("-") and word != "-":
            options += _option(form, word, coming, forms)
        else:
            words.append(word)
    return options, words


def _option(
    form: Form, word: str, coming: Iterator[str], forms: Mapping[str, Form]
) -> tuple[str, ...]:
    name, given, _value = word.partition("=")
    if word == "-v" and "--verbose" in form.flags:
        return ("--verbose",)
    if name not in form.flags and form.flags.get(word[:2]):  # such as -kEXPR
        return (word,)
    if name not in form.flags:
        raise FreshrunError(_no_option(form, name, forms))
    if given and not form.flags[name]:
        raise FreshrunError(f"{form.name}: {name} takes no value: leave {word[len(name) :]} out")
    if given or not form.flags[name]:
        return (word,)
    value = next(coming, None)
    if value is None or value.partition("=")[0] in form.flags:
        raise FreshrunError(f"{form.name}: {name} needs a value: {name}=...")
    # One word: a value that begins with a dash is no option.
    return (f"{name}={value}",) if name.startswith("--") else (name, value)


def _check_file(form: Form, word: str, forms: Mapping[str, Form]) -> None:
    """Refuse what can be no document: a folder, or the name of a task behind a file."""
    if form.words != "--runbook" or _is_document(word):
        return
    if word in forms:
        raise FreshrunError(f"the task comes first: freshrun {word} ...")
    if Path(word).is_dir() and not form.folders:
        raise FreshrunError(f"{word} is a folder; name its documents: {word.rstrip('/')}/*.md")


def _no_task(word: str, forms: Mapping[str, Form]) -> str:
    if Path(word).is_dir():
        folder = word.rstrip("/")
        return f"{word} is a folder; name its documents: freshrun {folder}/*.md"
    if word == "help":
        return "for help: freshrun --help"
    longer = [name for name in forms if name.startswith(word)]
    beside = documents_here()
    guess = (
        f'; did you mean "{longer[0]}"?' if longer else did_you_mean(word, [*forms, *beside])
    ) or did_you_mean(f"{word}.md", beside)
    return f'"{word}" is neither a task nor a document{guess or f"; {_SEE}"}'


def _no_option(form: Form, name: str, forms: Mapping[str, Form]) -> str:
    others = [one.name for one in forms.values() if name in one.flags]
    told = f'{form.name}: unknown option "{name}"'
    if others:
        return f"{told}: it is one of `freshrun {others[0]}`"
    return f"{told}{_near(name, form.flags) or f'; {_help_of(form)}'}"


def _near(name: str, flags: Iterable[str]) -> str:
    """Return the guess for a name that is almost a flag, or the beginning of one alone."""
    begun = [flag for flag in flags if len(name) > len("--") and flag.startswith(name)]
    if len(begun) == 1:
        return f'; did you mean "{begun[0]}"?'
    return did_you_mean(name, [flag for flag in flags if flag.startswith("--")])


def _help_of(form: Form) -> str:
    return f"`freshrun {form.name} --help` lists them"


def _is_document(word: str) -> bool:
    return Path(word).suffix.lower() in _DOCUMENTS or Path(word).is_file()
