"""Lint finds what is wrong with a document as it stands, and says nothing on thin evidence."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from freshrun.document.reading import parse, read
from freshrun.lint.environment_contract import environment, looks_secret
from freshrun.lint.linting import lint
from freshrun.lint.pages import Documents, Pages, dead_links, discoverable, documents
from freshrun.model.finding import Finding
from freshrun.model.runbook import Runbook
from freshrun.shell.variables import is_ambient

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "runbook" / "integration-triage-runbook.md"

CONTRACT = """\
---
freshrun:
  env: {LANG: C.UTF-8, MODE: fast}
  secrets: [API_TOKEN]
---

# Deploy

## Set up

```bash
export HOST=db
REGION=eu
echo "$MODE"
```

## Run

```bash
DRILL=1 deploy --region "$REGION" --token "$API_TOKEN"
```

## Entrypoints

| Entrypoint | Required variables | Optional variables |
| --- | --- | --- |
| deploy | `HOST` | `DRILL`, `TRACE` |

## Environment contract

| Variable | Required | Secret | Set by | Meaning |
| --- | --- | --- | --- | --- |
| `HOST` | yes | no | [Set up](#set-up) | the database |
| `DRILL` | no | no | [Run](#run) | a drill |
| `TRACE` | no | no | you | more lines |
| `API_TOKEN` | yes | yes | you | for deploy |
"""


def runbook(text: str) -> Runbook:
    """Return the runbook that a text says."""
    return parse(text, path="runbook.md")


def script(text: str, options: str = "") -> str:
    """Return a document with one block, whose first command stands in line 2."""
    return f"```bash {options}\n{text}\n```\n"


def said(findings: tuple[Finding, ...]) -> list[tuple[int, str]]:
    """Return line and first words of each finding, up to the first comma or semicolon."""
    return [(each.line, each.message.replace(";", ",").partition(",")[0]) for each in findings]


def linted(text: str, folder: Path) -> list[tuple[int, str]]:
    """Return what lint says of a text that is the only file of a folder without git."""
    path = folder / "runbook.md"
    path.write_text(text, encoding="utf-8")
    return said(lint(read(path), folder))


# --- the repository's own documents ---


def test_our_own_runbook_has_no_finding() -> None:
    """Neither its links nor its variables nor its commands."""
    assert lint(read(OWN), ROOT) == ()
    assert environment(read(OWN)) == ()


# --- links ---


def repository(folder: Path, files: dict[str, str]) -> Documents:
    """Return the documents of a repository with these files, and one that git does not have."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for arguments in (("init", "--quiet"), ("add", ".")):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    (folder / "untracked.md").write_text("# Here\n", encoding="utf-8")
    return documents(folder)


FILES = {
    "README.md": "# Top\n\n## What now?\n",
    "docs/a b.md": "# One\n\n# One\n",
    "docs/README.md": "# Docs\n",
    "src/main.py": "one\ntwo\nthree\n",
    "Ünï.md": "",
}


@pytest.mark.parametrize(
    "target",
    [
        *("README.md", "./README.md", "docs", "docs/", "docs/#docs", "src/main.py", "#links"),
        *("docs/a%20b.md#one-1", "README.md#what-now", "#", "#top", "docs/../README.md"),
        *("src/main.py#L3", "src/main.py#L1-L3", "README.md?plain=1#L3", "%C3%9Cn%C3%AF.md"),
        *("/README.md#what-now", "/docs/", "/guide/start", "/", "#tab/linux"),
        *("https://example.org/x#y", "mailto:a@example.org", "//example.org", "src/main.py#main"),
    ],
)
def test_a_link_that_leads_somewhere_is_no_finding(target: str, tmp_path: Path) -> None:
    """Files, folders, anchors, lines, percent-encoded names; other places are not followed."""
    found = repository(tmp_path, {**FILES, "links.md": f"# Links\n\n[a](<{target}>)\n"})
    assert dead_links(found) == ()


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("readme.md", 'leads to no file that git has; did you mean "README.md"?'),
        ("untracked.md", "leads to no file that git has, though it is in this folder; `git add`"),
        ("doc", "leads to no file that git has"),
        ("a b.md", 'leads to no file that git has; did you mean "docs/a b.md"?'),
        (
            "README.md#what-now-1",
            'has no heading or anchor "#what-now-1"; did you mean "what-now"?',
        ),
        ("#Links", 'has no heading or anchor "#Links"; did you mean "links"?'),
        ("docs/#nothing", 'docs/README.md has no heading or anchor "#nothing"'),
        ("src/main.py#L4", "src/main.py has only 3 lines"),
        ("../other/README.md", "leaves the repository"),
        ("/docs/none.md", "leads to no file that git has"),
        ("/docs/README.md#nothing", 'has no heading or anchor "#nothing"'),
        ("file:///etc/passwd", "is an absolute path"),
        ("C:/notes.md", "is an absolute path"),
    ],
)
def test_a_dead_link_is_named_with_its_line(target: str, why: str, tmp_path: Path) -> None:
    """What is not there for other people is dead, whatever lies in this folder."""
    found = repository(tmp_path, {**FILES, "links.md": f"# Links\n\n[a](<{target}>)\n"})
    (finding,) = dead_links(found)
    assert (finding.file, finding.line) == ("links.md", 3)
    assert why in finding.message


OWN_ADDRESS = "https://github.com/acme/widgets"


@pytest.mark.parametrize(
    "target",
    [
        f"{OWN_ADDRESS}",
        f"{OWN_ADDRESS}/#what-now",
        f"{OWN_ADDRESS}/blob/main/README.md#what-now",
        f"{OWN_ADDRESS}/tree/main/docs#docs",
        f"{OWN_ADDRESS.upper()}/blob/HEAD/src/main.py#L1-L3",
        "https://raw.githubusercontent.com/acme/widgets/main/src/main.py",
        f"{OWN_ADDRESS}/blob/0123abc/gone.md",
        f"{OWN_ADDRESS}/blob/v1.2/gone.md",
        f"{OWN_ADDRESS}/issues/7",
        f"{OWN_ADDRESS}/actions/runs/7",
        f"{OWN_ADDRESS}-of-others/blob/main/gone.md",
        "https://github.com/others/widgets/blob/main/gone.md",
    ],
)
def test_an_address_into_our_own_repository_may_lead_to_what_is_there(
    target: str, tmp_path: Path
) -> None:
    """Pages about something else, fixed versions and other repositories are not followed."""
    found = repository(tmp_path, {**FILES, "links.md": f"# Links\n\n[a](<{target}>)\n"})
    assert dead_links(replace(found, address=OWN_ADDRESS)) == ()


@pytest.mark.parametrize(
    ("link", "why"),
    [
        (f"[a]({OWN_ADDRESS}/blob/main/gone.md)", "leads to no file that git has"),
        (f"[a]({OWN_ADDRESS}/blob/main/Readme.md)", 'did you mean "README.md"?'),
        (f"[a]({OWN_ADDRESS}/blob/main/README.md#What-now)", 'did you mean "what-now"?'),
        (f"[a]({OWN_ADDRESS}/tree/HEAD/doc)", "leads to no file that git has"),
        (f"[a]({OWN_ADDRESS}#What-Now)", 'did you mean "what-now"?'),
        (f"[a]({OWN_ADDRESS}.git/blob/main/gone.md)", "leads to no file that git has"),
        (f"[a]({OWN_ADDRESS}/actions/workflows/ci.yml)", "leads to no file that git has"),
        (f"[a]({OWN_ADDRESS}/blob/main/src/main.py#L4)", "src/main.py has only 3 lines"),
        ("<https://raw.githubusercontent.com/acme/widgets/main/x.py>", "leads to no file"),
        (f"see {OWN_ADDRESS}/blob/main/gone.md.", 'gone.md" leads to no file that git has'),
        (f"({OWN_ADDRESS}/blob/main/gone.md)", 'gone.md" leads to no file that git has'),
        ("[a](src/main.py#l3)", 'lines are told in capitals, "#L3"'),
        ('<a href="#LINKS">a</a>', 'no heading or anchor "#LINKS"; did you mean "links"?'),
    ],
)
def test_a_dead_address_into_our_own_repository_is_named(
    link: str, why: str, tmp_path: Path
) -> None:
    """It is a link of the repository, however it is written; an anchor has its own case."""
    found = repository(tmp_path, {**FILES, "links.md": f"# Links\n\n{link}\n"})
    (finding,) = dead_links(replace(found, address=OWN_ADDRESS))
    assert (finding.file, finding.line) == ("links.md", 3)
    assert why in finding.message


def test_links_to_other_places_are_counted(tmp_path: Path) -> None:
    """Each address once; nobody asks there."""
    text = "<https://a.example> [b](https://b.example/c) [b](https://b.example/c) [d](README.md)"
    found = repository(tmp_path, {"README.md": text})
    assert found.external == ("https://a.example", "https://b.example/c")


def test_a_folder_without_git_has_its_own_files(tmp_path: Path) -> None:
    """Not those of hidden folders, nor what package managers put there."""
    for name in ("a.md", ".github/b.md", ".cache/c.md", "node_modules/d.md", "env/e.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("[x](y.md)", encoding="utf-8")
    (tmp_path / "env" / "pyvenv.cfg").touch()
    assert sorted(documents(tmp_path).pages) == [".github/b.md", "a.md"]


def chain(folder: Path, **links: str) -> tuple[Finding, ...]:
    """Return how far `d.md` is from `a.md` where each document links to those that are named."""
    files = {
        f"{name}.md": " ".join(f"[{each}]({each}.md)" for each in targets)
        for name, targets in links.items()
    }
    found = repository(folder, files)
    goal = parse("# D\n", path=str(folder / "d.md"))
    return discoverable(found, front_door="a.md", runbook=goal, linked_from=("c.md",))


def test_a_runbook_two_clicks_away_is_discoverable(tmp_path: Path) -> None:
    """Links of the documents between are followed."""
    assert chain(tmp_path, a="b", b="d", c="d", d="") == ()


def test_a_runbook_three_clicks_away_is_not(tmp_path: Path) -> None:
    """The front door is told what to link to."""
    (finding,) = chain(tmp_path, a="b", b="c", c="d", d="")
    assert str(finding) == "a.md:1: it takes 3 clicks from here to the runbook; link to d.md"


def test_a_runbook_that_nothing_links_to_is_not_discoverable(tmp_path: Path) -> None:
    """Neither from the front door nor from a document that has to link to it."""
    assert said(chain(tmp_path, a="b", b="a", c="a", d="a")) == [
        (1, "it does not link to the runbook"),
        (1, "no link leads from here to the runbook"),
    ]


def test_a_front_door_that_is_gone_is_a_finding(tmp_path: Path) -> None:
    """A renamed document is named, and is no traceback."""
    assert said(chain(tmp_path, b="d", c="d", d="")) == [(1, "git has no such document")]


# --- variables ---


def test_a_contract_that_holds_has_no_finding() -> None:
    """Set by a command before, by the front matter, for one command, or for an entrypoint."""
    assert environment(runbook(CONTRACT)) == ()


ROW = "| `API_TOKEN` | yes | yes | you | for deploy |\n"


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ('"$API_TOKEN"', '"$API_TOKN"', "DRILL=1", "API_TOKN is used here"),
        ('"$REGION"', '"${ZONE:-eu}"', "DRILL=1", "ZONE is used here"),
        ("REGION=eu\n", "(REGION=eu)\n", "DRILL=1", "REGION is used here"),
        ("REGION=eu\n", "echo eu | read -r REGION\n", "DRILL=1", "REGION is used here"),
        ("REGION=eu\n", "", "DRILL=1", "REGION is used here"),
        ("echo", "echo ${TRACE:?}", "echo", "the command fails without TRACE"),
        ("export HOST=db", "echo $HOST; export HOST=db", "echo $HOST", "HOST is used here"),
        (ROW, ROW + "| `MODES` | no | no | you | x |\n", "MODES", "no command uses or sets MODES"),
        (ROW, ROW + "| `PORT` | yes | no | you | x |\n", "PORT", "PORT is required"),
        ("MODE: fast", "MODE: fast, SPEED: '1'", "SPEED", "the front matter declares SPEED"),
        ("  secrets: [API_TOKEN]\n", "", "`API_TOKEN`", "API_TOKEN is required"),
        ("  secrets: [API_TOKEN]\n", "", "`API_TOKEN`", "API_TOKEN is a secret here"),
        (ROW, ROW.replace("yes | yes", "yes | no"), "`API_TOKEN`", "API_TOKEN is in the front"),
        (ROW, "", "secrets:", "API_TOKEN looks like a secret"),
        (ROW, ROW + "| `HOST` | yes | no | you | x |\n", "| you | x |", "HOST has a row already"),
        (ROW, ROW + "| `A B` | yes | no | you | x |\n", "A B", '"A B" is no name of a variable'),
        (ROW, ROW.replace("yes | yes", "maybe | yes"), "maybe", 'Required is "maybe"'),
        ("`HOST` | yes |", "`HOST` | no |", "`HOST` | no", "an entrypoint requires HOST (line"),
        ("[Set up](#set-up)", "[Run](#run)", "`HOST` | yes", 'no command of "Run" sets HOST'),
        ("| `DRILL` | no |", "| `DRILLS` | no |", "DRILL=1", "DRILL is set for programs here"),
        ("`DRILL`, `TRACE`", "`DRILL`, `TRACED`", "| deploy", "an entrypoint takes TRACED"),
        ("HOST=db", "HOST=db PGPASSWORD=x", "PGPASS", "PGPASSWORD looks like a secret"),
        ("HOST=db", "HOST=db USER_ID=3", "USER_ID", "USER_ID is set for programs here"),
        ("## Environment contract", "## Environment", "---", 'no section "Environment contract"'),
    ],
)
def test_a_broken_contract_is_named_with_its_line(
    old: str, new: str, at: str, message: str
) -> None:
    """One thing broken is at least one finding, at the line that is wrong."""
    assert old in CONTRACT
    text = CONTRACT.replace(old, new, 1)
    shown = [
        text.split("\n")[line - 1]
        for line, said_there in said(environment(runbook(text)))
        if said_there.startswith(message)
    ]
    assert [at in line for line in shown] == [True]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("""python3 -c 'import os; print(os.environ["ZONE"])'""", True),
        ("""python3 -c 'import os; print(os.getenv("ZONE", "eu"))'""", True),
        ("""python3 -c 'import os; print("ZONE" in os.environ)'""", True),
        ("""python3 - <<'EOF'\nimport os\nprint(os.environ.get('ZONE'))\nEOF""", True),
        ("""python3 <<EOF\nimport os\nprint(os.environ['ZONE'])\nEOF""", True),
        ("""awk 'BEGIN { print ENVIRON["ZONE"] }'""", True),
        ("jq -n 'env.ZONE'", True),
        ("jq -n '$ENV.ZONE'", True),
        ("""jq -n '$ENV["ZONE"]'""", True),
        ("gh run list --jq '.[] | env.ZONE'", True),
        ("perl -e 'print $ENV{ZONE}'", True),
        ("""ruby -e 'puts ENV["ZONE"]'""", True),
        ("node -e 'console.log(process.env.ZONE)'", True),
        ("""sudo python3 -c 'import os; os.environ["ZONE"]'""", False),
        ("""ZONE=x python3 -c 'import os; os.environ["ZONE"]'""", False),
        ("""export ZONE=x\npython3 -c 'import os; os.environ["ZONE"]'""", False),
        ("""ZONE=x\npython3 -c 'import os; os.environ["ZONE"]'""", True),
        ("""python3 -c 'import os; os.environ["HOME"]; print("ZONE")'""", False),
        ("jq -n '.env.ZONE'", False),
        ("awk '{ print $ZONE }'", False),
    ],
)
def test_a_variable_is_read_inside_of_another_language(command: str, *, found: bool) -> None:
    """What is not exported is not there for it, and neither is what nothing sets."""
    text = CONTRACT.replace("DRILL=1", f"{command}\nDRILL=1", 1)
    findings = [one for _, one in said(environment(runbook(text))) if one.startswith("ZONE is us")]
    assert bool(findings) is found, findings


PROGRAM = {
    "deploy/pyproject.toml": "",
    "deploy/main.py": "import os\nHOST = os.environ['HOST']\nMODE = os.environ.get('MODE')\n",
    "deploy/run.sh": 'echo "$DRILL" "${TRACE:-}" "$API_TOKEN"\nx=1; echo "$x"\n',
    "deploy/tests/test_main.py": "import os\nos.environ['ONLY_A_TEST']\n",
    "other/main.py": "import os\nos.environ['OTHER']\n",
}


def test_a_variable_that_is_not_exported_says_so() -> None:
    """It is set in the shell, and what the shell starts does not see it."""
    command = """python3 -c 'import os; os.environ["REGION"]'"""
    text = CONTRACT.replace("DRILL=1", f"{command}\nDRILL=1", 1)
    line = CONTRACT[: CONTRACT.index("REGION=eu")].count("\n") + 1
    (told, *_) = environment(runbook(text))
    right = f"REGION is used here, but line {line} sets it and does not export it; export it"
    assert told.message == right


def sourced(**changes: str) -> list[str]:
    """Judge a contract beside the sources of its program."""
    text = CONTRACT.replace("| Entrypoint |", "| Entrypoint | Defined in |", 1)
    text = text.replace("| deploy |", "| deploy | [it](deploy/main.py) |", 1)
    text = text.replace("| --- | --- | --- |\n| deploy", "| --- | --- | --- | --- |\n| deploy", 1)
    files = {**PROGRAM, **{name.replace("__", "/") + ".py": code for name, code in changes.items()}}
    encoded = {name: code.encode() for name, code in files.items()}
    return [str(one) for one in environment(runbook(text), files=encoded)]


def test_what_the_program_reads_is_declared_and_what_is_declared_is_read() -> None:
    """In whatever language; its unit tests and other programs do not count."""
    assert sourced() == []
    (more,) = sourced(deploy__extra="from os import getenv\n\n\ngetenv('API_TOKN')\n")
    assert more.startswith("deploy/extra.py:4: API_TOKN is read here, but")
    assert more.endswith('did you mean "API_TOKEN"?')
    (less,) = sourced(deploy__main="")
    assert "nothing reads HOST: no command, and no source of the program" in less


def test_a_secret_is_known_by_its_name() -> None:
    """As a whole word at the end; what only points to one is none."""
    secrets = (
        "GH_TOKEN",
        "TOKEN",
        "DB_PASSWORD",
        "PGPASSWORD",
        "AWS_SECRET_ACCESS_KEY",
        "api_key",
        "NPM_PAT",
    )
    others = ("TOKEN_FILE", "MAX_TOKENS", "PATH", "KEY", "MONKEY", "PASSWORD_LENGTH", "COMPAT")
    assert all(looks_secret(name) for name in secrets)
    assert not any(looks_secret(name) for name in others)


def test_what_a_login_sets_needs_no_declaration() -> None:
    """Nor do the shell's own variables."""
    assert all(map(is_ambient, ("HOME", "PATH", "USER", "LC_ALL", "RANDOM", "BASH_VERSION")))
    assert not any(map(is_ambient, ("HOMES", "GH_TOKEN", "VERSION")))


def test_another_terminal_does_not_know_a_variable() -> None:
    """Each is a shell of its own, as a reader's second window is."""
    text = script("export A=1") + script("echo $A", "terminal=two")
    (finding,) = environment(runbook(text + TABLE.format("A")))
    assert str(finding).startswith("runbook.md:5: A is used here, but line 2 sets it in another")


TABLE = """
## Environment contract

| Variable | Required | Secret |
| --- | --- | --- |
| `{}` | yes | no |
"""


def test_what_stays_in_the_background_keeps_what_is_not_exported() -> None:
    """The next command gets a new terminal, with the exported variables."""
    for export, expected in (("export ", 0), ("", 1)):
        text = script(f"{export}A=1\nserve", "background") + script("echo $A")
        assert len(environment(runbook(text + TABLE.format("A")))) == expected


def test_independent_sections_share_the_first_one_alone() -> None:
    """What another section sets may not be there."""
    head = "---\nfreshrun:\n  sections: independent\n---\n"
    text = "## {}\n\n" + script("{}")
    setup, one, two = ("Set up", "A=1"), ("One", "B=$A"), ("Two", "echo $A $B")
    body = head + "".join(text.format(*each) for each in (setup, one, two))
    assert [line for line, _ in said(environment(runbook(body + TABLE.format("A"))))] == [18]


# --- commands ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sudo apt-get install curl", "`apt-get install` waits for an answer"),
        ("dnf install curl", "`dnf install` waits for an answer"),
        ("read -r NAME", "`read -r` waits for an answer"),
        ("ssh-keygen -t ed25519", "`ssh-keygen -t` waits for an answer"),
        ("git commit", "`git commit` waits for an answer"),
        ("sudo docker login ghcr.io", "`docker login` waits for an answer"),
        ("gh auth login", "`gh auth` waits for an answer"),
        ("psql -h db app", "`psql -h` opens a prompt"),
        ("docker run --rm -it debian bash", "`docker run` opens a prompt"),
        ("docker exec -it db bash", "`docker exec` opens a prompt"),
        ("kubectl exec -it pod/x -- sh", "`kubectl exec` opens a prompt"),
        ("newgrp docker", "`newgrp docker` opens a prompt"),
        ("sudo chroot /mnt bash", "`chroot /mnt` opens a prompt"),
        ("poetry shell", "`poetry shell` opens a prompt"),
        ("oc debug node/x", "`oc debug` opens a prompt"),
        ("ssh -p 22 user@build.example.org", "`ssh -p` opens a prompt"),
        ("sudo su - postgres", "`su -` opens a prompt"),
        ("bash", "`bash` opens a prompt"),
        ("python3", "`python3` opens a prompt"),
        ("vi /etc/hosts", "`vi` is an editor and waits for keys"),
        ("less README.md", "`less` is a pager and waits for keys"),
        ("tail -f log", "`tail` goes on without end"),
        ("sleep 5", "`sleep 5` waits a fixed time"),
        ("./start && sleep 10", "`sleep 10` waits a fixed time"),
        ("git clone <URL>", "`<URL>` is left to be replaced"),
        ("ssh <user>@<host>.example.org", "`<user>` is left to be replaced"),
        ('curl -H "Authorization: YOUR_TOKEN"', "`YOUR_TOKEN` is left to be replaced"),
        ("export TOKEN='<your token>'", "`<your token>` is left to be replaced"),
        ("cd /path/to/project", "`/path/to/project` is left to be replaced"),
        ("deploy [options] app", "`[options]` is left to be replaced"),
        ("gh run view 17400000123", "`gh run view 17400000123` is one run"),
        ("RUN_ID=17400000123", "`RUN_ID=17400000123` is one run"),
        ("export T=ghp_" + "a" * 36, "`ghp_aaaa...` is a secret's value"),
        ("echo $NOBODY", "NOBODY is used here"),
        ("npm install left-pad\nyarn add left-pad", "`yarn` installs left-pad as line 2 does"),
        ("make\n# or\nninja", "`# or` begins another way"),
        (
            "git clone https://h.example/a/b.git\ngit clone git@h.example:a/b.git",
            "this clones b as line 2 does",
        ),
    ],
)
def test_a_command_that_cannot_work_as_it_stands_is_named(
    text: str, expected: str, tmp_path: Path
) -> None:
    """It would wait, or is not meant to be typed as it stands."""
    found = linted(script(text), tmp_path)
    assert any(message.startswith(expected) for _, message in found), found
    assert {line for line, _ in found} <= {2, 3}


@pytest.mark.parametrize(
    "text",
    [
        *("sudo apt-get install -y curl", "apt-get -qq install curl", "apt-get update", "apt list"),
        *("yes | apt-get install curl", "apt-get install --dry-run curl", "dnf -y install curl"),
        *("read -r NAME <file", "echo a | while read -r b; do echo $b; done", "ssh-keygen -l -f k"),
        *("ssh-keygen -t ed25519 -N '' -f k", "git commit -am x", "git commit --amend --no-edit"),
        *(
            "echo $HOME | docker login -u a --password-stdin",
            "psql -c 'select 1'",
            "psql <dump.sql",
        ),
        *("docker exec db psql -c 'select 1'", "sudo chroot /mnt ls", "newgrp --help"),
        *("poetry run shell", "oc debug node/x -- ls", "oc get pods"),
        *("python3 - <<'E'\nprint()\nE", "python3 -m http.server", "vim --version", "git log"),
        *("tail -n 3 log", "timeout 5 tail -f log", "docker logs web", "sleep 5 &"),
        *("until curl -s localhost; do sleep 1; done", "for i in 1 2; do sleep 1; done"),
        *("sort <in >out", "sort < in > out", "cat <in>out", "diff <(a) <(b) >c", "echo 'a <b> c'"),
        *('docker ps --format "{{.Names}}"', "date +%Y%m%d", "mktemp x.XXXXXX", "tr [a-z] [A-Z]"),
        *("cat >f <<'E'\n<name> {{ x }} YOUR_NAME\nE", "go test ./...", "pip install -e '.[dev]'"),
        *(
            "[ -f x ] || true",
            "x=(a b); echo ${x[0]}",
            "export PATH=$PATH:/opt/bin",
            "echo ${A:-b}",
        ),
        *(
            "export L=/x:${L}",
            "source .env; echo $B",
            "apt-get install -y npm\nnpm install left-pad",
        ),
        *(
            "make # or ninja",
            "# order matters\nmake",
            "pip install a\npip3 install b",
            "gh run list",
        ),
        *(
            "gh auth status",
            "npm init -y",
            "npm init vite",
            "man --version",
            "curl example.com/v1.2.3",
        ),
    ],
)
def test_thin_evidence_is_no_finding(text: str, tmp_path: Path) -> None:
    """A lint that cries wolf is switched off."""
    assert linted(script(text), tmp_path) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("skip=x timeout=5m", "timeout means nothing beside skip"),
        ("background exit=1", "exit means nothing beside background"),
        ("ready=tcp:80 band=1s..2s", "band means nothing beside ready"),
        ("timeout=1m band=1s..2m", "the band ends at 120 s"),
        ("band=1s..2h", "the band ends at 7200 s"),
        ("terminal=sever", 'no other block has a terminal "sever"'),
    ],
)
def test_options_that_cannot_both_be_meant_are_named(
    options: str, expected: str, tmp_path: Path
) -> None:
    """At the line of the fence."""
    server = script("true", "terminal=server")
    assert linted(script("true", options) + server + server, tmp_path) == [(1, expected)]


def test_a_block_that_is_skipped_may_hold_anything(tmp_path: Path) -> None:
    """Nobody types it."""
    assert linted(script("vi x <name>", 'skip="by hand"'), tmp_path) == []


def test_one_page_is_linted_by_reading_what_its_links_need(tmp_path: Path) -> None:
    """The others of a large repository are left alone, and are there to be linked to."""
    pages = {f"docs/{n}.md": "# Title\n" for n in range(40)}
    found = repository(tmp_path, {**pages, "a.md": "[x](docs/7.md#title) [y](docs/8.md)\n"})
    assert dead_links(found, of="a.md") == ()
    assert len(found.pages) == 41
    assert isinstance(found.pages, Pages)
    assert sorted(found.pages.known) == ["a.md", "docs/7.md"]
    with pytest.raises(KeyError):
        found.pages["none.md"]


def test_input_that_the_block_gives_answers(tmp_path: Path) -> None:
    """With `stdin` a command does not wait."""
    assert linted(script("read -r NAME", "stdin=a"), tmp_path) == []


@pytest.mark.parametrize(
    "block",
    [
        "./configure\nmake test",
        "cd src\nmake test",
        "sudo apt-get install -y curl\n./configure --prefix=/usr",
    ],
)
def test_an_unmarked_block_of_commands_is_named(block: str, tmp_path: Path) -> None:
    """What is not run, though it was meant to be, is the quietest false green."""
    found = linted(f"```\n{block}\n```\n", tmp_path)
    assert found == [(1, "this block looks like shell")]


@pytest.mark.parametrize(
    "block",
    [
        "Copyright 2026\ncd src",
        "make it so that everybody\nunderstands, it's (easy)",
        "src/\n  main.py",
        "key: value",
        "",
    ],
)
def test_an_unmarked_block_of_anything_else_is_not(block: str, tmp_path: Path) -> None:
    """One line that is no command decides."""
    assert linted(f"```\n{block}\n```\n", tmp_path) == []


# --- broken copies of the shipped runbook ---


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with our own documents and what they link to."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("runbook", "examples/drv/src", ".github", "checks"):
        shutil.copytree(ROOT / name, folder / name)
    for arguments in (("init", "--quiet"), ("add", ".")):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("(README.md)", "(READER.md)", "READER", "leads to no file that git has"),
        ("(#first-response)", "(#1st-response)", "#1st", 'no heading or anchor "#1st-response"'),
        ("drv_suite/program.py", "drv_suite/programs.py", "programs.py", "leads to no file"),
        ('echo "$RUN_URL"', "echo $RUN_EDITION", "echo $RUN", "RUN_EDITION is used here"),
        ("| `DRV_FAULT` | no", "| `DRV_FALUT` | no", "FALUT", "no command uses or sets DRV_FALUT"),
        ("| `DRV_COMMIT` | no", "| `COMMIT_ID` | no", '="$(git', "DRV_COMMIT is set for programs"),
        ("| `GH_TOKEN` | yes | yes", "| `GH_TOKEN` | yes | no", "`GH_TOKEN` | yes | no", "say yes"),
        ("  secrets: [GH_TOKEN]\n", "", "`GH_TOKEN` | yes", "GH_TOKEN is required"),
    ],
)
def test_a_broken_copy_of_our_runbook_is_a_finding(
    old: str, new: str, at: str, message: str, copy: Path
) -> None:
    """Each at its own line, by the functions that the checklist items call."""
    path = copy / "runbook" / OWN.name
    text = OWN.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    lines = path.read_text("utf-8").split("\n")
    found = (*environment(read(path)), *dead_links(documents(copy)))
    path.write_text(text, encoding="utf-8")
    assert any(message in each.message and at in lines[each.line - 1] for each in found), found
