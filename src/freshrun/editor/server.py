"""The server: what an editor asks, answered from the documents that it has open."""

from importlib.metadata import version
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from freshrun.editor.last_run import LastRun, last_run, matched
from freshrun.editor.opened import Opened, looked_at, typed
from freshrun.editor.shown import FIX_ALL, RUN_TO_HERE, TELL, Shown
from freshrun.editor.until import run_until
from freshrun.model import FreshrunError


class Server(LanguageServer):
    """The documents that are open, and what the last run to a place said of them."""

    def __init__(self) -> None:
        super().__init__("freshrun", version("freshrun"))
        self.opened: dict[str, Opened] = {}
        self.ran: dict[str, LastRun] = {}

    def show(self, uri: str, *, slow: bool) -> None:
        """Lint a document as it stands, and tell the editor what is found."""
        document = self.workspace.get_text_document(uri)
        path = to_fs_path(uri) or uri
        opened = typed(path, document.source, before=self.opened.get(uri))
        self.publish(uri, opened)
        if slow:
            self.thread_pool.submit(self._look_at, uri, opened)

    def _look_at(self, uri: str, opened: Opened) -> None:
        """Find what costs more, and tell it where the document is still the same."""
        found = looked_at(opened)
        if self.opened.get(uri) is opened:
            self.publish(uri, found)

    def publish(self, uri: str, opened: Opened) -> None:
        """Keep a document, and send its findings."""
        self.opened[uri] = opened
        found = types.PublishDiagnosticsParams(uri, self.shown(uri).diagnostics())
        self.text_document_publish_diagnostics(found)

    def shown(self, uri: str) -> Shown:
        """Return what is known of a document that is open."""
        codec = self.workspace.position_codec
        return Shown(self.opened[uri], uri=uri, codec=codec)

    def last(self, uri: str) -> LastRun:
        """Return what the last run said: the one to a place of this document, or a whole one."""
        runbook = self.opened[uri].runbook
        if runbook is None or uri in self.ran:
            return self.ran.get(uri, LastRun({}))
        folders = [Path(root) for root in self._roots() if root]
        return last_run(runbook, folders=[*folders, Path(runbook.path).parent])

    def _roots(self) -> list[str | None]:
        workspace = self.workspace
        return [workspace.root_path, *map(to_fs_path, workspace.folders)]


server = Server()


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def _opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    ls.show(params.text_document.uri, slow=True)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def _changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    ls.show(params.text_document.uri, slow=False)


@server.feature(types.TEXT_DOCUMENT_DID_SAVE)
def _saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    ls.ran.pop(params.text_document.uri, None)
    ls.show(params.text_document.uri, slow=True)


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def _closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.opened.pop(params.text_document.uri, None)
    ls.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(params.text_document.uri, [])
    )


@server.feature(
    types.TEXT_DOCUMENT_CODE_ACTION,
    types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
)
def _actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    return ls.shown(uri).actions(params.range) if uri in ls.opened else []


@server.feature(types.TEXT_DOCUMENT_CODE_LENS)
def _lenses(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens]:
    uri = params.text_document.uri
    return list(ls.shown(uri).lenses(ls.last(uri))) if uri in ls.opened else []


@server.feature(types.TEXT_DOCUMENT_HOVER)
def _hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    uri = params.text_document.uri
    if uri not in ls.opened:
        return None
    return ls.shown(uri).hover(params.position.line + 1, ls.last(uri))


@server.command(TELL)
def _tell(ls: Server, text: str) -> None:
    shown = types.ShowMessageParams(types.MessageType.Info, text)
    ls.window_show_message(shown)


@server.thread()
@server.command(RUN_TO_HERE)
def _run_to_here(ls: Server, uri: str, line: int) -> str:
    """Type the document up to a block into a fresh machine; tell the verdict, and keep it."""
    opened = ls.opened.get(uri)
    if opened is None or opened.runbook is None:
        return "the document can't be read as it stands"
    try:
        record = run_until(opened.runbook, line)
    except FreshrunError as error:
        _tell(ls, str(error))
        return str(error)
    ls.ran[uri] = matched(record, opened.runbook)
    ls.workspace_code_lens_refresh(None)
    said = f"up to line {line}: {record.verdict.value}"
    _tell(ls, said)
    return said


def serve() -> None:
    """Answer an editor on standard input and output, until it goes."""
    server.start_io()
