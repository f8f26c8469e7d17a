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

script=$(mktemp) || exit 125
{
    cat <<'DRIVER'
builtin set +o history
builtin shopt -s execfail
BASH_ARGV0=bash
NAMEseq=0 NAMEexpected=0 NAMEstarted=0 NAMEpipe= NAMEskip=
NAME() {
    case $- in *x*) { NAMEtrace='builtin set -x; '; builtin set +x; } 2>/dev/null ;; *) NAMEtrace= ;; esac
    if [[ $NAMEpipe ]]; then builtin set -- "${NAMEpipe%% *}"; fi
    builtin printf '\0SALT\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0SALT\1' \
        "$NAMEseq" "$1" "$NAMEstarted" "${EPOCHREALTIME-0}" "$$" "${!-}" "${NAMEpipe#* }" "$PWD" >&198
    builtin printf '\0SALT\0%s\0SALT\1' "$NAMEseq" >&199
    # A terminal that was left to a server takes nothing more once the server ends.
    if [[ -e CANCEL ]]; then builtin exit 0; fi
    if [[ $1 != "$NAMEexpected" ]]; then NAMEskip=1; fi
    while IFS=' ' builtin read -r -d '' -u 197 NAMEseq NAMEexpected NAMEkind NAMEtext || builtin exit 0; do
        case $NAMEkind in
            sync) NAMEskip=; builtin continue ;;
            input) IFS= builtin read -r -d '' -u 197 NAMEstdin ;;
        esac
        if [[ ! $NAMEskip ]]; then builtin break; fi
    done
    case $NAMEkind in
        input) NAMEinput=$NAMEtext NAMEtext='builtin eval "$NAMEinput" <<<"$NAMEstdin"' ;;
        pipeline) NAMEtext+='builtin printf -v NAMEpipe "%s " "$?" "${PIPESTATUS[@]}"' ;;
    esac
    NAMEpipe= NAMEtext=$NAMEtrace$NAMEtext NAMEstarted=${EPOCHREALTIME-0}
    builtin return "$1"
}
DRIVER
    # The empty line resets bash's parser after an unclosed quote.
    yes $'\nif NAME "$?"; then builtin eval "$NAMEtext"; else builtin eval "$NAMEtext"; fi' |
        head -n LINES
} >"$script"
exec 196<"$script"
rm -f -- "$script"

exec 2>/dev/null # what this parent says of the shell's death is not the runbook's output
bash -i /dev/fd/196 2>&199
printf '\0SALT\0end\0%s\0SALT\1' "$?" | tee /dev/fd/199 >&198
