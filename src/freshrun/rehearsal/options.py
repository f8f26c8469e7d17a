"""The options that take one of a few words, and those words."""

from freshrun.model import FreshrunError

KINDS = {"bd": ("stand-in", "live"), "servers": ("pass", "fail"), "github-via": ("socket", "proxy")}
"""The words of each such option; the first is what it means where nobody says it."""


def one_of_its_words(word: str, *, option: str) -> str:
    """Return the word that was typed for an option; `FreshrunError` where it knows none such."""
    known = KINDS[option]
    if word not in known:
        raise FreshrunError(f"--{option} {word}: {' or '.join(known)} is right")
    return word
