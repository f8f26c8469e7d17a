"""Which commands open a shell, or another program that reads what is typed below them."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile

from freshrun.shell import dialects
from freshrun.shell.dialects import Dialect

Words = Sequence[str]

_MOST_WORDS = 200
"""A command of more words opens nothing: `sudo` in front of `sudo` and so on has an end."""


def opened(text: str) -> Dialect | None:
    """Return what a command opens at the terminal, by its text alone; the run has the last word.

    What is given its input or its work (`<`, a pipe, `-c`, a script) opens nothing.
    """
    if not _MAY_OPEN.search(text) or "<<" in text:
        return None
    words = _last_command(text)
    return _opened(words) if words and len(words) <= _MOST_WORDS else None


def _last_command(text: str) -> Words:
    """Return the words of the last simple command, none where it is not at the terminal."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.commenters = ""
    lexer.wordchars += "$:@%^+{}[],!"
    try:
        words = list(lexer)
    except ValueError:
        return ()
    words = list(takewhile(lambda word: not word.startswith("#"), words))
    while words and words[-1] == ";":
        words.pop()
    start = max((n for n, word in enumerate(words) if word in {"&&", "||", ";"}), default=-1) + 1
    own = words[start:]
    apart = any(set(word) & set("()|<>&;") and set(word) <= set("()|<>&;") for word in own)
    return () if apart or not own or own[0] in _KEYWORDS else own


_KEYWORDS = {"if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "!"}
_GIVEN = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


def _opened(words: Words) -> Dialect | None:
    """Return what the words of one simple command open."""
    while words and _GIVEN.fullmatch(words[0]):
        words = words[1:]
    if not words:
        return None
    name = _SHELL_VARIABLE.sub("bash", words[0]).rpartition("/")[2]
    for names, rule in _RULES:
        if re.fullmatch(names, name):
            return rule(words[1:])
    return None


_SHELL_VARIABLE = re.compile(r"\$(?:SHELL|\{SHELL\})")


def _rest(words: Words, *, values: str, long: frozenset[str] = frozenset()) -> Words:
    """Return the words behind the options; `values` are the letters whose value is a word."""
    at = 0
    while at < len(words) and re.match(r"[-+].", words[at]):
        option = words[at]
        at += 1
        if option == "--":
            break
        if option in long or (not option.startswith("--") and option[-1] in values):
            at += 1
    return words[at:]


def _options(words: Words) -> Words:
    return [word for word in words if word.startswith("-")]


def _has(words: Words, pattern: str) -> bool:
    return any(re.fullmatch(pattern, word[:200]) for word in words)


# --- shells ---

_ENDS = r"--(?:help|version|dump-.*|pretty-print)"


def _shell(words: Words) -> Dialect | None:
    """Answer for bash and its kin: a script or `-c` is work of its own."""
    rest = _rest(words, values="oO", long=frozenset({"--rcfile", "--init-file"}))
    own = words[: len(words) - len(rest)]
    if _has(own, rf"-\w*[cnD]\w*|{_ENDS}") or (rest and not _has(own, r"-\w*s\w*")):
        return None
    return dialects.SHELL


def _su(words: Words) -> Dialect | None:
    """Answer for `su` and `runuser`: one word names the user, more are a script's."""
    if _has(words, r"-\w*[chV]|--(?:command|session-command|help|version)\b.*"):
        return None
    long = frozenset({"--shell", "--group", "--supp-group", "--whitelist-environment", "--user"})
    if _has(words, r"-u|--user(?:=.*)?"):
        return _opened(_rest(words, values="sgGwu", long=long))
    plain = _plain([word for word in words if word != "-"], values="sgGw", long=long)
    return dialects.SHELL if len(plain) <= 1 else None


_SUDO_VALUES = frozenset(
    f"--{name}"
    for name in ("user", "group", "host", "prompt", "chdir", "chroot", "close-from", "role", "type")
)


def _sudo(words: Words) -> Dialect | None:
    """Answer for `sudo`: `-i` and `-s` open a shell unless a command follows."""
    rest = _rest(words, values="CDghpRrTtUu", long=_SUDO_VALUES)
    own = words[: len(words) - len(rest)]
    if _has(own, r"-\w*[lvkKVeb]|--(?:list|validate|edit|background|version|help)"):
        return None
    while rest and _GIVEN.fullmatch(rest[0]):
        rest = rest[1:]
    if rest:
        return _opened(rest)
    return dialects.SHELL if _has(own, r"-\w*[is]|-i\w+|--(?:login|shell)") else None


def _behind(values: str, *, alone: Dialect | None = None) -> Callable[[Words], Dialect | None]:
    """Return the rule of a program that starts the command in its words."""

    def rule(words: Words) -> Dialect | None:
        rest = _rest(words, values=values)
        return _opened(rest) if rest else alone

    return rule


def _chroot(words: Words) -> Dialect | None:
    rest = _rest(words, values="")
    if not rest:
        return None
    return _opened(rest[1:]) if rest[1:] else dialects.SHELL


def _run(words: Words) -> Dialect | None:
    """Answer for `poetry run CMD` and its kin, and for `poetry shell`."""
    verb = "".join(words[:1])
    if verb == "shell":
        return dialects.SHELL
    return _opened(_rest(words[1:], values="")) if verb == "run" else None


def _without(pattern: str, *, most: int | None = None) -> Callable[[Words], Dialect | None]:
    """Return the rule of a program that opens a shell unless a word says otherwise."""

    def rule(words: Words) -> Dialect | None:
        plain = [word for word in words if not word.startswith("-")]
        fits = most is None or len(plain) <= most
        return dialects.SHELL if fits and not _has(words, pattern) else None

    return rule


def _verbs(*verbs: str, ends: str = r"--") -> Callable[[Words], Dialect | None]:
    """Return the rule of a program that opens a shell by one of its verbs."""

    def rule(words: Words) -> Dialect | None:
        plain = [word for word in words if not word.startswith("-")]
        named = " ".join(plain).startswith(verbs)
        return dialects.SHELL if named and not _has(words, ends) else None

    return rule


def _ssh(words: Words) -> Dialect | None:
    """Answer for `ssh`: a host and no command."""
    rest = _rest(words, values="BbcDEeFIiJLlmOopQRSWw")
    ends = _has(words, "-[NfVGTnWQO].*")
    return dialects.SHELL if len(rest) == 1 and not ends else None


def _compose(words: Words) -> Dialect | None:
    return _container(words, composed=True)


def _container(words: Words, *, composed: bool = False) -> Dialect | None:
    """Answer for docker, podman and kubectl: `exec` and `run` with `-i`, by what they start."""
    at = next((n for n, word in enumerate(words) if word in _CONTAINER_VERBS), None)
    if at is None:
        return dialects.SHELL if list(words[:1]) == ["shell"] else None
    verb, rest = words[at], words[at + 1 :]
    count, found = _started(rest)
    own = rest[:count]
    always = composed or "compose" in words[:at] or verb in {"rsh", "debug"}
    asked = always or _has(own, r"-\w*i\w*|--interactive(?:=true)?|--stdin(?:=true)?")
    if not asked or _has(own, r"-\w*d\w*|--detach|-T|--no-TTY|--no-tty"):
        return None
    if found or verb == "exec" or "--" in rest:
        return found
    return dialects.SHELL if len(_rest(rest, values=_CONTAINER_VALUES)) == 1 else None


_CONTAINER_VERBS = {"exec", "run", "debug", "rsh"}


def _started(words: Words) -> tuple[int, Dialect | None]:
    """Return where the command begins that a container is to start, and what that opens."""
    if "--" in words:
        at = list(words).index("--") + 1
        return at, _opened(words[at:])
    for at, word in enumerate(words):
        if not word.startswith("-") and (found := _opened(words[at:])):
            return at, found
    return len(words), None


_CONTAINER_VALUES = "aceEhlmnpuvw"


# --- other programs ---


def _alone(
    dialect: Dialect, *, values: str = "", ends: str = r"(?!)", most: int = 0
) -> Callable[[Words], Dialect | None]:
    """Return the rule of a program that opens with `most` plain words, unless an option ends it."""

    def rule(words: Words) -> Dialect | None:
        if _has(words, rf"{ends}|--help|--version"):
            return None
        plain = _plain(words, values=values)
        return dialect if len(plain) <= most else None

    return rule


def _plain(words: Words, *, values: str, long: frozenset[str] = frozenset()) -> list[str]:
    """Return the words that are neither options nor their values."""
    found: list[str] = []
    takes = False
    for word in words:
        if takes or re.match(r"[-+].", word):
            short = re.fullmatch(r"-\w", word) and word[1] in values
            takes = not takes and bool(short or word in (long or _LONG_VALUES))
        else:
            found.append(word)
    return found


def _other(*, most: int) -> Callable[[Words], Dialect | None]:
    ends = r"-[ecbV].*|--(?:eval|command|execute|file|query|batch)\b.*"
    return _alone(dialects.OTHER, ends=ends, most=most)


_LONG_VALUES = frozenset(
    f"--{name}"
    for name in (
        *("host", "port", "username", "user", "dbname", "database", "socket", "set", "variable"),
        *("pass", "cacert", "cert", "key", "sni", "protocol", "require", "import"),
    )
) | {"-cmd", "-init", "-separator", "-newline", "-nullvalue", "-vfs"}


def _python(words: Words) -> Dialect | None:
    """Answer for Python: a script, `-c` or `-m` ends by itself, but for `-i`."""
    at = next((n for n, word in enumerate(words) if not word.startswith("-")), len(words))
    own = words[:at]
    if list(words[at + 1 : at + 2]) == ["shell"] and words[at].endswith("manage.py"):
        return dialects.PYTHON
    if _has(own, r"-\w*i\w*"):
        return dialects.PYTHON
    if _has(own, r"-\w*[cmVh]|--(?:version|help.*)"):
        return None
    rest = _rest(words, values="WX")
    return dialects.PYTHON if list(rest) in ([], ["-"]) else None


_PYTHON_NAMES = r"python[\d.]*|pypy[\d.]*"
_WRAPPERS: Mapping[str, str] = {
    r"env": "CuS",
    r"builtin|setsid|dbus-run-session|ssh-agent|fakeroot|winpty|doas": "ut",
    r"exec": "a",
    r"time|stdbuf|ionice|chrt|linux32|linux64|setarch": "foiecn",
    r"nice": "n",
    r"xvfb-run": "nsef",
}

_Rules = tuple[tuple[str, Callable[[Words], Dialect | None]], ...]

_STARTING: _Rules = (
    (r"busybox", _behind("")),
    *((names, _behind(values)) for names, values in _WRAPPERS.items()),
    (r"command", lambda words: None if _has(words[:1], "-[vV]+") else _behind("")(words)),
    (r"unshare|nsenter|ip|setpriv", lambda words: _opened(words[-1:])),
)
"""Who opens what the program opens that it starts."""

_OPENING: _Rules = (
    (r"sudo", _sudo),
    (r"su|runuser", _su),
    (r"(?:ba|da|z|k|mk|a|rba)?sh", _shell),
    (r"newgrp", _without(r"-c|--command.*|--help", most=1)),
    (r"sg", _without(r"-c", most=1)),
    (r"chroot", _chroot),
    (r"script", _without(r"-\w*c|--command.*|--help|--version", most=1)),
    (r"ssh", _ssh),
    (r"docker|podman|nerdctl|kubectl|oc|lxc|incus", _container),
    (r"(?:docker|podman)-compose", _compose),
    (r"poetry|pipenv|uv|hatch|rye|pdm|pixi", _run),
    (r"nix-shell", _without(r"--run|--command|--help|--version")),
    (r"nix", _verbs("develop", "shell", ends=r"-c|--command|--help")),
    (r"guix", _verbs("shell", "environment", ends=r"--")),
    (r"devbox|multipass", _verbs("shell")),
    (r"toolbox|distrobox", _verbs("enter")),
    (r"vagrant|minikube", _verbs("ssh", ends=r"-c|--command.*|--")),
    (_PYTHON_NAMES, _python),
    (r"flask", lambda words: dialects.PYTHON if list(words) == ["shell"] else None),
    (
        r"psql",
        _alone(
            dialects.PSQL,
            values="hpUdvFRTPoL",
            ends=r"-\w*[cflV?]\w*|--(?:command|file|list)\b.*",
            most=2,
        ),
    ),
    (
        r"mysql|mariadb",
        _alone(dialects.MYSQL, values="uhPSD", ends=r"-\w*[eV?]|-e.*|--execute\b.*", most=1),
    ),
    (r"sqlite3?", _alone(dialects.SQLITE, ends=r"-(?:version|help)", most=1)),
    (
        r"node|nodejs",
        _alone(dialects.NODE, values="r", ends=r"-[epcvh]\w*|--(?:eval|print|check)\b.*"),
    ),
    (
        r"redis-cli|valkey-cli|keydb-cli",
        _alone(
            dialects.REDIS,
            values="hpsaunrid",
            ends=r"-x|--(?:scan|stat|big.*|mem.*|hot.*|latency.*|eval|rdb|pipe|cluster|replica|lru.*)",
        ),
    ),
    (r"irb|ghci|lua[\d.]*|R|bc|ipython3?|iex|jshell|scala|fish|tclsh|nslookup", _other(most=0)),
    (
        r"mongosh?|cqlsh|gdb|duckdb|sqlplus|clickhouse-client|cypher-shell|s?ftp|telnet",
        _other(most=2),
    ),
    (r"php", lambda words: dialects.OTHER if list(words) == ["-a"] else None),
    (r"rails", lambda words: dialects.OTHER if list(words[:1]) in (["console"], ["c"]) else None),
)
"""Who opens what, by the program's name and its words."""

_RULES: _Rules = (*_STARTING, *_OPENING)

_MAY_OPEN = re.compile(
    rf"(?<![\w.-])(?:\$\{{?SHELL|{'|'.join(names for names, _ in _OPENING)})(?![\w.-])"
)
"""Nearly every command is told apart by this alone."""
