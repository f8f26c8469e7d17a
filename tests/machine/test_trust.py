"""Which of the host's certificates a machine has to be given."""

from pathlib import Path

import certifi
import pytest

from freshrun.machine.trust import BUNDLE, VARIABLES, Trust, host_trust, trusting
from freshrun.model.errors import EngineError

AUTHORITY = Path(__file__).parents[1] / "data" / "authority.pem"


def test_public_certificates_alone_are_nothing_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that trusts what everyone trusts leaves the image as it is."""
    debian = Path("/etc/ssl/certs/ISRG_Root_X1.pem")
    public = debian if debian.exists() else Path(certifi.where())
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    assert host_trust() is None


def test_without_the_variable_there_is_nothing_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    """SSL_CERT_FILE is the host's word; no other file is looked for."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert host_trust() is None


def test_a_companys_authority_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of a bundle, the certificates that are not public ones are told, and the whole is kept."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(Path(certifi.where()).read_bytes() + AUTHORITY.read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    trust = host_trust()
    assert trust is not None
    assert AUTHORITY.read_text(encoding="ascii").strip() in trust.own
    assert trust.bundle == bundle.read_bytes()


def test_a_bundle_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong variable is told before a container fails on it."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(EngineError, match=r"SSL_CERT_FILE is /nowhere/ca.pem: No such file.*unset"):
        host_trust()


def test_the_note_counts_what_was_added() -> None:
    """The report says what the machine was given."""
    note = Trust(b"", ("one", "two")).note
    assert "2 certificate(s) beyond the public ones" in note


def test_the_image_that_trusts_keeps_its_user_and_points_every_program() -> None:
    """Only the trust is added: whoever works in the image works in it afterwards."""
    files = trusting(Trust(b"all", ("own",)), base="debian", user="worker")
    recipe = files["Dockerfile"].decode()
    assert recipe.startswith("FROM debian\n")
    assert recipe.endswith("USER worker\n")
    assert all(f"{name}={BUNDLE}" in recipe for name in VARIABLES)
    assert files[f"files{BUNDLE}"] == b"all"
