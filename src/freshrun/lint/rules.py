"""The rules of lint, one row each: the identifier, what it finds, and how sure a failure is."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from freshrun.model import FreshrunError, did_you_mean


class Severity(Enum):
    """How much a finding weighs."""

    ERROR = "error"
    """It can't work as it stands."""
    WARNING = "warning"
    """It fails, waits or misleads for some readers."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding.

    `id` is what `ignore[...]`, `--select` and `--ignore` call it. `says` is one sentence.
    `fixable` tells that `--fix` knows the one right text.
    """

    id: str
    says: str
    severity: Severity = Severity.ERROR
    fixable: bool = False


_WARNING = Severity.WARNING

_ROWS = (
    Rule("unreadable", "The document can't be read as one, or says something that means nothing."),
    Rule("dead-link", "A link leads to no file, or no anchor, of the repository."),
    Rule("unclosed-fence", "A fence is never closed, so all that follows is code."),
    Rule("untyped-shell", "A reader sees this as shell, and it is not typed.", _WARNING),
    Rule("unknown-rule", "A comment switches a rule off that does not exist.", _WARNING),
    Rule("near-option", "A word of the info string is nearly an option.", _WARNING, fixable=True),
    Rule("clashing-options", "One option of a block takes the meaning of another away.", _WARNING),
    Rule("lone-terminal", "A terminal's name is nearly another's.", _WARNING),
    Rule("two-ways", "A block holds one step in several ways.", _WARNING),
    Rule("unreachable", "The shell has ended before this is typed.", _WARNING),
    Rule("syntax", "It is no shell: bash refuses it, or waits for the rest."),
    Rule("unclosed-heredoc", "No line closes a here-document, so the reader is left in it."),
    Rule("history-expansion", "bash at a prompt takes a `!` for a command of its history."),
    Rule("pasted-prompt", "A prompt was pasted along with its command.", fixable=True),
    Rule("wrong-character", "A typographic or invisible character is typed.", fixable=True),
    Rule("html-entity", "HTML's name of a character is typed.", fixable=True),
    Rule("blank-after-backslash", "A blank keeps a line from going on.", fixable=True),
    Rule("blank-around-equals", "A blank stands at the `=` of an assignment.", fixable=True),
    Rule("other-shell", "It is text of another shell, or of another language."),
    Rule("windows-path", "It is a path of Windows, whose backslashes bash takes away."),
    Rule("bashism", "A block that is marked `sh` needs bash.", _WARNING),
    Rule("shellcheck", "shellcheck calls it an error."),
    Rule("unknown-command", "The program has no such command."),
    Rule("unknown-option", "The program has no such option."),
    Rule("placeholder", "Something is left to be replaced by hand.", _WARNING),
    Rule("one-run", "The number of one run, which will be gone.", _WARNING),
    Rule("secret-value", "The value of a secret stands in the document."),
    Rule("waits-for-answer", "It asks, and waits for an answer.", _WARNING),
    Rule("opens-shell", "It opens another shell or a prompt of its own.", _WARNING),
    Rule("waits-for-keys", "It is an editor, a pager or the like, and waits for keys.", _WARNING),
    Rule("sudo-asks", "sudo asks for a password where that can't be given.", _WARNING),
    Rule("endless", "It goes on without end in the foreground.", _WARNING),
    Rule("fixed-sleep", "It waits a fixed time.", _WARNING),
    Rule("unset-variable", "No earlier command sets a variable, and nothing declares it."),
    Rule("environment-contract", "The declared variables and the commands part."),
)

RULES = {rule.id: rule for rule in _ROWS}
"""Every rule by its identifier, in the order in which docs/lint.md lists them."""


def chosen(*, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> frozenset[str]:
    """Return the rules that are asked for: all, or those selected, without those ignored.

    `FreshrunError` where a name is no rule's.
    """
    wanted, unwanted = frozenset(select), frozenset(ignore)
    for name in sorted((wanted | unwanted) - RULES.keys()):
        hint = did_you_mean(name, RULES) or f"; docs/lint.md lists them: {', '.join(RULES)}"
        raise FreshrunError(f'"{name}" is no rule of lint{hint}')
    return (wanted or frozenset(RULES)) - unwanted
