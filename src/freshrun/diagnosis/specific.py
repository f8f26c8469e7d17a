"""The signs that only one thing can mean: a limit, a version, a policy, a port, a prompt."""

from freshrun.diagnosis import document
from freshrun.diagnosis.cause import Cause
from freshrun.diagnosis.signs import Signs

_OUT_OF_MEMORY = Signs(
    Cause.OUT_OF_MEMORY,
    {
        "the machine's memory is used up": (
            r"^MemoryError\b|Cannot allocate memory|memory exhausted|JavaScript heap out of memory",
            r"^Could not reserve enough space for \S+ object heap",
            r"^Out of memory!|Fatal process OOM|fatal error: out of memory|OutOfMemoryError",
            r"std::bad_alloc|signal: 9, SIGKILL: kill|Killed signal terminated program",
        ),
    },
    context=document.memory,
)
_DISK_FULL = Signs(
    Cause.DISK_FULL,
    {"the disk is full": (r"No space left on device|ENOSPC(?!.{0,200}watch)|Disk quota exceeded",)},
)
_TOO_MANY_PROCESSES = Signs(
    Cause.TOO_MANY_PROCESSES,
    {
        "no further process can be started": (
            r"fork: (?:retry: )?Resource temporarily unavailable|[Cc]an't start new thread",
            r"BlockingIOError: \[Errno 11\] Resource temporarily unavailable",
            r"cannot fork|pthread_create.{0,200}(?:failed|Resource temporarily)|spawn \S+ EAGAIN",
        ),
        "no further file can be opened": (r"Too many open files|EMFILE",),
    },
)
_REFUSED_BY_POLICY = Signs(
    Cause.REFUSED_BY_POLICY,
    {
        "the system keeps pip from its own Python (PEP 668), so it needs a virtual environment": (
            r"^error: externally-managed-environment",
        ),
        "git distrusts `{word}`, which another user owns": (
            r"detected dubious ownership in repository at '(?P<word>[^']+)'",
        ),
        "apt trusts no key of the repository": (r"^E: The repository .* is not signed\.",),
        "ssh refuses a key that others may read": (r"UNPROTECTED PRIVATE KEY FILE",),
    },
)
_OTHER_ENGINE = (
    r"error (?>.{0,200}?The engine \"node\" is incompatible)"
    r".{0,100}Expected version (?P<word>\"[^\"]{1,100}\")"
)
_ES_MODULE = (
    r"\[ERR_REQUIRE_ESM\]: .{0,200} ES Module \S{0,200}/node_modules/"
    r"(?P<word>(?:@[^/]+/)?[^/]+)/"
)
_RUNTIME_VERSION = Signs(
    Cause.RUNTIME_VERSION,
    {
        "another Python is needed: {word}": (
            r"requires a different Python: (?P<word>.+)$",
            r"Python version (?P<word>\S+ is not supported by the project \(.+?\))",
            r"No interpreter found for Python (?P<word>[^\n]{1,100}?) in ",
        ),
        "it needs {word} or newer": (
            r"requires (?P<word>rustc [\d.]+) or newer, while",
            r"^\s*(?P<word>CMake [\d.]+) or higher is required\.",
            r"go\.mod requires (?P<word>go >= [\d.]+)",
            r"module requires (?P<word>Go [\d.]+)",
        ),
        "the Go here is too old to read `go {word}`": (r"invalid go version '(?P<word>[\d.]+)'",),
        "Cargo is older than the edition `{word}`": (
            r"this version of Cargo is older than the `(?P<word>\d+)` edition",
        ),
        "Node or npm has another version than is required: {word}": (
            r"^npm (?:error|ERR!) notsup Required: (?P<word>.+)$",
            _OTHER_ENGINE,
            r"requires (?P<word>Node\.js (?:version )?v?[\d.]+\+?)",
        ),
        "Node is too old to have `{word}`": (
            r"requested module 'node:\w+' does not provide an export named '(?P<word>\w+)'",
        ),
        "Node is too old to take `{word}`, an ES module, by `require()`": (_ES_MODULE,),
        "Node is too new for this OpenSSL use": (r"ERR_OSSL_EVP_UNSUPPORTED|error:0308010C",),
        "the text is for Python 2": (
            r"^SyntaxError: Missing parentheses in call to '(?:print|exec)",
        ),
        "Python is too new: it no longer has `{word}`": (
            r"No module named '(?P<word>distutils|imp|asyncore|asynchat|smtpd|cgi|telnetlib)'",
            r"cannot import name '(?P<word>\w+)' from 'collections' \(",
            r"module 'collections' has no attribute '(?P<word>\w+)'",
            r"module 'pkgutil' has no attribute '(?P<word>ImpImporter)'",
        ),
        "Python is too old: it has no `{word}`": (
            r"No module named '(?P<word>tomllib|zoneinfo|graphlib|dataclasses)'",
            r"cannot import name '(?P<word>\w+)' from 'typing' \(",
        ),
        "Java is too old for its class files ({word})": (
            r"UnsupportedClassVersionError: .*\((?P<word>class file version [\d.]+)\)",
        ),
        "Java is too old to know its release {word}": (
            r"^error: release version (?P<word>\d+) not supported",
        ),
        "the system's C library is too old: it has no {word}": (
            r"version `(?P<word>GLIBC(?:XX)?_[\d.]+)' not found",
        ),
        "Ruby has another version than is required: {word}": (
            r"requires (?P<word>Ruby version .{1,100}?)\. The current ruby version",
            r"^Your Ruby version is \S+, but your Gemfile specified (?P<word>.+)$",
        ),
    },
)
_PORT_TAKEN = Signs(
    Cause.PORT_TAKEN,
    {
        "port {word} is taken": (
            r"EADDRINUSE.{0,200}?:(?P<word>\d+)",
            r"listen on \S*?:(?P<word>\d+) \(reason: Address already in use",
            r"Address already in use .* port (?P<word>\d+)",
            r"[Pp]ort (?P<word>\d+) is (?:already )?(?:in use|taken|allocated)(?!.*trying)",
            r"listen tcp \S*?:(?P<word>\d+): bind: address already in use",
        ),
        "the port is taken": (
            r"[Aa]ddress already in use|EADDRINUSE|port is already (?:allocated|in use)",
        ),
    },
    context=document.port,
)

DECISIVE = (
    _OUT_OF_MEMORY,
    _DISK_FULL,
    _TOO_MANY_PROCESSES,
    _REFUSED_BY_POLICY,
    _RUNTIME_VERSION,
    _PORT_TAKEN,
)
"""Signs that decide wherever they stand in the output, whatever is printed after them."""

_WAITS_FOR_INPUT = Signs(
    Cause.WAITS_FOR_INPUT,
    {
        "apt asks for a confirmation: `-y` gives it": (r"\[Y/n\] Abort\.$",),
        "it asks for a confirmation": (
            r"(?:[\[(][Yy]/[Nn][\])]|[\[(][Yy]es/[Nn]o[^\])]*[\])])[ ?:]*(?:Aborted!|Abort\.?)?$",
        ),
        "it asks for the parts of a certificate's name: `-subj` gives them": (
            r"^(?:Country Name|State or Province Name|Common Name) \(.*\]:",
        ),
        "it asks for a secret": (
            r"^(?:\S+ )?[Pp]ass(?:word|phrase)[^:]*: *(?:\w+: (?:PAM: )?Authentication failure)?$",
            r"^Enter keystore password: ",
            r"^Current password: |^Enter PEM pass phrase:|could not read (?:Username|Password) for",
            r"Enter passphrase .*: $|fe_sendauth: no password supplied",
        ),
        "it reads an answer and finds end-of-file": (
            r"^EOFError\b|^click\.exceptions\.Abort$|^Aborted!$",
        ),
        "it wants an editor": (
            r"Terminal is dumb, but EDITOR unset|There was a problem with the editor",
            r"^visudo: no editor found",
            r"^Vim: (?:Warning: (?:Out|In)put is not|Error reading)|Too many errors from stdin",
        ),
        "it wants a terminal": (
            r"^the input device is not a TTY|stdin is not a (?:terminal|tty)\b(?!\.$)",
            r"interactive login from a non TTY|not running in a TTY|cannot open '/dev/tty'",
            r"\bnot a tty\b",
            r"when not running interactively|must be run from a terminal|setRawMode is not a func",
            r"^(?!bash: \[).*[Ii]nappropriate ioctl for device|^Error opening terminal: ",
        ),
        "ssh asks whether it may trust the host": (r"^Host key verification failed\.",),
    },
)
_OTHER_USER = Signs(
    Cause.OTHER_USER,
    {
        "the user `{word}` does not exist": (
            r"^sudo: unknown user:? (?P<word>\S+)$",
            r"invalid user: '(?P<word>[^']+)'",
            r"^su: user (?P<word>\S+) does not exist",
            r"role \"(?P<word>[^\"]+)\" does not exist",
        ),
        "the database wants the user `{word}` itself": (
            r"Peer authentication failed for user \"(?P<word>[^\"]+)\"",
            r"Access denied for user '(?P<word>[^']+)'@'localhost'$",
        ),
        "it refuses root": (
            r"cannot be run as root|(?:[Dd]on't|[Dd]o not) run .{0,100}\bas root",
            r"^Running as root without",
        ),
    },
)
_SERVICE_NOT_RUNNING = Signs(
    Cause.SERVICE_NOT_RUNNING,
    {
        "no Docker daemon runs here": (r"[Cc]annot connect to the Docker daemon",),
        "systemd does not run here, as in most containers": (
            r"System has not been booted with systemd|Failed to connect to bus",
        ),
        "the machine has no systemd, as most containers, so `{word}` is not there": (
            r"(?:^|: )(?P<word>(?:system|journal|hostname|timedate|login)ctl): command not found",
        ),
        "no service `{word}` is installed": (r"^(?P<word>[\w@.-]+): unrecognized service$",),
        "Redis does not run at {word}": (
            r"Could not connect to Redis at (?P<word>\S+?): (?!Name or|Temporary)",
        ),
        "MySQL does not run here": (
            r"Can't connect to local (?:MySQL )?server through socket",
            r"Can't connect to (?:MySQL )?server on '(?:127\.0\.0\.1|localhost)'",
        ),
        "PostgreSQL does not run at {word}": (
            r"connection to server on socket \"(?P<word>[^\"]+)\" failed: No such file",
        ),
        "no ssh-agent runs": (r"Could not open a connection to your authentication agent",),
    },
)
_GONE = Signs(
    Cause.GONE,
    {
        "the server has nothing at the address": (
            r"returned error: (?:404|410)$|^\S+ \S+ ERROR (?:404|410): ",
            r"HTTP Error (?:404|410)\b|remote: Repository not found|manifest unknown",
        ),
        "the repository `{word}` is gone": (
            r"^fatal: repository '(?P<word>[^']+)' not found",
            r"^E: The repository '(?P<word>[^']+)' (?:does not have|no longer has) a Release",
        ),
        "the branch `{word}` is gone": (
            r"^fatal: Remote branch (?P<word>\S+) not found in upstream",
        ),
        "the program says that this way is gone": (
            r"^(?!.*\b[Ww](?:arn|ARN)).*is no longer supported",
            r"^(?!.*\b[Ww](?:arn|ARN)).*has been (?:removed|renamed|discontinued)",
            r"^(?!.*\b[Ww](?:arn|ARN)).*was (?:removed|renamed) (?:in|to) ",
        ),
    },
)
_MISSING_STEP = Signs(
    Cause.MISSING_STEP,
    {
        "git knows no author, as no earlier step sets `user.email`": (
            r"^\*\*\* Please tell me who you are",
        ),
        "no earlier step made or entered a git repository": (
            r"^fatal: not a git repository|^Not in a Git repository\.$",
        ),
        "no earlier step made a virtual environment": (r"^error: No virtual environment found",),
        "no earlier step made the branch `{word}`, or committed to it": (
            r"^error: src refspec (?P<word>\S+) does not match any",
        ),
        "no earlier step added the remote `{word}`": (
            r"^fatal: '(?P<word>[^'/]+)' does not appear to be a git repository",
        ),
        "no earlier step left a change for git to commit": (r"^nothing (?:added )?to commit\b",),
        "no earlier step made the database's `{word}`": (
            r"(?:database|relation|schema) \"(?P<word>[^\"]+)\" does not exist",
            r"no such table: (?P<word>\S+)",
            r"Unknown database '(?P<word>[^']+)'",
            r"Table '(?P<word>[^']+)' doesn't exist",
        ),
        "no earlier step made the container, network or volume `{word}`": (
            r"[Nn]o such (?:container|network|volume): (?P<word>[^\s\"]+)",
            r"network (?P<word>\S+) not found",
        ),
    },
)

SPECIFIC = (
    _WAITS_FOR_INPUT,
    _OTHER_USER,
    _SERVICE_NOT_RUNNING,
    _GONE,
    _MISSING_STEP,
)
"""Asked of each line before the general ones."""
