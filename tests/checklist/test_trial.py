"""Trials: what a check types after the rehearsal."""

import pytest

from freshrun.checklist.trial import in_subshell, moved
from freshrun.document.reading import parse
from freshrun.machine.machine import Machine
from freshrun.model.outcome import Ending, Status
from freshrun.model.runbook import Command, Options
from freshrun.rehearsal.rehearsal import open_session, played

RUNBOOK = parse(
    """\
# Three states

```bash
cd /tmp
COLOUR=red
export SHAPE=round
```

```bash name=shown
echo "$COLOUR $SHAPE $PWD"
```
""",
    path="runbook.md",
)
(*_, SHOWN) = RUNBOOK.commands


@pytest.mark.engine
def test_a_trial_finds_what_the_rehearsal_left_and_leaves_nothing(machine: Machine) -> None:
    """Aside, a command sees variables and directory with the changes asked for; after, none."""
    with open_session(RUNBOOK, machine) as session:
        list(played(RUNBOOK, session))
        changed = in_subshell(SHOWN, folder="/usr", env={"COLOUR": "it's blue"}, without=("SHAPE",))
        texts = [o.stdout.text for o in session.run((changed, SHOWN, moved(SHOWN, folder="/etc")))]
        texts += [outcome.stdout.text for outcome in session.run((SHOWN,))]
    assert texts == ["it's blue  /usr\n", "red round /tmp\n", "", "red round /etc\n"]


@pytest.mark.engine
def test_a_trial_promises_its_own_exit_status(machine: Machine) -> None:
    """The status of a trial is held against what the trial expects, not against the document."""
    (command,) = parse("```bash\ntest -n $SHAPE$\n```\n", path="runbook.md").commands
    (unset,) = parse('```bash\ntest -n "$SHAPE"\n```\n', path="runbook.md").commands
    with open_session(RUNBOOK, machine) as session:
        passed = in_subshell(unset, folder="/", exit_code=1)
        failed = in_subshell(command, folder="/", exit_code=1)
        statuses = [outcome.status for outcome in session.run((passed, failed))]
    assert statuses == [Status.PASSED, Status.FAILED]


@pytest.mark.engine
def test_a_folder_that_is_gone_is_the_trial_s_failure(machine: Machine) -> None:
    """The command is not typed anywhere else."""
    with open_session(RUNBOOK, machine) as session:
        (outcome,) = session.run((in_subshell(SHOWN, folder="/nowhere"),))
    assert (outcome.exit_code, outcome.stdout.text) == (1, "")


@pytest.mark.engine
def test_a_trial_at_a_terminal_of_its_own_is_one(machine: Machine) -> None:
    """A command that asks there waits, and is named, though no command of the document has one."""
    options = Options(tty=True, terminal="a reader's own")
    asking = Command("read -p 'Your role? ' role", "runbook.md", 7, 7, "Three states", options)
    with open_session(RUNBOOK, machine) as session:
        list(played(RUNBOOK, session))
        (asked,) = session.run((asking,))
        (shown,) = session.run((SHOWN,))
    assert (asked.status, asked.ending) == (Status.FAILED, Ending.WAITING)
    assert "Your role?" in asked.reason
    assert shown.stdout.text == "red round /tmp\n"
