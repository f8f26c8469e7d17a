"""The signs that many programs share: what is not there, not known, not set or not allowed."""

from freshrun.diagnosis import document
from freshrun.diagnosis.cause import Cause
from freshrun.diagnosis.signs import Signs

_OPEN, _SHUT = "['`\"]", "['`\"]"
_QUOTED = rf"{_OPEN}(?P<word>[^'`\"]+){_SHUT}"
_BARE = r"(?P<word>[^:'`\"]+)"
_READING = r"(?:\*\*\* |can't read |(?:Could not |[Cc]an ?not )?open (?:file )?)?"
_OPTION = rf"{_OPEN}?(?P<word>-[^\s'`\"]+)"

_SYNTAX_ERROR = Signs(
    Cause.SYNTAX_ERROR,
    {
        "the shell can't read the command": (
            r"^(?:-?(?:ba|da|z|k)?sh|eval): .*(?:[Ss]yntax error|parse error|unexpected EOF)",
        ),
    },
)
_COMMAND_NOT_FOUND = Signs(
    Cause.COMMAND_NOT_FOUND,
    {
        "`{word}` is not found": (
            r"(?:^|: )(?P<word>[^:/]+): command not found$",
            r"^(?:zsh(?::\d+)?|bundler): command not found: (?P<word>[^/]+)$",
            r"^\S+: (?:\d+|exec): (?P<word>[^:/]+): not found$",
            rf"\benv: {_OPEN}(?P<word>[^/']+){_SHUT}: No such file",
            rf"^\w+: failed to run command {_OPEN}(?P<word>[^/']+){_SHUT}: No such file",
            r"^\w+: cannot run (?P<word>[^:/]+): No such file",
            r"^(?:xargs|make(?:\[\d+\])?): (?P<word>[^:/*]+): No such file",
            r"^gpg: .*: No (?P<word>dirmngr)$",
            r"^E: (?P<word>gnupg), gnupg2 and gnupg1 do not seem to be installed",
        ),
    },
    context=document.program,
)
_INTERPRETER_NOT_FOUND = Signs(
    Cause.INTERPRETER_NOT_FOUND,
    {
        "`{word}` is there, but not the interpreter or loader that it names": (
            r"(?<![^\s:])(?P<word>[^\s:]+): cannot execute: required file not found",
        ),
        "the interpreter `{word}` is not there": (r": (?P<word>[^\s:]+): bad interpreter",),
    },
)
_UNSET_VARIABLE = Signs(
    Cause.UNSET_VARIABLE,
    {
        "`{word}` is not set": (
            r"(?:^|: )(?P<word>\$?\w+)(?:\[[^]]*\])?: unbound variable$",
            r"(?:^|: )(?P<word>\w+): parameter (?:null or )?not set$",
        ),
    },
    context=document.setter,
)
NETWORK = Signs(
    Cause.NETWORK,
    {
        "the name `{word}` is not known": (
            r"Could not resolve host(?:name)?:? (?P<word>[^\s:;,]+)",
            rf"unable to resolve host address {_QUOTED}",
            rf"Temporary failure resolving {_QUOTED}",
            r"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?P<word>\S+)",
            r"Unknown (?:MySQL )?server host '(?P<word>[^']+)'",
            r"Failed to open TCP connection to (?P<word>[^\s:]+):\d+ \(getaddrinfo",
        ),
        "the name `{word}` is not known here": (
            r"failed to resolve address for (?P<word>[^\s:]+)",
            r"lookup (?P<word>\S+) on \S+: no such host",
        ),
        "a name on the network is not known": (
            r"^(?!sudo: unable to resolve host).*(?:Name or service not kn|failure in name resol)",
        ),
        "nothing answers at {word}": (
            r"ailed to connect to (?P<word>\S+ port \d+)",
            r"connect to (?:host )?(?P<word>\S+ port \d+): ",
            r"ECONNREFUSED (?P<word>\S+:\d+)",
            r"connection to server at \"(?P<word>[^\"]+)\".* refused",
            r"Can't connect to (?:MySQL )?server on '(?P<word>(?!127\.0\.0\.1|localhost)[^']+)'",
        ),
        "a connection is refused": (r"[Cc]onnection refused|ECONNREFUSED",),
        "the network can't be reached": (r"[Nn]etwork is unreachable|No route to host",),
        "nothing answers in time": (
            r"context deadline exceeded|i/o timeout$|TLS handshake timeout",
        ),
        "a connection is lost": (r"[Cc]onnection (?:timed out|reset by peer)|ETIMEDOUT",),
        "the machine does not trust the server's certificate": (
            r"SSL certificate problem|certificate verif\w+ failed|SELF_SIGNED_CERT",
            r"unable to (?:get local issuer|verify the first) certificate",
        ),
    },
    context=document.network,
)
_REFUSED_BY_THE_OTHER = Signs(
    Cause.PERMISSION_DENIED,
    {
        "the server knows no key of this machine": (r"Permission denied \(publickey",),
        "the server refuses the caller": (
            r"returned error: 40[13]$|^\S+ \S+ ERROR 40[13]: ",
            r"Authentication failed for |HTTP Error 40[13]|^(?:\(error\) )?NOAUTH ",
            r"Access denied for user '[^']+'@'[^']+' \(using password",
        ),
        "a container may not set the kernel's `{word}`": (
            r"^sysctl: permission denied on key \"(?P<word>[^\"]+)\"",
            r"^sysctl: setting key \"(?P<word>[^\"]+)\".*: Read-only file system",
        ),
    },
)
_PERMISSION_DENIED = Signs(
    Cause.PERMISSION_DENIED,
    {
        "sudo asks for a password": (r"^sudo: .*(?:password|terminal) is required",),
        "it needs root": (
            r"are you root\?|superuser privilege|under the root user|can only be used by root",
            r"must be superuser",
            r"(?:must be|need(?:s|ed)?|requires?)(?: run)?(?: as| to be)? root(?: privileges)?\.?$",
        ),
        "a container may not mount at `{word}`": (r"^mount: (?P<word>[^:]+): permission denied",),
        "this user may not use `{word}`": (
            rf"Permission denied: {_QUOTED}",
            rf"EACCES: permission denied, \w+ {_QUOTED}",
            rf"{_QUOTED}: (?:Permission denied|Operation not permitted)",
            rf"(?:^|: )(?:cannot \w+ |open )?(?:output file )?(?!\[){_BARE}: [Pp]ermission denied",
        ),
        "this user may not do it": (r"[Pp]ermission denied|Operation not permitted",),
    },
    context=document.root,
)
_PACKAGE_NOT_FOUND = Signs(
    Cause.PACKAGE_NOT_FOUND,
    {
        "apt knows no package `{word}`": (
            r"^E: Unable to locate package (?P<word>\S+)",
            r"^E: Package '(?P<word>[^']+)' has no installation candidate",
        ),
        "apt has no such version of `{word}`": (
            r"^E: Version '[^']+' for '(?P<word>[^']+)' was not found",
        ),
        "pip finds no package `{word}`": (r"No matching distribution found for (?P<word>\S+)",),
        "gem finds no package `{word}`": (
            r"Could not find a valid gem '(?P<word>[^']+)' \(.*\) in any repository",
        ),
        "npm finds no package `{word}`": (
            r"No matching version found for (?P<word>\S+?)\.?$",
            r"^npm \S+ 404 (?>.*?resource ')(?P<word>@?[^@']+)(?:@[^@']*)?' could not be found",
            r"^npm (?:error|ERR!) 404\s+'(?P<word>@?[^@']+)(?:@[^@']*)?' is not in",
        ),
    },
    context=document.package,
)
_MODULE_NOT_FOUND = Signs(
    Cause.MODULE_NOT_FOUND,
    {
        "Python has no module `{word}`": (r"No module named '?(?P<word>[\w.]+)'?$",),
        "the module `{word}` is not there": (rf"[Cc]ould not import (?:module )?{_QUOTED}",),
        "Node has no module `{word}`": (
            r"Cannot find module '(?P<word>[^'/.][^']*)'",
            r"Cannot find package '(?P<word>[^'/.][^']*)' imported from",
        ),
        "Perl has no module `{word}`": (r"Can't locate (?P<word>\S+)\.pm in @INC",),
        "Ruby has no file `{word}` to load": (r"cannot load such file -- (?P<word>\S+)",),
        "Java has no class `{word}`": (r"Could not find or load main class (?P<word>\S+)",),
        "PHP has no driver for this database": (r"PDOException: could not find driver",),
        "the kernel has no module `{word}`, and a container can't bring one": (
            r"^modprobe: FATAL: Module (?P<word>\S+) not found",
        ),
    },
    context=document.module,
)
_UNKNOWN_OPTION = Signs(
    Cause.UNKNOWN_OPTION,
    {
        "the program has no option `{word}`": (
            rf"(?:unknown|illegal|bad|no such) (?:option|flag)(?: was)?:? {_OPTION}",
            rf"[Uu]nrecognized (?:option|flag):? {_OPTION}",
            rf"[Nn]o such option:? {_OPTION}",
            rf"(?:unexpected argument|unknown predicate|provided but not defined:) {_OPTION}",
            r"unknown shorthand flag: .* in (?P<word>-\S+)",
            r"option (?P<word>-\S+?):? is (?:unknown|not understood|ambiguous)",
            r": (?P<word>-\S+): invalid option$",
            r"error: unknown option `(?P<word>[^']{1,200})'",
        ),
        "the program has no option `-{word}`": (
            rf"(?:invalid|unknown|illegal) option -- {_OPEN}?(?P<word>[^\s'])",
        ),
        "the program does not take `{word}`": (
            r"unrecognized arguments?:? (?P<word>.+)$",
            r"^(?>.*?Got unexpected extra arguments? \()(?P<word>.+)\)$",
            r"Found argument '(?P<word>-[^']+)' which wasn't expected",
        ),
    },
)
_UNKNOWN_SUBCOMMAND = Signs(
    Cause.UNKNOWN_SUBCOMMAND,
    {
        "the program has no command `{word}`": (
            rf"^\w+: {_QUOTED} is not an? \w+ command",
            rf"(?:[Uu]nknown|[Nn]o such|unrecognized) (?:sub)?command:? {_QUOTED}",
            r"^\w+: unknown command: (?P<word>.+)$",
            r"^go (?P<word>[^\s:]+): unknown command$",
            r"^The requested command (?P<word>\S+) does not exist\.",
            r"^E: Invalid operation (?P<word>\S+)",
            rf"No idea what {_QUOTED} is",
        ),
        "the program does not take `{word}`": (rf"invalid choice: {_QUOTED} \(choose from",),
        "`package.json` has no script `{word}`": (r"Missing script: \"?(?P<word>[^\"]+)",),
    },
    context=document.extension,
)
_NO_SUCH_FILE = Signs(
    Cause.NO_SUCH_FILE,
    {
        "the linker finds no library `{word}`": (r"cannot find -l(?P<word>[\w.+-]+)",),
        "`{word}` is not there": (
            rf"No such file or directory: {_QUOTED}",
            rf"ENOENT: no such file or directory, \w+ {_QUOTED}",
            rf"{_QUOTED}: (?:\[Errno 2\] )?[Nn]o such file",
            r"couldn't read `?(?P<word>[^\s:`]+)`?: No such file",
            r"\bl?stat (?P<word>[^\s:]+): no such file",
            r"No such file or directory -- (?P<word>\S+)",
            r"Could not open input file: (?P<word>\S+)",
            r"Could not open file or uri for loading .* from (?P<word>\S+)$",
            rf"(?:[Pp]ath|[Ff]ile|[Dd]irectory) {_QUOTED} does not exist",
            r"could not find `(?P<word>[^`]+)` in `[^`]+` or any parent directory",
            r"^go: (?P<word>go\.mod) file not found",
            r"^Could not locate (?P<word>Gemfile)\b",
            r"could not find a (?P<word>composer\.json|pyproject\.toml) file in",
            r"Unable to access jarfile (?P<word>\S+)",
            r"^error: file not found: (?P<word>\S+)",
            r"pathspec '(?P<word>[^']+)' did not match any file",
            r"^unzip:\s+cannot find or open (?P<word>[^\s,]+),",
            r"^E: Unsupported file (?P<word>\S+) given on commandline",
            r"unable to open database \"(?P<word>[^\"]+)\"",
            r"does not appear to contain (?P<word>CMakeLists\.txt)",
            r"can only install with an existing (?P<word>package-lock\.json)",
            r"\b[Aa] (?P<word>package\.json) file is necessary",
            rf"(?:^|: ){_READING}{_BARE}: (?:Cannot open: )?[Nn]o such file",
            r"^\S+: \d+: (?P<word>[^:]*/[^:]*): not found$",
            r"no such file or directory: (?P<word>\S+)$",
            r"file or directory not found: (?P<word>.+)$",
            r"Cannot find module '(?P<word>[/.][^']*)'",
            rf"Can't open {_QUOTED}",
        ),
        "no `go.mod` is there": (r"directory prefix \. does not contain main module",),
        "no `pom.xml` is there": (r"there is no POM in this directory",),
        "no `Rakefile` is there": (r"^No Rakefile found",),
        "curl can't read the file that it has to send": (
            r"^curl: \(26\) Failed to open/read local data",
        ),
        "make knows no target `{word}`": (rf"No rule to make target {_QUOTED}",),
        "no makefile is there": (r"no makefile found",),
    },
    context=document.maker,
)

# Where one line could be read in two ways, the first of these that knows it reads it.
GENERAL = (
    _SYNTAX_ERROR,
    _COMMAND_NOT_FOUND,
    _INTERPRETER_NOT_FOUND,
    _UNSET_VARIABLE,
    NETWORK,
    _REFUSED_BY_THE_OTHER,
    _PERMISSION_DENIED,
    _PACKAGE_NOT_FOUND,
    _MODULE_NOT_FOUND,
    _UNKNOWN_OPTION,
    _UNKNOWN_SUBCOMMAND,
    _NO_SUCH_FILE,
)
"""What is asked of each line, in this order."""
