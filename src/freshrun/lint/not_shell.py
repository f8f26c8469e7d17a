"""Blocks that are marked as shell and are surely none: settings, files, another's prompt."""

import re
from collections.abc import Sequence

from freshrun.model import Block, BlockKind

_SETTING = re.compile(r"\A[ \t]*+[\w.@/:-]++[ \t]++=[ \t]++\S")
_HEADING = re.compile(r"\A[ \t]*+(?:\[[\w .\"':/-]+\][ \t]*\Z|;)")


def is_settings(block: Block) -> bool:
    """Tell whether each line of a block sets something, as in INI and TOML, and two at least."""
    if block.kind is not BlockKind.SCRIPT or " = " not in block.text:
        return False
    lines = [line for line in block.text.split("\n") if line.strip() and line.lstrip()[:1] != "#"]
    settings = sum(1 for line in lines if _SETTING.match(line))
    headings = sum(1 for line in lines if _HEADING.match(line))
    return settings + headings == len(lines) and settings > 0 and len(lines) > 1


_ENTRY = re.compile(
    r"\A[\s|+`\u2500-\u257f-]*+(?:[\w.@*{}-]++/?|\.\.\.)(?:[ \t]+(?:#|<-|\u2190)[^\n]*)?[ \t]*\Z"
)


def is_listing(block: Block) -> bool:
    """Tell whether a block shows a tree of files: a name a line, of which folders end in `/`."""
    lines = [line for line in block.text.split("\n") if line.strip()]
    folders = sum(1 for line in lines if line.partition("#")[0].rstrip().endswith("/"))
    return folders > 0 and len(lines) > 1 and all(map(_ENTRY.match, lines))


_CODE = re.compile(
    r"\A[>\s]*+(?:(?:const|let|var|await|import|from|throw|return|function|class|def|print|select|db"
    r"|use|show)\b|[\w.]+[ \t]*(?:=[ \t]|\()|[\[{(\"'\d]|\.[a-z]|[A-Z]{2,}\b)"
)


def is_of_another_prompt(block: Block, lines: Sequence[str]) -> bool:
    """Tell whether lines at `> ` are typed into a program that nobody names; `lines` are theirs."""
    if block.kind is not BlockKind.TRANSCRIPT:
        return False
    if not all(line.lstrip().startswith(">") for line in lines):
        return False
    return not all(each.parses for each in block.commands) or any(map(_CODE.match, lines))
