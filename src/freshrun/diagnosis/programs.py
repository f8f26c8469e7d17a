"""What developers' programs say: databases, transfers, git, and what builds and installs."""

from freshrun.diagnosis import document
from freshrun.diagnosis.cause import Cause
from freshrun.diagnosis.given import given, made
from freshrun.diagnosis.signs import Signs

_REFUSED = Signs(
    Cause.PERMISSION_DENIED,
    {
        "the database refuses the password of `{word}`": (
            r"password authentication failed for user \"(?P<word>[^\"]+)\"",
        ),
        "the database takes no connection from here": (
            r"no pg_hba\.conf entry for host|ERROR 1130 \(HY000\)",
        ),
        "the database does not allow it to this user": (r"^ERROR (?:1044|1142|1227) \(42000\)",),
        "the server refuses the password": (
            r"^(?:\(error\) )?(?:WRONGPASS|NOPERM) |MongoServerError: Authentication failed",
            r"command \w+ requires authentication|^Received disconnect .*Too many authentication",
        ),
        "GitHub takes a token or a key in place of a password": (
            r"Support for password authentication was removed",
        ),
        "the server does not let this user write to `{word}`": (
            r"^remote: Permission to (?P<word>\S+) denied to",
        ),
        "the registry wants a login": (r"^npm (?:error|ERR!) code (?:E401|ENEEDAUTH)",),
        "the passphrase is wrong": (r"routines:[^\n:]{0,60}:bad decrypt",),
        "this user may not write to `{word}`": (
            r"You don't have write permissions for the (?P<word>\S+) directory",
        ),
        "Vault has no token": (r"^\* (?:missing client token|permission denied)$",),
    },
)
_NOT_RUNNING = Signs(
    Cause.SERVICE_NOT_RUNNING,
    {
        "PostgreSQL is not ready yet": (
            r"FATAL:\s+the database system is (?:starting up|shutting)",
        ),
        "Redis is not ready yet": (r"^(?:\(error\) )?(?:LOADING|CLUSTERDOWN) ",),
        "no broker of Kafka answers": (
            r"Connection to node -?\d+ \([^)]+\) could not be established",
            r"Timed out waiting for a node assignment",
        ),
        "RabbitMQ does not run at `{word}`": (
            r"unable to perform an operation on node '(?P<word>[^']+)'",
        ),
        "no display is here": (r"[Cc]an(?:not|'t) open display|Missing X server or \$DISPLAY",),
    },
)
_ABSENT = Signs(
    Cause.MISSING_STEP,
    {
        "no earlier step made the database's column `{word}`": (
            r"^ERROR:\s+column \"(?P<word>[^\"]+)\" (?:of relation \"[^\"]+\" )?does not exist",
        ),
        "no earlier step made the database `{word}`": (
            r"We could not find your database: (?P<word>\S+?)\.?$",
        ),
        "no earlier step runs the migrations": (r"Migrations are pending",),
        "no earlier step made the topic `{word}`": (
            r"Topic '(?P<word>[^']+)' does not exist as expected",
        ),
        "no earlier step made a commit, so `{word}` is nothing": (
            r"ambiguous argument '(?P<word>(?:HEAD|@)(?:[\^~][^']{0,60})?)': unknown revision",
        ),
        "no earlier step made a commit on `{word}`": (
            r"your current branch '(?P<word>[^']+)' does not have any commits yet",
        ),
        "the branch has no remote one: no earlier step sets it": (
            r"^There is no tracking information for the current branch",
            r"^fatal: No configured push destination|^fatal: The current branch \S+ has no up",
        ),
        "git has no branch or tag `{word}`": (
            r"^merge: (?P<word>\S+) - not something we can merge",
            r"^fatal: invalid upstream '(?P<word>[^']+)'",
            r"^error: (?:branch|tag) '(?P<word>[^']+)' not found",
            r"^fatal: invalid reference: (?P<word>\S+)",
        ),
        "no earlier step stashed anything": (r"^No stash entries found",),
        "no earlier step made a key for ssh: `ssh-keygen` does": (
            r"ssh-copy-id: ERROR: No identities found",
        ),
        "gpg does not have the key": (
            r"Can't check signature: No public key|(?:decryption|signing) failed: No secret key",
        ),
        "conda is not set up in this shell: `conda init` or its `conda.sh` comes first": (
            r"shell has not been properly configured to use 'conda activate'",
            r"Run 'conda init' before 'conda activate'",
        ),
        "no earlier step made the conda environment `{word}`": (
            r"Could not find conda environment: (?P<word>\S+)",
        ),
        "the gems are not installed: `bundle install` comes first": (
            r"^Could not find \S+-\d[\w.]* in (?:any of the sources|locally installed|cached gems)",
            r"^Could not find [^\n]{1,200} in locally installed gems",
        ),
        "rustup has no toolchain: `rustup default stable` comes first": (
            r"rustup could not choose a version of \w+ to run",
        ),
        "the toolchain `{word}` is not installed": (
            r"^error: toolchain '(?P<word>[^']+)' is not installed",
        ),
        "`go.sum` lacks an entry: `go mod tidy` comes first": (r"missing go\.sum entry for",),
        "`poetry.lock` is older than `pyproject.toml`: `poetry lock` comes first": (
            r"pyproject\.toml changed significantly since poetry\.lock",
        ),
        "Playwright has no browser: `playwright install` comes first": (
            r"browserType\.launch: Executable doesn't exist at",
        ),
        "no crontab is set for `{word}`": (r"^no crontab for (?P<word>\S+)",),
    },
)
_THERE = Signs(
    Cause.ALREADY_THERE,
    {
        "`{word}` is already there": (
            r"^(?:\w+: error: .{0,60})?ERROR:\s+\w+ \"(?P<word>[^\"]+)\" already exists",
            r"database creation failed: ERROR:\s+database \"(?P<word>[^\"]+)\" already exists",
            r"Can't create database '(?P<word>[^']+)'; database exists",
            r"^ERROR 1050 \(42S01\)[^\n']{0,40}Table '(?P<word>[^']+)' already exists",
            r"^error: remote (?P<word>\S+) already exists",
            r"^fatal: [Aa] branch named '(?P<word>[^']+)' already exists",
            r"^fatal: tag '(?P<word>[^']+)' already exists",
            r"Topic '(?P<word>[^']+)' already exists",
        ),
    },
    context=made,
)
_POLICY = Signs(
    Cause.REFUSED_BY_POLICY,
    {
        "ssh knows another key of the host": (r"REMOTE HOST IDENTIFICATION HAS CHANGED",),
        "ssh refuses `{word}`, which others may write": (
            r"^Bad owner or permissions on (?P<word>\S+)",
        ),
        "ssh and the server have no method in common": (
            r"no matching (?:host key type|key exchange method|cipher|MAC) found",
        ),
        "git keeps what the other side has": (
            r"^ ?! \[(?:remote )?rejected\]",
            r"refusing to merge unrelated histories|Not possible to fast-forward, aborting",
        ),
        "git keeps the local changes": (
            r"local changes to the following files would be overwritt",
        ),
        "Redis takes no connection from elsewhere, or no writes": (
            r"^(?:-|\(error\) )?(?:DENIED Redis is running in protected|READONLY You|MISCONF )",
        ),
        "the lock file is older than what it locks, and may not be changed": (
            r"ERR_PNPM_OUTDATED_LOCKFILE|lockfile needs to be updated, but (?:yarn|.--frozen)",
            r"`npm ci` can only install packages when your package\.json and package-lock",
            r"the lock file \S+ needs to be updated but --locked was passed",
        ),
    },
)
_NETWORK = Signs(
    Cause.NETWORK,
    {
        "ssh lost the connection": (
            r"^Connection closed by \S+ port \d+|^kex_exchange_identification: ",
        ),
        "the server's certificate is not valid any more": (r"certificate has expired",),
        "the certificate is not for `{word}`": (
            r"no alternative certificate subject name matches target host name '(?P<word>[^']+)'",
        ),
        "the server does not speak TLS at that port": (
            r"routines:[^\n:]{0,60}:wrong version number",
        ),
        "the server answered with nothing": (r"^curl: \(52\) Empty reply from server",),
        "nothing answers in time": (r"^curl: \(28\) ",),
    },
    context=document.network,
)
_FILES = Signs(
    Cause.NO_SUCH_FILE,
    {
        "`{word}` is not there": (
            r"Identity file (?P<word>\S+) not accessible",
            r"^error: No `(?P<word>pyproject\.toml)` found",
            r"ERR_PNPM_NO_PKG_MANIFEST\s+No (?P<word>package\.json)",
            r"^no Go files in (?P<word>\S+)",
        ),
        "the library `{word}` is not there": (
            r"^(?:--)?\s*Package '?(?P<word>[\w.+-]+)'?(?:, required by '[^']+',)? (?:was )?not f",
            r"Could NOT find (?P<word>\w+) \(missing",
            r"The system library `(?P<word>[^`]+)` required by crate",
        ),
        "no Gradle build is here": (r"does not contain a Gradle build",),
        "`gradle-wrapper.jar` is not there": (
            r"main class org\.gradle\.wrapper\.GradleWrapperMain",
        ),
    },
    context=document.maker,
)
_PROGRAMS = Signs(
    Cause.COMMAND_NOT_FOUND,
    {
        "`{word}` is not found": (
            r"^Command not found: (?P<word>\S+)$",
            r"error: linker `(?P<word>[^`]+)` not found",
            r"C compiler \"(?P<word>[^\"]+)\" not found",
            r"^Error: (?P<word>pg_config) executable not found",
            r"error: command '(?P<word>[\w./-]+)' failed: No such file or directory",
            r"Could not find `(?P<word>protoc)`",
        ),
        "no C compiler is found": (
            r"configure: error: no acceptable C compiler found",
            r"No CMAKE_\w+_COMPILER could be found",
        ),
    },
    context=lambda case, word: (
        document.program(case, word) if word else document.nothing(case, word)
    ),
)
_UNSET = Signs(
    Cause.UNSET_VARIABLE,
    {
        "`JAVA_HOME` is not set, or no Java is there": (
            r"JAVA_HOME (?:is not set|is not defined|environment variable is not defined)",
            r"JAVA_HOME is set to an invalid directory",
        ),
        "Android's SDK is not found: `ANDROID_HOME` names it": (r"SDK location not found",),
        "`secret_key_base` is not set": (r"Missing `secret_key_base` for '\w+' environment",),
    },
    context=given(
        r"JAVA_HOME=|\binstall\b[^\n;|&]{0,200}(?:jdk|jre)|ANDROID_HOME=|SECRET_KEY_BASE=",
        gives="gives it",
    ),
)
_MODULES = Signs(
    Cause.MODULE_NOT_FOUND,
    {
        "Go has no package `{word}`": (
            r"no required module provides package (?P<word>[^\s;:]+)",
            r"package (?P<word>\S+) is not in (?:GOROOT|std)",
        ),
        "Java has no class `{word}`": (r"NoClassDefFoundError: (?P<word>[\w./$]+)",),
        "Java has no package `{word}`": (r"error: package (?P<word>[\w.]+) does not exist",),
        "Rust has no crate `{word}`": (r"error\[E0463\]: can't find crate for `(?P<word>[^`]+)`",),
    },
    context=document.module,
)
_PACKAGES = Signs(
    Cause.PACKAGE_NOT_FOUND,
    {
        "cargo finds no package `{word}`": (
            r"no matching package named `(?P<word>[^`]+)` found",
            r"^error: could not find `(?P<word>[^`]+)` in registry",
        ),
        "Maven finds no package `{word}`": (
            r"Could not find artifact (?P<word>\S+)",
            r"Failure to find (?P<word>[\w.-]+:\S+) in http",
        ),
        "Gradle finds no package `{word}`": (
            r"^\s*> Could not find (?P<word>[\w.-]+:[\w.-]+:[\w.-]+)\.$",
        ),
        "bundler finds no gem `{word}`": (r"^Could not find gem '(?P<word>[^' ]+)",),
        "yarn finds no package `{word}`": (
            r"Couldn't find (?:any versions for|package) \"(?P<word>[^\"]+)\"",
        ),
        "PostgreSQL has no extension `{word}` installed": (
            r"extension \"(?P<word>[^\"]+)\" is not available",
        ),
        "Python's `venv` lacks `ensurepip`, which Debian has in `python3-venv`": (
            r"ensurepip is not\s*$|ensurepip is not available",
        ),
        "Ruby's header files are not there, which Debian has in `ruby-dev`": (
            r"mkmf\.rb can't find header files for ruby",
        ),
    },
)
_TASKS = Signs(
    Cause.UNKNOWN_SUBCOMMAND,
    {
        "Maven has no phase `{word}`": (r"Unknown lifecycle phase \"(?P<word>[^\"]+)\"",),
        "Gradle has no task `{word}`": (r"Task '(?P<word>[^']+)' not found in (?:root )?project",),
        "rake has no task `{word}`": (r"Don't know how to build task '(?P<word>[^']+)'",),
        "yarn has no command `{word}`": (
            r"^error Command \"(?P<word>[^\"]+)\" not found",
            r"Couldn't find a script named \"(?P<word>[^\"]+)\"",
        ),
        "cargo has no target `{word}`": (
            r"^error: no (?:bin|example|test) target named `(?P<word>[^`]+)`",
        ),
    },
)
_OPTIONS = Signs(
    Cause.UNKNOWN_OPTION,
    {
        "the program has no option `{word}`": (
            r"(?<![\w-])(?P<word>[\w-]++) is not a recognized option",
            r"Unrecognized VM option '(?P<word>[^']+)'",
        ),
        "the command lacks what the program needs: `{word}`": (
            r"the following arguments are required: (?P<word>.{1,100})$",
            r"Missing required argument \"\[(?P<word>[^\]]+)\]\"",
            r"^Error: Missing (?:option|argument) '(?P<word>[^']+)'",
        ),
    },
)
_UNREADABLE = Signs(
    Cause.INVALID_INPUT,
    {
        "PostgreSQL can't read the SQL at `{word}`": (
            r"ERROR:\s+syntax error at or near \"(?P<word>[^\"]+)\"",
        ),
        "SQLite can't read the SQL at `{word}`": (r"near \"(?P<word>[^\"]+)\": syntax error",),
        "Redis has another kind of value at that key": (r"^(?:\(error\) )?WRONGTYPE Operation",),
        "nginx knows no directive `{word}`": (
            r"\[emerg\] \S{0,20} ?unknown directive \"(?P<word>[^\"]+)\"",
        ),
        "what jq reads is no JSON": (r"^(?:jq: )?parse error(?:: |\b.{0,40} at line \d)",),
        "the JSON is not as the filter of jq wants it": (
            r"^jq: error \(at [^)]{1,200}\): Cannot (?:index|iterate)",
        ),
        "jq can't read the filter": (r"^jq: error: (?:syntax error|\S+/\d is not defined)",),
        "what is read is no JSON": (
            r"JSONDecodeError: |^Expecting (?:value|property name)[^\n]{0,40}: line \d+ column",
            r"^npm (?:error|ERR!) code EJSONPARSE",
        ),
        "`{word}` is no TOML": (r"^Invalid TOML file (?P<word>[^\s:]+)",),
        "it is no address that curl can read": (r"^curl: \(3\) ",),
        "curl does not speak `{word}`": (
            r"^curl: \(1\) Protocol \"(?P<word>[^\"]+)\" (?:not|dis)",
        ),
        "what was downloaded or given is no archive of that kind": (
            r"gzip: stdin: not in gzip format|^tar: This does not look like a tar archive",
            r"End-of-central-directory signature not found|File format not recognized$",
        ),
        "the checksum does not match": (
            r"computed checksums? did NOT match|: checksum mismatch$|HASHES FROM THE REQUIREMENTS",
        ),
        "what was downloaded is no key": (r"^gpg: no valid OpenPGP data found",),
        "`{word}` holds no such certificate or key": (
            r"^Could not read (?:\w+ ){1,3}from (?P<word>\S+)$",
            r"^Load key \"(?P<word>[^\"]+)\": (?:invalid format|error in libcrypto)",
        ),
        "the Makefile has blanks where a tab is meant": (r"\*\*\* missing separator",),
        "the versions of the packages do not fit each other": (
            r"^npm (?:error|ERR!) code ERESOLVE|^ERROR: ResolutionImpossible",
            r"No solution found when resolving dependencies|conflicting dependencies\.$",
        ),
        "pip can't read `{word}`": (r"^ERROR: Invalid requirement: '(?P<word>[^']+)'",),
        "`{word}` names no main class": (r"no main manifest attribute, in (?P<word>\S+)",),
        "a script has the line ends of Windows (CR LF)": (
            r"bad interpreter: .{0,100}\^M|^\S+ (?:line \d+: )?\$'\\r': command not found",
            r": \$'\\r': command not found|env: '\S{1,60}\\r'",
        ),
    },
)
_VERSIONS = Signs(
    Cause.RUNTIME_VERSION,
    {
        "Java is too old for release {word}": (
            r"invalid (?:target|source) release: (?P<word>[\d.]+)",
        ),
        "Gradle is too old for this Java (class file version {word})": (
            r"Unsupported class file major version (?P<word>\d+)",
        ),
        "Cargo is too old for the lock file": (
            r"lock file version `?\d`? (?:was found, but|requires)",
        ),
        "Go {word} can't be had": (
            r"download go(?P<word>[\d.]+) for \S+: toolchain not available",
        ),
        "Terraform has another version than is required": (r"Error: Unsupported Terraform Core",),
        "the database's programs are older than its server": (
            r"aborting because of server version mismatch",
        ),
        "another package manager is required: {word}": (
            r"defines \"packageManager\": \"(?P<word>[^\"]+)\"",
        ),
        "Node has another version than is required": (r"ERR_PNPM_UNSUPPORTED_ENGINE",),
    },
)

VERSIONS = (_VERSIONS,)
"""Signs that decide wherever they stand in the output."""
PROGRAMS = (
    _UNREADABLE,
    _REFUSED,
    _NOT_RUNNING,
    _ABSENT,
    _THERE,
    _POLICY,
    _NETWORK,
    _FILES,
    _PROGRAMS,
    _UNSET,
    _MODULES,
    _PACKAGES,
    _TASKS,
    _OPTIONS,
)
"""Asked of each line before the specific ones."""
