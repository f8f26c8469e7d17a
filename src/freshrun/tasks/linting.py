"""The task that finds what is wrong with documents without running them."""

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from freshrun.tasks.documents import RUNBOOKS, all_named
from freshrun.tasks.saying import one_line_errors, say, tell


@task(
    name="lint",
    aliases=["lint-runbook"],
    iterable=["runbook"],
    help={
        "runbook": RUNBOOKS,
        "select": "find what these rules find alone, as a list with commas; docs/lint.md has them",
        "ignore": "leave out what these rules find",
        "format": "text, json, sarif or github",
        "diff": "show what --fix would change, and change nothing",
        "fix": "mend what has one answer, and show the difference",
    },
)
def lint_runbook(  # noqa: PLR0913 - one parameter for each option of the command line
    context: Context,
    *,
    runbook: list[str] | None = None,
    select: str = "",
    ignore: str = "",
    format: str = "text",  # noqa: A002 - the word of the command line
    diff: bool = False,
    fix: bool = False,
) -> None:
    """Find what is wrong with a runbook as it stands; that needs no container."""
    from freshrun.lint import chosen as rules  # noqa: PLC0415 - keeps --list fast
    from freshrun.lint import lint_files, mend  # noqa: PLC0415 - same
    from freshrun.report import findings  # noqa: PLC0415 - same

    with one_line_errors():
        wanted = rules(select=_listed(select), ignore=_listed(ignore))
        found = list(lint_files(all_named(context, runbook or (), behind="lint "), rules=wanted))
        for change in (each.change for each in found if diff or fix):
            say(change.rstrip("\n"))
        if fix:
            found = [mend(each, rules=wanted) if each.change else each for each in found]
        flaws = [flaw for each in found for flaw in each.flaws]
        told = findings(flaws, form=format)
    if told:
        say(told)
    others = sum(each.elsewhere for each in found)
    close = say if format == "text" else tell
    count = f"{len(flaws)} finding{'' if len(flaws) == 1 else 's'}"
    close(f"{count}; {others} links to other places were not followed")
    raise Exit(code=1 if flaws else 0)


def _listed(words: str) -> list[str]:
    return [word for word in words.replace(",", " ").split() if word]
