#!/usr/bin/env python3
"""The freshrun stand-in for `bd`, the command line of the beads issue tracker; not the real one.

Usage: bd COMMAND [ARGUMENTS] [FLAGS], with --json anywhere for JSON

  init      [-p PREFIX] [-q] [--stealth]
  create    TITLE [-t TYPE] [-p 0-4|P0-P4] [-l LABEL,LABEL] [-d TEXT | --body-file FILE|-]
            [-a ASSIGNEE] [-e MINUTES] [--title --design --acceptance --notes --external-ref
            --deps [TYPE:]ID,... --parent --id --force --repo --due --defer --validate
            --dry-run --silent], or -f FILE.md; also `bd new`
  list      [--status --type --assignee --priority --label ... --limit 50 --all]
  show      ID...
  update    ID... [--status, --add-label, --remove-label, fields as in create]
  close     ID... [--reason TEXT] [--force]
  dep add   ID DEPENDS-ON-ID [--type blocks]
  version

It answers as bd 0.49.5 and 1.0.5 were seen to; where they differ, as the one that a template is
more likely to trip over. A refusal is exit status 1, its text on stderr, nothing on stdout, and
nothing written; plain text even with --json, where a real one gives the refusals of some commands
as JSON on stdout.

In a git repository, as real ones:
  * init asks "Contributing to someone else's repo? [y/N]" where stdin is a terminal, also with
    --quiet and --stealth;
  * init without --stealth leaves files in the work tree and hooks, sets core.hooksPath, and, with a
    git identity, COMMITS them with all else that was staged; --quiet does not quieten that;
  * init --stealth adds .beads/ to .git/info/exclude, and changes nothing that git tracks;
  * create and update warn on stderr while git's beads.role is not set.

Stricter than some real versions, on purpose; each of these is refused here:
  * show, update or close of an unknown id, update to an unknown status: 0.49.5 exits 0;
  * an unknown id in --deps (0.49.5 panics, exit status 2; 1.0.5 files the bead and loses the link),
    an unknown type of dependency;
  * an external reference that another issue has, a fourth level of children, the same dependency
    twice: 1.0.5 takes them;
  * an id of another database, also with --force: 1.0.5 takes it;
  * --validate of a section that stands in --acceptance alone: 1.0.5 takes it;
  * list by a status or type that does not exist: a real one finds nothing;
  * a blank title, a second positional argument, `2x` as a priority;
  * a label that is empty, has blanks around it, or holds a quote or a line break;
  * types and flags that only one of 0.49.5 and 1.0.5 has, aliases of types, parts of ids,
    several short flags in one argument;
  * --dry-run and --file of what could not be created, headings that --file does not know;
  * close of an issue that an open one blocks: 0.49.5 exits 0 and leaves it open;
  * --repo of a directory without a database (a real one makes it), a prefix that is not
    letters, digits, - and _;
  * arguments and files that are not UTF-8.

Simpler, where nothing is known of the real one or nothing hangs on it:
  * text output without --json is short, has no colour, and gives no advice;
  * no daemon, no sync, no wizard for contributors; hooks do nothing; the issues are in
    .beads/stand-in.json;
  * times to the second; --due and --defer take +6h, +2d, +1w, tomorrow, next monday, 2025-01-15.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "0.49.5-stand-in"
BUILD = "freshrun stand-in, not the real beads"
STATE = "stand-in.json"
ID = r"[A-Za-z][A-Za-z0-9_-]*-[0-9a-z]{3,8}(\.[0-9]+){0,3}"
DEPTH = 3
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
LONGEST_TITLE = 500
STATUSES = ("open", "in_progress", "blocked", "deferred", "closed")
TYPES = ("bug", "feature", "task", "epic", "chore")
LINKS = (
    "blocks related parent-child discovered-from relates-to "
    "tracks until caused-by validates supersedes"
)
SECTIONS = {
    "bug": {
        "Steps to Reproduce": "Describe how to reproduce the bug",
        "Acceptance Criteria": "Define criteria to verify the fix",
    },
    "feature": {"Acceptance Criteria": "Define criteria to verify completion"},
    "task": {"Acceptance Criteria": "Define criteria to verify completion"},
    "epic": {"Success Criteria": "Define high-level success criteria"},
}
FIELDS = {
    "title": "title",
    "status": "status",
    "type": "issue_type",
    "assignee": "assignee",
    "description": "description",
    "design": "design",
    "acceptance": "acceptance_criteria",
    "notes": "notes",
    "external-ref": "external_ref",
}
TAKEN_OVER = (
    *("AGENTS.md", ".gitattributes", ".gitignore"),
    *(f".beads/{name}" for name in (".gitignore", "README.md", "config.yaml", "metadata.json")),
    *(f".beads/hooks/{name}" for name in ("pre-commit", "post-merge", "pre-push")),
)
FILE_SECTIONS = {
    **{name: name for name in ("priority", "type", "description", "design", "assignee")},
    "acceptance": "acceptance",
    "acceptance criteria": "acceptance",
    "labels": "labels",
    "deps": "deps",
    "dependencies": "deps",
}


class CommandError(Exception):
    """A command that is refused; its text is what stderr shows."""


@dataclass(frozen=True)
class Issue:
    """One bead; the fields are named as in the JSON of `bd show`, times are RFC 3339 in UTC."""

    id: str = ""
    title: str = ""
    description: str = ""
    design: str = ""
    acceptance_criteria: str = ""
    notes: str = ""
    status: str = "open"
    priority: int = 2
    issue_type: str = "task"
    assignee: str = ""
    estimated_minutes: int | None = None
    created_at: str = ""
    updated_at: str = ""
    closed_at: str = ""
    close_reason: str = ""
    external_ref: str = ""
    due_at: str = ""
    defer_until: str = ""
    labels: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)  # id that it depends on -> type

    def shown(self) -> dict[str, object]:
        """Give the JSON of the issue alone: no labels, no dependencies, no empty fields."""
        own = {name: one for name, one in vars(self).items() if name not in {"labels", "links"}}
        return {name: one for name, one in own.items() if one not in {"", None}}

    def changed(self, changes: dict[str, object]) -> Issue:
        """Give the issue with other values, as changed now; closing and reopening are dated."""
        fields = dict(vars(self))
        fields.update(changes, updated_at=now())
        if fields["status"] != "closed":
            fields.update(closed_at="", close_reason="")
        elif not self.closed_at:
            fields["closed_at"] = now()
        return Issue(**fields)


@dataclass(frozen=True)
class Tracker:
    """What one `.beads/` directory holds; `issues` by id, oldest first."""

    prefix: str
    issues: dict[str, Issue]

    def find(self, issue_id: str, *, what: str) -> Issue:
        """Give the issue of that id; `what` says in a refusal what it was wanted for."""
        if issue_id not in self.issues:
            raise CommandError(f"{what} {issue_id}: no issue found matching {quoted(issue_id)}")
        return self.issues[issue_id]

    def put(self, issue: Issue) -> Issue:
        """Add or replace an issue."""
        self.issues[issue.id] = issue
        return issue


@dataclass(frozen=True)
class Flag:
    """One flag; `kind` is text, int, list (comma-separated, may repeat) or switch."""

    name: str
    short: str
    kind: str


@dataclass(frozen=True)
class Arguments:
    """One parsed command line."""

    words: list[str] = field(default_factory=list)
    text: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)

    def answer(self, value: object, *, text: str) -> None:
        """Print the value as JSON if `--json` was given, else the text."""
        as_json = "json" in self.switches
        say(json.dumps(value, indent=2, ensure_ascii=False) if as_json else text)


@dataclass(frozen=True)
class Command:
    """What a command runs, its flags (`name/short:kind`), and how many words it takes."""

    run: Callable[[Arguments], None]
    flags: str = ""
    fewest: int = 0
    most: int = 0


def main(line: list[str]) -> int:
    """Run one command line and give the exit status."""
    for ending in (signal.SIGPIPE, signal.SIGINT):
        signal.signal(ending, signal.SIG_DFL)
    try:
        run([os.fsencode(argument).decode() for argument in line])
    except CommandError as error:
        refusal = str(error)
    except UnicodeDecodeError:
        refusal = "an argument is not UTF-8"
    except OSError as error:
        refusal = str(error)
    else:
        return 0
    prefix = "" if refusal.startswith("Error ") else "Error: "
    sys.stderr.buffer.write(f"{prefix}{refusal}\n".encode())
    return 1


def run(line: list[str]) -> None:
    """Find the command in the line, parse the rest with its flags, and run it."""
    name, rest = command_in(line)
    if name not in COMMANDS:
        raise CommandError(f"unknown command {quoted(name)} for \"bd\"\nRun 'bd --help' for usage.")
    command = COMMANDS[name]
    arguments = parse(rest, known_flags(f"{command.flags} json:switch help/h:switch"))
    count = len(arguments.words)
    if "help" in arguments.switches:
        say(__doc__ or "")
    elif count < command.fewest:
        raise CommandError(f"requires at least {command.fewest} arg(s), only received {count}")
    elif count > command.most:
        raise CommandError(f"accepts at most {command.most} arg(s), received {count}")
    else:
        command.run(arguments)


def command_in(line: list[str]) -> tuple[str, list[str]]:
    """Split a line into the command's name, of one word or two, and the rest."""
    rest, name = list(line), ""
    while words := [word for word in rest if not word.startswith("-")]:
        name = f"{name} {words[0]}".lstrip()
        rest.remove(words[0])
        if not any(other.startswith(f"{name} ") for other in COMMANDS):
            break
    return name, rest


def known_flags(spec: str) -> dict[str, Flag]:
    """Read the flags of a command, by the way they are typed: `--name` and `-n`."""
    flags = {}
    for word in spec.split():
        names, _, kind = word.partition(":")
        name, _, short = names.partition("/")
        flags[f"--{name}"] = flags[f"-{short}"] = Flag(name, short, kind or "text")
    return flags


def parse(line: list[str], flags: dict[str, Flag]) -> Arguments:
    """Read words and flags as cobra does: a flag takes the next argument whatever it looks like."""
    arguments, rest = Arguments(), list(line)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            arguments.words.extend(rest)
            break
        if argument == "-" or not argument.startswith("-"):
            arguments.words.append(argument)
            continue
        name, given, value = split_flag(argument)
        if name not in flags:
            short = f"unknown shorthand flag: '{name[1:]}' in {argument}"
            raise CommandError(f"unknown flag: {name}" if name.startswith("--") else short)
        if flags[name].kind == "switch" and not given:
            value = "true"
        elif not given and not rest:
            raise CommandError(f"flag needs an argument: {name}")
        accept(flags[name], value if given or value else rest.pop(0), into=arguments)
    return arguments


def split_flag(argument: str) -> tuple[str, bool, str]:
    """Split `--name=value`, `-nvalue` and `-n=value`; the middle tells whether a value is there."""
    if argument.startswith("--"):
        name, equals, value = argument.partition("=")
        return name, bool(equals), value
    value = argument[2:]
    return argument[:2], bool(value), value.removeprefix("=")


def accept(flag: Flag, value: str, *, into: Arguments) -> None:
    """Keep a flag's value; the last one counts, lists grow."""
    if flag.kind == "switch" and value in {"true", "false"}:
        (into.switches.add if value == "true" else into.switches.discard)(flag.name)
    elif flag.kind == "list" and '"' not in value:
        into.lists.setdefault(flag.name, []).extend(value.split(",") if value else [])
    elif flag.kind == "text" or (flag.kind == "int" and re.fullmatch(r"[+-]?[0-9]{1,18}", value)):
        into.text[flag.name] = value
    else:
        name = f"-{flag.short}, --{flag.name}" if flag.short else f"--{flag.name}"
        raise CommandError(f'invalid argument {quoted(value)} for "{name}" flag: invalid syntax')


def folder_of(arguments: Arguments) -> Path:
    """Find the `.beads/` of this directory or the nearest above it, or that of `--repo`."""
    start = Path(arguments.text.get("repo", ".")).resolve()
    for place in (start,) if "repo" in arguments.text else (start, *start.parents):
        if (place / ".beads" / STATE).is_file():
            return place / ".beads"
    raise CommandError("no beads database found\nHint: run 'bd init' first")


def read(folder: Path) -> Tracker:
    """Read the issues as they were last saved."""
    try:
        state = json.loads((folder / STATE).read_bytes())
        issues = [Issue(**fields) for fields in state["issues"]]
        return Tracker(state["prefix"], {issue.id: issue for issue in issues})
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{folder / STATE} was not written by this program") from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from changing the issues."""
    with (folder / "stand-in.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def edited(folder: Path) -> Iterator[Tracker]:
    """Lend the issues to be changed by this process alone; saved only if nothing was refused."""
    with locked(folder):
        tracker = read(folder)
        yield tracker
        save(folder, tracker)


def save(folder: Path, tracker: Tracker) -> None:
    """Replace the state as a whole, so that a reader never sees half of it."""
    state = {"prefix": tracker.prefix, "issues": [vars(one) for one in tracker.issues.values()]}
    unfinished = folder / f"{STATE}.new"
    unfinished.write_text(json.dumps(state, indent=1), encoding="utf-8")
    unfinished.replace(folder / STATE)


def checked(issue: Issue, tracker: Tracker) -> Issue:
    """Give the issue itself, or refuse it if it breaks a rule."""
    size = len(issue.title.encode())  # bd counts bytes and says characters
    if not issue.title.strip():
        raise CommandError("title required (or use --file to create from markdown)")
    if size > LONGEST_TITLE:
        why = f"title must be {LONGEST_TITLE} characters or less (got {size})"
        raise CommandError(f"validation failed: {why}")
    check_names(issue.issue_type, issue.status)
    for label in issue.labels:
        if label != label.strip() or not label or "\n" in label:
            raise CommandError(f"invalid label {quoted(label)}: empty, blanks around it, or lines")
    same = [one.id for one in tracker.issues.values() if one.external_ref == issue.external_ref]
    if issue.external_ref and same not in ([], [issue.id]):
        unique = "sqlite3: constraint failed: UNIQUE constraint failed: issues.external_ref"
        raise CommandError(f"{unique} ({same[0]} has it)")
    return issue


def check_names(issue_type: str, status: str) -> None:
    """Refuse a type or a status that bd does not have."""
    if issue_type not in TYPES:
        raise CommandError(f"validation failed: invalid issue type: {issue_type}")
    if status not in STATUSES:
        raise CommandError(f"invalid status: {status} (valid: {', '.join(STATUSES)})")


def check_sections(issue: Issue) -> None:
    """Refuse an issue whose description lacks what its type needs."""
    missing = [
        f"\n  - ## {heading} ({hint})"
        for heading, hint in SECTIONS.get(issue.issue_type, {}).items()
        if heading.lower() not in issue.description.lower()
    ]
    if missing:
        raise CommandError(f"missing required sections for {issue.issue_type}:{''.join(missing)}")


def linked(issue: Issue, tracker: Tracker, *, kind: str, to: str) -> Issue:
    """Give the issue with one more that it depends on."""
    if kind not in LINKS.split():
        raise CommandError(f"invalid dependency type '{kind}' (valid: {LINKS})")
    if to not in tracker.issues:
        raise CommandError(f"dependency target {to} not found")
    if to == issue.id:
        raise CommandError("issue cannot depend on itself")
    if to in issue.links:
        unique = "UNIQUE constraint failed: dependencies.issue_id, dependencies.depends_on_id"
        raise CommandError(f"failed to add dependency: {unique}")
    if kind != "relates-to" and issue.id in reached(to, tracker):
        path = f"{issue.id} → {to} → ... → {issue.id}"
        raise CommandError(f"cannot add dependency: would create a cycle ({path})")
    return issue.changed({"links": {**issue.links, to: kind}})


def reached(start: str, tracker: Tracker) -> set[str]:
    """Collect the ids of everything that an issue depends on, its own included."""
    found, rest = set(), [start]
    while rest:
        found.add(rest[-1])
        rest.extend(set(tracker.issues[rest.pop()].links) - found)
    return found


def init(arguments: Arguments) -> None:
    """Make `.beads/` here."""
    folder = Path.cwd() / ".beads"
    prefix = arguments.text.get("prefix", folder.parent.name).rstrip("-")
    if not re.fullmatch(ID, f"{prefix}-abc"):
        raise CommandError(f"invalid prefix {quoted(prefix)}: letters, digits, - and _")
    repository = Git.here()
    if repository and os.isatty(0) and not (folder / STATE).exists():
        ask_for_role(repository)
    folder.mkdir(exist_ok=True)
    with locked(folder):
        if (folder / STATE).exists():
            raise CommandError(f"already initialized: found existing database {folder}")
        save(folder, Tracker(prefix, {}))
    if repository and "stealth" in arguments.switches:
        repository.exclude(".beads/")
    elif repository:
        repository.take_over()
    loud = repository and "stealth" not in arguments.switches
    if loud or "quiet" not in arguments.switches:
        say(f"\n✓ bd initialized successfully!\n\n  Database: {folder}\n  Issue prefix: {prefix}\n")


def ask_for_role(repository: Git) -> None:
    """Ask at the terminal what a real one asks, and wait for the answer."""
    sys.stdout.buffer.write(b"Contributing to someone else's repo? [y/N]: ")
    sys.stdout.buffer.flush()
    answer = sys.stdin.readline().strip().lower()
    if answer in {"y", "yes"}:
        raise CommandError("the stand-in has no wizard for contributors")
    repository.run("config", "beads.role", "maintainer")


@dataclass(frozen=True)
class Git:
    """The git repository that a command was called in."""

    top: Path

    @classmethod
    def here(cls) -> Git | None:
        """Give the repository of the working directory; `None` without one, or without git."""
        top = git("rev-parse", "--show-toplevel")
        return cls(Path(top)) if top else None

    def run(self, *words: str) -> str:
        """Run git at the top of the work tree; what it printed, empty where it failed."""
        return git("-C", str(self.top), *words)

    def exclude(self, pattern: str) -> None:
        """Hide files from git in this clone alone."""
        path = self.top / self.run("rev-parse", "--git-path", "info/exclude")
        path.parent.mkdir(parents=True, exist_ok=True)
        old = path.read_text("utf-8") if path.exists() else ""
        if pattern not in old.splitlines():
            joint = "" if not old or old.endswith("\n") else "\n"
            path.write_text(f"{old}{joint}# bd init --stealth\n{pattern}\n", "utf-8")

    def take_over(self) -> None:
        """Do what init does to a work tree that it was not told to leave alone."""
        for name in TAKEN_OVER:
            path = self.top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write("# Made by bd init.\n")
            path.chmod(0o755 if "hooks" in name else 0o644)
        self.run("config", "core.hooksPath", ".beads/hooks")
        self.run("add", "--force", *TAKEN_OVER)
        if self.run("config", "user.email"):
            self.run("commit", "--quiet", "--no-verify", "-m", "bd init: initialize beads")
        else:
            self.run("rm", "--cached", "--force", "--quiet", *TAKEN_OVER)


def git(*words: str) -> str:
    """Run git; what it printed, empty where it failed or is not there."""
    try:
        done = subprocess.run(
            ["git", *words], capture_output=True, check=False, stdin=subprocess.DEVNULL
        )
    except OSError:
        return ""
    return os.fsdecode(done.stdout).strip() if done.returncode == 0 else ""


def warn_of_role() -> None:
    """Say on stderr, as a real one does, that nobody told it who is at work."""
    if Git.here() and not git("config", "--get", "beads.role"):
        text = "warning: beads.role not configured. Run 'bd init' to set.\n"
        sys.stderr.buffer.write(text.encode())


def create(arguments: Arguments) -> None:
    """Add one issue, or each of `--file`."""
    warn_of_role()
    folder, path = folder_of(arguments), arguments.text.get("file")
    if path and arguments.words:
        raise CommandError("cannot specify both title and --file flag")
    entries = file_entries(path, arguments.switches) if path else [arguments]
    dry_run = "dry-run" in arguments.switches
    with nullcontext(read(folder)) if dry_run else edited(folder) as tracker:
        issues = [added(entry, tracker) for entry in entries]
    if dry_run:
        issues = [issue.changed({"id": arguments.text.get("id", "")}) for issue in issues]
    shown = [issue.shown() for issue in issues]
    text = "\n".join(created_text(issue, arguments.switches) for issue in issues)
    arguments.answer(shown if path else shown[0], text=text)


def created_text(issue: Issue, switches: set[str]) -> str:
    """Say what was created, or would be; with `--silent` the id alone."""
    if "silent" in switches:
        return issue.id
    head = f"✓ Created issue: {issue.id} — {issue.title}"
    if "dry-run" in switches:
        head = f"⚠ [DRY RUN] Would create issue:\n  ID: {issue.id or '(will be generated)'}"
    return (
        f"{head}\n  Title: {issue.title}\n  Priority: P{issue.priority}\n  Status: {issue.status}"
    )


def added(arguments: Arguments, tracker: Tracker) -> Issue:
    """Make one new issue, check it and put it into the tracker."""
    word, flag = "".join(arguments.words), arguments.text.get("title", "")
    if word and flag and word != flag:
        titles = f"\n  Positional: {quoted(word)}\n  --title:    {quoted(flag)}"
        where = "both positional argument and --title flag"
        raise CommandError(f"cannot specify different titles as {where}{titles}")
    labels = list(dict.fromkeys(arguments.lists.get("labels", [])))
    fields = {**given_fields(arguments), "title": word or flag, "labels": labels}
    issue = checked(Issue(created_at=now()).changed(fields), tracker)
    if "validate" in arguments.switches:
        check_sections(issue)
    issue = issue.changed({"id": new_id(arguments, tracker)})
    parent = arguments.text.get("parent")
    specs = [f"parent-child:{parent}"] if parent else []
    for spec in filter(None, map(str.strip, [*specs, *arguments.lists.get("deps", [])])):
        kind, colon, target = spec.rpartition(":")
        issue = linked(issue, tracker, kind=kind if colon else "blocks", to=target)
    return tracker.put(issue)


def given_fields(arguments: Arguments) -> dict[str, object]:
    """Collect the fields of an issue that the flags of create or update give."""
    text = arguments.text
    fields: dict[str, object] = {FIELDS[name]: text[name] for name in text if name in FIELDS}
    if "body-file" in text and "description" in text:
        raise CommandError("cannot specify both --body-file and --description/--body")
    if "body-file" in text:
        fields["description"] = text_of(text["body-file"], what="Error reading body file")
    if "priority" in text:
        fields["priority"] = priority_of(text["priority"])
    if "estimate" in text:
        fields["estimated_minutes"] = int(text["estimate"])
        if int(text["estimate"]) < 0:
            raise CommandError("estimate must be a non-negative number of minutes")
    for flag, name in (("due", "due_at"), ("defer", "defer_until")):
        if flag in text:
            fields[name] = moment(text[flag], flag=flag)
    return fields


def file_entries(path: str, switches: set[str]) -> list[Arguments]:
    """Read each `## Title` of a file, and the `### Flag` sections under it, as one create."""
    entries = []
    markdown = text_of(path, what="Error parsing markdown file")
    for block in re.split(r"^##[ \t]+", markdown, flags=re.MULTILINE)[1:]:
        head, *sections = re.split(r"^###[ \t]+", block, flags=re.MULTILINE)
        title, _, body = head.partition("\n")
        entry = Arguments([title.strip()], {"description": body.strip()}, {}, switches)
        for section in sections:
            heading, _, content = section.partition("\n")
            name = heading.strip().lower()
            if name not in FILE_SECTIONS:
                raise CommandError(f"Error parsing markdown file: unknown section {quoted(name)}")
            if FILE_SECTIONS[name] in {"labels", "deps"}:
                entry.lists[FILE_SECTIONS[name]] = re.split(r"[,\s]+", content.strip())
            else:
                entry.text[FILE_SECTIONS[name]] = content.strip()
        entries.append(entry)
    if not entries:
        raise CommandError("Error parsing markdown file: no issues found (expected ## Issue Title)")
    return entries


def text_of(path: str, *, what: str) -> str:
    """Read the whole text of a file, or of standard input for `-`."""
    try:
        return (sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()).decode()
    except OSError as error:
        why = f"failed to open file: open {path}: {(error.strerror or '').lower()}"
        raise CommandError(f"{what}: {why}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{what}: {path} is not UTF-8") from error


def priority_of(text: str) -> int:
    """Read a priority, 0 (highest) to 4."""
    if not re.fullmatch("[Pp]?[0-4]", text):
        expected = "(expected 0-4 or P0-P4, not words like high/medium/low)"
        raise CommandError(f"invalid priority {quoted(text)} {expected}")
    return int(text[-1])


def moment(text: str, *, flag: str) -> str:
    """Read the time of `--due` or `--defer`, counted from now."""
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    ahead = re.fullmatch(r"\+([0-9]{1,4})([hdw])", text)
    if ahead:
        return now(int(ahead[1]) * {"h": 1, "d": 24, "w": 168}[ahead[2]])
    if text == "tomorrow":
        return now(24)
    if text.startswith("next ") and text[5:] in days:
        return now(24 * ((days.index(text[5:]) - time.gmtime().tm_wday - 1) % 7 + 1))
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.strptime(text, "%Y-%m-%d"))
    except ValueError:
        examples = "Examples: +6h, tomorrow, next monday, 2025-01-15"
        raise CommandError(f"invalid --{flag} format {quoted(text)}. {examples}") from None


def new_id(arguments: Arguments, tracker: Tracker) -> str:
    """Give the id of `--id`, the next child of `--parent`, or a free random one."""
    wanted, parent = arguments.text.get("id"), arguments.text.get("parent")
    if wanted and parent:
        raise CommandError("cannot specify both --id and --parent flags")
    if parent:
        return child_id(parent, tracker)
    if wanted:
        check_id(wanted, tracker)
        return wanted
    sizes = (size for size in range(3, 9) for _ in range(10))
    names = ("".join(BASE36[byte % 36] for byte in os.urandom(size)) for size in sizes)
    ids = (f"{tracker.prefix}-{name}" for name in names)
    return next(free for free in ids if free not in tracker.issues)


def child_id(parent: str, tracker: Tracker) -> str:
    """Give the id of a parent's next child."""
    if parent not in tracker.issues:
        raise CommandError(f"parent issue {parent} not found")
    if parent.count(".") == DEPTH:
        raise CommandError(f"maximum hierarchy depth ({DEPTH}) exceeded for parent {parent}")
    children = re.compile(re.escape(parent) + r"\.([0-9]+)")
    numbers = [int(child[1]) for child in map(children.fullmatch, tracker.issues) if child]
    return f"{parent}.{max(numbers, default=0) + 1}"


def check_id(wanted: str, tracker: Tracker) -> None:
    """Refuse an id that is ill-formed, of another database, or taken."""
    if not re.fullmatch(ID, wanted):
        expected = "prefix-hash or prefix-hash.number, e.g., 'bd-a3f8e9' or 'bd-a3f8e9.1'"
        raise CommandError(f"invalid ID format '{wanted}' (expected format: {expected})")
    if not wanted.startswith(f"{tracker.prefix}-"):
        why = f"database uses '{tracker.prefix}-' but ID '{wanted}' doesn't match"
        raise CommandError(f"prefix mismatch: {why}; --force does not help in every version")
    if wanted in tracker.issues:
        raise CommandError(f"issue {wanted} already exists")


def list_issues(arguments: Arguments) -> None:
    """Answer with the issues that all filters let through, the urgent and the newest first."""
    text, tracker = arguments.text, read(folder_of(arguments))
    status = text.get("status", "all")
    check_names(text.get("type", "task"), "open" if status == "all" else status)
    issues = [one for one in reversed(tracker.issues.values()) if is_wanted(one, arguments)]
    issues.sort(key=lambda issue: issue.priority)
    limit = int(text.get("limit", "50"))
    shown = issues[:limit] if limit > 0 else issues
    value = [{**issue.shown(), "labels": issue.labels} for issue in shown]
    arguments.answer(value, text="\n".join(map(line_text, shown)) or "No issues found.")


def is_wanted(issue: Issue, arguments: Arguments) -> bool:
    """Tell whether an issue is what the flags of list ask for."""
    text = arguments.text
    status = text.get("status", "all" if "all" in arguments.switches else "")
    return (
        (status in {"all", issue.status} if status else issue.status != "closed")
        and text.get("type", issue.issue_type) == issue.issue_type
        and text.get("assignee", issue.assignee) == issue.assignee
        and priority_of(text.get("priority", str(issue.priority))) == issue.priority
        and set(arguments.lists.get("label", [])) <= set(issue.labels)
    )


def show(arguments: Arguments) -> None:
    """Answer with issues in full."""
    tracker = read(folder_of(arguments))
    issues = [tracker.find(word, what="Error fetching") for word in arguments.words]
    pages = [page_text(issue) for issue in issues]
    arguments.answer([details(issue, tracker) for issue in issues], text="\n\n".join(pages))


def details(issue: Issue, tracker: Tracker) -> dict[str, object]:
    """Give the JSON of one issue with labels, dependencies, dependents and parent."""
    related = {
        "labels": issue.labels,
        "dependencies": [
            {**tracker.issues[to].shown(), "dependency_type": kind}
            for to, kind in issue.links.items()
        ],
        "dependents": [
            {**other.shown(), "dependency_type": other.links[issue.id]}
            for other in tracker.issues.values()
            if issue.id in other.links
        ],
        "parent": next((to for to, kind in issue.links.items() if kind == "parent-child"), ""),
    }
    return {**issue.shown(), **{name: value for name, value in related.items() if value}}


def line_text(issue: Issue) -> str:
    """Give an issue as a line of list."""
    return f"{issue.id} [P{issue.priority}] [{issue.issue_type}] {issue.status} - {issue.title}"


def page_text(issue: Issue) -> str:
    """Give an issue as show prints it: a line for each field that has a value."""
    fields = {
        **issue.shown(),
        "labels": ", ".join(issue.labels),
        "depends_on": ", ".join(f"{kind}:{to}" for to, kind in issue.links.items()),
    }
    return "\n".join(f"{name}: {value}" for name, value in fields.items() if value != "")


def update(arguments: Arguments) -> None:
    """Change fields and labels of issues."""
    warn_of_role()
    folder, fields, lists = folder_of(arguments), given_fields(arguments), arguments.lists
    if not fields and not lists:
        say("No updates specified")
        return
    issues = []
    with edited(folder) as tracker:
        for word in arguments.words:
            issue = tracker.find(word, what="Error resolving")
            kept = [one for one in issue.labels if one not in lists.get("remove-label", [])]
            labels = list(dict.fromkeys([*kept, *lists.get("add-label", [])]))
            issue = checked(issue.changed({**fields, "labels": labels}), tracker)
            issues.append(tracker.put(issue))
    text = "\n".join(f"✓ Updated issue: {issue.id}" for issue in issues)
    arguments.answer([issue.shown() for issue in issues], text=text)


def close(arguments: Arguments) -> None:
    """Close issues that no open one blocks."""
    reason, issues = arguments.text.get("reason") or "Closed", []
    with edited(folder_of(arguments)) as tracker:
        for word in arguments.words:
            issue = tracker.find(word, what="resolving ID")
            blockers = [to for to, kind in issue.links.items() if kind == "blocks"]
            still_open = [to for to in blockers if tracker.issues[to].status != "closed"]
            if still_open and "force" not in arguments.switches:
                why = f"blocked by open issues [{' '.join(still_open)}]"
                raise CommandError(f"cannot close {word}: {why} (use --force to override)")
            closed = issue.changed({"status": "closed", "close_reason": reason})
            issues.append(tracker.put(closed))
    text = "\n".join(f"✓ Closed {issue.id}: {reason}" for issue in issues)
    arguments.answer([issue.shown() for issue in issues], text=text)


def dep_add(arguments: Arguments) -> None:
    """Make one issue depend on another."""
    (word, to), kind = arguments.words, arguments.text.get("type", "blocks")
    with edited(folder_of(arguments)) as tracker:
        issue = tracker.find(word, what="resolving issue ID")
        tracker.find(to, what="resolving dependency ID")
        if word.startswith(f"{to}."):
            raise CommandError(f"cannot add dependency: {word} is already a child of {to}")
        tracker.put(linked(issue, tracker, kind=kind, to=to))
    value = {"status": "added", "issue_id": word, "depends_on_id": to, "type": kind}
    arguments.answer(value, text=f"✓ Added dependency: {word} depends on {to} ({kind})")


def root(arguments: Arguments) -> None:
    """Answer `bd`, `bd --version` and `bd help`."""
    if "version" in arguments.switches:
        version(arguments)
    else:
        say(__doc__ or "")


def version(arguments: Arguments) -> None:
    """Say plainly that this is not the real bd."""
    value = {"version": VERSION, "build": BUILD}
    arguments.answer(value, text=f"bd version {VERSION} ({BUILD})")


def say(text: str) -> None:
    """Print to stdout as UTF-8, whatever the locale."""
    sys.stdout.buffer.write(f"{text}\n".encode())


def quoted(text: str) -> str:
    """Put the text in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def now(hours: int = 0) -> str:
    """Give the time, or that of some hours from now."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600 * hours))


MANY = sys.maxsize
TEXT = (
    "title type/t priority/p description/d body-file design acceptance notes assignee/a "
    "external-ref estimate/e:int due defer"
)
CREATE = Command(
    create,
    f"{TEXT} labels/l:list deps:list parent id repo file/f force:switch validate:switch "
    "dry-run:switch silent:switch",
    most=1,
)
COMMANDS = {
    "": Command(root, "version/V:switch"),
    "help": Command(root, most=MANY),
    "version": Command(version),
    "init": Command(init, "prefix/p quiet/q:switch stealth:switch"),
    "create": CREATE,
    "new": CREATE,
    "list": Command(
        list_issues, "status/s type/t assignee/a priority/p label/l:list limit/n:int all:switch"
    ),
    "show": Command(show, fewest=1, most=MANY),
    "update": Command(
        update, f"{TEXT} status/s add-label:list remove-label:list", fewest=1, most=MANY
    ),
    "close": Command(close, "reason/r force/f:switch", fewest=1, most=MANY),
    "dep add": Command(dep_add, "type/t", fewest=2, most=2),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
