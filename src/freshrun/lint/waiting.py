"""Commands that would wait: for an answer, for keys, or for time to pass."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from freshrun.diagnosis import INTERACTIVE
from freshrun.lint.flaw import Flaw
from freshrun.lint.subject import Subject
from freshrun.model import Command
from freshrun.shell import Call, Event, flat

Words = Sequence[str]


class Waits(NamedTuple):
    """The rule by which a command waits, and what it waits for with what would be right."""

    rule: str
    message: str


def waits(subject: Subject) -> Iterator[Flaw]:
    """Find the commands that don't end by themselves."""
    for command in subject.commands:
        events = subject.events[command.number]
        for found in (waiting(command, events), follows(command, events)):
            if found is not None:
                message = found.message
                named = message.split("`")[1]
                at = command.text.find(named)
                if at < 0:
                    at, named = 0, command.text.partition("\n")[0]
                yield subject.flaw_in(command, found.rule, message, span=(at, at + len(named)))


def waiting(command: Command, events: tuple[Event, ...]) -> Waits | None:
    """Return what a command would wait for and what would be right, `None` where it goes on."""
    stays = command.options.background or command.options.ready is not None
    if not stays and (sleep := _SLEEP.fullmatch(command.text)):
        message = (
            f"`{sleep['sleep']}` waits a fixed time, which is too short on one machine and too long"
            " on another; wait for what is needed: until COMMAND; do sleep 1; done, or ready="
        )
        return Waits("fixed-sleep", message)
    if _is_answered(command):
        return None
    calls = (event for event in flat(events) if isinstance(event, Call))
    return next(filter(None, (_asks(call) for call in calls)), None)


_SLEEP = re.compile(
    r"\A(?!(?:while|until|for)\b)(?:[^\n]*(?:&&|;)\s*)?"
    r"(?P<sleep>sleep\s+[1-9][\d.]*[smh]?)\s*+;?(?:\s*+&&[^\n]*)?"
)


def _is_answered(command: Command) -> bool:
    """Tell whether the command gets input, or is ended by another."""
    options = command.options
    given = options.stdin is not None or options.tty or options.background
    return given or _ANSWERED.search(_without_quotes(command.text)) is not None


_ANSWERED = re.compile(r"<|\|(?!\|)|(?:^|[;&(]\s*)(?:sudo\s+)?(?:timeout|exec)\s", re.MULTILINE)


def _without_quotes(text: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"", "", text)


def _asks(call: Call) -> Waits | None:
    if call.name in INTERACTIVE and not _has(
        call.words, r"--?version|--?help|--batch|-(?:batch|es)"
    ):
        message = f"`{call.name}` is {INTERACTIVE[call.name]} and waits for keys; {_INSTEAD}"
        return Waits("waits-for-keys", message)
    shown = " ".join((call.name, *call.words[:1])).strip()
    for rule, does, table in _TABLES:
        for names, asks, right in table:
            if call.name in names and asks(call.words):
                return Waits(rule, f"`{shown}` {does}; {right}")
    return None


_INSTEAD = "use a command that ends by itself, such as cat, sed or a here-document"


_LONGEST = 200
"""Characters of a word that tell which option it is."""


def _has(words: Words, pattern: str) -> bool:
    return any(re.fullmatch(pattern, word[:_LONGEST]) for word in words)


def _first(words: Words) -> str:
    return next((word for word in words if not word.startswith("-")), "")


def _changes_packages(words: Words) -> bool:
    verbs = {"install", "remove", "purge", "upgrade", "dist-upgrade", "full-upgrade", "autoremove"}
    quiet = r"-[a-zA-Z]*[ys][a-zA-Z]*|--yes|--assume-yes|-q*qq|--simulate|--dry-run|--just-print"
    return not verbs.isdisjoint(words) and not _has(words, rf"{quiet}|--print-uris")


def _installs(words: Words) -> bool:
    return not {"install", "upgrade", "update", "remove"}.isdisjoint(words) and not _has(
        words, r"-\w*y\w*|--assumeyes|--noninteractive|-n|--non-interactive"
    )


def _makes_key(words: Words) -> bool:
    return not _has(words, r"-[NlyRFHeiABDLQrkYKM].*|--?help")


def _commits(words: Words) -> bool:
    if _first(words) == "rebase":
        return _has(words, "-i|--interactive")
    if _first(words) == "add":
        return _has(words, "-p|-i|--patch|--interactive")
    message = r"-[a-zA-Z]*[mFCc].*|--(?:message|file|no-edit|reuse-message|fixup|dry-run)\b.*"
    return _first(words) == "commit" and not _has(words, message)


def _registers(words: Words) -> bool:
    return _first(words) == "login" and not _has(words, r"--password-stdin|-p.*|--password=?.*")


def _logs_in(words: Words) -> bool:
    plain = [word for word in words if not word.startswith("-")]
    return plain[:2] == ["auth", "login"] and not _has(words, r"--with-token|--cred-file.*|--no-.*")


def _has_no_words(words: Words) -> bool:
    return not words


def _queries(words: Words) -> bool:
    ends = r"-\w*[cflLV?]\w*|--(?:command|file|list|version|help)\b.*|-[eNB].*|--execute\b.*"
    return not _has(words, ends)


def _requests(words: Words) -> bool:
    made = _first(words) == "req" and _has(words, "-new|-x509")
    return made and not _has(words, "-subj|-config|-batch|-help")


_SHELLS = {"bash", "sh", "zsh", "/bin/bash", "/bin/sh"}


def _opens_shell(words: Words) -> bool:
    return all(re.fullmatch(r"-[il]*|--login", word) for word in words)


def _changes_user(words: Words) -> bool:
    return not _has(words, r"-\w*c|--command.*")


def _enters(words: Words) -> bool:
    starts = not {"run", "exec"}.isdisjoint(words) and _has(words, r"-\w*i\w*|--interactive")
    return starts and words[-1] in _SHELLS


def _connects(words: Words) -> bool:
    """Tell whether `ssh` is given a host and no command."""
    text = re.sub(r"(?:^| )-[BbcDEeFIiJLlmOopQRSWw] \S+", "", " ".join(words))
    rest = [word for word in text.split() if not word.startswith("-")]
    return len(rest) == 1 and not _has(words, "-[NfVGTnW].*")


def _always(words: Words) -> bool:
    return not _has(words, r"--?help|--version")


def _opens(*verbs: str) -> Callable[[Words], bool]:
    """Return what tells whether one of these words opens a shell, with no command behind it."""
    return lambda words: _first(words) in verbs and not _has(words, "--")


def _initialises(words: Words) -> bool:
    verb = _first(words)
    return verb in {"login", "adduser"} or (
        verb == "init" and len(words) == 1  # `npm init NAME` runs a program of its own
    )


_Asking = tuple[tuple[frozenset[str], Callable[[Words], bool], str], ...]

_ASKING: _Asking = (
    (frozenset({"apt-get", "apt", "aptitude"}), _changes_packages, "add -y"),
    (frozenset({"dnf", "yum", "zypper"}), _installs, "add -y"),
    (frozenset({"read"}), lambda _: True, "set the variable, or give the block stdin="),
    (frozenset({"ssh-keygen"}), _makes_key, "add -N '' and -f FILE"),
    (frozenset({"git"}), _commits, "say it in the command: git commit -m TEXT, git add FILE"),
    (frozenset({"docker", "podman", "helm"}), _registers, "add --password-stdin"),
    (frozenset({"gh", "gcloud"}), _logs_in, "use a token from the environment, such as GH_TOKEN"),
    (frozenset({"npm", "yarn"}), _initialises, "add --yes, or use a token"),
    (frozenset({"passwd"}), lambda words: not _has(words, "-[dlSeu]"), "use chpasswd"),
    (frozenset({"crontab"}), lambda words: _has(words, "-e"), "use crontab FILE"),
    (frozenset({"mysql_secure_installation"}), _has_no_words, "type its statements with mysql -e"),
    (frozenset({"openssl"}), _requests, "add -subj"),
)
"""Who asks, when it does, and what would be right."""

_OPENING: _Asking = (
    (frozenset({"bash", "sh", "zsh"}), _opens_shell, "leave it out, or use bash -c"),
    (frozenset({"su"}), _changes_user, "use sudo -u USER COMMAND"),
    (frozenset({"docker", "podman", "kubectl"}), _enters, "name the command that it has to run"),
    (frozenset({"newgrp"}), _always, "use sg GROUP -c COMMAND"),
    (
        frozenset({"chroot"}),
        lambda words: len(words) == 1 or words[-1] in _SHELLS,
        "name the command that it has to run",
    ),
    (frozenset({"poetry", "pipenv"}), _opens("shell"), "use its `run COMMAND`"),
    (frozenset({"oc", "kubectl"}), _opens("debug", "rsh"), "name the command that it has to run"),
    (
        frozenset({"nix-shell"}),
        lambda words: not _has(words, "--run|--command"),
        "add --run COMMAND",
    ),
    (frozenset({"ssh"}), _connects, "name the command that it has to run there"),
    (frozenset({"psql", "mysql", "mariadb"}), _queries, "add the statement: psql -c, mysql -e"),
    (
        frozenset({"python3", "python", "node", "irb", "sqlite3", "redis-cli", "mongosh", "ghci"}),
        _has_no_words,
        "give it the program to run, or stdin=",
    ),
)
"""Who opens a shell or a prompt of its own, when it does, and what would be right."""


_TABLES = (
    ("waits-for-answer", "waits for an answer", _ASKING),
    ("opens-shell", "opens a prompt, where all that stands below is typed", _OPENING),
)


def follows(command: Command, events: tuple[Event, ...]) -> Waits | None:
    """Return what a command prints without end in the foreground, `None` where it ends."""
    if _is_answered(command):
        return None
    for event in flat(events):
        if isinstance(event, Call) and _FOLLOWING.get(event.name, _never)(event.words):
            right = "leave that option out, or add background"
            return Waits("endless", f"`{event.name}` goes on without end; {right}")
    return None


def _never(_: Words) -> bool:
    return False


_FOLLOWING: Mapping[str, Callable[[Words], bool]] = {
    "tail": lambda words: _has(words, r"-\w*[fF]|--follow\b.*"),
    "journalctl": lambda words: _has(words, r"-\w*f|--follow"),
    "docker": lambda words: "logs" in words and _has(words, r"-\w*f|--follow"),
    "kubectl": lambda words: "logs" in words and _has(words, r"-\w*f|--follow"),
    "watch": lambda words: _has(words, r"-\w*[nd]\w*|--interval.*"),
}
"""What follows a file or a log, and when."""
