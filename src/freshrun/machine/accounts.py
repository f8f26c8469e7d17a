"""The users of a machine, as its /etc/passwd lists them."""

from collections.abc import Callable
from dataclasses import dataclass

from freshrun.host import Ids

_HOME = 5


@dataclass(frozen=True, slots=True)
class Account:
    """One user: a line of /etc/passwd."""

    name: str
    ids: Ids
    home: str

    def answers_to(self, user: str) -> bool:
        """Tell whether a name, or a number, is this account's."""
        return user in (self.name, str(self.ids.uid))


class Accounts:
    """The users of one machine; read again where one is not known, for a document can make some."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        """Take what returns the text of /etc/passwd as it is now."""
        self._read = read
        self._known: list[Account] = []

    def named(self, user: str) -> Account | None:
        """Return the account of a name or a number, `None` where there is none."""
        return self._found(user) or self._found(user, again=True)

    def names(self) -> tuple[str, ...]:
        """Return the names of all that are known."""
        return tuple(account.name for account in self._known)

    def _found(self, user: str, *, again: bool = False) -> Account | None:
        if again:
            self._known = accounts(self._read())
        return next((account for account in self._known if account.answers_to(user)), None)


def accounts(passwd: bytes) -> list[Account]:
    """Return the users that the text of /etc/passwd lists; lines of another form are none."""
    parts = (entry.split(":") for entry in passwd.decode(errors="replace").splitlines())
    return [Account(p[0], Ids(int(p[2]), int(p[3])), home=p[5]) for p in parts if len(p) > _HOME]
