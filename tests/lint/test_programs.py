"""What a program does not have, held against the manual that ships, and how manuals are read."""

import shutil
import subprocess
from pathlib import Path

import pytest

from freshrun.lint.files import lint_files
from freshrun.lint.flaw import Flaw
from freshrun.lint.manual import Manual, Usage, aliases_of, manuals, usage_of, written


def flaws(text: str, folder: Path) -> list[Flaw]:
    """Return what lint finds of programs in a document."""
    path = folder / "a.md"
    path.write_text(text, encoding="utf-8")
    (linted,) = lint_files([str(path)], rules=("unknown-option", "unknown-command"))
    return list(linted.flaws)


@pytest.mark.parametrize(
    ("command", "column", "said"),
    [
        (
            "gh run list --jsn name",
            13,
            'no option `--jsn` for `gh run list`; did you mean "--json"',
        ),
        ("gh run lst", 8, 'no command `run lst`; did you mean "list"'),
        ("gh run frobnicate", 8, "no command `run frobnicate`; it has cancel"),
        ("gh pr list -R o/r --status open", 19, 'did you mean "--state"'),
        ("gh pr ls --lmit 5", 10, 'did you mean "--limit"'),
        ("gh pr list -Y", 12, "no option `-Y`"),
        ("sudo docker run --detatch x", 17, 'did you mean "--detach"'),
        ("docker run --rm -itz debian", 17, "no option `-z`"),
        ("docker imges", 8, 'did you mean "images"'),
        ("docker image lst", 14, 'did you mean "ls"'),
        ("kubectl -n x get pods --all-namespace", 23, 'did you mean "--all-namespaces"'),
        ("kubectl run web --image=nginx --replicas=3", 31, "no option `--replicas`"),
        ("git commit --ammend", 12, 'did you mean "--amend"'),
        ("git chekout main", 5, 'did you mean "checkout"'),
        ("make && git comit -m x", 13, 'did you mean "commit"'),
        ("bd create x --severity high", 13, "no option `--severity` for `bd create`"),
    ],
)
def test_a_word_that_the_program_does_not_know_is_named(
    command: str, column: int, said: str, tmp_path: Path
) -> None:
    """With its version, and the word that is meant, or where they are listed."""
    (found,) = flaws(f"```bash\n{command}\n```\n", tmp_path)
    assert (found.line, found.column) == (2, column), found
    assert said in found.message
    assert manuals()[found.message.split()[0]].version in found.message


@pytest.mark.parametrize(
    "command",
    [
        "gh api repos/o/r/pulls --jq '.[]' -F a=b -X GET",
        "gh run list --limit 5 --json name,url -q '.[]' -w x",
        "gh pr ls -L5",
        "gh co 5",
        "gh copilot suggest --whatever x",
        "gh dash --foo",
        "gh -R o/r pr list --status x",
        "gh run view --help",
        "gh repo create x --confirm",
        "docker run --rm -it --net host -v /a:/b debian ls --foo -Z",
        "docker run -p8080:80 -eA=b nginx --gpu",
        "docker -H x ps -aq --filter status=exited",
        "docker compose up -d --frobnicate",
        "docker buildx build --foo .",
        "docker build -t x --push --progress=plain .",
        "docker exec -u root web ls --nothing",
        'docker "$verb" --foo',
        "docker run $OPTIONS --foo x --gpu",
        "kubectl apply --record -f x --context=y",
        "kubectl exec -it pod/x -- ls --foo",
        "kubectl krew --foo",
        "kubectl get pods -owide",
        "git commit -am x --amen --no-verify",
        "git log --oneline --foo -5",
        "git clone --depth 1 --newest-option x y",
        "git lfs install --skip",
        "git myalias --foo",
        "git push --no-force-with-lease -u origin main",
        "git -C x -c a=b status --short",
        "git stash push -m x --frob",
        "bd list --status open --frob",
        "bd create x -t bug -p 1 --labels a,b --external-ref x --validate --json",
        "gh -- --foo",
    ],
)
def test_what_a_program_takes_is_not(command: str, tmp_path: Path) -> None:
    """Plugins, aliases, hidden options, abbreviations, and the words of another program."""
    assert flaws(f"```bash\n{command}\n```\n", tmp_path) == []


def test_prose_is_held_against_the_manual_too(tmp_path: Path) -> None:
    """Its code spans alone, whatever they leave to be filled in; not those of a block."""
    text = (
        "Use `gh run view <id> --log-fail`, then ``gh x`` or `docker run --detatch`.\n\n"
        "Not `gh pr view --json {field}`, `ghost --foo`, `docker run [options] image`, `gh`,\n"
        "gh run list --jsn, `docker run --a/--b`.\n\n"
        "```text\n`gh run list --jsn`\n```\n"
    )
    assert [(each.line, each.column) for each in flaws(text, tmp_path)] == [(1, 23), (1, 65)]


COBRA = """\
Do things.

Usage:  tool make [OPTIONS] NAME
  tool make --not-here

Aliases:
  tool make, tool mk, other mk

Management Commands:
  one*        Plugin
  two         Second

CORE COMMANDS
  three:      Third

Options:
  -a, --all               All of it
      --name string       A name
                          --not-an-option
  -q                      Quiet
    -o, --output='':
\tWhere to. --neither-this
    --watch=false:
"""


def test_a_help_text_is_read() -> None:
    """As gh, docker and kubectl write it; what stands in sentences is no option."""
    found = usage_of(COBRA)
    assert found.commands == ("one", "two", "three")
    assert dict(found.options) == {
        "-a": False,
        "--all": False,
        "--name": True,
        "-q": False,
        "-o": True,
        "--output": True,
        "--watch": False,
    }
    assert list(aliases_of(COBRA, "tool")) == ["make", "mk"]


def test_the_manuals_that_ship_are_those_of_real_programs() -> None:
    """Each with its version; the ones that are here say the same."""
    known = manuals()
    assert set(known) == {"gh", "git", "docker", "kubectl", "bd"}
    assert all(each.version and len(each.usages) > 1 for each in known.values())
    for program, words in (("gh", ("run", "view")), ("docker", ("run",)), ("kubectl", ("get",))):
        if path := shutil.which(program):
            run = subprocess.run(
                [path, *words, "--help"], capture_output=True, text=True, check=True
            )
            here = set(usage_of(run.stdout).options)
            shipped = set(known[program].usages[" ".join(words)].options)
            assert len(here & shipped) > 0.8 * len(here | shipped)


def test_manuals_are_written_as_they_are_read(tmp_path: Path) -> None:
    """The file is the same each time, so that a change of it shows."""
    usages = {"": Usage({"--all": False}, ("make",)), "make": Usage({"-n": True})}
    known = {"tool": Manual("tool", "1.0", usages)}
    assert written(known) == written(known)
    assert written(manuals()) == written(manuals())
    (tmp_path / "x").write_bytes(written(known))
