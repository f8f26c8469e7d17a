"""Write the manuals that lint ships, from the programs of this host: `python -m freshrun.lint`.

A program that is not here keeps what the last writer found.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from freshrun.lint.manual import Manual, Usage, aliases_of, manuals, usage_of, written

_COBRA = {"gh": "--version", "docker": "--version", "kubectl": "version --client"}
_GIT = (
    "add am apply branch checkout cherry-pick clean clone commit describe fetch gc init merge mv"
    " pull push rebase reset restore revert rm sparse-checkout status switch tag"
)
"""The commands of git whose options are all told by themselves."""

_BD = (
    "--title= -t= --type= -p= --priority= -l= --labels= --label= -d= --description= --body-file="
    " --body= -m= --message= --description-file= --design= --design-file= --acceptance= --notes="
    " --append-notes= -a= --assignee= --external-ref= --deps= --parent= --id= --force --repo= -e="
    " --estimate= --due= --defer= --dry-run --silent --validate -f= --file= --graph= --context="
    " --ephemeral --spec-id= --skills= --stdin --metadata= --no-inherit-labels --waits-for="
    " --waits-for-gate= --mol-type= --wisp-type= --rig= --prefix= --no-history"
)
_BD_ALWAYS = (
    "--actor= --allow-stale --db= --json --lock-timeout= --no-auto-flush --no-auto-import"
    " --no-daemon --no-db --profile -q --quiet --readonly --sandbox -v --verbose -h --help"
    " --dolt-auto-commit= --directory= -C= --global"
)
"""bd can't be installed everywhere: these are the options of `bd create` of 0.49.5 and 1.0.5."""


_HIDDEN = {
    "docker": ("--net=x", "--net-alias=x"),
    "kubectl": ("--record",),
    "gh": ("--confirm",),
}
"""Options that no help tells any more and that are still taken: each command is asked."""

_BUILDX = (
    "--allow= --annotation= --attest= --build-context= --builder= --call= --check -D --debug --load"
    " --metadata-file= --no-cache-filter= --progress= --provenance= --push --sbom= --secret= --ssh="
    " -o= --output= --squash"
)
"""`docker build` is buildx's own since Docker 23, which is a program apart."""


def main() -> None:
    """Ask each program, and write the file."""
    found = dict(_old()) | dict(_asked())
    path = Path(__file__).with_name("manuals.json.gz")
    path.write_bytes(written(found))


def _old() -> Mapping[str, Manual]:
    return manuals() if Path(__file__).with_name("manuals.json.gz").exists() else {}


def _asked() -> Iterator[tuple[str, Manual]]:
    for program, version in _COBRA.items():
        if said := _said(program, *version.split()):
            number = re.search(r"v?(\d+\.\d+\.\d+)", said)
            usages = dict(_cobra(program, ()))
            if program == "kubectl":
                always = usage_of(_said(program, "options"))
                usages[""] = Usage({**usages[""].options, **always.options}, usages[""].commands)
            yield program, Manual(program, number[1] if number else "", usages)
    if said := _said("git", "--version"):
        commands = tuple(_said("git", "--list-cmds=main,nohelpers").split())
        usages = {words: _git(words) for words in _GIT.split()}
        yield "git", Manual("git", said.split()[2], {"": Usage(commands=commands), **usages})
    yield (
        "bd",
        Manual("bd", "1.0.5", {"": _given(_BD_ALWAYS.split()), "create": _given(_BD.split())}),
    )


def _given(options: list[str]) -> Usage:
    return Usage({each.partition("=")[0]: "=" in each for each in options})


def _takes(*words: str) -> bool:
    said = _said(*words, "--help")
    return bool(said) and "unknown flag" not in said


def _cobra(program: str, words: tuple[str, ...]) -> Iterator[tuple[str, Usage]]:
    said = _said(program, *words, "--help")
    usage = usage_of(said)
    more = [each for each in _HIDDEN[program] if words and _takes(program, *words, each)]
    more += _BUILDX.split() if words[-1:] == ("build",) and program == "docker" else []
    usage = Usage({**usage.options, **_given(more).options}, usage.commands)
    yield " ".join(words), usage
    for alias in aliases_of(said, program):
        yield alias, usage
    for name in usage.commands:
        if name != "help" and len(words) < _DEEPEST:
            yield from _cobra(program, (*words, name))


_DEEPEST = 3


def _git(command: str) -> Usage:
    told = _said("git", command, "--git-completion-helper-all")
    long = {each.rstrip("="): each.endswith("=") for each in told if each.startswith("--")}
    short = usage_of(_said("git", command, "-h")).options
    return Usage({**short, **long})


def _said(*words: str) -> str:
    """Return what a program prints, nothing where it is not here."""
    try:
        run = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
    except FileNotFoundError:
        return ""
    return run.stdout + run.stderr


if __name__ == "__main__":
    main()
