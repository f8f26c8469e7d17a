"""The workflow as it runs: our own, one thing of it or of the runbook changed."""
# ruff: noqa: E501 - what is changed in a workflow is read best on one line

from collections.abc import Iterator
from pathlib import Path

import pytest
from own_shell import live_shell

from freshrun.checklist.artifact_origin import own_artifacts
from freshrun.checklist.ci import workflow_runs
from freshrun.checklist.sources import repository_files
from freshrun.checklist.tokens import token_permissions
from freshrun.checklist.trial import Sandbox
from freshrun.document.reading import parse, read
from freshrun.host.git import repository
from freshrun.model.finding import Finding
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.record import Record

ROOT = Path(__file__).resolve().parents[2]
BOOK = read(ROOT / "runbook" / "integration-triage-runbook.md")
FILES = repository_files(repository(BOOK.path, worktree=True))
WORKFLOW = ".github/workflows/drv-integration.yml"
TEXT = FILES[WORKFLOW].decode()
RUN = '        run: drv-suite "$SUITE"\n'
PULL = (
    "  pull_request:\n    paths:\n      - .github/workflows/drv-integration.yml\n"
    "      - examples/drv/**\n"
)
GATE = (
    "jobs:\n  gate:\n    if: github.actor == 'x'\n    runs-on: ubuntu-24.04\n"
    "    steps:\n      - run: 'true'\n  between:\n    needs: gate\n    runs-on: ubuntu-24.04\n"
    "    steps:\n      - run: 'true'\n"
)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Open a shell where the checkout would be."""
    with live_shell(tmp_path_factory.mktemp("shell")) as sandbox:
        Path(sandbox.machine.home, "freshrun", "examples", "drv").mkdir(parents=True)
        yield sandbox


def judged(sandbox: Sandbox, text: str = TEXT, book: str = BOOK.text) -> tuple[Finding, ...]:
    """Return what is wrong with the workflow and the runbook."""
    files = {**FILES, WORKFLOW: text.encode()}
    return workflow_runs(parse(book, path=BOOK.path), files=files, sandbox=sandbox)


def changed(text: str, old: str, new: str) -> str:
    """Return a text with one part, which is there, replaced."""
    assert old in text, old
    return text.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    """Return the line that a part of a text begins in."""
    return text[: text.index(part)].count("\n") + 1


def test_our_own_workflow_does_what_the_runbook_says(sandbox: Sandbox) -> None:
    """Also written in other words that mean the same."""
    assert judged(sandbox) == ()
    for old, new in (
        ("if: always()", "if: ${{ !cancelled() }}"),
        ("if: always()", "if: success() || failure()"),
        (RUN, '        run: timeout 900 drv-suite "${SUITE}"\n'),
        (
            RUN,
            '        run: |\n          set -x\n          drv-suite "$SUITE" --out out\n          drv-suite "$SUITE"\n',
        ),
        (RUN, "        run: drv-suite ${{ matrix.suite }}\n"),
        (RUN, f"        timeout-minutes: 10\n{RUN}"),
        ("  pull_request:\n", "  pull_request:\n    types: [opened, synchronize, reopened]\n"),
        ("  pull_request:\n", "  pull_request:\n    branches-ignore: [release]\n"),
        (PULL, "  pull_request:\n    paths-ignore: [README.md]\n"),
        (
            "          persist-credentials: false\n",
            "          persist-credentials: false\n          ref: ${{ github.sha }}\n",
        ),
        (RUN, '        shell: bash\n        run: drv-suite "$SUITE" | tee log\n'),
        ("    permissions:\n      contents: read # checkout\n", "    permissions: read-all\n"),
        ("permissions: {}\n", ""),
        ("python -m pip install --editable .", "pip install --editable ."),
        (
            "python -m pip install --editable .",
            "python -m pip install --editable . && pip install junitparser",
        ),
        ("sudo apt-get update\n", "sudo apt-get update && sudo apt-get install -y jq\n"),
        (
            RUN,
            '        run: |\n          git log -1 && echo "$HOME/.local/bin" >> "$GITHUB_PATH"\n          drv-suite "$SUITE"\n',
        ),
        (
            "  pull_request:\n    paths:\n      - .github/workflows/drv-integration.yml\n      - examples/drv/**\n",
            "  pull_request:\n",
        ),
    ):
        assert judged(sandbox, changed(TEXT, old, new)) == (), new


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("if: always()", "if: success()", "if: success()", "only if success(), so that a red run"),
        ("if: always()", "if: false", "if: false", "only if false, so that a red run keeps none"),
        ("if: always()", "if: failure()", "if: failure()", "only if failure()"),
        ("        if: always()\n", "", "name: Keep", "only if the steps before it passed"),
        ("  suite:\n", "  suite:\n    if: false\n", "  suite:", "runs only if false"),
        ("  suite:\n", "  suite:\n    continue-on-error: true\n", "  suite:", "green whatever its"),
        ("fail-fast: false", "fail-fast: true", "  suite:", "one red suite cancels the others"),
        (RUN, f"        continue-on-error: true\n{RUN}", "run: drv-suite", "drop continue-on-error"),
        ("        if: always()", "        continue-on-error: true\n        if: always()", "continue-on-error", "an upload that fails counts nothing"),
        ("if-no-files-found: error", "if-no-files-found: ignore", "if-no-files-found", "nothing without"),
        (RUN, '        run: echo drv-suite "$SUITE"\n', "run: echo", "runs no drv-suite at all"),
        (RUN, '        run: drv-suite "$SUITE" || true\n', "run: drv-suite", "a red suite is green"),
        (RUN, '        run: drv-suite "$SUITE" | tee log\n', "run: drv-suite", "a red suite is green"),
        # Whether it has begun when the step ends is a race; either way its verdict is lost.
        (RUN, '        run: drv-suite "$SUITE" &\n', "run: drv-suite", "`drv-suite smoke`"),
        (RUN, '        run: "false && drv-suite $SUITE"\n', 'run: "false', "runs no drv-suite at all"),
        (RUN, '        run: "f() { drv-suite $SUITE; }"\n', 'run: "f()', "runs no drv-suite at all"),
        (RUN, "        run: drv-suite smoke\n", "run: drv-suite", "it runs `drv-suite smoke`"),
        (RUN, "        run: drv-suite list\n", "run: drv-suite", "it runs `drv-suite list`"),
        (RUN, '        run: drv-suite "$SUITE" --only x\n', "run: drv-suite", "it runs `drv-suite smoke --only x`"),
        (RUN, "        run: 'true # drv-suite'\n", "run: 'true", "no drv-suite at all"),
        (RUN, "        run: make\n", "  suite:", "no step of the job drv-suite smoke runs `drv-suite smo"),
        (RUN, f"        if: github.actor == 'x'\n{RUN}", "run: drv-suite", "runs only if github.actor"),
        (RUN, f"        shell: pwsh\n{RUN}", "run: drv-suite", 'is run by "pwsh"; bash is right'),
        ("          SUITE: ${{ matrix.suite }}\n", "          SUITE: smoke\n", "run: drv-suite", "never runs `drv-suite full`"),
        ("          DRV_RUN_ID: ${{ github.run_id }}\n", "", "name: Run the", "does not set DRV_RUN_ID"),
        ("          DRV_DATABASE_URL: postgresql:///drv?host=/var/run/postgresql\n", "", "name: Run the", "does not set DRV_DATABASE_URL"),
        ("          DRV_RUN_ID:", "          DRV_SEED: 1\n          DRV_RUN_ID:", "name: Run the", "DRV_SEED has no row in"),
        ("    permissions:\n      contents: read # checkout\n", "", "name: Check out", "may not: contents is none"),
        ("      contents: read # checkout\n", "      contents: none\n", "name: Check out", "may not: contents is none"),
        ("      contents: read # checkout\n", "      actions: read\n", "name: Check out", "may not: contents is none"),
        ("    permissions:\n      contents: read # checkout\n", "    permissions: {}\n", "name: Check out", "may not"),
        ("          DRV_FAULT: ${{ inputs.fault != 'none' && inputs.fault || '' }}\n", "          DRV_FAULT: rounding\n", "name: Run the", "sets DRV_FAULT to rounding, so that each run is a drill"),
        ("retention-days: 90", "retention-days: 400", "retention-days", "retention-days is 400; GitHub"),
        ("retention-days: 90", "retention-days: 0", "retention-days", "retention-days is 0; GitHub"),
        ("          retention-days: 90\n", "", "name: Keep", "there is no retention-days"),
        ("timeout-minutes: 15", "timeout-minutes: 2", "  suite:", "is ended after 2 min, and its suite alone may take 15 s"),
        ("branches: [main]", "branches: [release]", "  push:", "a push to main does not start it, as the plan says; its branches are release"),
        ("matrix:\n        suite: [smoke, full]", "matrix:\n        suite: [smoke]", "", ""),
        ("  push:\n    branches: [main]\n    paths:\n      - .github/workflows/drv-integration.yml\n      - examples/drv/**\n", "  push:\n    paths: [docs/**]\n", "  push:", "a change of examples/drv/"),
        (PULL, "  pull_request:\n    paths-ignore: [examples/drv/**]\n", "  pull_request:", "a change of examples/drv/"),
        ("  pull_request:\n", "  pull_request:\n    types: [closed]\n", "  pull_request:", "its types leave out opened and synchronize"),
        ("  pull_request:\n", "  pull_request:\n    branches: [release]\n", "  pull_request:", "a pull request for main does not start it"),
        ("branches: [main]", "branches-ignore: [main]", "  push:", "a push to main does not start it"),
        ("jobs:\n  suite:\n", f"{GATE}  suite:\n    needs: between\n", "  gate:", "drv-suite smoke waits for gate, which runs only if github.actor == 'x'"),
        ("    name: drv-suite", "    needs: [gone]\n    name: drv-suite", "  suite:", 'needs "gone", which is no job'),
        (RUN, f"        timeout-minutes: 0.1\n{RUN}", "timeout-minutes: 0.1", "is ended after 0.1 min, and it may take"),
        ("          persist-credentials: false\n", "          persist-credentials: false\n          ref: v1.0\n", "ref: v1.0", "checks out v1.0, and not the commit"),
        ("          persist-credentials: false\n", "          persist-credentials: false\n          repository: x/y\n", "repository: x/y", "checks out x/y"),
        ("${{ github.sha }}", "${{ github.event.before }}", "name: Run the", "which is not the commit of the run"),
        ("          - race\n", "", "  workflow_dispatch:", 'the input "fault" does not offer race, a fault of the plan'),
        ("          - race\n", "          - races\n", "  workflow_dispatch:", 'does not offer race, a fault of the plan; did you mean "races"?'),
        (RUN, '        run: env -u DRV_DATABASE_URL drv-suite "$SUITE"\n', "run: env -u", "without DRV_DATABASE_URL, which it sets"),
        ("postgresql:///drv?host=", "postgresql:///other?host=", "env:\n          SUITE", "sets DRV_DATABASE_URL to postgresql:///other?host=/var/run/postgresql; "),
        (" --createrole", "", "run: |\n          sudo -u postgres", "runs `createuser --role=pg_execute_server_program ...`; "),
        ("--encoding=UTF8", "--encoding=LATIN1", "run: |\n          sudo -u postgres", "runs `createdb ... --encoding=LATIN1 --template=template0 drv`; "),
        ('          sudo -u postgres createdb --owner="$(id -un)" --encoding=UTF8 --template=template0 drv\n', "", "  suite:", "never runs `createdb ... --encoding=UTF8 --template=template0 drv`, as "),
        ("python -m pip install --editable .", "python -m pip install drv", "run: python -m pip", "runs `pip install drv`; "),
        ("        run: python", "        run: git checkout v1.0 && python", "run: git checkout", "runs `git checkout v1.0`, so that the suite is of another commit"),
        (RUN, '        run: git reset --hard HEAD~1; drv-suite "$SUITE"\n', "run: git reset", "runs `git reset --hard HEAD~1`"),
        ("        run: python", "        run: cp old /usr/local/bin/drv-suite; python", "run: cp old", "makes a drv-suite of its own"),
        ("        run: python", "        run: printf 'exit 0' > ~/bin/drv-suite; python", "run: printf", "makes a drv-suite of its own"),
        (RUN, '        run: PATH=/opt/old:$PATH drv-suite "$SUITE"\n', "run: PATH", "sets PATH, so that drv-suite may be any program"),
        (RUN, '        run: export PATH=/opt:$PATH; drv-suite "$SUITE"\n', "run: export", "sets PATH, so that"),
        ("          SUITE: ${{ matrix.suite }}\n", "          SUITE: ${{ matrix.suite }}\n          PATH: /opt\n", "run: drv-suite", "sets PATH, so that"),
        ("      - examples/drv/**\n", "      - examples/drv/**\n      - '!examples/drv/tests/**'\n", "  push:", "a change of examples/drv/tests/"),
    ],
)  # fmt: skip
def test_a_workflow_that_runs_something_else_is_found(
    sandbox: Sandbox, old: str, new: str, at: str, said: str
) -> None:
    """At its line, with what a run would do."""
    text = changed(TEXT, old, new)
    found = judged(sandbox, text)
    lines = [one.line for one in found if said in one.message and one.file == WORKFLOW]
    assert lines[:1] == ([line_of(text, at)] if said else []), found


def test_a_database_of_the_jobs_own_has_an_address_of_its_own(sandbox: Sandbox) -> None:
    """Where the job has services, the runbook's address is that of another machine."""
    other = changed(TEXT, "postgresql:///drv?host=/var/run/postgresql", "postgresql://db/drv")
    assert judged(sandbox, other)
    served = "    services:\n      db:\n        image: postgres:15\n    defaults:\n"
    assert judged(sandbox, changed(other, "    defaults:\n", served)) == ()


def test_a_suite_that_runs_in_another_folder_is_found(sandbox: Sandbox) -> None:
    """What it leaves is not where the upload looks for it."""
    home = Path(sandbox.machine.home, "freshrun")
    (home / "examples" / "drv" / "src").mkdir(exist_ok=True)
    outcomes = tuple(
        Outcome(one, Status.PASSED, cwd=str(home / "examples" / "drv")) for one in BOOK.commands
    )
    record = Record(BOOK.path, sha256="", started="", ended="", outcomes=outcomes)

    def told(text: str) -> list[tuple[int, str]]:
        files = {**FILES, WORKFLOW: text.encode()}
        found = workflow_runs(BOOK, files=files, sandbox=sandbox, record=record)
        return [(one.line, one.message) for one in found]

    assert told(TEXT) == []
    for new in (
        changed(TEXT, "working-directory: examples/drv", "working-directory: examples/drv/src"),
        changed(TEXT, RUN, '        run: cd src && drv-suite "$SUITE"\n'),
    ):
        lines, messages = zip(*told(new), strict=True)
        assert set(lines) == {
            line_of(new, "run: cd src" if "cd src" in new else 'run: drv-suite "')
        }
        assert all("in examples/drv/src; the runbook does in examples/drv" in m for m in messages)
    moved = changed(
        TEXT, "        working-directory: examples/drv\n", "        working-directory: .\n"
    )
    assert told(changed(moved, RUN, '        run: cd examples/drv; drv-suite "$SUITE"\n')) == []


def test_a_workflow_that_only_a_person_starts_is_found(sandbox: Sandbox) -> None:
    """A suite that nobody starts is never red."""
    start, end = TEXT.index("  push:"), TEXT.index("  workflow_dispatch:")
    (found,) = judged(sandbox, TEXT[:start] + TEXT[end:])
    assert "nothing starts it but a person" in found.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("keeps artifacts for 90 days", "keeps artifacts for 400 days"),
        ("kept for 90 days", "kept for 30 days"),
    ],
)
def test_the_days_of_the_text_are_those_of_the_workflow(
    sandbox: Sandbox, old: str, new: str
) -> None:
    """In prose and in what the template files, whichever of the two was changed."""
    book = changed(BOOK.text, old, new)
    (found,) = judged(sandbox, book=book)
    assert (found.file, found.line) == (BOOK.path, line_of(book, new))
    days = new.split()[-2]
    assert (
        f"artifacts are kept for {days} days here; retention-days is 90 at {WORKFLOW}:"
        in found.message
    )
    short = judged(sandbox, changed(TEXT, "retention-days: 90", "retention-days: 5"))
    assert {one.line for one in short} == {
        n for n, line in enumerate(BOOK.text.splitlines(), 1) if "90 days" in line
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("the scope `repo`", "the scope `read:org`", "a classic token that downloads artifacts needs `rep"),
        ('needs "Actions: read" on', 'needs "Contents: read" on', 'fine-grained token that downloads artifacts needs "A'),
        ("`permissions: actions: read`", "`permissions: contents: read`", "a GITHUB_TOKEN that downloads artif"),
        ('give it "Actions: read"', 'give it "Metadata: read"', "this permission is not enough"),
    ],
)  # fmt: skip
def test_permissions_that_are_not_enough_are_found(old: str, new: str, said: str) -> None:
    """Each kind of token has its own words for the same."""
    assert token_permissions(BOOK) == ()
    book = changed(BOOK.text, old, new)
    (found,) = token_permissions(parse(book, path=BOOK.path))
    assert said in found.message
    assert abs(found.line - line_of(book, new)) <= 1


def test_an_artifact_of_another_run_is_found() -> None:
    """By the run's number in its own files; and so is a workflow that hands none over."""
    address = b"https://github.com/freshrun/freshrun/actions/runs/17"
    outcome = Outcome(BOOK.commands[0], Status.PASSED, stdout=Output(address, size=len(address)))
    record = Record(BOOK.path, sha256="", started="", ended="", outcomes=(outcome,))

    def told(number: str, files: dict[str, bytes] | None = None) -> list[str]:
        held = {"out/environment.json": b'{"runId": "%s"}' % number.encode(), "out/x.xml": b"<x/>"}
        artifacts = {"drv-smoke-results": held}
        found = own_artifacts(BOOK, record, files={**FILES, **(files or {})}, artifacts=artifacts)
        return [one.message for one in found]

    assert told("17") == []
    assert told("18") == [
        "out/environment.json of drv-smoke-results is of another run: runId is 18; 17 is right"
    ]
    lost = changed(TEXT, "${{ github.run_id }}", "0").encode()
    assert "no required field is the workflow's github.run_id" in told("17", {WORKFLOW: lost})[0]
