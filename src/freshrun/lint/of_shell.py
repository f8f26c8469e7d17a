"""A runbook as its shells see it: what is typed into other programs is none of their text."""

from dataclasses import replace

from freshrun.model import Block, Runbook


def of_shell(runbook: Runbook) -> Runbook:
    """Return the runbook without the statements that are typed at other programs' prompts."""
    if not any(command.within for command in runbook.commands):
        return runbook
    sections = tuple(
        replace(section, blocks=tuple(map(_of_shell, section.blocks)))
        for section in runbook.sections
    )
    return replace(runbook, sections=sections)


def _of_shell(block: Block) -> Block:
    kept = (each for each in block.commands if not each.within or each.text.strip() in _LEAVES)
    return replace(block, commands=tuple(kept))


_LEAVES = {"exit", r"\q", "exit()", "quit", "quit()"}
"""What leaves a program is kept, for what is counted as open."""
