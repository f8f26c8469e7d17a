"""What is known of an open document, in the words of the language server protocol."""

from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types
from pygls.workspace import PositionCodec

from freshrun.editor.last_run import LastRun, explained, verdict
from freshrun.editor.opened import Opened
from freshrun.lint import Edit, Flaw, Severity

RUN_TO_HERE = "freshrun.runToHere"
TELL = "freshrun.tell"
FIX_ALL = "source.fixAll.freshrun"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
}


class Shown:
    """One document's findings and outcomes; columns are counted as the client counts them."""

    def __init__(self, opened: Opened, *, uri: str, codec: PositionCodec) -> None:
        """Take the document, its name at the client, and how that counts."""
        self._opened = opened
        self._uri = uri
        self._lines = opened.lines
        self._codec = codec

    def diagnostics(self) -> list[types.Diagnostic]:
        """Return the findings."""
        return [self._diagnostic(flaw) for flaw in self._opened.flaws]

    def _diagnostic(self, flaw: Flaw) -> types.Diagnostic:
        start = flaw.column - 1
        end = start + flaw.width if flaw.width else len(self._line(flaw.line).rstrip())
        return types.Diagnostic(
            range=self._range(flaw.line, start, max(end, start)),
            message=flaw.message,
            severity=_SEVERITIES[flaw.of.severity],
            code=flaw.rule,
            source="freshrun",
        )

    def actions(self, wanted: types.Range) -> list[types.CodeAction]:
        """Return what mends the findings of some lines, one by one and all of the document."""
        here = [
            flaw
            for flaw in self._opened.flaws
            if wanted.start.line <= flaw.line - 1 <= wanted.end.line
        ]
        mended = [self._mends(flaw) for flaw in here if flaw.edits]
        return [*mended, *self._ignores(here), *self._mends_all()]

    def _mends(self, flaw: Flaw) -> types.CodeAction:
        right = flaw.edits[0].text
        return types.CodeAction(
            title=f"Write `{right}`" if right.strip() else "Delete it",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self._diagnostic(flaw)],
            edit=self._edit(flaw.edits),
            is_preferred=True,
        )

    def _ignores(self, flaws: Iterable[Flaw]) -> Iterator[types.CodeAction]:
        for rule, flaw in {flaw.rule: flaw for flaw in flaws}.items():
            line = self._begin(flaw.line)
            indent = self._line(line)[: len(self._line(line)) - len(self._line(line).lstrip())]
            text = f"{indent}<!-- freshrun: ignore[{rule}] -->\n"
            yield types.CodeAction(
                title=f"Ignore {rule} here",
                kind=types.CodeActionKind.QuickFix,
                edit=self._edit([Edit(line, 0, 0, text)]),
            )

    def _begin(self, line: int) -> int:
        """Return the line where the block or the paragraph of a line begins."""
        runbook = self._opened.runbook
        for block in runbook.blocks if runbook else ():
            if block.line <= line <= block.end_line:
                return block.line
        while line > 1 and self._line(line - 1).strip():
            line -= 1
        return line

    def _mends_all(self) -> Iterator[types.CodeAction]:
        edits = [edit for flaw in self._opened.flaws for edit in flaw.edits]
        if edits:
            title = "Mend all that has one answer"
            yield types.CodeAction(title=title, kind=FIX_ALL, edit=self._edit(edits))

    def lenses(self, last: LastRun) -> Iterator[types.CodeLens]:
        """Yield the verdict of the last run above each block, and a way to run up to it."""
        runbook = self._opened.runbook
        for block in runbook.blocks if runbook else ():
            if not block.commands or block.options.skip is not None:
                continue
            place = self._range(block.line, 0, 0)
            outcomes = last.of(block)
            if said := verdict(outcomes):
                worst = next((each for each in outcomes if each.hint), outcomes[0])
                told = types.Command(title=said, command=TELL, arguments=[explained(worst)])
                yield types.CodeLens(range=place, command=told)
            here = types.Command(
                title="run to here", command=RUN_TO_HERE, arguments=[self._uri, block.line]
            )
            yield types.CodeLens(range=place, command=here)

    def hover(self, line: int, last: LastRun) -> types.Hover | None:
        """Return what the last run and lint say of a line, from 1."""
        said = [
            f"`{flaw.rule}`: {flaw.message}" for flaw in self._opened.flaws if flaw.line == line
        ]
        outcome = last.at(self._opened.runbook, line) if self._opened.runbook else None
        if outcome is not None:
            said.insert(0, explained(outcome))
        if not said:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(said))
        return types.Hover(contents=content, range=self._range(line, 0, len(self._line(line))))

    # --- places ---

    def _line(self, number: int) -> str:
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def _range(self, line: int, start: int, end: int) -> types.Range:
        return types.Range(self._position(line, start), self._position(line, end))

    def _position(self, line: int, column: int) -> types.Position:
        before = self._line(line)[:column]
        return types.Position(line - 1, self._codec.client_num_units(before))

    def _edit(self, edits: Sequence[Edit]) -> types.WorkspaceEdit:
        changes = [
            types.TextEdit(self._range(each.line, each.start, each.end), each.text)
            for each in edits
        ]
        return types.WorkspaceEdit(changes={self._uri: changes})
