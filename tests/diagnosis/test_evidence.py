"""The cause is what the evidence says: each document here once had another one told."""

from pathlib import Path

import pytest
from typed_document import diagnosed, printed_by

from freshrun.diagnosis.cause import Cause
from freshrun.diagnosis.deciding import diagnose
from freshrun.document.reading import parse
from freshrun.model.outcome import Ending, Outcome, Output, Status


def _shell(*lines: str, language: str = "bash", above: str = "") -> str:
    return "\n".join(("# Title", "", above, "", f"```{language}", *lines, "```", ""))


@pytest.mark.parametrize(
    ("source", "cause", "said"),
    [
        (
            _shell("echo a > f", "sed -i '' 's/a/b/' f"),
            Cause.OTHER_MACHINE,
            "`sed -i ''` at runbook/x.md:7 is for BSD's and macOS's sed",
        ),
        (
            _shell("echo a > f", 'sed -i "" -e s/a/b/ f'),
            Cause.OTHER_MACHINE,
            "`sed -i \"\"` at runbook/x.md:7 is for BSD's and macOS's sed",
        ),
        (
            _shell("echo a > f", "sed -E -i .bak 's/a/b/' f"),
            Cause.OTHER_MACHINE,
            "`sed -i .bak` at runbook/x.md:7 is for BSD's",
        ),
        (
            _shell("date -v-1d +%F"),
            Cause.OTHER_MACHINE,
            "`date -v` is an option of BSD's and macOS's date",
        ),
        (_shell("echo a | pbcopy"), Cause.OTHER_MACHINE, "`pbcopy` is a program of macOS"),
        (
            _shell("setopt extendedglob", language="zsh"),
            Cause.OTHER_SHELL,
            '"setopt" at runbook/x.md:6 is zsh, not bash, as the fence at runbook/x.md:5 says',
        ),
        (
            _shell("for f (*.txt) print $f", language="zsh"),
            Cause.OTHER_SHELL,
            "the fence at runbook/x.md:5 says zsh, and bash can't read it",
        ),
        (_shell("autoload -Uz compinit"), Cause.OTHER_SHELL, '"autoload" at runbook/x.md:6 is zsh'),
        (
            _shell("// the five busiest", "topk(5, sum(rate(x[5m])) by (pod))", language="sh"),
            Cause.OTHER_SHELL,
            '"//" at runbook/x.md:6 is a comment of another language, not bash',
        ),
        (
            _shell("topk(5, sum(rate(x[5m])) by (pod))"),
            Cause.OTHER_SHELL,
            '"topk(" at runbook/x.md:6 is PromQL, not bash',
        ),
        (_shell("sum by (pod) (rate(x[5m]))"), Cause.OTHER_SHELL, "is PromQL, not bash"),
        (_shell("/* all of them */"), Cause.OTHER_SHELL, "a comment of another language"),
        (_shell("select name from users;"), Cause.OTHER_SHELL, "is SQL, not bash"),
        (_shell("-- all users"), Cause.OTHER_SHELL, "is SQL, not bash"),
        (_shell("PUT /widgets"), Cause.OTHER_SHELL, "is an HTTP request, not bash"),
        (_shell("KEYS a*"), Cause.OTHER_SHELL, "is Redis, not bash"),
        (_shell("count () { true; }; count ("), Cause.SYNTAX_ERROR, "the shell can't read"),
        (_shell("SHOW TABLES;"), Cause.OTHER_SHELL, "is SQL, not bash"),
        (_shell("const a = 1;"), Cause.OTHER_SHELL, "is JavaScript, not bash"),
        (_shell("db.users.find({})"), Cause.OTHER_SHELL, "is MongoDB's shell, not bash"),
        (_shell('resource "x" "y" {', "}"), Cause.OTHER_SHELL, "is Terraform, not bash"),
        (
            "Open `redis-cli` on the slow node. Then:\n\n```console\n> slowlog get 10\nx\n```\n",
            Cause.OTHER_SHELL,
            "runbook/x.md:4 is shown at the prompt `>` of another program, `redis-cli`",
        ),
        (
            "In psql:\n\n```console\n> \\dt\nx\n```\n",
            Cause.OTHER_SHELL,
            "`psql`, which runbook/x.md:1 names",
        ),
        (
            _shell("cat settings.ini")
            .replace("```bash", "```console")
            .replace("cat", "$ cat")
            .replace("\n```\n", "\n...\n```\n"),
            Cause.NO_SUCH_FILE,
            "`settings.ini` is not there",
        ),
        (
            "```console\n$ cat settings.ini\n[...]\n<any>\n```\n",
            Cause.NO_SUCH_FILE,
            "`settings.ini` is not there",
        ),
        (
            _shell("git init -q box && cd box && git show HEAD^{tree}"),
            Cause.MISSING_STEP,
            "no earlier step made a commit",
        ),
        (
            _shell("git init -q box && cd box && git show @{upstream}"),
            Cause.UNKNOWN,
            "can't tell",
        ),
        (
            _shell(
                "frobnicate --help",
                above="Paths have [a page of their own](paths.md), and the name comes first.",
            ),
            Cause.COMMAND_NOT_FOUND,
            "`frobnicate` is not found: no earlier step installs it (",
        ),
        (
            _shell("frobnicate", above="For the complete list see [the options](options.md)."),
            Cause.COMMAND_NOT_FOUND,
            "`frobnicate` is not found: no earlier step installs it (",
        ),
        (
            _shell("frobnicate", above="Read [the setup](setup.md) first."),
            Cause.MISSING_STEP,
            "runbook/x.md:3 sends the reader to setup.md first",
        ),
        (
            '```js title="src/app.js"\nx\n```\n\n```bash\ncat src/app.js\n```\n',
            Cause.ONLY_SHOWN,
            "runbook/x.md:1 only shows it, in a `js` block",
        ),
        (
            "```yaml:conf/app.yml\nx: 1\n```\n\n```bash\ncat conf/app.yml\n```\n",
            Cause.ONLY_SHOWN,
            "runbook/x.md:1 only shows it",
        ),
        (
            "```python\nx = 1\n```\n\n```bash\ncat python\n```\n",
            Cause.NO_SUCH_FILE,
            "`python` is not there",
        ),
    ],
)
def test_cause(source: str, cause: Cause, said: str, tmp_path: Path) -> None:
    """A real bash fails as the document's reader would see it, and the hint leads to the fix."""
    diagnosis = diagnosed(source, cwd=tmp_path)
    assert (diagnosis.cause, diagnosis.hint) == (cause, diagnosis.hint)
    assert said in diagnosis.hint
    assert "exit=1" not in diagnosis.hint


@pytest.mark.parametrize(
    ("text", "printed", "cause", "said"),
    [
        (
            "until curl -sf http://localhost:8080; do sleep 1; done",
            "bash: curl: command not found\n" * 4,
            Cause.COMMAND_NOT_FOUND,
            "`curl` is not found",
        ),
        (
            "while ! nc -z db 5432; do echo waiting; sleep 1; done",
            "bash: nc: command not found\nwaiting\n" * 3,
            Cause.COMMAND_NOT_FOUND,
            "`nc` is not found",
        ),
        (
            "until pg_isready --wait; do sleep 1; done",
            "pg_isready: unrecognized option '--wait'\n" * 3,
            Cause.UNKNOWN_OPTION,
            "the program has no option `--wait`",
        ),
        (
            "until curl -sS http://localhost:8080; do sleep 1; done",
            "curl: (7) Failed to connect to localhost port 8080 after 0 ms\n" * 4,
            Cause.HANGING,
            "as it repeats one line",
        ),
        (
            "until psql -c 'select 1 from a'; do sleep 1; done",
            'ERROR:  relation "a" does not exist\n' * 4,
            Cause.HANGING,
            "as it repeats one line",
        ),
        (
            "frobnicate; tail -f log",
            "bash: frobnicate: command not found\n",
            Cause.NEVER_ENDS,
            "as `tail -f` never does",
        ),
    ],
)
def test_loop_that_can_not_end(text: str, printed: str, cause: Cause, said: str) -> None:
    """What each turn fails for in the same way is the cause; what time can change is not."""
    diagnosis = printed_by(_shell(text), printed, exit_code=None, ending=Ending.TIMED_OUT)
    assert (diagnosis.cause, diagnosis.hint) == (cause, diagnosis.hint)
    assert said in diagnosis.hint


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("tool: error: the key does not fit\ntool: add -v to see more\n", "tool: error: the key"),
        ("ERROR: no such widget\nUsage: tool [a]\n", "ERROR: no such widget"),
        ("fatal: the tree is bent\n\nSee the manual.\n", "fatal: the tree is bent"),
        ("[ERROR] Widgets differ\n[INFO] Total time: 1 s\n", "[ERROR] Widgets differ"),
        ("error[E0425]: no value `x`\nerror: could not compile `a`\n", "error[E0425]: no value"),
        (
            "a.c:1:2: error: no `;` here\nmake: *** [Makefile:2: all] Error 1\n",
            "a.c:1:2: error: no",
        ),
        ("panic: widget\n\ngoroutine 1 [running]:\nexit status 2\n", "panic: widget"),
        ("first\nlast\n", 'last: "last"'),
        ("no error: all is well, so\nlast\n", 'last: "last"'),
        ("first error: a\nlast error: b\n", 'last: "last error: b"'),
    ],
)
def test_telling_line(printed: str, said: str) -> None:
    """The line that a program marks as the error is quoted, not advice or a sum below it."""
    diagnosis = printed_by(_shell("tool"), printed)
    assert diagnosis.cause is Cause.UNKNOWN
    assert said in diagnosis.hint


def _listed(*, info: str = "", shown: str = "a.txt  b.txt", text: str = "ls") -> str:
    """Return the hint for a transcript of a listing."""
    document = parse(f"```console {info}\n$ {text}\n{shown}\n```\n", path="x.md")
    out = b"a.txt\nb.txt\n"
    failed = Outcome(
        document.commands[0],
        Status.FAILED,
        exit_code=0,
        stdout=Output(out, size=len(out)),
        diff="-a\n+b",
    )
    return diagnose(failed, document).hint


def test_columns_of_a_listing() -> None:
    """The columns of `ls` come from a terminal, which `tty` gives."""
    assert "prints columns at a terminal only: give the block `tty`" in _listed()
    assert "terminal only" in _listed(text="ls -F", shown="a.txt\tb.txt")
    for other in (
        _listed(info="tty"),
        _listed(shown="a.txt  c.txt"),
        _listed(text="cat list"),
        _listed(shown="b.txt\na.txt"),
    ):
        assert "terminal only" not in other
