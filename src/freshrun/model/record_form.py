"""The JSON form of a record: its keys in their order, their types, and what each means.

This is the one place that knows them. `record.schema.json` is made from it; what is read is held
against it; what is written is filled into it. A key that has a default here is one that a reader
does without.
"""

import sys
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from freshrun.model.outcome import Ending, Status
from freshrun.model.record import State


def _described(description: str, **schema: object) -> Meta:
    """Return what a key means; what the schema alone says of it does not stop a reader."""
    return Meta(description=description, extra_json_schema=schema or None)


_Seconds = Annotated[float, Meta(gt=-float(sys.maxsize), lt=float(sys.maxsize))]
_Texts = tuple[str, ...]
_Numbers = tuple[int, ...]


class RunbookForm(Struct, frozen=True, kw_only=True):
    """The document that was rehearsed."""

    path: Annotated[str, _described("Its path, as the caller gave it.")]
    sha256: Annotated[
        str,
        _described(
            "Hexadecimal SHA-256 of the file's bytes; empty where they were not read.",
            pattern="^([0-9a-f]{64})?$",
        ),
    ]
    text: Annotated[
        str,
        _described(
            "What it says, without secrets, each line where it stands in the file; empty where it "
            "was not read."
        ),
    ] = ""


class ProvenanceForm(Struct, frozen=True, kw_only=True):
    """The rest of where the commands ran, and of what they were given."""

    image_id: Annotated[str, _described("The image's content digest.")]
    user: Annotated[str, _described("The user who typed the commands.")]
    repository: Annotated[
        str,
        _described(
            "What the machine was given of the repository: a commit, a work tree, or nothing."
        ),
    ]
    network: Annotated[str, _described("full or none.")]
    stand_ins: Annotated[_Texts, _described("Every part that was not the real one.")]
    notes: Annotated[
        _Texts,
        _described(
            "Sentences for the reader: a trust store that was extended, blocks that were not run."
        ),
    ]
    path: Annotated[
        str, _described("The document's path from its repository's root; empty outside of one.")
    ] = ""
    source: Annotated[
        str, _described("Address of the document at that commit; empty where none is known.")
    ] = ""
    system: Annotated[
        str, _described("What the machine's operating system calls itself; empty where unknown.")
    ] = ""


_STATUS = _described(
    "not reached: an earlier failure stood in its way. skipped: the document says so. "
    "broken: the harness or the engine failed."
)


class ItemForm(Struct, frozen=True, kw_only=True):
    """One objective pass/fail statement, judged."""

    name: Annotated[str, _described("The statement.")]
    status: Annotated[Status, _STATUS]
    reason: Annotated[
        str,
        _described(
            "Empty for a plain pass; else the stand-in that was used, or the document's line and "
            "what was found there."
        ),
    ]


class UntypedForm(Struct, frozen=True, kw_only=True):
    """Lines that show shell and were not typed."""

    line: Annotated[int, _described("The first of them.", minimum=1)]
    lines: Annotated[int, _described("How many of them say something.", minimum=0)]
    why: Annotated[str, _described("Why, or what would be right.")]
    counts: Annotated[
        bool, _described("False where they are for another system, or are seen by no reader.")
    ]


class KeptForm(Struct, frozen=True, kw_only=True):
    """The exact bytes that were kept; only where text does not hold them."""

    head: Annotated[bytes, _described("The first bytes, in base64.")]
    tail: Annotated[
        bytes, _described("The last bytes, in base64; empty while everything fits into head.")
    ]


class OutputForm(Struct, frozen=True, kw_only=True):
    """What came on one stream."""

    text: Annotated[
        str,
        _described(
            r"The output as UTF-8, bad bytes as \xNN; where it is truncated its head and its tail, "
            "with the gap named in brackets."
        ),
    ]
    bytes: Annotated[int, _described("How many bytes came in all.", minimum=0)]
    truncated: Annotated[bool, _described("True where bytes between head and tail were left out.")]
    spill: Annotated[
        str | UnsetType, _described("File that holds the whole; only where there is one.")
    ] = UNSET
    base64: Annotated[
        KeptForm | UnsetType,
        _described(
            "The exact bytes that were kept; only where text does not hold them: truncated, or "
            "not UTF-8."
        ),
    ] = UNSET


class FileForm(Struct, frozen=True, kw_only=True):
    """A file that a failed command names and changed."""

    path: Annotated[str, _described("Its path in the machine.")]
    redirected: Annotated[bool, _described("Whether the command's output went there.")]
    content: OutputForm


class OptionsForm(Struct, frozen=True, kw_only=True):
    """The words of the block's info string; null where the document gives none."""

    name: Annotated[str | None, _described("The name that checks know the block by.")] = None
    timeout: Annotated[_Seconds | None, _described("Seconds until the command is killed.")] = None
    band: Annotated[
        tuple[_Seconds, _Seconds] | None,
        _described("Shortest and longest documented run time, in seconds."),
    ] = None
    skip: Annotated[str | None, _described("Why the document wants it skipped.")] = None
    stdin: Annotated[str | None, _described("What the command finds on its standard input.")] = None
    terminal: Annotated[
        str | None, _described("The named session that it is typed into; null for the first one.")
    ] = None
    background: Annotated[bool, _described("Whether the block is left running.")]
    ready: Annotated[
        str | None, _described("When a command in the background counts as started.")
    ] = None
    tty: Annotated[bool, _described("Whether its streams were a real terminal.")]


class CommandForm(Struct, frozen=True, kw_only=True):
    """What one command gave."""

    number: Annotated[
        int,
        _described(
            "Its place among the document's commands, from 1; 0 for one that a check typed.",
            minimum=0,
        ),
    ] = 0
    file: Annotated[str, _described("Path of the document.")]
    line: Annotated[int, _described("First line of the command in the file, from 1.", minimum=1)]
    end_line: Annotated[int, _described("Last line of the command in the file.", minimum=1)]
    section: Annotated[
        str, _described("Title of the section it stands in; empty before the first heading.")
    ]
    text: Annotated[str, _described("What was typed, exactly.")]
    status: Annotated[Status, _STATUS]
    reason: Annotated[str, _described("One sentence for every status but passed.")]
    cause: Annotated[
        str, _described("Why it failed, as a fixed word, unknown included; empty unless it failed.")
    ]
    hint: Annotated[
        str, _described("One sentence with the evidence of the cause; empty unless it failed.")
    ]
    diff: Annotated[
        str,
        _described(
            "What a transcript promised against what was printed, as a unified diff of the "
            "document; empty where they agree."
        ),
    ]
    ports: Annotated[
        _Numbers, _described("TCP ports on which it listens, where it was left running.")
    ]
    captures: Annotated[
        _Texts,
        _described(
            "What each <name> of a transcript's output stood for, as name=value; empty where there "
            "is none."
        ),
    ] = ()
    job: Annotated[
        int | None,
        _described(
            "Process id of the last job that it started in the background, which ended with "
            "the machine at the latest; null where it started none."
        ),
    ] = None
    warnings: Annotated[
        _Texts, _described("What the reader should know although it did not decide the status.")
    ]
    ending: Annotated[
        Ending,
        _described(
            "exited: the shell took the next command. shell ended: the shell itself ended "
            "with it. timed out: its process tree was killed. waiting for input: it asked "
            "for what nobody types. flooded: it printed without end. serving: it was left "
            "running. opened: it is at a prompt of its own, where what stands below is typed. "
            "lost: the machine or the engine went away."
        ),
    ]
    exit_code: Annotated[
        int | None, _described("Exit status; null where it did not end by itself.")
    ] = None
    expected_exit_code: Annotated[
        int, _described("The exit status that the document promises.", minimum=0, maximum=255)
    ]
    stages: Annotated[
        _Texts, _described("The texts of a pipeline's stages; empty for any other command.")
    ]
    pipe_status: Annotated[
        _Numbers, _described("Exit status of each of these stages, where the shell told it.")
    ]
    seconds: Annotated[_Seconds, _described("Wall time, measured in the shell.", minimum=0)]
    cwd: Annotated[
        str | None, _described("The working directory afterwards; null where it is not known.")
    ] = None
    stdout: OutputForm
    stderr: OutputForm
    options: OptionsForm
    promised: Annotated[
        str | None,
        _described(
            "The output that a transcript shows below the command; null where it shows none."
        ),
    ] = None
    parses: Annotated[
        bool, _described("False where the shell reader could not make a statement of the text.")
    ]
    root: Annotated[bool, _described("True where a transcript shows it at root's prompt.")] = False
    within: Annotated[
        str,
        _described("The program, such as psql, at whose prompt it was typed; empty for a shell."),
    ] = ""
    files: Annotated[
        tuple[FileForm, ...] | UnsetType,
        _described("Files that it names and changed, of a failed command that has some."),
    ] = UNSET


class RecordForm(Struct, frozen=True, kw_only=True):
    """Record of one rehearsal by freshrun."""

    schema: Annotated[Literal[1], _described("Version of this document's form.")]
    verdict: Annotated[
        str,
        _described(
            "passed: every command and item passed or was skipped, and at least one command "
            "ran. failed: at least one failed or was not reached. broken: the harness or "
            "the engine failed, the run has not ended, or nothing was run, which says "
            "nothing about the runbook.",
            enum=["passed", "failed", "broken"],
        ),
    ]
    state: Annotated[
        State,
        _described(
            "running: the run was begun, and its verdict is broken until it ends; a run "
            "that was killed stays so. ended: all that follows is final."
        ),
    ] = State.ENDED
    run: Annotated[str, _described("An id that tells the runs of one document apart.")] = ""
    fault: Annotated[str, _described("Why the harness could not go on; empty where it could.")]
    runbook: RunbookForm
    image: Annotated[str, _described("Name of the image that the machine was made from.")]
    engine: Annotated[str, _described("The container engine: its address and version.")]
    git_commit: Annotated[
        str | None,
        _described("The commit that the machine was given; null outside a git repository."),
    ] = None
    started: Annotated[
        str, _described("When the rehearsal began: ISO 8601, UTC.", format="date-time")
    ]
    ended: Annotated[
        str, _described("When the last judgement was made: ISO 8601, UTC.", format="date-time")
    ]
    provenance: ProvenanceForm
    checklist: Annotated[
        tuple[ItemForm, ...],
        _described("The objective pass/fail statements, judged, in the order of the checklist."),
    ]
    commands: Annotated[
        tuple[CommandForm, ...], _described("What each command gave, in the order of the document.")
    ]
    trials: Annotated[
        tuple[CommandForm, ...],
        _described(
            "What the checklist typed after the rehearsal, as evidence for its items. They "
            "alone judge it: the status of a trial has no part in the verdict."
        ),
    ]
    untyped: Annotated[
        tuple[UntypedForm, ...],
        _described("The document's shell text that is no command, in its order."),
    ] = ()
