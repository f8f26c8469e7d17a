"""Markdown text as a `Runbook`: CommonMark with tables, and YAML front matter."""

import errno
import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import chain, count, repeat, takewhile
from pathlib import Path
from types import MappingProxyType

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from freshrun import shell
from freshrun.errors import DocumentError
from freshrun.readiness import readiness
from freshrun.runbook import (
    Block,
    BlockKind,
    Command,
    Options,
    Row,
    Runbook,
    Section,
    Settings,
    Table,
)
from freshrun.yaml_tree import yaml_problem

SCRIPT_LANGUAGES = ("bash", "sh", "shell", "zsh")
"""Languages whose block is shell from end to end."""

TRANSCRIPT_LANGUAGES = ("console", "shell-session", "terminal", "shellsession", "sh-session")
"""Languages whose block shows prompts and output; the last two are other tools' spellings."""


def read(path: str | os.PathLike[str]) -> Runbook:
    """Return the runbook in a file; `DocumentError` where it can't be read as one."""
    name = os.fspath(path)
    try:
        data = Path(name).read_bytes()
    except OSError as error:
        raise DocumentError(f"{name}: {_why_unreadable(error, Path(name))}") from None
    return parse(data, path=name)


def parse(source: str | bytes, *, path: str) -> Runbook:
    """Return the runbook that `source` says; `path` names it in its commands and in errors.

    Lines end as CommonMark says, with LF, CRLF or CR; commands have LF. `DocumentError` where the
    bytes are no text, or where the settings or the options of a block are wrong.
    """
    data = source.encode(errors="surrogatepass") if isinstance(source, str) else source
    lines = re.split(r"\r\n?|\n", _decoded(data, path=path))
    settings, front_matter_lines = _front_matter(lines, path=path)
    body = [""] * front_matter_lines + lines[front_matter_lines:]
    parts = _outline(_BLOCKS.parse("\n".join(body)))
    document = _Document(path, strict=settings.declared)
    return Runbook(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        sections=_sections(parts, document),
        settings=settings,
        text="\n".join(lines),
    )


def require_commands(runbook: Runbook) -> Runbook:
    """Return the runbook if it has a command; `DocumentError` that counts its blocks if not."""
    if runbook.commands:
        return runbook
    languages = Counter(block.language or "unmarked" for block in runbook.blocks)
    if not languages:
        raise DocumentError(
            f"{runbook.path}: no shell command found, for it has no fenced code block;"
            " a command stands in a block that opens with ```bash"
        )
    counted = ", ".join(f"{number} {language}" for language, number in languages.most_common())
    raise DocumentError(
        f"{runbook.path}: no shell command found in its code blocks ({counted});"
        " mark shell bash, or console where lines begin with the prompt $"
    )


# --- the file ---


def _why_unreadable(error: OSError, path: Path) -> str:
    match error.errno:
        case errno.EISDIR:
            return "is a directory; name a Markdown file in it"
        case errno.ENOENT if not path.parent.is_dir():
            return f"there is no folder {path.parent}"
        case errno.ENOENT:
            return "there is no such file" + _did_you_mean(path.name, _names_beside(path))
        case _:
            return f"can't be read: {(error.strerror or str(error)).lower()}"


def _names_beside(path: Path) -> list[str]:
    try:
        return [other.name for other in path.parent.iterdir()]
    except OSError:
        return []


def _decoded(data: bytes, *, path: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError(f"{path}:1: the text is UTF-16; save it as UTF-8")
    if (nul := data.find(b"\0")) >= 0:
        raise DocumentError(
            f"{path}:{_line_of(data, nul)}: byte {nul} is NUL, so this is a binary file;"
            " a runbook is Markdown text in UTF-8"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{path}:{_line_of(data, error.start)}: byte {error.start} (0x{data[error.start]:02x})"
            " is not UTF-8; save the text as UTF-8"
        ) from None


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


# --- the outline ---

_BLOCKS = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
_BLOCKS.disable(["inline", "text_join"])  # a block's text is looked into only where it is wanted
_INLINE = MarkdownIt("commonmark")


@dataclass(frozen=True, slots=True)
class _Part:
    """A heading with the fences and tables below it, while the document is walked through."""

    title: str
    level: int
    line: int
    fences: list[Token] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def _outline(tokens: list[Token]) -> list[_Part]:
    """Cut a document at its headings; one inside a list or quote is text of the section around."""
    parts = [_Part("", level=0, line=1)]
    for index, token in enumerate(tokens):
        match token.type:
            case "heading_open" if token.level == 0:
                title = _plain_text(tokens[index + 1].content)
                parts.append(_Part(title, level=int(token.tag[1:]), line=_first_line(token)))
            case "fence" | "code_block":
                parts[-1].fences.append(token)
            case "table_open":
                parts[-1].tables.append(_table(tokens, start=index))
    return parts if parts[0].fences or parts[0].tables else parts[1:]


def _first_line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _plain_text(source: str) -> str:
    """Return the text of a heading as it is read: without emphasis, links and HTML."""
    children = (child for token in _INLINE.parseInline(source) for child in token.children or ())
    texts = (
        " " if child.type == "softbreak" else child.content
        for child in children
        if child.type != "html_inline"
    )
    return "".join(texts).strip()


def _table(tokens: list[Token], *, start: int) -> Table:
    lines: list[int] = []
    rows: list[list[str]] = []
    for index in count(start):
        token = tokens[index]
        match token.type:
            case "tr_open":
                lines.append(_first_line(token))
                rows.append([])
            case "inline":
                rows[-1].append(_cell(token.content))
            case "table_close":
                break
    headers = tuple(rows[0])
    return Table(
        line=lines[0],
        headers=headers,
        rows=tuple(
            Row(line, MappingProxyType(dict(zip(headers, row, strict=True))))
            for line, row in zip(lines[1:], rows[1:], strict=True)
        ),
    )


_CODE_SPAN = re.compile(r"(`+)(?!`)(?P<content>.*(?<!`))\1")


def _cell(source: str) -> str:
    """Return the content of a cell that is one code span, else its source."""
    source = source.strip()
    span = _CODE_SPAN.fullmatch(source)
    if span is None or span[1] in re.findall("`+", span["content"]):
        return source
    content = span["content"]
    is_padded = content.startswith(" ") and content.endswith(" ") and content.strip()
    return content[1:-1] if is_padded else content


# --- blocks and their commands ---


@dataclass(frozen=True, slots=True)
class _Document:
    """What the blocks of a document share; `strict` where it declares settings for freshrun."""

    path: str
    strict: bool

    def error(self, line: int, message: str) -> DocumentError:
        return DocumentError(f"{self.path}:{line}: {message}")


def _sections(parts: list[_Part], document: _Document) -> tuple[Section, ...]:
    blocks = [[_block(fence, document) for fence in part.fences] for part in parts]
    everything = list(chain.from_iterable(blocks))
    if document.strict:
        _require_unique_names(everything, document)
    read = _statements(everything)
    return tuple(
        Section(
            title=part.title,
            level=part.level,
            line=part.line,
            blocks=tuple(
                _with_commands(block, next(read), file=document.path, section=part.title)
                for block in of_part
            ),
            tables=tuple(part.tables),
        )
        for part, of_part in zip(parts, blocks, strict=True)
    )


def _block(fence: Token, document: _Document) -> Block:
    language, words = _info(fence.info)
    kind = _kind(language, fence.content)
    # An indented block has no fence above its first line.
    line = _first_line(fence) - (fence.type == "code_block")
    return Block(
        kind=kind,
        language=language,
        line=line,
        end_line=fence.map[1] if fence.map else line,
        text=fence.content,
        options=Options() if kind is BlockKind.OTHER else _options(words, document, line=line),
    )


def _kind(language: str, text: str) -> BlockKind:
    if language in TRANSCRIPT_LANGUAGES:
        return BlockKind.TRANSCRIPT
    if language not in SCRIPT_LANGUAGES:
        return BlockKind.OTHER
    return BlockKind.TRANSCRIPT if shell.is_transcript(text) else BlockKind.SCRIPT


def _require_unique_names(blocks: list[Block], document: _Document) -> None:
    lines: dict[str, int] = {}
    for block in blocks:
        if block.options.name is None:
            continue
        first = lines.setdefault(block.options.name, block.line)
        if first != block.line:
            raise document.error(
                block.line,
                f'name "{block.options.name}" is taken by the block in line {first};'
                " give each block a name of its own",
            )


def _statements(blocks: list[Block]) -> Iterator[tuple[shell.Statement, ...]]:
    """Yield the statements of each block; all blocks of a kind are read together, for speed."""
    scripts = [block.text for block in blocks if block.kind is BlockKind.SCRIPT]
    transcripts = [block.text for block in blocks if block.kind is BlockKind.TRANSCRIPT]
    read = {
        BlockKind.SCRIPT: iter(shell.scripts(scripts)),
        BlockKind.TRANSCRIPT: iter(shell.transcripts(transcripts)),
        BlockKind.OTHER: repeat(()),
    }
    return (next(read[block.kind]) for block in blocks)


def _with_commands(
    block: Block, statements: tuple[shell.Statement, ...], *, file: str, section: str
) -> Block:
    """Give a block its commands; exit status, time and background are those of the last one."""
    earlier = replace(block.options, exit=0, band=None, background=False, ready=None)
    commands = tuple(
        Command(
            text=statement.text,
            file=file,
            line=block.line + statement.line,
            end_line=block.line + statement.end_line,
            section=section,
            options=block.options if statement is statements[-1] else earlier,
            stages=statement.stages,
            promised=statement.promised,
            parses=statement.parses,
        )
        for statement in statements
    )
    return replace(block, commands=commands)


# --- the info string ---

_WORD = re.compile(
    r"""(?:(?<!\w)"(?:\\.|[^"\\])*+\\?(?:"|\Z)|(?<!\w)'[^']*+(?:'|\Z)|[^\s{}])+""",
)
"""A word, with quoted blanks in it; braces only group, as in `{.bash exit=1}`."""

_DECORATION = re.compile(r"[.#][\w:-]+|[\d,-]+")
"""Pandoc's classes and identifiers, and lines to highlight: nobody misspells an option so."""


def _info(info: str) -> tuple[str, list[str]]:
    """Return the language in small letters, and the words after it."""
    words = _WORD.findall(info)
    classes = [word for word in words if word.startswith(".")]
    first = classes[0] if info.strip().startswith("{") and classes else "".join(words[:1])
    language = re.match(r"\.?([\w+#-]++)(?!=)[,:]?", first)
    if language is None:
        return "", words
    words.remove(first)
    if rest := first[language.end() :]:
        words.insert(0, rest)
    return language[1].lower(), words


def _options(words: list[str], document: _Document, *, line: int) -> Options:
    """Read the options; in a document that is not for freshrun the words of others pass."""
    options = Options()
    given: set[str] = set()
    for word in words:
        try:
            options = _with_option(options, word, given=given)
        except ValueError as error:
            if document.strict and not _DECORATION.fullmatch(word):
                raise document.error(line, str(error)) from None
        given.add(word.partition("=")[0])
    return options


def _with_option(options: Options, word: str, *, given: set[str]) -> Options:
    key, equals, value = word.partition("=")
    known = (*_OPTIONS, *_SWITCHES)
    if key not in known:
        raise ValueError(f'unknown option "{key}"' + _near_or_known(key, known))
    if key in given:
        raise ValueError(f'option "{key}" is given twice; once is enough')
    if key in _SWITCHES:
        if equals:
            raise ValueError(f'option "{key}" takes no value; write {key} alone')
        return _SWITCHES[key](options)
    example, with_value = _OPTIONS[key]
    if not equals:
        raise ValueError(f'option "{key}" has no value; write it like {example}')
    try:
        return with_value(options, _unquoted(value))
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def _near_or_known(word: str, known: Sequence[str]) -> str:
    return _did_you_mean(word, known) or f"; known are {', '.join(known)}"


_SWITCHES: Mapping[str, Callable[[Options], Options]] = {
    "background": lambda options: replace(options, background=True),
    "tty": lambda options: replace(options, tty=True),
}
"""Each option without a value, and what turns it on."""

_OPTIONS: Mapping[str, tuple[str, Callable[[Options, str], Options]]] = {
    "exit": ("exit=1", lambda options, value: replace(options, exit=_exit_status(value))),
    "timeout": ("timeout=10m", lambda options, value: replace(options, timeout=_seconds(value))),
    "band": ("band=5s..2m", lambda options, value: replace(options, band=_band(value))),
    "name": ("name=smoke", lambda options, value: replace(options, name=_name(value))),
    "skip": ('skip="reason"', lambda options, value: replace(options, skip=_reason(value))),
    "stdin": ('stdin="text"', lambda options, value: replace(options, stdin=value)),
    "terminal": ("terminal=server", lambda options, value: replace(options, terminal=_name(value))),
    "ready": ("ready=tcp:5432", lambda options, value: replace(options, ready=_ready(value))),
}
"""Each option: how it is written, and what puts its value, a `ValueError` if wrong, into place."""

_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"'}


def _unquoted(value: str) -> str:
    """Undo quotes; between double ones a backslash escapes `n`, `t`, itself and the quote."""
    quote = value[:1]
    if quote not in {'"', "'"}:
        return value
    if len(value) == 1 or not value.endswith(quote):
        raise ValueError(f"{value} has no closing quote")
    if quote == "'":
        return value[1:-1]
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), value[1:-1])


def _exit_status(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > _MAX_EXIT_STATUS:
        raise ValueError(f'"{text}" is no exit status; write a number from 0 to 255')
    return int(text)


_MAX_EXIT_STATUS = 255


def _ready(text: str) -> str:
    readiness(text)  # a `ValueError` where it is no signal
    return text


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def _seconds(text: str) -> float:
    seconds = _duration(text)
    if not seconds:
        raise ValueError(f'"{text}" is no time; write it like 90s, 10m or 1h')
    return seconds


def _duration(text: str) -> float:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([a-z]*)", text)
    if found and not found[2]:
        raise ValueError(f'"{text}" has no unit; did you mean "{text}s"?')
    if not found or found[2] not in _UNITS:
        raise ValueError(f'"{text}" is no time; write it like 90s, 10m or 1h')
    return float(found[1]) * _UNITS[found[2]]


def _band(text: str) -> tuple[float, float]:
    low, dots, high = text.partition("..")
    if not dots:
        raise ValueError(f'"{text}" is no band; write it like 5s..2m')
    band = (_duration(low), _seconds(high))  # a band may begin at nothing
    if band[0] > band[1]:
        raise ValueError(f'"{text}" ends before it begins; did you mean "{high}..{low}"?')
    return band


def _name(text: str) -> str:
    if not re.fullmatch(r"[\w.-]+", text):
        raise ValueError(f'"{text}" is no name; write it with letters, digits, ".", "_" and "-"')
    return text


def _reason(text: str) -> str:
    if not text.strip():
        raise ValueError("a reason is missing; the reader wants to know why")
    return text


# --- front matter ---


class _SettingError(Exception):
    """A setting that is wrong, at the node of the front matter that says it."""

    def __init__(self, node: yaml.Node, message: str) -> None:
        super().__init__(message)
        self.line = node.start_mark.line + 1


def _front_matter(lines: list[str], *, path: str) -> tuple[Settings, int]:
    """Return the settings, and the number of lines that they take at the top, 0 for none."""
    number = _front_matter_lines(lines, path=path)
    if not number:
        return Settings(), 0
    try:
        # An empty line stands for the one with the dashes, so that line numbers are the file's.
        text = "\n".join(["", *lines[1 : number - 1]])
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(root, yaml.MappingNode):
            return Settings(), 0
        return _settings(root), number
    except _SettingError as error:
        raise DocumentError(f"{path}:{error.line}: {error}") from None
    except (yaml.YAMLError, RecursionError) as error:
        line, problem = yaml_problem(error, text)
        raise DocumentError(f"{path}:{line}: the front matter is no YAML: {problem}") from None


_KEY = re.compile(r"""(["']?)[\w.-]+\1\s*:(\s|$)""")


def _front_matter_lines(lines: list[str], *, path: str) -> int:
    """Return how many lines the front matter takes; 0 where the dashes are a thematic break.

    It is front matter, as on GitHub, where a key follows the dashes at once and other dashes end
    it; or wherever it sets something for freshrun.
    """
    if lines[0].rstrip() != "---":
        return 0
    end = next((n for n, line in enumerate(lines[1:], 2) if line.rstrip() == "---"), 0)
    inside = lines[1 : end - 1] if end else list(takewhile(str.strip, lines[1:]))
    is_ours = any(re.match(r"freshrun\s*:", line) for line in inside)
    if is_ours and not end:
        raise DocumentError(
            f'{path}:1: the front matter that begins here has no end; close it with a line "---"'
        )
    return end if is_ours or (end and _KEY.match(lines[1])) else 0


def _settings(root: yaml.MappingNode) -> Settings:
    ours = [value for key, value in root.value if key.value == "freshrun"]
    if not ours:
        return Settings()
    if len(ours) > 1:
        raise _SettingError(ours[1], "a second map of freshrun; put all settings into one")
    settings = Settings(declared=True)
    for key, node in _entries(ours[0], "freshrun"):
        if key.value not in _SETTINGS:
            near = _near_or_known(key.value, tuple(_SETTINGS))
            raise _SettingError(key, f'unknown setting "{key.value}"{near}')
        try:
            settings = _SETTINGS[key.value](settings, node)
        except ValueError as error:
            raise _SettingError(node, f"{key.value}: {error}") from None
        _require_apart(settings, node)
    return settings


def _entries(node: yaml.Node, name: str) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Yield the keys, each once and a word, and the values of a map, which may be empty."""
    if _is_empty(node):
        return
    if not isinstance(node, yaml.MappingNode):
        raise _SettingError(node, f'{name}: a map is wanted here, with lines like "key: value"')
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _SettingError(key, f"{name}: a key is a single word")
        if key.value in seen:
            raise _SettingError(key, f'{name}: "{key.value}" is set twice; once is enough')
        seen.add(key.value)
        yield key, value


def _require_apart(settings: Settings, node: yaml.Node) -> None:
    both = sorted(set(settings.secrets) & set(settings.env))
    if both:
        raise _SettingError(
            node, f"{both[0]} is in env and in secrets; a secret's value stands in no document"
        )


_SETTINGS: Mapping[str, Callable[[Settings, yaml.Node], Settings]] = {
    "image": lambda settings, node: replace(settings, image=_text(node)),
    "user": lambda settings, node: replace(settings, user=_text(node)),
    "timeout": lambda settings, node: replace(settings, timeout=_seconds(_scalar(node))),
    "network": lambda settings, node: replace(settings, network=_choice(node, "full", "none")),
    "memory": lambda settings, node: replace(settings, memory=_memory(node)),
    "env": lambda settings, node: replace(settings, env=_environment(node)),
    "secrets": lambda settings, node: replace(settings, secrets=_secrets(node)),
    "github": lambda settings, node: replace(settings, github=_text(node)),
    "bd": lambda settings, node: replace(settings, bd=_choice(node, "stand-in", "live")),
    "repository": lambda settings, node: replace(settings, repository=_text(node)),
    "checklist": lambda settings, node: replace(settings, checklist=_text(node)),
    "sections": lambda settings, node: replace(
        settings, sections=_choice(node, "independent", "in order")
    ),
}
"""What puts each setting, a `ValueError` if wrong, into place."""

_KINDS = {"bool": "a boolean", "int": "a number", "float": "a number", "timestamp": "a date"}
"""What YAML 1.1 makes of a bare word, by the end of its tag."""


def _is_empty(node: yaml.Node) -> bool:
    return node.tag == "tag:yaml.org,2002:null"


def _scalar(node: yaml.Node) -> str:
    """Return a single value as it is written, whatever YAML takes it for."""
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError("a single value is wanted here, not a list or a map")  # noqa: TRY004 - the document's mistake
    if _is_empty(node):
        raise ValueError("there is no value; write one, or remove the key")
    return str(node.value)


def _string(node: yaml.Node) -> str:
    """Return a single value that YAML takes for a string."""
    value = _scalar(node)
    if node.tag != "tag:yaml.org,2002:str":
        kind = _KINDS.get(node.tag.rpartition(":")[2], "no string")
        raise ValueError(f'{value} is {kind} to YAML; quote it: "{value}"')
    return value


def _text(node: yaml.Node) -> str:
    if not (value := _string(node)):
        raise ValueError("there is no value; write one, or remove the key")
    return value


def _choice(node: yaml.Node, *known: str) -> str:
    value = _scalar(node)
    if value not in known:
        raise ValueError(f'"{value}" is neither "{known[0]}" nor "{known[1]}"')
    return value


def _memory(node: yaml.Node) -> str:
    value = _scalar(node)
    if not re.fullmatch(r"[1-9][0-9]*[mg]", value):
        raise ValueError(f'"{value}" is no size of memory; write it like 512m or 2g')
    return value


_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _variable(node: yaml.Node) -> str:
    value = _string(node)
    if not _VARIABLE.fullmatch(value):
        raise ValueError(f'"{value}" is no name of a variable; write it like GH_TOKEN')
    return value


def _environment(node: yaml.Node) -> Mapping[str, str]:
    env: dict[str, str] = {}
    for key, value in _entries(node, "env"):
        try:
            env[_variable(key)] = _string(value)
        except ValueError as error:
            raise _SettingError(value, f"env: {key.value}: {error}") from None
    return MappingProxyType(env)


def _secrets(node: yaml.Node) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode):
        raise ValueError("a list of names is wanted here, like [GH_TOKEN]")  # noqa: TRY004 - the document's mistake
    names: list[str] = []
    for item in node.value:
        try:
            names.append(_variable(item))
        except ValueError as error:
            raise _SettingError(item, f"secrets: {error}") from None
    return tuple(names)
