"""Shells and other programs within the shell: what stands below them is typed there."""

from collections.abc import Callable

import pytest

from freshrun.document.reading import parse
from freshrun.machine.engine import Engine
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine
from freshrun.mask import Mask
from freshrun.model.outcome import Ending, Outcome, Status
from freshrun.rehearsal.rehearsal import played_in

pytestmark = pytest.mark.engine

Rehearse = Callable[[str], tuple[Outcome, ...]]


def told(outcomes: tuple[Outcome, ...]) -> str:
    """Return the outcomes that did not pass, for a failing assertion."""
    bad = (o for o in outcomes if o.status is not Status.PASSED)
    return "\n".join(f"{o.command.line}: {o.command.text!r} {o.status} {o.reason}" for o in bad)


def printed(outcomes: tuple[Outcome, ...], command: str) -> str:
    """Return what a command printed."""
    return next(o.stdout.text for o in outcomes if o.command.text.startswith(command))


def test_state_is_that_of_the_shell_it_is_typed_into(rehearsed: Rehearse) -> None:
    """Directory, variables and user are the inner shell's; after `exit` they are the outer's."""
    outcomes = rehearsed("""\
```bash
cd /tmp
X=outer
export SEEN=yes
bash
test "$SEEN" = yes
X=inner
cd /var
sh
cd /usr
test -z "$X"
exit
test "$PWD$X" = /varinner
exit
test "$PWD$X" = /tmpouter
```
""")
    assert not told(outcomes)
    assert [o.ending for o in outcomes].count(Ending.OPENED) == 2


@pytest.mark.parametrize(
    ("opener", "user"),
    [
        *(("sudo -i", "root"), ("sudo su", "root"), ("sudo su -", "root"), ("sudo -s", "root")),
        *(("sudo su - daemon -s /bin/bash", "daemon"), ("sudo -u daemon sh", "daemon")),
        *(("exec sudo -i", "root"), ("sudo chroot /", "root"), ("sudo newgrp daemon", "root")),
    ],
)
def test_another_user_is_who_types_below(rehearsed: Rehearse, opener: str, user: str) -> None:
    """A failure there is red, with its own status: nothing runs in the shell around it."""
    outcomes = rehearsed(
        f'```bash\n{opener}\ntest "$(id -un)" = {user}\n(exit 7)\necho never\n```\n'
    )
    assert outcomes[0].ending is Ending.OPENED, outcomes[0]
    assert [o.status.value for o in outcomes] == ["passed", "passed", "failed", "not reached"]
    assert outcomes[2].exit_code == 7


@pytest.mark.parametrize("shell", ["bash", "sh", '"$SHELL"', "${SHELL} -l", "-l bash"])
def test_exec_keeps_directory_and_exports_and_goes_on(rehearsed: Rehearse, shell: str) -> None:
    """The shell is another one, and the document goes on in it; nobody says that it has ended."""
    outcomes = rehearsed(f"""\
```bash
cd /tmp
export STAGE=blue
HERE=gone
exec {shell}
test "$STAGE$HERE$PWD" = blue/tmp
```
""")
    assert not told(outcomes)
    assert not any(outcome.warnings for outcome in outcomes)


def test_each_statement_has_its_own_output_and_lines_of_many_are_one(rehearsed: Rehearse) -> None:
    """Here-documents with tabs, loops, and an output without a newline at its end."""
    outcomes = rehearsed("""\
```bash
bash
cat <<-'EOF'
\tone
\ttwo
\tEOF
for i in 1 2
do
  printf %s "$i"
done
echo "$?"
```

```console
$ false
$ echo $?
1
$ exit
```
""")
    assert not told(outcomes)
    assert printed(outcomes, "cat") == "one\r\ntwo\r\n"
    assert printed(outcomes, "for") == "12"


def test_what_is_never_closed_waits_for_the_reader(rehearsed: Rehearse) -> None:
    """A reader is left at the second prompt; the machine is not."""
    outcomes = rehearsed("```bash\nbash\ncat <<EOF\ntext\nEOF.\n```\n")
    assert outcomes[-1].status is Status.FAILED
    assert "waits for the rest of the statement" in outcomes[-1].reason


def test_what_asks_in_there_waits_for_input(rehearsed: Rehearse) -> None:
    """Nothing that freshrun types for itself answers it."""
    outcomes = rehearsed('```bash\nbash\nread -r name\ntest -z "$name"\n```\n')
    assert outcomes[1].ending is Ending.WAITING
    assert outcomes[1].status is Status.FAILED


def test_a_timeout_ends_it_and_the_next_section_has_the_outer_shell(rehearsed: Rehearse) -> None:
    """The machine is clean, and nothing that was open is open still."""
    outcomes = rehearsed("""\
---
freshrun: {sections: independent}
---
## Setup

```bash
X=outer
```

## One

```bash timeout=2s
bash
sleep 4321
```

## Two

```bash
test "$X" = outer
! pgrep sleep
```
""")
    assert [o.status.value for o in outcomes] == ["passed", "passed", "failed", "passed", "passed"]
    assert outcomes[2].ending is Ending.TIMED_OUT
    assert outcomes[2].stdout.text == ""


def test_a_shell_that_lost_its_prompt_is_asked(rehearsed: Rehearse) -> None:
    """`PS1` and a start-up file of the document's own change nothing of the verdicts."""
    outcomes = rehearsed("```bash\nbash\nPS1='mine> '\necho here\nPS1=\nfalse\n```\n")
    assert [o.status.value for o in outcomes] == [*["passed"] * 4, "failed"]
    assert printed(outcomes, "echo") == "here\r\n"


def test_what_ends_the_inner_shell_by_surprise_is_told(rehearsed: Rehearse) -> None:
    """With a status that is not 0 it fails; with 0 a warning says what ended."""
    failed = rehearsed("```bash\nbash\nset -e\nfalse\necho never\n```\n")
    assert [o.status.value for o in failed] == ["passed", "passed", "failed", "not reached"]
    assert "ended with it: exit status 1" in failed[2].reason
    passed = rehearsed("```bash\nX=outer\nbash\nexec true\ntest $X = outer\n```\n")
    assert not told(passed)
    assert "ended with this command" in passed[2].warnings[0]


def test_a_secret_is_masked_in_there(machine: Machine) -> None:
    """What is printed at another prompt is hidden as anything else is."""
    document = parse("```bash\nbash\necho hunter2hunter2\n```\n", path="runbook.md")
    outcomes = tuple(played_in(document, machine, mask=Mask(("hunter2hunter2",))))
    assert "hunter2" not in outcomes[1].stdout.text
    assert outcomes[1].stdout.text != "\r\n"


def test_what_opens_nothing_fails_by_itself(rehearsed: Rehearse) -> None:
    """A user that can't log in, a directory that is no root: never a green in the outer shell."""
    outcomes = rehearsed("```bash\nsudo su - nobody\necho outer\n```\n")
    assert [o.status.value for o in outcomes] == ["failed", "not reached"]
    outcomes = rehearsed("```bash\nsudo chroot /nonexistent\necho outer\n```\n")
    assert [o.status.value for o in outcomes] == ["failed", "not reached"]


def test_python_takes_its_lines_and_tells_its_errors(rehearsed: Rehearse) -> None:
    """As script lines, behind `>>> `, and in a block of its own; until it is left."""
    outcomes = rehearsed("""\
```bash
python3
x = 5
for i in range(2):
    print(i + x)

exit()
echo back
```

```console
$ python3
>>> 1 + 1
2
>>> def f():
...     return 3
...
>>> f()
3
>>> quit()
$ echo there
there
```

```bash
python3
```

```python
import os
print(os.getcwd())
```

```pycon
>>> {}["key"]
Traceback (most recent call last):
...
KeyError: 'key'
```
""")
    assert told(outcomes).startswith("40: ") or "KeyError: 'key'" in told(outcomes)
    assert printed(outcomes, "for") == "5\r\n6\r\n"
    assert printed(outcomes, "print(os") == "/home/newcomer\r\n"
    assert outcomes[-1].status is Status.FAILED
    assert outcomes[-1].reason.endswith("printed an error: KeyError: 'key'")


def test_what_is_typed_into_a_program_that_nobody_left_fails(rehearsed: Rehearse) -> None:
    """A reader types it there, too."""
    outcomes = rehearsed("```bash\npython3\n```\n\nThen:\n\n```bash\nls -l\n```\n")
    assert outcomes[1].status is Status.FAILED
    assert "NameError" in outcomes[1].reason


def test_databases_tell_their_errors(engine: Engine, fresh_image: Image) -> None:
    """psql, sqlite3 and redis-cli, really installed, each with a statement that fails."""
    with Machine(fresh_image, engine=engine) as machine:
        outcomes = tuple(played_in(parse(_DATABASES, path="runbook.md"), machine))
    assert [o.command.text for o in outcomes if o.status is not Status.PASSED] == [
        "SELECT * FROM nowhere;",
        "SELEC 1;",
        "GET",
        "SELECT 1",
    ]
    reasons = {o.command.text: o.reason for o in outcomes if o.status is Status.FAILED}
    assert 'ERROR:  relation "nowhere" does not exist' in reasons["SELECT * FROM nowhere;"]
    assert 'Parse error: near "SELEC"' in reasons["SELEC 1;"]
    assert "(error) ERR wrong number of arguments" in reasons["GET"]
    assert "waits for the rest of the statement" in reasons["SELECT 1"]


_DATABASES = """\
---
freshrun: {sections: independent}
---
## Setup

```bash
sudo apt-get update -qq
sudo apt-get install -qq -y --no-install-recommends postgresql sqlite3 redis-server > /dev/null
sudo service postgresql start
sudo redis-server --daemonize yes
```

## Postgres

```bash
sudo -u postgres psql
```

```sql
CREATE TABLE t (
  id int
);
INSERT INTO t VALUES (1), (2);
```

```text
postgres=# SELECT count(*)
postgres-# FROM t;
 count
-------
     2
(1 row)

postgres=# \\q
```

```bash
sudo su - postgres
psql
DROP TABLE t;
\\q
test "$(id -un)" = postgres
exit
test "$(id -un)" = newcomer
sudo -u postgres psql
SELECT * FROM nowhere;
```

## SQLite

```bash
sqlite3 /tmp/x.db
create table a(b);
select count(*)
from a;
.quit
sqlite3 /tmp/x.db
SELEC 1;
```

## Redis

```console
$ redis-cli
127.0.0.1:6379> SET a 1
OK
127.0.0.1:6379> GET a
"1"
127.0.0.1:6379> GET
```

## Unfinished

```bash
sudo -u postgres psql
SELECT 1
```
"""
