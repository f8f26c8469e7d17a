"""The snippets of docs/ci.md: as their hosts' schemas have them, and their lines typed for real."""

import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml
from lxml import etree

from freshrun.document.reading import read

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
BLOCKS = {
    section.title: block.text
    for section in read(ROOT / "docs" / "ci.md").sections
    for block in section.blocks
}
GOOD = "# Widget\n\n```bash\necho one\n```\n"


@pytest.mark.parametrize(
    ("section", "schema"),
    [
        ("GitHub", "vendor.github-workflows"),
        ("Many documents on many machines", "vendor.github-workflows"),
        ("GitLab", "vendor.gitlab-ci"),
    ],
)
def test_a_snippet_is_as_its_host_has_it(section: str, schema: str, tmp_path: Path) -> None:
    """Each key is known, and of its kind."""
    path = tmp_path / "snippet.yml"
    path.write_text(BLOCKS[section], "utf-8")
    words = [str(SCRIPTS / "check-jsonschema"), "--builtin-schema", schema, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_hook_that_is_named_is_ours(tmp_path: Path) -> None:
    """pre-commit takes the configuration, and we have a hook of that name."""
    path = tmp_path / ".pre-commit-config.yaml"
    path.write_text(BLOCKS["Before a commit"], "utf-8")
    words = [str(SCRIPTS / "pre-commit"), "validate-config", str(path)]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
    (repository,) = yaml.safe_load(path.read_text("utf-8"))["repos"]
    ours = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in ours]


def test_the_inputs_of_the_action_are_told() -> None:
    """All of them, and no other."""
    (table,) = read(ROOT / "docs" / "ci.md").section("GitHub").tables
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    assert [row["input of the action"] for row in table.rows] == [*action["inputs"]]


def _lines(section: str) -> list[str]:
    """Return the lines of a snippet that rehearse."""
    text = BLOCKS[section]
    shell = re.findall(r"^ *(?:- |sh ')(.*?)'?$", text, re.MULTILINE)
    return [line.removeprefix(".venv/bin/") for line in shell if "freshrun README.md" in line]


@pytest.mark.engine
@pytest.mark.parametrize("section", ["GitLab", "Jenkins"])
def test_a_line_leaves_the_reports_that_are_kept(section: str, tmp_path: Path) -> None:
    """Where the snippet looks for them."""
    (tmp_path / "README.md").write_text(GOOD, "utf-8")
    (line,) = _lines(section)
    environment = {**os.environ, "PATH": f"{SCRIPTS}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", f"{line} --image debian:bookworm --keep-engine"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (junit,) = set(re.findall(r"(?:junit: |junit ')([\w/.]+)", BLOCKS[section]))
    assert etree.parse(tmp_path / junit).getroot().get("errors") == "0"
    assert {path.name for path in (tmp_path / "report").iterdir()} >= {"page.html", "record.json"}
