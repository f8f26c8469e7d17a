"""What an exit status says that one program alone gives, where nothing that was printed tells.

Many of them say that something is so, and not why: there the cause stays unknown, and the hint
says what the status means.
"""

import re
from collections.abc import Iterator, Mapping

from freshrun.diagnosis.case import Case, last_words
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.shell import names

_Meanings = Mapping[int, tuple[Cause, str]]

_NETWORK, _UNKNOWN = Cause.NETWORK, Cause.UNKNOWN
_CURL: _Meanings = {
    3: (Cause.INVALID_INPUT, "an address that it can't read"),
    5: (_NETWORK, "a proxy whose name is not known"),
    6: (_NETWORK, "a name that is not known"),
    7: (_NETWORK, "a server that it can't connect to"),
    22: (_UNKNOWN, "an HTTP error of the server, which `-f` makes a failure"),
    26: (Cause.NO_SUCH_FILE, "a file to send that it can't read"),
    28: (_NETWORK, "an answer that did not come in time"),
    35: (_NETWORK, "a TLS connection that could not be made"),
    52: (_NETWORK, "a server that answered with nothing"),
    56: (_NETWORK, "a connection that was lost"),
    60: (_NETWORK, "a certificate that the machine does not trust"),
    67: (Cause.PERMISSION_DENIED, "a login that was refused"),
}
_WGET: _Meanings = {
    4: (_NETWORK, "a failure of the network"),
    5: (_NETWORK, "a certificate that the machine does not trust"),
    6: (Cause.PERMISSION_DENIED, "a login that was refused"),
    8: (_UNKNOWN, "an HTTP error of the server"),
}
_DIFFERS: _Meanings = {1: (_UNKNOWN, "files that differ")}
_NO_PROCESS: _Meanings = {1: (_UNKNOWN, "no process that matches")}
_LOST: _Meanings = {
    255: (_UNKNOWN, "a connection that could not be made or was lost: host, key or network")
}
_FALSE: _Meanings = {1: (_UNKNOWN, "a condition that is not true")}
_NO_MATCH: _Meanings = {1: (_UNKNOWN, "no line that matches")}
_NOT_THERE: _Meanings = {1: (Cause.COMMAND_NOT_FOUND, "a program that is not found")}
_ENGINE: _Meanings = {
    125: (_UNKNOWN, "a container that it could not start"),
    126: (_UNKNOWN, "a program in the container that can't be executed"),
    127: (Cause.COMMAND_NOT_FOUND, "a program that the container's image does not have"),
}
_PROGRAMS: Mapping[str, _Meanings] = {
    "curl": _CURL,
    "wget": _WGET,
    **dict.fromkeys(("ssh", "scp", "sftp"), _LOST),
    "git": {128: (_UNKNOWN, "what it refuses to begin")},
    "pg_isready": {
        1: (Cause.SERVICE_NOT_RUNNING, "a server that takes no connections yet"),
        2: (Cause.SERVICE_NOT_RUNNING, "a server that does not answer"),
        3: (_UNKNOWN, "options with which it did not even try"),
    },
    "timeout": {124: (Cause.TIMED_OUT, "a command that it ended as its time was up")},
    **dict.fromkeys(("docker", "podman", "nerdctl"), _ENGINE),
    **dict.fromkeys(("grep", "egrep", "fgrep", "zgrep", "rg", "ag"), _NO_MATCH),
    **dict.fromkeys(("diff", "cmp"), _DIFFERS),
    **dict.fromkeys(("test", "[", "[["), _FALSE),
    **dict.fromkeys(("which", "command", "type", "hash"), _NOT_THERE),
    **dict.fromkeys(("pgrep", "pidof"), _NO_PROCESS),
    "nc": {1: (_NETWORK, "a port at which nothing answers")},
    "ping": {1: (_NETWORK, "no answer"), 2: (_NETWORK, "a name that is not known")},
    "dig": {9: (_NETWORK, "a name server that does not answer")},
    "getent": {2: (_UNKNOWN, "a name that is not in the database")},
    "systemctl": {
        3: (Cause.SERVICE_NOT_RUNNING, "a unit that is not active"),
        4: (Cause.MISSING_STEP, "a unit that is not installed"),
    },
    "mountpoint": {1: (_UNKNOWN, "a directory where nothing is mounted")},
    "jq": {4: (_UNKNOWN, "no result at all"), 1: (_UNKNOWN, "a last result of false or null")},
    "pytest": {5: (_UNKNOWN, "no test that was collected"), 1: (_UNKNOWN, "tests that failed")},
    "terraform": {2: (_UNKNOWN, "a plan that has changes (`-detailed-exitcode`)")},
}
_REMEDY = {124: ": where that is meant, say `exit=124` in the block's info string"}
_OPERATOR = re.compile(r"&&|\|\||[;\n]")


def by_status(case: Case) -> Diagnosis | None:
    """Read the exit status as the one program reads it that can have given it."""
    code = case.outcome.exit_code
    found = list(_meanings(case, code)) if code else []
    if len(found) != 1:
        return None
    program, cause, means = found[0]
    said = f"exit status {code} is `{program}`'s own for {means}{_REMEDY.get(code or 0, '')}"
    tell = "can't tell: " if cause is _UNKNOWN else ""
    return Diagnosis(cause, f"{tell}{said}; {last_words(case)}")


def _meanings(case: Case, code: int | None) -> Iterator[tuple[str, Cause, str]]:
    """Yield the programs of the command that give this status a meaning of their own."""
    called = _called(case)
    for program in called:
        meanings = _PROGRAMS.get(program, {})
        if code is not None and code in meanings:
            yield (program, *meanings[code])


def _called(case: Case) -> tuple[str, ...]:
    """Return the programs of which one gave the status; none where it could be any of several."""
    text = case.command.stages[-1] if case.command.stages else case.command.text
    called = tuple(each for each in names(text).commands if each not in _PASSING)
    if "timeout" in called:
        return called
    if _OPERATOR.search(text.strip()) and case.outcome.exit_code in {1, 2}:
        return called if len(called) == 1 else ()
    return called or tuple(re.findall(r"^\s*(?:sudo\s+)?([\w-]+)", text))


_PASSING = {"sudo", "time", "env", "nohup", "exec", "nice", "cd", "echo", "sleep", "export", "set"}
"""What is no more than on the way to the program that counts."""
