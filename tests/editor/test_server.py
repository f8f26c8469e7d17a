"""The language server, asked through the protocol as an editor asks it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient
from scaling import assert_linear

from freshrun.document.reading import read
from freshrun.editor.opened import Opened, typed
from freshrun.editor.shown import FIX_ALL, RUN_TO_HERE
from freshrun.model.outcome import Ending, Outcome, Status
from freshrun.model.record import Record
from freshrun.model.record_json import to_json

DOCUMENT = """\
# Build

```bash
FOO = bar
```

## Test \U0001f9ea

```bash
mkdir out
echo \U0001f9ea \u2013n
false
```

[gone](gone.md)
"""


_LONG = 300
"""Seconds past which a test has hung, on a machine that has other work."""


class Editor(LanguageClient):
    """An editor: what a client keeps of what it is told."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.diagnostics: dict[str, list[types.Diagnostic]] = {}

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]  # pygls gives it no types
        def keep(params: types.PublishDiagnosticsParams) -> None:
            self.diagnostics[params.uri] = list(params.diagnostics)

        @self.feature(types.WINDOW_SHOW_MESSAGE)  # type: ignore[untyped-decorator]  # pygls gives it no types
        @self.feature(types.WORKSPACE_CODE_LENS_REFRESH)  # type: ignore[untyped-decorator]  # pygls gives it no types
        def take(_: object) -> None:
            """Take what is told, as an editor that shows it."""


@asynccontextmanager
async def client(
    folder: Path, encoding: types.PositionEncodingKind = types.PositionEncodingKind.Utf16
) -> AsyncIterator[Editor]:
    """Start the server as an editor does, in a folder."""
    served = Editor()
    general = types.GeneralClientCapabilities(position_encodings=[encoding])
    params = types.InitializeParams(
        capabilities=types.ClientCapabilities(general=general),
        workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)],
        root_uri=folder.as_uri(),
    )
    await served.start_io(str(Path(sys.executable).with_name("freshrun")), "lsp")
    try:
        async with asyncio.timeout(_LONG):
            await served.initialize_async(params)
            served.initialized(types.InitializedParams())
            yield served
    finally:
        # A test that fails must end, too: the server goes when it is told to.
        with suppress(Exception):
            await asyncio.wait_for(served.shutdown_async(None), 10)
        served.exit(None)
        stopped = served.stop()  # type: ignore[no-untyped-call]  # pygls gives it no types
        await asyncio.wait_for(stopped, 10)


def opened(served: Editor, path: Path, text: str) -> str:
    """Open a document in the editor."""
    path.write_text(text, encoding="utf-8")
    item = types.TextDocumentItem(path.as_uri(), types.LanguageKind.Markdown, 1, text)
    served.text_document_did_open(types.DidOpenTextDocumentParams(item))
    return path.as_uri()


async def told(served: Editor, uri: str, *, rules: set[str]) -> dict[str, types.Diagnostic]:
    """Wait until exactly these rules have findings; return one of each."""
    for _ in range(400):
        found = {str(each.code): each for each in served.diagnostics.get(uri, [])}
        if set(found) == rules:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(served.diagnostics.get(uri))


RULES = {"blank-around-equals", "wrong-character", "dead-link"}


def test_findings_are_told_as_one_writes(tmp_path: Path) -> None:
    """When a document is opened, and at each key; what is mended goes at once."""

    async def write() -> None:
        async with client(tmp_path) as served:
            uri = opened(served, tmp_path / "a.md", DOCUMENT)
            found = await told(served, uri, rules=RULES)
            start = found["blank-around-equals"].range.start
            assert (start.line, start.character) == (3, 3)
            # An emoji is two units of UTF-16.
            assert found["wrong-character"].range.start == types.Position(10, 8)
            assert found["wrong-character"].severity is types.DiagnosticSeverity.Error
            change = types.TextDocumentContentChangePartial(
                types.Range(types.Position(3, 0), types.Position(3, 9)), "FOO=bar\n"
            )
            document = types.VersionedTextDocumentIdentifier(2, uri)
            served.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
            found = await told(served, uri, rules=RULES - {"blank-around-equals"})
            assert found["wrong-character"].range.start.line == 11
            assert found["dead-link"].range.start.line == 15
            closed = types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
            served.text_document_did_close(closed)
            await told(served, uri, rules=set())

    asyncio.run(write())


@pytest.mark.parametrize(
    ("encoding", "character"),
    [(types.PositionEncodingKind.Utf8, 10), (types.PositionEncodingKind.Utf32, 7)],
)
def test_columns_are_counted_as_the_client_counts(
    encoding: types.PositionEncodingKind, character: int, tmp_path: Path
) -> None:
    """It says so when it starts."""

    async def write() -> None:
        async with client(tmp_path, encoding) as served:
            uri = opened(served, tmp_path / "a.md", DOCUMENT)
            found = await told(served, uri, rules=RULES)
            assert found["wrong-character"].range.start == types.Position(10, character)

    asyncio.run(write())


def test_what_can_not_be_read_is_a_finding(tmp_path: Path) -> None:
    """Of the line that says so, and it goes once that is mended."""

    async def write() -> None:
        async with client(tmp_path) as served:
            text = "---\nfreshrun: {}\n---\n```bash timeuot=5\ntrue\n```\n"
            uri = opened(served, tmp_path / "a.md", text)
            found = await told(served, uri, rules={"unreadable"})
            assert found["unreadable"].range.start.line == 3
            whole = types.TextDocumentContentChangeWholeDocument(text.replace("timeuot=5", ""))
            document = types.VersionedTextDocumentIdentifier(2, uri)
            served.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))
            await told(served, uri, rules=set())

    asyncio.run(write())


def test_a_finding_is_mended_or_ignored_where_it_stands(tmp_path: Path) -> None:
    """One by one, or all that has one answer."""

    async def write() -> None:
        async with client(tmp_path) as served:
            uri = opened(served, tmp_path / "a.md", DOCUMENT)
            await told(served, uri, rules=RULES)
            document = types.TextDocumentIdentifier(uri)
            line = types.Range(types.Position(3, 0), types.Position(3, 1))
            asked = types.CodeActionParams(document, line, types.CodeActionContext([]))
            actions = await served.text_document_code_action_async(asked)
            by_title = {each.title: each for each in actions or ()}
            assert list(by_title) == [
                "Write `=`",
                "Ignore blank-around-equals here",
                "Mend all that has one answer",
            ]
            (edit,) = edits(by_title["Write `=`"], uri)
            assert (edit.new_text, edit.range.start.character, edit.range.end.character) == (
                *("=", 3, 6),
            )
            (edit,) = edits(by_title["Ignore blank-around-equals here"], uri)
            assert edit.new_text == "<!-- freshrun: ignore[blank-around-equals] -->\n"
            assert edit.range.start.line == 2
            every = by_title["Mend all that has one answer"]
            assert isinstance(every, types.CodeAction)
            assert (every.kind, len(edits(every, uri))) == (FIX_ALL, 2)

    asyncio.run(write())


def edits(action: types.CodeAction | types.Command, uri: str) -> list[types.TextEdit]:
    """Return what an action changes in a document."""
    assert isinstance(action, types.CodeAction)
    assert action.edit is not None
    assert action.edit.changes is not None
    return list(action.edit.changes[uri])


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """Return a document whose last run passed one block and failed in the other."""
    path = tmp_path / "a.md"
    path.write_text(DOCUMENT.replace("FOO = bar", "true"), encoding="utf-8")
    *passed, last = read(path).commands
    outcomes = (
        *(Outcome(each, Status.PASSED, exit_code=0, seconds=1.25) for each in passed),
        Outcome(
            last, Status.FAILED, Ending.EXITED, 1, 0.1, cause="other status", hint="it is `false`"
        ),
    )
    record = Record("a.md", "0" * 64, "2026-01-01T00:00:00Z", "2026-01-01T00:00:09Z")
    folder = tmp_path / ".freshrun"
    folder.mkdir()
    (folder / "record.json").write_text(to_json(replace(record, outcomes=outcomes)), "utf-8")
    return path


def test_the_last_run_stands_beside_each_block(ran: Path) -> None:
    """Its verdict and time, its cause at hand, and a way to run up to there."""
    text = ran.read_text("utf-8")

    async def ask() -> None:
        async with client(ran.parent) as served:
            uri = opened(served, ran, text)
            await told(served, uri, rules=RULES - {"blank-around-equals"})
            document = types.TextDocumentIdentifier(uri)
            lenses = await served.text_document_code_lens_async(types.CodeLensParams(document))
            shown = [(each.range.start.line, each.command) for each in lenses or ()]
            assert [(line, command and command.title) for line, command in shown] == [
                (2, "passed in 1.2 s"),
                (2, "run to here"),
                (8, "failed: other status"),
                (8, "run to here"),
            ]
            run = shown[3][1]
            assert run is not None
            assert (run.command, list(run.arguments or ())) == (RUN_TO_HERE, [uri, 9])
            asked = types.HoverParams(document, types.Position(11, 1))
            hover = await served.text_document_hover_async(asked)
            assert hover is not None
            assert "*other status*: it is `false`" in str(hover.contents)

    asyncio.run(ask())


def test_what_changed_since_the_run_has_no_verdict(ran: Path) -> None:
    """Nor has what stands below: a green that is not this text's would be believed."""
    text = ran.read_text("utf-8").replace("true", "false; true")

    async def ask() -> None:
        async with client(ran.parent) as served:
            uri = opened(served, ran, text)
            await told(served, uri, rules=RULES - {"blank-around-equals"})
            document = types.TextDocumentIdentifier(uri)
            lenses = await served.text_document_code_lens_async(types.CodeLensParams(document))
            titles = [each.command.title for each in lenses or () if each.command]
            assert titles == ["run to here", "run to here"]

    asyncio.run(ask())


def test_a_key_costs_as_much_as_the_document_is_long(tmp_path: Path) -> None:
    """What costs more is not asked for at each key."""
    block = "## Step {0}\n\n```bash\nexport N{0}=x\nmkdir -p a/$N{0}\nls | grep x\n```\n\n"
    path = str(tmp_path / "a.md")

    def opened_before(size: int) -> tuple[Opened, str]:
        text = "".join(block.format(number) for number in range(size // len(block)))
        return typed(path, text), text.replace("N7=x", "N7=xy")

    assert_linear(opened_before, lambda made: typed(path, made[1], before=made[0]))


@pytest.mark.engine
def test_a_document_is_run_up_to_a_block(tmp_path: Path) -> None:
    """In a fresh machine; the file that was run is gone again."""

    async def run() -> None:
        async with client(tmp_path) as served:
            text = "```bash\necho one\n```\n\n```bash\nfalse\n```\n\n```bash\nexit 3\n```\n"
            uri = opened(served, tmp_path / "a.md", text)
            asked = types.ExecuteCommandParams(RUN_TO_HERE, [uri, 5])
            assert await served.workspace_execute_command_async(asked) == "up to line 5: failed"
            document = types.TextDocumentIdentifier(uri)
            lenses = await served.text_document_code_lens_async(types.CodeLensParams(document))
            titles = [each.command.title for each in lenses or () if each.command]
            assert titles[0].startswith("passed in")
            assert titles[2].startswith("failed")
            assert len(titles) == 5

    asyncio.run(run())
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".md"] == ["a.md"]
