"""The users of a machine, as its /etc/passwd lists them."""

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


def accounts(passwd: bytes) -> list[Account]:
    """Return the users that the text of /etc/passwd lists; lines of another form are none."""
    parts = (entry.split(":") for entry in passwd.decode(errors="replace").splitlines())
    return [Account(p[0], Ids(int(p[2]), int(p[3])), home=p[5]) for p in parts if len(p) > _HOME]
