# Runs inside the machine, as the parent of the shell that a runbook is typed into. It comes in on the
# exec's own stdin, so that neither a command line nor the environment shows the salt.
# `freshrun.protocol` puts SALT, NAME, CANCEL and LINES in place and reads the marks that are printed here.
#
# The shell reads one line of a script for each command. A line first calls the function NAME, which
# reports the command before it and fetches the next one, then evaluates that at the top level:
# no function or loop is around it, so `return`, `break`, `local` and every error behave as when typed.
# NAME returns the status that the command finds in `$?`. A line with `&&` evaluates one that finds 0; any other
# waits for the next line with `||`, one in five, which does nothing else. No word of a line can be an alias.
# Whatever throws bash back to its top level lands on the next line, which reports it like any other end.

# The private descriptors are there: 197 to read messages from, 198 and 199 to print marks on, each a copy of one
# output stream; 195 is the terminal, where there is one.
exec </dev/null
# The shell gets a process group of its own: `kill 0` in a runbook must not end this parent.
set -m

script=$(mktemp || mktemp -p /dev/shm || mktemp -p "$HOME") || exit 125
{
    cat <<'DRIVER'
builtin set +o history
builtin shopt -s execfail
BASH_ARGV0=bash
NAMEseq=0 NAMEexpected=0 NAMEstarted=0 NAMEdone= NAMEskip= NAMEtty= NAMEwaits= NAMEtried= NAMElast= NAMEnest=
if [[ -t 195 ]]; then NAMEtty=195; fi
NAME() {
    # Until the trace is off, each step has NAME in it, by which `set -x` is told from the document's.
    if [[ NAME$NAMEwaits != NAME ]]; then
        builtin return "$NAMEcode"
    fi
    # A document can make its own `builtin`, which may never end. With FUNCNEST=1 bash calls no function from this one,
    # but throws back to the next line, which notices.
    NAMEtrace= NAMElimit=1 NAMEtried+=@
    if [[ ${FUNCNEST-}$-NAME == *[0-9T]*NAME ]]; then
        NAMEheld=${FUNCNEST-}
        ((NAMEnone = FUNCNEST = 0))
        NAMErare
    fi
    ((NAMEnone = FUNCNEST = NAMElimit))
    builtin unset FUNCNEST NAMEnone
    # What was evaluated tells so, but for a few kinds; where it does not, `eval` may be gone.
    if [[ NAME${NAMEnone-}$NAMEnest != NAME || NAME$NAMEdone == NAME ]]; then
        ((NAMEnone = FUNCNEST = 0))
        NAMEverify
    fi
    NAMEtried= NAMEnest=
    case $- in *x*) { NAMEtrace='\builtin set -x; '; builtin set +x; } 2>/dev/null ;; esac
    NAMEnow=${EPOCHREALTIME-} NAMEcode=${NAMEdone%% *} NAMEcode=${NAMEcode:-${NAMElast:-$1}} NAMElast=
    if [[ ! $NAMEnow ]]; then builtin printf -v NAMEnow '%(%s)T' -1; fi
    builtin printf '\0SALT\2%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0SALT\1' \
        "$NAMEseq" "$NAMEcode" "$NAMEstarted" "$NAMEnow" "$$" "${!-}" "${NAMEdone#* }" "$PWD" >&198 &&
        builtin printf '\0SALT\2%s\0SALT\1' "$NAMEseq" >&199 || NAMElost
    if [[ $NAMEtty ]]; then builtin printf '\0SALT\2%s\0SALT\1' "$NAMEseq" >&195; fi
    # A terminal that was left to a server takes nothing more once the server ends, seconds later.
    if [[ -e CANCEL ]]; then builtin exit 0; fi
    if [[ $NAMEcode != "$NAMEexpected" ]]; then NAMEskip=1; fi
    NAMEkind=s
    while [[ $NAMEkind == s || $NAMEskip ]]; do
        NAMEmessage=() # a mapfile that fails leaves the one before in place
        builtin mapfile -t -d '' -n 5 -u 197 NAMEmessage
        if [[ ${#NAMEmessage[@]} != 5 ]]; then NAMElost; fi
        NAMEseq=${NAMEmessage[0]} NAMEexpected=${NAMEmessage[1]} NAMEkind=${NAMEmessage[2]}
        NAMEstdin=${NAMEmessage[3]} NAMEtext=${NAMEmessage[4]}
        if [[ $NAMEkind == s ]]; then NAMEskip=; fi
    done
    # The kinds: input, terminal, command, pipeline. The status is taken where the command stands: `eval` has it too,
    # but no exemption from `set -e`.
    case $NAMEkind in
        i) NAMEinput=$NAMEtext NAMEtext='\builtin eval "$NAMEinput" <<<"$NAMEstdin"' ;;
        t) NAMEinput=$NAMEtext NAMEtext='\builtin eval "$NAMEinput" <&195 >&195 2>&195' ;;
        c) NAMEtext+='NAMEdone="$? "' ;;
        p) NAMEtext+='\builtin printf -v NAMEdone "%s " "$?" "${PIPESTATUS[@]}"' ;;
    esac
    NAMEdone= NAMEtext=$NAMEtrace$NAMEtext NAMEstarted=${EPOCHREALTIME-$NAMEnow}
    if [[ $NAMEcode != 0 ]]; then NAMEwaits=1; fi
    builtin return "$NAMEcode"
}
# What is rare stands apart: bash copies a function, whole, each time that it calls it.
NAMErare() {
    # A limit is there: the document's, or what a throw has left. What was called then may have been a trap's function,
    # but only once.
    case NAME$NAMEtried in
        NAME@) NAMEnest=$NAMEheld ;;
        NAME@@@) NAMElost ;;
    esac
    # With T a DEBUG trap's function is called in the driver, too. There a copy of the shell in POSIX mode, where nothing
    # shadows `export`, looks for a function `builtin`.
    if [[ NAME$- == *T* ]]; then
        NAMElimit=0
        if { NAMEtest=$(POSIXLY_CORRECT=1 && export -nf builtin); } 2>/dev/null; then NAMElost; fi
    fi
}
NAMEverify() {
    NAMEtest=
    builtin eval '((NAMEtest = 1, FUNCNEST = NAMEnest))'
    if [[ NAME$NAMEtest == NAME ]]; then NAMElost; fi
    if [[ NAME$NAMEnest == NAME ]]; then builtin unset FUNCNEST NAMEnone; fi
}
# The line for a command that finds another status than 0.
NAMEother() {
    if [[ NAME$NAMEwaits == NAME ]]; then
        NAMElast=$1
    else
        NAMEwaits=
        builtin return "$NAMEcode"
    fi
}
# The private descriptors are gone, the other side is, or `builtin` is another's: the parent tells it, this shell can't.
# A redirection and an assignment are no commands, so that nothing shadows them; in POSIX mode nothing shadows `exit`.
NAMElost() {
    >|CANCEL.lost
    POSIXLY_CORRECT=1
    exit 0
    # `exit` is disabled too: the script ends here, and this goes back to the top level, where it is read.
    >|/dev/fd/196
    NAMElost=${NAMElost?}
} 2>/dev/null
builtin readonly -f NAME NAMErare NAMEverify NAMEother NAMElost
DRIVER
    # The empty line resets bash's parser after an unclosed quote.
    zero=$'\n\\NAME "$?" && \\builtin eval "$NAMEtext"' other=$'\n\\NAMEother "$?" || \\builtin eval "$NAMEtext"'
    yes "$zero$zero$zero$zero$other" | head -n LINES
    echo NAMElost
} >"$script"
exec 196<"$script"
rm -f -- "$script"

lost=
if [[ -t 195 ]]; then
    stty rows 24 cols 80 <&195
    exec 2>&195 # a shell with job control hands the terminal that is its stderr to what it starts
else
    exec 2>/dev/null # what this parent says of the shell's death is not the runbook's output
fi
bash -i /dev/fd/196 2>&199
status=$?
if [[ -e CANCEL.lost ]]; then lost=lost; fi
for stream in 198 199 $([[ ! -t 195 ]] || echo 195); do
    printf '\0SALT\2end\0%s\0%s\0SALT\1' "$status" "${lost-}" >&"$stream"
done
# Who holds the pipes for a shell in a terminal is no longer needed.
holder=HOLDER
[[ ! $holder ]] || kill -s KILL "$holder"
