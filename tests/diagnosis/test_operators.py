"""What everyday tools print is told as its cause, and what only sounds like it is not."""

import pytest
from typed_document import printed_by

from freshrun.diagnosis.cause import Cause

_Message = tuple[str, str, Cause, str, str]
"""The command, what it prints, the cause, what the hint says, and what must not be taken for it."""

_CLUSTERS: list[_Message] = [
    (
        "kubectl get pods",
        (
            'E1128 21:22:34.83 11584 memcache.go:265] "Unhandled Error" err="couldn\'t get current'
            ' server API group list: Get \\"http://localhost:8080/api?timeout=32s\\": dial tcp '
            '127.0.0.1:8080: connect: connection refused"\n'
            "The connection to the server localhost:8080 was refused - did you specify the right "
            "host or port?"
        ),
        Cause.MISSING_STEP,
        "no cluster is configured: no earlier step gives kubectl a kubeconfig; that belongs before",
        "checked: the connection to the server is refused as it should be",
    ),
    (
        "kubectl get pods",
        "The connection to the server 10.0.0.5:6443 was refused - did you specify the right host?",
        Cause.SERVICE_NOT_RUNNING,
        "no cluster answers at 10.0.0.5:6443",
        "the connection to the server was closed by us",
    ),
    (
        "helm list",
        (
            'Error: Kubernetes cluster unreachable: Get "http://localhost:8080/version": dial tcp '
            "127.0.0.1:8080: connect: connection refused"
        ),
        Cause.MISSING_STEP,
        "no cluster is configured",
        'Get "http://example.test:8080/version" gave no version',
    ),
    (
        "kubectl config use-context prod",
        'error: no context exists with the name: "prod"',
        Cause.MISSING_STEP,
        "kubectl knows no context `prod`",
        "error: no contents exist",
    ),
    (
        "kubectl --context prod get pods",
        "Error in configuration: context was not found for specified context: prod",
        Cause.MISSING_STEP,
        "kubectl knows no context `prod`",
        "Error in configuration: context was empty",
    ),
    (
        "kubectl get pod drv",
        'Error from server (NotFound): pods "drv" not found',
        Cause.MISSING_STEP,
        "the cluster has no `drv`",
        'Error from client: pods "drv" unread',
    ),
    (
        "kubectl get widgets",
        'error: the server doesn\'t have a resource type "widgets"',
        Cause.MISSING_STEP,
        "the cluster knows no resource `widgets`",
        "error: the server doesn't have time",
    ),
    (
        "kubectl apply -f a.yaml",
        (
            'error: resource mapping not found for name: "a" namespace: "" from "a.yaml": no '
            'matches for kind "ServiceMonitor" in version "monitoring.coreos.com/v1"\n'
            "ensure CRDs are installed first"
        ),
        Cause.MISSING_STEP,
        "the cluster knows no resource `ServiceMonitor`",
        "error: no matches for pattern a",
    ),
    (
        "kubectl get nodes",
        (
            'Error from server (Forbidden): nodes is forbidden: User "dev" cannot list resource '
            '"nodes" in API group "" at the cluster scope'
        ),
        Cause.PERMISSION_DENIED,
        "the cluster does not allow it",
        "The word Forbidden (see Error from server) is in the manual",
    ),
    (
        "kubectl get nodes",
        "error: You must be logged in to the server (Unauthorized)",
        Cause.PERMISSION_DENIED,
        "the cluster does not know this user",
        "You must be logged in to read this",
    ),
    (
        "kubectl create namespace drv",
        'Error from server (AlreadyExists): namespaces "drv" already exists',
        Cause.ALREADY_THERE,
        "`drv` is already there",
        "namespaces may already exist",
    ),
    (
        "kubectl apply -f bad.yaml",
        (
            "error: error parsing bad.yaml: error converting YAML to JSON: yaml: line 2: mapping "
            "values are not allowed in this context"
        ),
        Cause.INVALID_INPUT,
        "`bad.yaml` is no manifest that kubectl can read",
        "error: error parsing was switched off",
    ),
    (
        "kubectl wait pod/drv --for=condition=Ready",
        "error: timed out waiting for the condition on pods/drv",
        Cause.TIMED_OUT,
        "the program's own time was up",
        "nothing timed out, and the condition holds",
    ),
    (
        "kubectl port-forward pod/drv 80",
        "error: unable to forward port because pod is not running. Current status=Pending",
        Cause.SERVICE_NOT_RUNNING,
        "the pod does not run",
        "error: pod without a port",
    ),
    (
        "kubectl get pods",
        (
            "Unable to connect to the server: tls: failed to verify certificate: x509: certificate "
            "signed by unknown authority"
        ),
        Cause.NETWORK,
        "does not trust the server's certificate",
        "the certificate was signed by our authority",
    ),
    (
        "kubectl get pods",
        "Unable to connect to the server: dial tcp: lookup api.drv.test: no such host",
        Cause.NETWORK,
        "the name `api.drv.test` is not known here",
        "lookup of the host api.drv.test took 3 ms",
    ),
    (
        "kubectl get pods",
        "Unable to connect to the server: getting credentials: exec: executable aws-iam not found",
        Cause.COMMAND_NOT_FOUND,
        "`aws-iam` is not found",
        "exec: the executable is found",
    ),
    (
        "helm install drv bitnami/drv",
        "Error: INSTALLATION FAILED: repo bitnami not found",
        Cause.MISSING_STEP,
        "helm knows no repository `bitnami`",
        "Error: the repo was found not to be empty",
    ),
    (
        "helm install drv ./drv",
        "Error: INSTALLATION FAILED: cannot re-use a name that is still in use",
        Cause.ALREADY_THERE,
        "already in use",
        "Error: names that are in use are listed",
    ),
    (
        "helm upgrade drv ./drv",
        'Error: UPGRADE FAILED: "drv" has no deployed releases',
        Cause.MISSING_STEP,
        "helm has no such release",
        "drv has 3 deployed releases",
    ),
    (
        "helm install drv ./drv --wait",
        "Error: INSTALLATION FAILED: context deadline exceeded",
        Cause.TIMED_OUT,
        "the program's own time was up",
        "Error: INSTALLATION FAILED: widget",
    ),
    (
        "helm template ./drv",
        (
            "Error: execution error at (drv/templates/a.yaml:3:4): host is required\n\nUse --debug "
            "flag to render out invalid YAML"
        ),
        Cause.INVALID_INPUT,
        "wants a value that is not given, at drv/templates/a.yaml:3:4",
        "Error: execution ended (drv)",
    ),
]

_CLOUDS: list[_Message] = [
    (
        "terraform plan",
        (
            "╷\n│ Error: Inconsistent dependency lock file\n│ \n│ The following dependency "
            "selections recorded in the lock file are\n│ inconsistent with the current "
            "configuration:\n│   - provider registry.terraform.io/hashicorp/null: required by this "
            "configuration but no version is selected\n│ \n│ To make the initial dependency "
            "selections that will initialize the\n│ dependency lock file, run:\n"
            "│   terraform init\n╵\n"
        ),
        Cause.MISSING_STEP,
        "Terraform is not initialized here",
        "│ Error: Inconsistent widget",
    ),
    (
        "terraform plan",
        "╷\n│ Error: No configuration files\n│ \n│ Plan requires configuration to be present.\n╵",
        Cause.NO_SUCH_FILE,
        "no Terraform configuration is here",
        "│ Error: No configuration was wanted",
    ),
    (
        "terraform validate",
        '╷\n│ Error: Missing name for resource\n│ \n│   on bad.tf line 1, in resource "a":\n╵',
        Cause.INVALID_INPUT,
        "Terraform can't read its configuration",
        "│ Error: Missing name",
    ),
    (
        "terraform plan -input=false",
        "╷\n│ Error: No value for required variable\n│ \n│   on a.tf line 1:\n╵",
        Cause.UNSET_VARIABLE,
        "a Terraform variable has no value",
        "│ Error: No value was read",
    ),
    (
        "terraform frob",
        (
            'Terraform has no command named "frob".\n\nTo see all of Terraform\'s commands, '
            "run:\n  terraform -help\n"
        ),
        Cause.UNKNOWN_SUBCOMMAND,
        "the program has no command `frob`",
        "Terraform has no state",
    ),
    (
        "terraform workspace select prod",
        (
            '\nWorkspace "prod" doesn\'t exist.\n\nYou can create this workspace with the "new" '
            'subcommand \nor include the "-or-create" flag with the "select" subcommand.'
        ),
        Cause.MISSING_STEP,
        "Terraform has no workspace `prod`",
        'Workspace "prod" is there',
    ),
    (
        "terraform apply",
        "╷\n│ Error: Error acquiring the state lock\n│ \n│ Error message: resource temporarily\n╵",
        Cause.LOCKED,
        "holds the lock of Terraform's state",
        "│ Acquiring state lock. This may take a few moments...",
    ),
    (
        "aws s3 ls",
        'Unable to locate credentials. You can configure credentials by running "aws configure".',
        Cause.PERMISSION_DENIED,
        "AWS has no credentials: no earlier step logs in or sets it",
        "Unable to locate the widget",
    ),
    (
        "aws ec2 describe-instances",
        'You must specify a region. You can also configure your region by running "aws configure".',
        Cause.UNSET_VARIABLE,
        "no AWS region is set",
        "You must specify a widget",
    ),
    (
        "aws s3 ls --profile prod",
        "\nThe config profile (prod) could not be found\n",
        Cause.MISSING_STEP,
        "AWS has no profile `prod`",
        "The config profile was read",
    ),
    (
        "aws sts get-caller-identity",
        (
            "\nAn error occurred (ExpiredToken) when calling the GetCallerIdentity operation: The "
            "security token included in the request is expired\n"
        ),
        Cause.PERMISSION_DENIED,
        "AWS does not take the credentials (ExpiredToken)",
        "An error occurred (Widget) when calling",
    ),
    (
        "aws s3 ls s3://drv",
        (
            "\nAn error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access "
            "Denied\n"
        ),
        Cause.PERMISSION_DENIED,
        "the account may not do it (AccessDenied)",
        "An access was denied as tested",
    ),
    (
        "aws s3 ls s3://drv",
        (
            "\nAn error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The "
            "specified bucket does not exist\n"
        ),
        Cause.MISSING_STEP,
        "AWS has nothing of that name (NoSuchBucket)",
        "An error occurred in NoSuchBucket",
    ),
    (
        "aws ec2 run-instances",
        "An error occurred (RequestLimitExceeded) when calling the RunInstances operation: Request",
        Cause.RATE_LIMIT,
        "rate limit is used up",
        "the request limit was not exceeded",
    ),
    (
        "gcloud compute instances list",
        (
            "ERROR: (gcloud.compute.instances.list) You do not currently have an active account "
            "selected.\nPlease run:\n\n  $ gcloud auth login\n"
        ),
        Cause.PERMISSION_DENIED,
        "gcloud has no account",
        "You do not currently have an instance",
    ),
    (
        "gcloud compute instances list",
        (
            "ERROR: (gcloud.compute.instances.list) The required property [project] is not "
            "currently set.\nIt can be set on a per-command basis by re-running your command."
        ),
        Cause.UNSET_VARIABLE,
        "gcloud's `project` is not set",
        "The required property is set",
    ),
    (
        "gcloud run list",
        "ERROR: (gcloud.run) Invalid choice: 'list'.\nMaybe you meant:\n  gcloud run services list",
        Cause.UNKNOWN_SUBCOMMAND,
        "the program has no command `list`",
        "ERROR: (gcloud.run) an invalid region",
    ),
    (
        "az group list",
        "ERROR: Please run 'az login' to setup account.",
        Cause.PERMISSION_DENIED,
        "Azure has no login",
        "ERROR: Please run it again",
    ),
    (
        "az frob",
        "ERROR: 'frob' is misspelled or not recognized by the system.\n\nExamples from AI base:\n",
        Cause.UNKNOWN_SUBCOMMAND,
        "the program has no command `frob`",
        "ERROR: 'frob' is well spelled",
    ),
    (
        "az vm show -g drv -n a",
        "ERROR: (ResourceGroupNotFound) Resource group 'drv' could not be found.\nCode: Resource",
        Cause.MISSING_STEP,
        "Azure has nothing of that name",
        "ERROR: (Widget) Resource group 'drv' is empty",
    ),
    (
        "ansible-playbook site.yml",
        "[ERROR]: the playbook: site.yml could not be found\n",
        Cause.NO_SUCH_FILE,
        "`site.yml` is not there",
        "[ERROR]: the playbook: site.yml is empty",
    ),
    (
        "ansible-playbook p.yml",
        (
            "[ERROR]: couldn't resolve module/action 'frobnicate'. This often indicates a "
            "misspelling, missing collection, or incorrect module path.\nOrigin: /srv/p.yml:3:7\n\n"
            "1 - hosts: web\n2   tasks:\n3     - frobnicate: x\n        ^ column 7\n"
        ),
        Cause.MODULE_NOT_FOUND,
        "Ansible has no module `frobnicate`",
        "[ERROR]: couldn't resolve the host's version",
    ),
    (
        "ansible -i inv all -m ping",
        (
            'h | UNREACHABLE! => {\n    "changed": false,\n    "msg": "Task failed: Failed to '
            'connect to the host via ssh: a timeout",\n    "unreachable": true\n}'
        ),
        Cause.NETWORK,
        "Ansible does not reach `h`",
        "h | SUCCESS => {\n    unreachable=0\n}",
    ),
    (
        "ansible-playbook p.yml",
        (
            "[WARNING]: Could not match supplied host pattern, ignoring: web\n"
            "ERROR! Specified inventory, host pattern and/or --limit leaves us with no hosts to "
            "target."
        ),
        Cause.MISSING_STEP,
        "Ansible has no inventory with these hosts",
        "[WARNING]: Could not match the version",
    ),
]

_CONTAINERS: list[_Message] = [
    (
        "docker pull busybox",
        "Error response from daemon: toomanyrequests: You have reached your pull rate limit.",
        Cause.RATE_LIMIT,
        "the registry's rate limit is used up",
        "3 tests of the pull rate limit passed, 1 failed",
    ),
    (
        "docker pull drv/none",
        (
            "Error response from daemon: pull access denied for drv/none, repository does not "
            "exist or may require 'docker login': denied: requested access is denied"
        ),
        Cause.PACKAGE_NOT_FOUND,
        "the registry has no image `drv/none`, or wants a login",
        "Error response from daemon: the pull was a widget",
    ),
    (
        "docker run --name drv busybox",
        (
            'docker: Error response from daemon: Conflict. The container name "/drv" is already in '
            'use by container "3f4e". You have to remove (or rename) that container to be able to '
            "reuse that name."
        ),
        Cause.ALREADY_THERE,
        "`drv` is already there",
        "the container's name is used in 3 places",
    ),
    (
        "docker run Bad:Image:x",
        (
            "docker: invalid reference format: repository name (library/Bad) must be lowercase\n\n"
            "Run 'docker run --help' for more information"
        ),
        Cause.INVALID_INPUT,
        "it is no name of an image",
        "a reference of invalid widgets",
    ),
    (
        "docker compose up",
        "docker: unknown command: docker compose\n\nRun 'docker --help' for more information",
        Cause.UNKNOWN_SUBCOMMAND,
        "the program has no command `compose`",
        "docker: an unknown widget: compose",
    ),
    (
        "docker compose up -d",
        "no configuration file provided: not found",
        Cause.NO_SUCH_FILE,
        "no Compose file is here",
        "no configuration was changed",
    ),
    (
        "docker compose exec web sh",
        'service "web" is not running',
        Cause.SERVICE_NOT_RUNNING,
        "the container `web` does not run",
        'service "web" is running',
    ),
    (
        "docker compose up -d",
        "dependency failed to start: container drv-db-1 is unhealthy",
        Cause.SERVICE_NOT_RUNNING,
        "the container `drv-db-1` does not run",
        "a dependency of drv-db-1 is old",
    ),
    (
        "docker compose up -d",
        "network proxy declared as external, but could not be found",
        Cause.MISSING_STEP,
        "no earlier step made the network or volume `proxy`",
        "network proxy is external",
    ),
    (
        "docker run busybox frob",
        (
            "docker: Error response from daemon: failed to create task for container: failed to "
            "create shim task: OCI runtime create failed: runc create failed: unable to start "
            'container process: exec: "frob": executable file not found in $PATH: unknown'
        ),
        Cause.COMMAND_NOT_FOUND,
        "`frob` is not found",
        'exec: "frob": done',
    ),
    (
        "docker build .",
        (
            "ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of "
            'ref 3f4e::a1b2: "/requirements.txt": not found'
        ),
        Cause.NO_SUCH_FILE,
        "`/requirements.txt` is not there",
        "ERROR: failed to solve the riddle",
    ),
    (
        "docker run --gpus all drv",
        (
            'docker: Error response from daemon: could not select device driver "" with '
            "capabilities: [[gpu]]."
        ),
        Cause.OTHER_MACHINE,
        "no such graphics processor",
        "the device driver was selected",
    ),
    (
        "docker pull drv",
        "no matching manifest for linux/arm64/v8 in the manifest list entries",
        Cause.OTHER_MACHINE,
        "processor (linux/arm64/v8)",
        "no matching manifest was written",
    ),
    (
        "widget --version",
        "bash: /usr/local/bin/widget: cannot execute binary file: Exec format error",
        Cause.OTHER_MACHINE,
        "`/usr/local/bin/widget` is for another processor",
        "the format of exec is an error of the widget",
    ),
    (
        "docker run drv",
        "exec /usr/bin/drv: exec format error",
        Cause.OTHER_MACHINE,
        "for another processor",
        "drv: exec format errors: 0",
    ),
    (
        "sudo dpkg -i drv.deb",
        (
            "dpkg: error processing archive drv.deb (--install):\n package architecture (arm64) "
            "does not match system (amd64)\nErrors were encountered while processing:\n drv.deb"
        ),
        Cause.OTHER_MACHINE,
        "machine's (arm64)",
        "package architecture is described in the manual",
    ),
    (
        "podman run drv",
        (
            'Error: short-name "drv" did not resolve to an alias and no unqualified-search '
            'registries are defined in "/etc/containers/registries.conf"'
        ),
        Cause.INVALID_INPUT,
        "the short name `drv` is of no registry",
        "Error: the short-name is short",
    ),
    (
        "sudo apt-get install -y drv",
        (
            "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 12 (apt-get)"
            "\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is "
            "another process using it?"
        ),
        Cause.LOCKED,
        "another process holds the lock of apt or dpkg",
        "E: Unable to acquire the dpkg frontend lock, whoever you are",
    ),
    (
        "sudo apt-get update",
        (
            "W: GPG error: https://drv.test stable InRelease: The following signatures couldn't be "
            "verified because the public key is not available: NO_PUBKEY 7EA0A9C3F273FCD8\n"
            "E: Some index files failed to download."
        ),
        Cause.REFUSED_BY_POLICY,
        "apt has no key `7EA0A9C3F273FCD8`",
        "NO_PUBKEY is a word of gpg",
    ),
    (
        "sudo apt-get install -y drv",
        "E: Unable to correct problems, you have held broken packages.",
        Cause.PACKAGE_NOT_FOUND,
        "apt can't have all that it depends on",
        "E: Unable to correct the widget",
    ),
    (
        "dnf install -y drv",
        "No match for argument: drv\nError: Unable to find a match: drv",
        Cause.PACKAGE_NOT_FOUND,
        "dnf finds no package `drv`",
        "Error: Unable to find the widget",
    ),
    (
        "apk add drv",
        "ERROR: unable to select packages:\n  drv (no such package):\n    required by: world[drv]",
        Cause.PACKAGE_NOT_FOUND,
        "apk finds no package `drv`",
        "ERROR: unable to select a widget",
    ),
    (
        "systemctl start drv",
        "Failed to start drv.service: Unit drv.service not found.",
        Cause.MISSING_STEP,
        "no unit `drv.service` is installed",
        "Failed to start the day",
    ),
    (
        "systemctl start drv",
        (
            "Job for drv.service failed because the control process exited with error code.\nSee "
            '"systemctl status drv.service" and "journalctl -xeu drv.service" for details.'
        ),
        Cause.SERVICE_NOT_RUNNING,
        "the unit `drv.service` did not start",
        "Job for a patient engineer",
    ),
]

_DATABASES: list[_Message] = [
    (
        "psql -h localhost -U drv",
        (
            'psql: error: connection to server at "localhost" (127.0.0.1), port 5432 failed: '
            'FATAL:  password authentication failed for user "drv"'
        ),
        Cause.PERMISSION_DENIED,
        "refuses the password of `drv`",
        "password authentication was switched off",
    ),
    (
        "psql -h db",
        (
            'psql: error: connection to server at "db" (10.0.0.2), port 5432 failed: FATAL:  the '
            "database system is starting up"
        ),
        Cause.SERVICE_NOT_RUNNING,
        "PostgreSQL is not ready yet",
        "LOG:  the database system is ready",
    ),
    (
        "psql -c 'selec 1'",
        'ERROR:  syntax error at or near "selec"\nLINE 1: selec 1\n        ^',
        Cause.INVALID_INPUT,
        "can't read the SQL at `selec`",
        "no syntax error was found",
    ),
    (
        "psql -c 'select a from b'",
        'ERROR:  column "a" does not exist\nLINE 1: select a from b\n               ^',
        Cause.MISSING_STEP,
        "no earlier step made the database's column `a`",
        "ERROR:  column widths differ",
    ),
    (
        "createdb drv",
        'createdb: error: database creation failed: ERROR:  database "drv" already exists',
        Cause.ALREADY_THERE,
        "`drv` is already there",
        "a database of that kind exists in 3 places",
    ),
    (
        "psql -c 'create extension postgis'",
        (
            'ERROR:  extension "postgis" is not available\nDETAIL:  Could not open extension '
            'control file "/usr/share/postgresql/15/extension/postgis.control": gone.'
        ),
        Cause.PACKAGE_NOT_FOUND,
        "PostgreSQL has no extension `postgis`",
        "the extension is available",
    ),
    (
        "pg_dump drv",
        (
            "pg_dump: error: aborting because of server version mismatch\npg_dump: detail: server "
            "version: 16.1; pg_dump version: 15.3"
        ),
        Cause.RUNTIME_VERSION,
        "older than its server",
        "pg_dump: error: aborting because of a widget",
    ),
    (
        "sqlite3 a.db 'selec 1'",
        'Error: in prepare, near "selec": syntax error\n  selec 1\n  ^--- error here',
        Cause.INVALID_INPUT,
        "SQLite can't read the SQL at `selec`",
        "near the end: no error",
    ),
    (
        "mysql -e 'create database drv'",
        "ERROR 1007 (HY000) at line 1: Can't create database 'drv'; database exists",
        Cause.ALREADY_THERE,
        "`drv` is already there",
        "the database exists",
    ),
    (
        "mysql -e 'drop database drv'",
        "ERROR 1044 (42000) at line 1: Access denied for user 'a'@'%' to database 'drv'",
        Cause.PERMISSION_DENIED,
        "does not allow it to this user",
        "1044 rows were read",
    ),
    (
        "redis-cli -a x ping",
        "(error) WRONGPASS invalid username-password pair or user is disabled.",
        Cause.PERMISSION_DENIED,
        "refuses the password",
        "the key WRONGPASS is not set",
    ),
    (
        "redis-cli -h db ping",
        "LOADING Redis is loading the dataset in memory",
        Cause.SERVICE_NOT_RUNNING,
        "Redis is not ready yet",
        "the state is LOADING no more",
    ),
    (
        "redis-cli -h db ping",
        "(error) DENIED Redis is running in protected mode because protected mode is enabled",
        Cause.REFUSED_BY_POLICY,
        "Redis takes no connection from elsewhere",
        "Redis is running in the usual mode",
    ),
    (
        "redis-cli lpop a",
        "(error) WRONGTYPE Operation against a key holding the wrong kind of value",
        Cause.INVALID_INPUT,
        "another kind of value",
        "an operation against a wrong type",
    ),
    (
        "kafka-topics.sh --list --bootstrap-server localhost:9092",
        (
            "[2024-05-01 10:00:00,123] WARN [AdminClient clientId=a] Connection to node -1 "
            "(localhost/127.0.0.1:9092) could not be established. Broker may not be available."
        ),
        Cause.SERVICE_NOT_RUNNING,
        "no broker of Kafka answers",
        "Connection to node 1 (localhost) was made",
    ),
    (
        "kafka-topics.sh --create --topic drv --zookeeper a",
        'Exception in thread "main" joptsimple: zookeeper is not a recognized option',
        Cause.UNKNOWN_OPTION,
        "the program has no option `zookeeper`",
        "zookeeper is not an option for us",
    ),
    (
        "kafka-topics.sh --create --topic drv",
        "Error while executing topic command : Topic 'drv' already exists.",
        Cause.ALREADY_THERE,
        "`drv` is already there",
        "Topic 'drv' already has 3 partitions",
    ),
    (
        "nginx -t",
        'nginx: [emerg] unknown directive "servr" in /etc/nginx/nginx.conf:3\nnginx: test failed',
        Cause.INVALID_INPUT,
        "nginx knows no directive `servr`",
        "nginx: [warn] a directive of the widget",
    ),
    (
        "rabbitmqctl status",
        "Error: unable to perform an operation on node 'rabbit@a'. Please see diagnostics",
        Cause.SERVICE_NOT_RUNNING,
        "RabbitMQ does not run at `rabbit@a`",
        "Error: unable to perform the widget",
    ),
]

_TRANSFERS: list[_Message] = [
    (
        "ssh a true",
        (
            "@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@@@\n"
            "Someone could be eavesdropping on you right now"
        ),
        Cause.REFUSED_BY_POLICY,
        "ssh knows another key of the host",
        "the host's identification has changed its form",
    ),
    (
        "ssh a true",
        "Connection closed by 10.0.0.1 port 22",
        Cause.NETWORK,
        "ssh lost the connection",
        "the connection was closed by us",
    ),
    (
        "ssh a true",
        (
            "Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. Their "
            "offer: ssh-rsa"
        ),
        Cause.REFUSED_BY_POLICY,
        "no method in common",
        "no matching key was found",
    ),
    (
        "ssh -i id a true",
        'Load key "id": error in libcrypto\na@b: refused.',
        Cause.INVALID_INPUT,
        "`id` holds no such certificate or key",
        'Load key "id": done',
    ),
    (
        "openssl x509 -in /etc/hostname -noout",
        "Could not read certificate from /etc/hostname\nUnable to load certificate",
        Cause.INVALID_INPUT,
        "`/etc/hostname` holds no such certificate or key",
        "Could not read the mind of the author",
    ),
    (
        "openssl enc -d -aes-256-cbc -in a",
        "bad decrypt\n40E7:error:1C800064:Provider routines:ossl_cipher_unpadblock:bad decrypt:a:1",
        Cause.PERMISSION_DENIED,
        "the passphrase is wrong",
        "a bad decrypted text",
    ),
    (
        "curl https://localhost:80",
        "curl: (35) error:0A00010B:SSL routines::wrong version number",
        Cause.NETWORK,
        "does not speak TLS",
        "the wrong version number was printed",
    ),
    (
        "curl https://a.test",
        (
            "curl: (60) SSL: no alternative certificate subject name matches target host name "
            "'a.test'"
        ),
        Cause.NETWORK,
        "the certificate is not for `a.test`",
        "no alternative name was given",
    ),
    (
        "curl http://",
        "curl: (3) URL using bad/illegal format or missing URL",
        Cause.INVALID_INPUT,
        "no address that curl can read",
        "a missing URL",
    ),
    (
        "curl foo://x",
        'curl: (1) Protocol "foo" not supported or disabled in libcurl',
        Cause.INVALID_INPUT,
        "curl does not speak `foo`",
        'Protocol "foo" is ours',
    ),
    (
        "curl http://a.test",
        "curl: (28) Operation timed out after 5001 milliseconds with 0 bytes received",
        Cause.NETWORK,
        "nothing answers in time",
        "(28) operations were made",
    ),
    (
        "curl http://a.test",
        "curl: (52) Empty reply from server",
        Cause.NETWORK,
        "answered with nothing",
        "an empty reply",
    ),
    (
        "curl -fsS https://a.test",
        "curl: (22) The requested URL returned error: 429",
        Cause.RATE_LIMIT,
        "rate limit is used up",
        "the requested page returned 429 rows",
    ),
    (
        "curl -s https://a.test | jq .",
        "parse error: Invalid numeric literal at line 1, column 2",
        Cause.INVALID_INPUT,
        "what jq reads is no JSON",
        "a parse error of the widget",
    ),
    (
        "jq .a.b a.json",
        'jq: error (at a.json:1): Cannot index string with string "b"',
        Cause.INVALID_INPUT,
        "the JSON is not as the filter of jq wants it",
        "jq: error (at the end)",
    ),
    (
        "curl -sL https://a.test/a.tgz | tar xz",
        (
            "\ngzip: stdin: not in gzip format\ntar: Child returned status 1\ntar: Error is not "
            "recoverable: exiting now"
        ),
        Cause.INVALID_INPUT,
        "no archive of that kind",
        "gzip: stdin is a file",
    ),
    (
        "sha256sum -c sums",
        "a.tgz: FAILED\nsha256sum: WARNING: 1 computed checksum did NOT match",
        Cause.INVALID_INPUT,
        "the checksum does not match",
        "the checksums did match",
    ),
    (
        "git show HEAD^{tree}",
        (
            "fatal: ambiguous argument 'HEAD^{tree}': unknown revision or path not in the working "
            "tree.\nUse '--' to separate paths from revisions, like this:\n"
            "'git <command> [<revision>...] -- [<file>...]'"
        ),
        Cause.MISSING_STEP,
        "no earlier step made a commit, so `HEAD^{tree}` is nothing",
        "fatal: ambiguous argument 'abc': unknown revision or path not in the working tree.",
    ),
    (
        "git log",
        "fatal: your current branch 'master' does not have any commits yet",
        Cause.MISSING_STEP,
        "no earlier step made a commit on `master`",
        "your current branch has 3 commits",
    ),
    (
        "git pull",
        (
            "There is no tracking information for the current branch.\nPlease specify which branch "
            "you want to merge with.\nSee git-pull(1) for details.\n\n    git pull <a> <b>\n"
        ),
        Cause.MISSING_STEP,
        "the branch has no remote one",
        "There is no tracking of readers",
    ),
    (
        "git remote add origin x",
        "error: remote origin already exists.",
        Cause.ALREADY_THERE,
        "`origin` is already there",
        "error: remote widgets exist",
    ),
    (
        "git merge drv",
        "merge: drv - not something we can merge",
        Cause.MISSING_STEP,
        "git has no branch or tag `drv`",
        "merge: drv is merged",
    ),
    (
        "git commit -am a",
        (
            "fatal: Unable to create '/srv/.git/index.lock': File exists.\n\nAnother git process "
            "seems to be running in this repository"
        ),
        Cause.LOCKED,
        "git's lock `/srv/.git/index.lock` is there",
        "fatal: Unable to create the widget",
    ),
    (
        "git push",
        (
            "To a.test:b.git\n ! [rejected]        main -> main (fetch first)\nerror: failed to "
            "push some refs to 'a.test:b.git'\nhint: Updates were rejected"
        ),
        Cause.REFUSED_BY_POLICY,
        "git keeps what the other side has",
        "the [rejected] widgets are listed",
    ),
    (
        "git push",
        "remote: Permission to a/b.git denied to c.\nfatal: unable to access: error 1",
        Cause.PERMISSION_DENIED,
        "does not let this user write to `a/b.git`",
        "remote: Permission was asked",
    ),
    (
        "gpg --verify a.sig",
        "gpg: Can't check signature: No public key",
        Cause.MISSING_STEP,
        "gpg does not have the key",
        "gpg: signature checked",
    ),
]

_BUILDS: list[_Message] = [
    (
        "mvn package",
        "Error: JAVA_HOME is not defined correctly.\n  We cannot execute /opt/java/bin/java",
        Cause.UNSET_VARIABLE,
        "`JAVA_HOME` is not set, or no Java is there",
        "JAVA_HOME is /opt/java",
    ),
    (
        "mvn package",
        (
            "[ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin:3.11.0:"
            "compile (default-compile) on project a: Fatal error compiling: error: invalid target "
            "release: 21 -> [Help 1]"
        ),
        Cause.RUNTIME_VERSION,
        "Java is too old for release 21",
        "an invalid target was hit",
    ),
    (
        "mvn package",
        (
            "[ERROR] Failed to execute goal on project a: Could not resolve dependencies for "
            "project a:a:jar:1: Could not find artifact x:y:jar:9 in central (https://a.test)"
        ),
        Cause.PACKAGE_NOT_FOUND,
        "Maven finds no package `x:y:jar:9`",
        "the artifact was found",
    ),
    (
        "mvn frob",
        '[ERROR] Unknown lifecycle phase "frob". You must specify a valid lifecycle phase',
        Cause.UNKNOWN_SUBCOMMAND,
        "Maven has no phase `frob`",
        "[ERROR] Unknown phase of the moon",
    ),
    (
        "./gradlew frob",
        (
            "FAILURE: Build failed with an exception.\n\n* What went wrong:\nTask 'frob' not found "
            "in root project 'a'.\n"
        ),
        Cause.UNKNOWN_SUBCOMMAND,
        "Gradle has no task `frob`",
        "Task 'frob' found",
    ),
    (
        "./gradlew build",
        (
            "Error: Could not find or load main class org.gradle.wrapper.GradleWrapperMain\nCaused "
            "by: java.lang.ClassNotFoundException: org.gradle.wrapper.GradleWrapperMain"
        ),
        Cause.NO_SUCH_FILE,
        "`gradle-wrapper.jar` is not there",
        "the main class of GradleWrapperMain",
    ),
    (
        "./gradlew build",
        "* What went wrong:\nBUG! exception in phase: Unsupported class file major version 65",
        Cause.RUNTIME_VERSION,
        "Gradle is too old for this Java (class file version 65)",
        "a class file of a major version",
    ),
    (
        "java -jar a.jar",
        "no main manifest attribute, in a.jar",
        Cause.INVALID_INPUT,
        "`a.jar` names no main class",
        "no main attribute",
    ),
    (
        "go build",
        (
            "main.go:4:2: no required module provides package github.com/a/b; to add it:\n\tgo get "
            "github.com/a/b"
        ),
        Cause.MODULE_NOT_FOUND,
        "Go has no package `github.com/a/b`",
        "the required module provides package a",
    ),
    (
        "go build",
        "main.go:4:2: missing go.sum entry for module providing package a.test/b; to add:\n\tgo ge",
        Cause.MISSING_STEP,
        "`go mod tidy` comes first",
        "go.sum has an entry for it",
    ),
    (
        "go build",
        'cgo: C compiler "gcc" not found: exec: "gcc": executable file not found in $PATH',
        Cause.COMMAND_NOT_FOUND,
        "`gcc` is not found",
        "cgo: the C compiler is found",
    ),
    (
        "go test ./...",
        "no Go files in /srv/a",
        Cause.NO_SUCH_FILE,
        "`/srv/a` is not there",
        "no files of Go were changed",
    ),
    (
        "cargo build",
        "error: linker `cc` not found\n  |\n  = note: gone (os error 2)\n",
        Cause.COMMAND_NOT_FOUND,
        "`cc` is not found",
        "error: linker `cc` failed",
    ),
    (
        "cargo build",
        (
            "error: no matching package named `drv` found\nlocation searched: crates.io index\n"
            "required by package `a v0.1.0 (/srv/a)`"
        ),
        Cause.PACKAGE_NOT_FOUND,
        "cargo finds no package `drv`",
        "error: no matching widget found",
    ),
    (
        "cargo build",
        (
            "error: rustup could not choose a version of cargo to run, because one wasn't "
            "specified explicitly, and no default is configured.\nhelp: run 'rustup default stable'"
        ),
        Cause.MISSING_STEP,
        "rustup has no toolchain",
        "rustup could not choose a colour",
    ),
    (
        "cargo build --target wasm32-unknown-unknown",
        "error[E0463]: can't find crate for `core`\n  |\n  = note: the target may not be installed",
        Cause.MODULE_NOT_FOUND,
        "Rust has no crate `core`",
        "error[E0425]: can't find value",
    ),
    (
        "cargo run --bin drv",
        "error: no bin target named `drv`.",
        Cause.UNKNOWN_SUBCOMMAND,
        "cargo has no target `drv`",
        "error: no target",
    ),
    (
        "bundle exec rake",
        "Could not find rake-13.0.6 in locally installed gems\nRun `bundle install` to install",
        Cause.MISSING_STEP,
        "`bundle install` comes first",
        "Could not find rake in the garden",
    ),
    (
        "bundle install",
        "Could not find gem 'drv (= 9)' in rubygems repository https://rubygems.org/ or installed",
        Cause.PACKAGE_NOT_FOUND,
        "bundler finds no gem `drv`",
        "Could not find a gem in the garden",
    ),
    (
        "rake drv",
        "rake aborted!\nDon't know how to build task 'drv' (See the list of available tasks)",
        Cause.UNKNOWN_SUBCOMMAND,
        "rake has no task `drv`",
        "Don't know how to build a boat",
    ),
    (
        "gem install drv",
        (
            "ERROR:  While executing gem ... (Gem::FilePermissionError)\n    You don't have write "
            "permissions for the /var/lib/gems/3.1.0 directory."
        ),
        Cause.PERMISSION_DENIED,
        "this user may not write to `/var/lib/gems/3.1.0`",
        "You don't have a directory",
    ),
    (
        "npm install",
        (
            "npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree\n"
            "npm error\nnpm error Found: a@2.0.0"
        ),
        Cause.INVALID_INPUT,
        "the versions of the packages do not fit each other",
        "npm error code EWIDGET",
    ),
    (
        "npm publish",
        "npm error code ENEEDAUTH\nnpm error need auth This command requires you to be logged in",
        Cause.PERMISSION_DENIED,
        "the registry wants a login",
        "npm error code EWIDGET\nnpm error no auth",
    ),
    (
        "npm ci",
        (
            "npm error code EUSAGE\nnpm error `npm ci` can only install packages when your "
            "package.json and package-lock.json or npm-shrinkwrap.json are in sync."
        ),
        Cause.REFUSED_BY_POLICY,
        "the lock file is older than what it locks",
        "npm error code EUSAGE\nnpm error `npm ci` is for the lock file",
    ),
    (
        "yarn frob",
        'yarn run v1.22.19\nerror Command "frob" not found.\ninfo Visit https://a.test',
        Cause.UNKNOWN_SUBCOMMAND,
        "yarn has no command `frob`",
        'error Command "frob" was slow',
    ),
    (
        "pnpm install --frozen-lockfile",
        (
            ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile" because '
            "pnpm-lock.yaml is not up to date with package.json"
        ),
        Cause.REFUSED_BY_POLICY,
        "the lock file is older",
        "the lockfile is up to date",
    ),
    (
        "yarn install",
        (
            'error This project\'s package.json defines "packageManager": "yarn@4.1.0". However '
            "the current global version of Yarn is 1.22.19."
        ),
        Cause.RUNTIME_VERSION,
        "another package manager is required: yarn@4.1.0",
        "this project's package.json defines scripts",
    ),
    (
        "poetry run frob",
        "Command not found: frob",
        Cause.COMMAND_NOT_FOUND,
        "`frob` is not found",
        "Command found: frob",
    ),
    (
        "poetry install",
        ("\nInvalid TOML file /srv/a/pyproject.toml: Unexpected character: 'x' at line 3 col 0"),
        Cause.INVALID_INPUT,
        "`/srv/a/pyproject.toml` is no TOML",
        "A TOML file is read",
    ),
    (
        "poetry install",
        (
            "pyproject.toml changed significantly since poetry.lock was last generated. Run "
            "`poetry lock` to fix the lock file."
        ),
        Cause.MISSING_STEP,
        "`poetry lock` comes first",
        "pyproject.toml changed its owner",
    ),
    (
        "pip install psycopg2",
        "Error: pg_config executable not found.\n\npg_config is required to build psycopg2",
        Cause.COMMAND_NOT_FOUND,
        "`pg_config` is not found",
        "Error: pg_config printed nothing",
    ),
    (
        "pip install a.whl",
        "ERROR: a-1-cp311-cp311-macosx_11_0_arm64.whl is not a supported wheel on this platform.",
        Cause.OTHER_MACHINE,
        "for another processor",
        "a wheel is supported on this platform",
    ),
    (
        "python3 -m venv .venv",
        (
            "The virtual environment was not created successfully because ensurepip is not\n"
            "available.  On Debian/Ubuntu systems, you need to install the python3-venv\n"
            "package using the following command.\n\n    apt install python3.11-venv\n"
        ),
        Cause.PACKAGE_NOT_FOUND,
        "which Debian has in `python3-venv`",
        "ensurepip is there",
    ),
    (
        "conda activate drv",
        ("\nCondaError: Run 'conda init' before 'conda activate'\n"),
        Cause.MISSING_STEP,
        "conda is not set up in this shell",
        "CondaError: a widget",
    ),
    (
        "make",
        "Makefile:2: *** missing separator.  Stop.",
        Cause.INVALID_INPUT,
        "blanks where a tab is meant",
        "Makefile:2: a separator",
    ),
    (
        "./configure",
        "checking for gcc... no\nconfigure: error: no acceptable C compiler found in $PATH\nSee a",
        Cause.COMMAND_NOT_FOUND,
        "no C compiler is found",
        "configure: error: no acceptable widget",
    ),
    (
        "./run.sh",
        "./run.sh: line 2: $'\\r': command not found",
        Cause.INVALID_INPUT,
        "the line ends of Windows",
        "./run.sh: line 2: done",
    ),
    (
        "mkdir out",
        "mkdir: cannot create directory 'out': File exists",
        Cause.ALREADY_THERE,
        "`out` is already there",
        "the file exists",
    ),
    (
        "gh run list",
        (
            "To get started with GitHub CLI, please run:  gh auth login\nAlternatively, populate "
            "the GH_TOKEN environment variable with a GitHub API authentication token."
        ),
        Cause.PERMISSION_DENIED,
        "the GitHub CLI has no login",
        "To get started, read the manual",
    ),
    (
        "xclock",
        "Error: Can't open display: ",
        Cause.SERVICE_NOT_RUNNING,
        "no display is here",
        "Error: the display is small",
    ),
]

_MESSAGES = [*_CLUSTERS, *_CLOUDS, *_CONTAINERS, *_DATABASES, *_TRANSFERS, *_BUILDS]
_IDS = [f"{number}-{message[0]}" for number, message in enumerate(_MESSAGES)]


@pytest.mark.parametrize("message", _MESSAGES, ids=_IDS)
def test_message(message: _Message) -> None:
    """The line that tells is found in the whole of what the program prints."""
    text, printed, cause, said, _ = message
    diagnosis = printed_by(f"```bash\n{text}\n```\n", printed)
    assert (diagnosis.cause, diagnosis.hint) == (cause, diagnosis.hint)
    assert said in diagnosis.hint
    assert "\n" not in diagnosis.hint


@pytest.mark.parametrize("message", _MESSAGES, ids=_IDS)
def test_near_miss(message: _Message) -> None:
    """Words of the same kind that no program prints for this cause are no sign of it."""
    text, _, _, _, near = message
    diagnosis = printed_by(f"```bash\n{text}\n```\n", near)
    assert (diagnosis.cause, diagnosis.hint) == (Cause.UNKNOWN, diagnosis.hint)


def test_enough_of_them() -> None:
    """No message stands here twice."""
    assert len({printed for _, printed, *_ in _MESSAGES}) == len(_MESSAGES)


def test_step_that_should_have_given_it() -> None:
    """An earlier step that gives a kubeconfig is named."""
    source = "```bash\nkind create cluster\nkubectl get pods\n```\n"
    printed = "The connection to the server localhost:8080 was refused - did you specify the right"
    assert "although runbook/x.md:2 should have" in printed_by(source, printed).hint
