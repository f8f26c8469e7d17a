# Runs inside the machine, as the parent of the shell that a runbook is typed into. It comes in on the
# exec's own stdin, so that neither a command line nor the environment shows the salt.
# `freshrun.protocol` puts SALT, NAME, CANCEL and LINES in place and reads the marks that are printed here.
#
# The shell reads one line of a script for each command. A line first calls the function NAME, which
# reports the command before it and fetches the next one, then evaluates that at the top level:
# no function or loop is around it, so `return`, `break`, `local` and every error behave as when typed.
# Whatever throws bash back to its top level lands on the next line, which reports it like any other end.

exec 197<&0 198>&1 199>&2 </dev/null
# The shell gets a process group of its own: `kill 0` in a runbook must not end this parent.
set -m

script=$(mktemp || mktemp -p /dev/shm || mktemp -p "$HOME") || exit 125
{
    cat <<'DRIVER'
builtin set +o history
builtin shopt -s execfail
BASH_ARGV0=bash
NAMEseq=0 NAMEexpected=0 NAMEstarted=0 NAMEdone= NAMEskip=
NAME() {
    case $- in *x*) { NAMEtrace='builtin set -x; '; builtin set +x; } 2>/dev/null ;; *) NAMEtrace= ;; esac
    NAMEnow=${EPOCHREALTIME-}
    if [[ ! $NAMEnow ]]; then builtin printf -v NAMEnow '%(%s)T' -1; fi
    if [[ $NAMEdone ]]; then builtin set -- "${NAMEdone%% *}"; fi
    builtin printf '\0SALT\2%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0SALT\1' \
        "$NAMEseq" "$1" "$NAMEstarted" "$NAMEnow" "$$" "${!-}" "${NAMEdone#* }" "$PWD" >&198 &&
        builtin printf '\0SALT\2%s\0SALT\1' "$NAMEseq" >&199 || NAMElost
    # A terminal that was left to a server takes nothing more once the server ends.
    if [[ -e CANCEL ]]; then builtin exit 0; fi
    if [[ $1 != "$NAMEexpected" ]]; then NAMEskip=1; fi
    while :; do
        IFS=' ' builtin read -r -d '' -u 197 NAMEseq NAMEexpected NAMEkind NAMEtext || NAMElost
        case $NAMEkind in
            sync) NAMEskip=; builtin continue ;;
            input) IFS= builtin read -r -d '' -u 197 NAMEstdin || NAMElost ;;
        esac
        if [[ ! $NAMEskip ]]; then builtin break; fi
    done
    # The status is taken where the command stands: `eval` has it too, but no exemption from `set -e`.
    case $NAMEkind in
        input) NAMEinput=$NAMEtext NAMEtext='builtin eval "$NAMEinput" <<<"$NAMEstdin"' ;;
        command) NAMEtext+='NAMEdone="$? "' ;;
        pipeline) NAMEtext+='builtin printf -v NAMEdone "%s " "$?" "${PIPESTATUS[@]}"' ;;
    esac
    NAMEdone= NAMEtext=$NAMEtrace$NAMEtext NAMEstarted=${EPOCHREALTIME-$NAMEnow}
    builtin return "$1"
}
# The private descriptors are gone, or the other side is: the parent tells it, this shell can't.
NAMElost() { builtin kill -s USR2 "$PPID"; builtin exit 0; }
builtin readonly -f NAME NAMElost
DRIVER
    # The empty line resets bash's parser after an unclosed quote.
    yes $'\nif NAME "$?"; then builtin eval "$NAMEtext"; else builtin eval "$NAMEtext"; fi' |
        head -n LINES
    echo NAMElost
} >"$script"
exec 196<"$script"
rm -f -- "$script"

trap 'lost=lost' USR2
exec 2>/dev/null # what this parent says of the shell's death is not the runbook's output
bash -i /dev/fd/196 2>&199
status=$?
printf '\0SALT\2end\0%s\0%s\0SALT\1' "$status" "${lost-}" | tee /dev/fd/199 >&198
