"""A call that the suite can't follow."""


class UsageError(Exception):
    """The suite was called in a way that it can't follow: exit code 2. Its text is one line."""
