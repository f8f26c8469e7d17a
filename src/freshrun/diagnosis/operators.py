"""What the tools of operators say: clusters, clouds, containers, and the system's own services."""

from freshrun.diagnosis import document
from freshrun.diagnosis.cause import Cause
from freshrun.diagnosis.given import given, made
from freshrun.diagnosis.signs import Signs

_NAME = r"['`\"](?P<word>[^'`\"]+)['`\"]"

_NO_SOURCE = (
    r"failed to (?:compute cache key|calculate checksum of ref)[^\n]{0,200}"
    r"\"(?P<word>/[^\"\n]{1,200})\": not found"
)

_CLUSTER = Signs(
    Cause.MISSING_STEP,
    {
        "no cluster is configured": (
            r"The connection to the server localhost:8080 was refused",
            r"Get \"?\\?\"?http://(?:localhost|127\.0\.0\.1|\[::1\]):8080/",
            r"Missing or incomplete configuration info\.|no configuration has been provided, try",
        ),
        "kubectl knows no context `{word}`": (
            r"no context exists with the name: \"(?P<word>[^\"]+)\"",
            r"context was not found for specified context: (?P<word>\S+)",
            r"^error: context \"(?P<word>[^\"]+)\" does not exist",
        ),
        "kubectl has no current context": (r"^error: current-context is not set",),
    },
    context=given(
        r"KUBECONFIG=|--kubeconfig|\bkind create|minikube start|k3d cluster create|kubeconfig"
        r"|get-credentials|\.kube/config|config set-|kubeadm init|\bk3s\b|microk8s",
        gives="gives kubectl a kubeconfig",
    ),
)
_CLUSTER_DOWN = Signs(
    Cause.SERVICE_NOT_RUNNING,
    {
        "no cluster answers at {word}": (
            r"The connection to the server (?P<word>\S+) was refused - did you specify",
        ),
        "the pod does not run": (
            r"unable to forward port because pod is not running",
            r"container \"[^\"]+\" in pod \"[^\"]+\" is waiting to start",
            r"^error: unable to upgrade connection: container not found",
        ),
    },
)
_IN_CLUSTER = Signs(
    Cause.MISSING_STEP,
    {
        "the cluster has no `{word}`": (
            r"^Error from server \(NotFound\): [\w./-]+ \"(?P<word>[^\"]+)\" not found",
        ),
        "the cluster knows no resource `{word}`, as no step installs what defines it": (
            r"the server doesn't have a resource type \"(?P<word>[^\"]+)\"",
            r"no matches for kind \"(?P<word>[^\"]+)\" in version",
        ),
        "helm knows no repository `{word}`, which `helm repo add` gives": (
            r"^Error: (?:\w+ FAILED: )?repo (?P<word>\S+) not found",
        ),
        "helm knows no repository, which `helm repo add` gives": (
            r"^Error: no repositories (?:to show|found)",
        ),
        "helm has no such release": (
            r"^Error: (?:\w+(?: \w+)?: )?(?:\w+: )*release: not found",
            r"^Error: (?:UPGRADE FAILED: )?\"[^\"]+\" has no deployed releases",
        ),
    },
)
_CLUSTER_REFUSES = Signs(
    Cause.PERMISSION_DENIED,
    {
        "the cluster does not allow it to this user": (r"^Error from server \(Forbidden\): ",),
        "the cluster does not know this user": (
            r"^error: You must be logged in to the server|^Error from server \(Unauthorized\)",
        ),
    },
)
_TERRAFORM = Signs(
    Cause.MISSING_STEP,
    {
        "Terraform is not initialized here: `terraform init` comes first": (
            r"Error: (?:Inconsistent dependency lock file|Missing required provider|Module not)",
            r"Error: (?:Backend initialization required|Required plugins are not installed)",
            r"Error: (?:Could not load plugin|Initialization required)",
        ),
    },
    context=given(r"\b(?:terraform|tofu|terragrunt)\b[^\n;|&]{0,200}\binit\b", gives="does it"),
)
_TERRAFORM_FILES = Signs(
    Cause.NO_SUCH_FILE,
    {"no Terraform configuration is here": (r"Error: No configuration files",)},
)
_TERRAFORM_VALUE = Signs(
    Cause.UNSET_VARIABLE,
    {
        "a Terraform variable has no value: `-var`, `-var-file` or `TF_VAR_...` gives it": (
            r"Error: No value for required variable",
        ),
    },
)
_WORKSPACE = Signs(
    Cause.MISSING_STEP,
    {"Terraform has no workspace `{word}`": (r"^Workspace \"(?P<word>[^\"]+)\" doesn't exist",)},
)
_NO_COMMAND = Signs(
    Cause.UNKNOWN_SUBCOMMAND,
    {
        "the program has no command `{word}`": (
            r"^Terraform has no command named \"(?P<word>[^\"]+)\"",
            r"^docker: unknown command: docker (?P<word>\S+)",
            r"argument (?:operation|command|subcommand): Found invalid choice '(?P<word>[^']+)'",
            r"^ERROR: \(gcloud[\w.-]*\) Invalid choice: '(?P<word>[^']+)'",
            r"'(?P<word>[\w-]+)' is misspelled or not recognized by the system",
        ),
        "the AWS command line has no such command": (
            r"^aws: error: argument \w+: Invalid choice, valid choices are",
        ),
    },
)
_CREDENTIALS = Signs(
    Cause.PERMISSION_DENIED,
    {
        "AWS has no credentials": (
            r"^Unable to locate credentials|NoCredentialsError|No valid credential sources found",
            r"failed to refresh cached credentials, no EC2 IMDS role found",
        ),
        "AWS does not take the credentials ({word})": (
            r"An error occurred \((?P<word>ExpiredToken\w*|InvalidClientTokenId|AuthFailure)\)",
            r"An error occurred \((?P<word>UnrecognizedClient\w*|SignatureDoesNotMatch)\)",
        ),
        "the session of AWS has ended": (
            r"The SSO session associated with this profile has expired",
            r"^Error when retrieving token from sso: ",
        ),
        "gcloud has no account": (
            r"You do not currently have an active account selected",
            r"default credentials were not found|not automatically determine credentials",
        ),
        "Azure has no login": (r"Please run 'az login' to setup account",),
        "the GitHub CLI has no login": (
            r"^To get started with GitHub CLI, please run:  gh auth login",
            r"^gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN",
        ),
        "Ansible has no password for sudo": (r"Missing sudo password",),
        "Ansible has no password of the vault": (r"no vault secrets (?:were )?found",),
    },
    context=given(
        r"\baws configure|\baws sso login|AWS_ACCESS_KEY_ID=|AWS_PROFILE=|\bgcloud auth|\baz login"
        r"|GOOGLE_APPLICATION_CREDENTIALS=|\bgh auth login|GH_TOKEN=|--ask-become-pass|vault-pass",
        gives="logs in or sets it",
    ),
)
_CLOUD_REFUSES = Signs(
    Cause.PERMISSION_DENIED,
    {
        "the account may not do it ({word})": (
            r"An error occurred \((?P<word>AccessDenied\w*|UnauthorizedOperation)\)",
            r"^ERROR: \(gcloud[\w.-]*\) (?P<word>PERMISSION_DENIED):",
            r"^(?:ERROR: )?\((?P<word>AuthorizationFailed)\)",
        ),
    },
)
_CLOUD_SETTING = Signs(
    Cause.UNSET_VARIABLE,
    {
        "no AWS region is set": (r"^You must specify a region\.",),
        "gcloud's `{word}` is not set": (
            r"The required property \[(?P<word>[\w/]+)\] is not currently set",
        ),
    },
    context=given(
        r"AWS_(?:DEFAULT_)?REGION=|\baws configure|\bgcloud config set|CLOUDSDK_", gives="sets it"
    ),
)
_CLOUD_LACKS = Signs(
    Cause.MISSING_STEP,
    {
        "AWS has no profile `{word}` configured": (
            r"The config profile \((?P<word>[^)]+)\) could not be found",
        ),
        "AWS has nothing of that name ({word})": (
            r"An error occurred \((?P<word>NoSuch\w+|\w{1,60}NotFound\w*)\)",
        ),
        "the API `{word}` is not enabled for the project": (
            r"API \[(?P<word>[\w.]+)\] not enabled on project",
        ),
        "Azure has nothing of that name ({word})": (
            r"\((?P<word>ResourceGroupNotFound|ResourceNotFound|SubscriptionNotFound)\)",
        ),
        "Ansible has no inventory with these hosts": (
            r"Could not match supplied host pattern, ignoring",
            r"host pattern and/or --limit leaves us with no hosts to target",
        ),
        "no earlier step installs the role `{word}`": (
            r"the role '(?P<word>[^']+)' was not found",
        ),
    },
)
_ANSIBLE_FILES = Signs(
    Cause.NO_SUCH_FILE,
    {"`{word}` is not there": (r"the playbook: (?P<word>\S+) could not be found",)},
    context=document.maker,
)
_ANSIBLE_MODULES = Signs(
    Cause.MODULE_NOT_FOUND,
    {"Ansible has no module `{word}`": (r"couldn't resolve module/action '(?P<word>[^']+)'",)},
)
_UNREACHABLE = Signs(
    Cause.NETWORK,
    {
        "Ansible does not reach `{word}`": (
            r"^(?P<word>\S+) \| UNREACHABLE!",
            r"^fatal: \[(?P<word>[^\]]+)\]: UNREACHABLE!",
        ),
        "AWS does not answer at {word}": (
            r"Could not connect to the endpoint URL: \"(?P<word>[^\"]+)\"",
        ),
        "the name `{word}` is not known here": (
            r"dial tcp: lookup (?P<word>[^\s:]+): no such host",
        ),
        "the machine does not trust the server's certificate": (
            r"x509: certificate signed by unknown authority",
        ),
        "the server speaks plain HTTP, and is asked for HTTPS": (
            r"server gave HTTP response to HTTPS client",
        ),
    },
    context=document.network,
)
_OWN_TIME = Signs(
    Cause.TIMED_OUT,
    {
        "the program's own time was up before what it waits for came true": (
            r"^error: timed out waiting for the condition",
            r"(?:INSTALLATION|UPGRADE) FAILED: (?:timed out waiting|context deadline exceeded)",
        ),
    },
)
_IMAGES = Signs(
    Cause.PACKAGE_NOT_FOUND,
    {
        "the registry has no image `{word}`, or wants a login": (
            r"pull access denied for (?P<word>[^\s,]+), repository does not exist",
            r"failed to resolve reference \"(?P<word>[^\"]+)\": pull access denied",
        ),
        "helm finds no chart `{word}`": (
            r"^Error: (?:\w+ FAILED: )?chart \"(?P<word>[^\"]+)\" (?:\S+ )*not found in",
            r"^Error: (?:\w+ FAILED: )?failed to download \"(?P<word>[^\"]+)\"",
        ),
    },
)
_IN_CONTAINER = Signs(
    Cause.COMMAND_NOT_FOUND,
    {
        "`{word}` is not found": (
            r"exec: \\?\"(?P<word>[^\"\\]+)\\?\": executable file not found in \$PATH",
            r"exec: executable (?P<word>\S+) not found",
        ),
    },
)
_COMPOSE_FILES = Signs(
    Cause.NO_SUCH_FILE,
    {
        "no Compose file is here": (r"^no configuration file provided: not found",),
        "`{word}` is not there": (
            r"^(?:Failed to load \S+: )?env file (?P<word>\S+) not found",
            r"unable to prepare context: path \"(?P<word>[^\"]+)\" not found",
            r"bind source path does not exist: (?P<word>\S+)",
            _NO_SOURCE,
        ),
    },
    context=document.maker,
)
_CONTAINER_STATE = Signs(
    Cause.SERVICE_NOT_RUNNING,
    {
        "the container `{word}` does not run": (
            r"[Cc]ontainer (?P<word>\S+) is not running$",
            r"^service \"(?P<word>[^\"]+)\" is not running",
            r"dependency failed to start: container (?P<word>\S+) ",
        ),
        "no Podman service runs here": (r"^Cannot connect to Podman",),
    },
)
_CONTAINER_LACKS = Signs(
    Cause.MISSING_STEP,
    {
        "no earlier step made the network or volume `{word}`": (
            r"(?:network|volume) \"?(?P<word>[^\s\"]+)\"? declared as external, but could not",
        ),
        "the Compose file has no service `{word}`": (r"^no such service: (?P<word>\S+)",),
    },
)
_SYSTEMD = Signs(
    Cause.MISSING_STEP,
    {
        "no unit `{word}` is installed": (
            r"^Unit (?P<word>\S+) could not be found",
            r"^Failed to \w+ (?P<word>\S+): Unit \S+ (?:not found|does not exist|not loaded)",
            r"^Failed to \w+ unit: Unit (?:file )?(?P<word>\S+) does not exist",
        ),
    },
)
_SYSTEMD_JOB = Signs(
    Cause.SERVICE_NOT_RUNNING,
    {
        "the unit `{word}` did not start: `journalctl -u` tells why": (
            r"^Job for (?P<word>\S+) failed because",
        ),
    },
)
_SYSTEM_POLICY = Signs(
    Cause.REFUSED_BY_POLICY,
    {
        "the unit `{word}` is masked": (r"^Failed to \w+ \S+: Unit (?P<word>\S+) is masked",),
        "apt has no key `{word}` of the repository": (r"NO_PUBKEY (?P<word>[0-9A-F]{8,40})",),
        "the host's kernel has too low a `vm.max_map_count`": (
            r"vm\.max_map_count \[\d+\] is too low",
        ),
    },
)
_LOCKED = Signs(
    Cause.LOCKED,
    {
        "another process holds the lock of apt or dpkg": (
            r"^E: Could not get lock [^\n]{0,200}(?:held by process|Resource temporarily)",
            r"^E: Unable to (?:lock|acquire)[^\n]{0,200}is another process using it",
            r"^dpkg: error: dpkg (?:frontend|status database) lock (?:was|is) locked",
            r"^Another app is currently holding the (?:yum|dnf) lock",
        ),
        "somebody else holds the lock of Terraform's state": (r"Error acquiring the state lock",),
        "git's lock `{word}` is there: another git runs, or one was ended": (
            r"Unable to create '(?P<word>[^']+\.lock)': File exists",
        ),
        "another connection holds the database": (r"database is locked$",),
        "the file is being executed": (r": Text file busy$",),
    },
)
_ALREADY = Signs(
    Cause.ALREADY_THERE,
    {
        "`{word}` is already there": (
            r"^Error from server \(AlreadyExists\): [^\n\"]{0,100}\"(?P<word>[^\"]+)\" already",
            r"The container name \"/?(?P<word>[^\"]+)\" is already in use",
            r"^(?:Error response from daemon: )?network with name (?P<word>\S+) already exists",
            r"^useradd: user '(?P<word>[^']+)' already exists",
            r"^groupadd: group '(?P<word>[^']+)' already exists",
            r"cannot create directory '(?P<word>[^']+)': File exists",
            r"^ln: failed to create \w+ link '(?P<word>[^']+)': File exists",
        ),
        "helm's name of the release is already in use": (
            r"cannot re-use a name that is still in use",
        ),
        "it is already there ({word})": (
            r"An error occurred \((?P<word>\w{0,60}Already(?:Exists|OwnedByYou|InUse)\w*)\)",
        ),
    },
    context=made,
)
_PACKAGES = Signs(
    Cause.PACKAGE_NOT_FOUND,
    {
        "dnf finds no package `{word}`": (
            r"^(?:Error: )?Unable to find a match: (?P<word>\S+)",
            r"^No match for argument: (?P<word>\S+)",
        ),
        "apk finds no package `{word}`": (r"^\s+(?P<word>\S+) \(no such package\):?",),
        "pacman finds no package `{word}`": (r"^error: target not found: (?P<word>\S+)",),
        "Homebrew finds no package `{word}`": (
            r"No available formula (?:or cask )?with the name \"(?P<word>[^\"]+)\"",
        ),
        "snap finds no package `{word}`": (r"^error: snap \"(?P<word>[^\"]+)\" not found",),
        "apt can't have all that it depends on": (
            r"^E: Unable to correct problems, you have held broken packages",
        ),
    },
)
_UNREADABLE = Signs(
    Cause.INVALID_INPUT,
    {
        "`{word}` is no manifest that kubectl can read": (
            r"^error: error parsing (?P<word>\S+): error converting YAML to JSON",
            rf"^error: error validating {_NAME}: error validating data",
        ),
        "the chart's template wants a value that is not given, at {word}": (
            r"execution error at \((?P<word>[^)]+)\)",
        ),
        "Terraform can't read its configuration": (
            r"Error: (?:Unsupported (?:argument|block type)|Missing name for resource)",
            r"Error: (?:Argument or block definition required|Reference to undeclared \w+)",
            r"Error: (?:Unclosed configuration block|Invalid (?:expression|block definition))",
        ),
        "it is no name of an image": (r"invalid reference format",),
        "AWS can't read it ({word})": (
            r"An error occurred \((?P<word>Validation\w+|InvalidParameter\w*|Malformed\w+)\)",
        ),
        "the YAML can't be read": (
            r"^(?:error: )?(?:\S+: )*yaml: (?:line \d+: |unmarshal errors)",
            r"^yaml\.(?:scanner|parser)\.\w+Error",
        ),
        "the short name `{word}` is of no registry: write the registry in front of it": (
            r"short-name \"(?P<word>[^\"]+)\" did not resolve to an alias",
        ),
    },
)
_MACHINE = Signs(
    Cause.OTHER_MACHINE,
    {
        "the program `{word}` is for another processor than this machine's": (
            r"(?:^|: )(?P<word>[^:\s]+): cannot execute binary file: Exec format error",
            r"fork/exec (?P<word>[^:\s]+): exec format error",
        ),
        "it is for another processor than this machine's": (
            r"(?:^|[\s:])[Ee]xec format error$|wrong ELF class",
            r"is not a supported wheel on this platform",
            r"^qemu-\w+: Could not open '/lib",
        ),
        "the package is for another processor than this machine's ({word})": (
            r"package architecture \((?P<word>\w+)\) does not match system",
        ),
        "the image is not there for this machine's processor ({word})": (
            r"no matching manifest for (?P<word>[\w./]+) in the manifest list",
        ),
        "the machine has no such graphics processor": (
            r"could not select device driver \"[^\"]*\" with capabilities: \[\[gpu",
        ),
        "`date -{word}` is an option of BSD's and macOS's date, GNU's has `-d`": (
            r"^date: invalid option -- '(?P<word>[vj])'",
        ),
        "`base64 -{word}` is an option of macOS's base64, GNU's has `-d`": (
            r"^base64: invalid option -- '(?P<word>D)'",
        ),
        "`{word}` is a program of macOS": (
            r": (?P<word>pbcopy|pbpaste|launchctl|sw_vers|dscl|dscacheutil|diskutil): command not",
            r": (?P<word>networksetup|scutil|osascript|softwareupdate|xcode-select): command not",
            r": (?P<word>xcrun|mdfind|caffeinate|hdiutil|codesign|systemsetup): command not found",
        ),
    },
)
_RATE = Signs(
    Cause.RATE_LIMIT,
    {
        "the registry's rate limit is used up: a login or a mirror gives more": (
            r"toomanyrequests: |reached your (?:unauthenticated )?pull rate limit",
        ),
        "the server's rate limit is used up": (
            r"API rate limit exceeded|\b429 Too Many Requests|returned error: 429$|ERROR 429: ",
            r"An error occurred \((?:Throttling\w*|RequestLimitExceeded|TooManyRequests\w*)\)",
        ),
    },
)

DECIDING = (_MACHINE, _RATE)
"""Signs that decide wherever they stand in the output."""
OPERATORS = (
    _CLUSTER,
    _CLUSTER_DOWN,
    _IN_CLUSTER,
    _CLUSTER_REFUSES,
    _TERRAFORM,
    _TERRAFORM_FILES,
    _TERRAFORM_VALUE,
    _WORKSPACE,
    _NO_COMMAND,
    _CREDENTIALS,
    _CLOUD_REFUSES,
    _CLOUD_SETTING,
    _CLOUD_LACKS,
    _ANSIBLE_FILES,
    _ANSIBLE_MODULES,
    _OWN_TIME,
    _UNREACHABLE,
    _IMAGES,
    _IN_CONTAINER,
    _COMPOSE_FILES,
    _CONTAINER_STATE,
    _CONTAINER_LACKS,
    _SYSTEMD,
    _SYSTEMD_JOB,
    _SYSTEM_POLICY,
    _LOCKED,
    _ALREADY,
    _PACKAGES,
    _UNREADABLE,
)
"""Asked of each line before the specific ones."""
