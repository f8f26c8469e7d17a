# Runs inside the machine, as the parent of the shell that a runbook is typed into. It comes in on the
# exec's own stdin, so that neither a command line nor the environment shows the salt.
# `freshrun.session.driver` fills in the fields, which stand in angle quotes and are all named here;
# `freshrun.session.protocol` reads the marks that are printed here.
#   «name»    how everything begins that the driver defines in the shell; `set -x` shows it
#   «mark»    how a mark begins and ends, behind a NUL; nothing shows it
#   «cancel»  the path of the file whose existence keeps the shell from taking a next command
#   «lines»   how many lines the script has
#   «holder»  the process that holds the pipes for a shell in a terminal, else nothing
#
# The shell is as interactive as one at a terminal, jobs, prompt and all: its stdin is a script, of which it reads one
# line for each command. A line first calls the function «name», which reports the command before it and fetches the
# next one, then evaluates that at the top level, with a stdin of its own: no function or loop is around it, so
# `return`, `break`, `local` and every error behave as when typed.
# No word of a line can be an alias.
# Whatever throws bash back to its top level lands on the next line, which reports it like any other end.

# The private descriptors are there: 197 to read messages from, 198 and 199 to print marks on, each a copy of one
# output stream; 195 is the terminal, where there is one. 196 is the stdin of what is evaluated.
exec </dev/null
# The shell gets a process group of its own: `kill 0` in a runbook must not end this parent.
set -m

script=$(mktemp || mktemp -p /dev/shm || mktemp -p "$HOME") || exit 125
{
    cat <<'DRIVER'
builtin set +o history
«name»message=(0 0) «name»started=0 «name»done= «name»skip= «name»tty= «name»nest= «name»clock= «name»pipe= «name»shown=
«name»traps= «name»piped= «name»statuses= «name»last=
# A prompt that shows nothing, and is one to what looks for it.
PS1='\[\]'
if [[ -t 195 ]]; then «name»tty=195; else builtin set -m; fi
# Bash copies a function, whole, each time that it calls it: what is rare stands in functions of its own.
«name»() {
    # Until the trace is off, each step has «name» in it, by which `set -x` is told from the document's.
    «name»trace= «name»tried+=@
    # A document can make its own `builtin`, which may never end. With FUNCNEST=1 bash calls no function from this one,
    # but throws back to the next line, which notices.
    [[ ${FUNCNEST-}$-«name» != *[0-9Tax]*«name» ]] && ((«name»none = FUNCNEST = 1)) ||
        ((«name»held = ${FUNCNEST:-0}, «name»none = FUNCNEST = 0)) || «name»rare
    builtin unset FUNCNEST «name»tried
    # What was evaluated tells so, but for a few kinds; where it does not, `eval` may be gone.
    [[ ${«name»tried-}${«name»done:+done}${EPOCHREALTIME:+now}«name»$«name»pipe$«name»piped$«name»shown${PS1-} == 'donenow«name»\[\]' ]] ||
        ((«name»none = FUNCNEST = 0)) || «name»verify "$1"
    ${«name»trace:+"«name»untrace"}
    «name»now=${EPOCHREALTIME:-$«name»clock} «name»code=$«name»done
    builtin printf '\0«mark»\2%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0«mark»\1' \
        "${«name»message[0]}" "$«name»code" "$«name»started" "$«name»now" \
        "$$" "${!-}" "$«name»piped" "$PWD" >&198 &&
        builtin printf '\0«mark»\2%s\0%s\0«mark»\1' "${«name»message[0]}" "$«name»shown" >&199 || «name»lost
    ${«name»tty:+"«name»screen"}
    [[ ! -e «cancel» && $«name»code == ${«name»message[1]} ]] || «name»missed
    «name»message=() # a mapfile that fails leaves the one before in place
    builtin mapfile -t -d '' -n 5 -u 197 «name»message
    if [[ ${#«name»message[@]}${«name»message[2]-}$«name»skip$«name»traps == 5c ]]; then
        «name»text=${«name»message[4]}'«name»done=$? «name»last=$_'
    else
        «name»fetch
    fi
    «name»done= «name»started=${EPOCHREALTIME:-$«name»now}
    [[ $«name»code$«name»nest$«name»trace$«name»traps${PROMPT_COMMAND+set} == 0 ]] || «name»leave
}
«name»rare() {
    # A limit is there: the document's, or what a throw has left. What was called then may have been a trap's function,
    # but only once.
    case «name»$«name»tried in
        «name»@) «name»nest=${«name»held#0} ;;
        «name»@@@) «name»lost ;;
    esac
    if [[ «name»$- == *x* ]]; then «name»trace=x; fi
    if [[ «name»$- == «name»*a* ]]; then «name»trace+=a; fi
    # With T a DEBUG trap's function is called in the driver, too.
    if [[ «name»$- != *T* ]]; then
        ((«name»none = FUNCNEST = 1))
    elif { «name»test=$(«name»shadowed); } 2>/dev/null; then
        «name»lost
    fi
}
# In a copy of the shell: is there a function `builtin`? In POSIX mode nothing shadows `export` and `readonly`. Where
# both are disabled neither knows a function that is there.
«name»shadowed() {
    POSIXLY_CORRECT=1
    export -nf builtin || readonly -f builtin || ! { export -nf «name» || readonly -f «name»; }
}
# Is `eval` there? And what the common command has of itself: a word that it was evaluated, and the time.
«name»verify() {
    «name»test= «name»tried=
    builtin eval «name»test=1
    if [[ «name»$«name»test == «name» ]]; then «name»lost; fi
    builtin unset FUNCNEST «name»none
    «name»done=${«name»done:-$1}
    # Another prompt than the driver's was shown just now.
    «name»shown=
    if [[ «name»${PS1-} != '«name»\[\]' ]]; then «name»shown=${PS1:+${PS1@P}}; fi
    «name»piped=
    if [[ «name»$«name»pipe != «name» ]]; then
        «name»statuses=("${«name»message[0]}" "${«name»pipe[@]}")
        builtin printf -v «name»piped '%s ' "${«name»pipe[@]}"
        «name»pipe=
    fi
    if [[ «name»${EPOCHREALTIME-} == «name» ]]; then builtin printf -v «name»clock '%(%s)T' -1; fi
}
«name»untrace() {
    builtin set +x
    if [[ $«name»trace == *a ]]; then
        builtin set +a
        builtin export -n «name»trace «name»tried «name»held «name»none «name»nest «name»test «name»done «name»last \
            «name»pipe «name»piped «name»statuses «name»traps «name»clock «name»shown
    fi
} 2>/dev/null
«name»screen() { builtin printf '\0«mark»\2%s\0«mark»\1' "${«name»message[0]}" >&195; }
«name»missed() {
    # A terminal that was left to a server takes nothing more once the server ends, seconds later.
    if [[ -e «cancel» ]]; then builtin exit 0; fi
    «name»skip=1
}
# Any message but a plain command: the end of a batch, what is passed over up to there, and the other kinds.
«name»fetch() {
    while [[ ${#«name»message[@]} == 5 ]] && [[ ${«name»message[2]} == s || $«name»skip ]]; do
        if [[ ${«name»message[2]} == s ]]; then «name»skip=; fi
        «name»message=()
        builtin mapfile -t -d '' -n 5 -u 197 «name»message
    done
    if [[ ${#«name»message[@]} != 5 ]]; then «name»lost; fi
    «name»text=${«name»message[4]}
    # A trap that came in with a file makes each command one that sees more, but for one that may make its own `builtin`.
    if [[ $«name»traps && ${«name»message[2]} == [cp] && $«name»text != *builtin* ]]; then «name»message[2]=e; fi
    # The kinds: input, terminal, command, pipeline, and what sees more; what has no clear end stays as it is.
    case ${«name»message[2]} in
        i) «name»input=$«name»text «name»text='\builtin eval "$«name»input" <<<"${«name»message[3]}"' ;;
        t) «name»input=$«name»text «name»text='\builtin eval "$«name»input" <&195 >&195 2>&195' ;;
        c) «name»text+='«name»done=$? «name»last=$_' ;;
        p) «name»text+='«name»pipe=("${PIPESTATUS[@]}") «name»done=$? «name»last=$_' ;;
        e) «name»enclose ;;
    esac
}
# What sees more than its own streams is evaluated between what it must not see: traps that are called for each step,
# and a trace to a place of its own, stop behind it; a stdin that it gives the shell is kept.
«name»enclose() {
    «name»place=${BASH_XTRACEFD:+" $BASH_XTRACEFD>/dev/null"}
    «name»text+='{ «name»pipe=("${PIPESTATUS[@]}") «name»done=$? «name»last=$_
        «name»traps=$(\builtin trap -p RETURN DEBUG); \builtin trap - RETURN DEBUG; \«name»quiet; \builtin exec 196<&0
    } >/dev/null 2>&1'$«name»place$'\n''{ \«name»await; } 2>/dev/null'$«name»place
    # A pipeline's statuses are seen by the next command.
    if [[ ${#«name»statuses[@]} -gt 2 && ${«name»statuses[0]} == $((«name»message[0] - 1)) ]]; then
        builtin printf -v «name»place '| (exit %s) ' "${«name»statuses[@]:1}"
        «name»text="{ ${«name»place#??}; } 2>/dev/null"$'\n'$«name»text
    fi
}
# What the shell prints may come out of another program, later.
«name»await() {
    if [[ -p /dev/fd/1 && ! /dev/fd/1 -ef /dev/fd/198 ]]; then builtin command -p sleep 0.1; fi
}
«name»quiet() {
    if [[ $- == *x* && ${BASH_XTRACEFD-} ]]; then «name»traps+=$'\n''builtin set -x'; fi
    if [[ ${BASH_XTRACEFD-} ]]; then builtin set +x; fi
}
# What the next command finds: the document's limit and trace, and a status that isn't 0.
«name»leave() {
    if [[ $«name»nest ]]; then ((FUNCNEST = «name»nest)); fi
    «name»nest=
    if [[ $- == *v* ]]; then
        builtin set +v
        «name»trace+=v
    fi
    # A program that could not take the shell's place has cost it its jobs.
    if [[ $«name»code == 12[67] && -z $«name»tty && $- != *m* ]]; then builtin set -m; fi
    if [[ ${PROMPT_COMMAND+set} && -z $«name»trace && $- != *e* && -z $(builtin trap -p ERR) ]]; then
        «name»text+=$'\n\\«name»status'
    fi
    # A status that decides in a list neither ends the shell nor springs a trap.
    «name»list='||'
    if [[ $«name»code != 0 ]]; then «name»list='&&'; fi
    «name»list="\\«name»back \"\$_\" $«name»list \\«name»back \"\$_\""
    if [[ $«name»traps ]]; then
        «name»list="{ $«name»list; } >/dev/null 2>&1${BASH_XTRACEFD:+" $BASH_XTRACEFD>/dev/null"}"
    fi
    «name»text=$«name»list$'\n'$«name»text
}
«name»status() { builtin return "$«name»done"; }
«name»back() {
    if [[ $«name»trace == *v* ]]; then builtin set -v; fi
    if [[ $«name»trace == *a* ]]; then builtin set -a; fi
    if [[ $«name»trace == *x* ]]; then builtin set -x; fi
    if [[ $«name»traps ]]; then builtin eval "$«name»traps"; fi
    builtin return "$«name»code"
} 2>/dev/null
# The private descriptors are gone, the other side is, or `builtin` is another's: the parent tells it, this shell can't.
# A redirection and an assignment are no commands, so that nothing shadows them; in POSIX mode nothing shadows `exit`.
«name»lost() {
    >|«cancel».lost
    POSIXLY_CORRECT=1
    exit 0
    # `exit` is disabled too: the script ends here, and this goes back to the top level, where it is read.
    >|/dev/fd/0
    «name»lost=${«name»lost?}
} 2>/dev/null
builtin readonly -f «name» «name»rare «name»verify «name»untrace «name»screen «name»missed «name»fetch
builtin readonly -f «name»leave «name»back «name»lost «name»shadowed «name»enclose «name»await «name»quiet «name»status
DRIVER
    yes '\«name» "$?" "$«name»last" && \builtin eval "$«name»text" <&196' | head -n «lines»
    echo «name»lost
} >"$script"
exec 194<"$script"
rm -f -- "$script"

lost=
if [[ -t 195 ]]; then
    stty rows 24 cols 80 <&195
    exec 2>&195 # a shell with job control hands the terminal that is its stderr to what it starts
else
    exec 2>/dev/null # what this parent says of the shell's death is not the runbook's output
fi
# What a shell reads first may read its stdin.
bash --noediting --rcfile /dev/fd/193 -i <&194 194<&- 196</dev/null 2>&199 193<<'RC'
if [[ -f ~/.bashrc ]]; then builtin source ~/.bashrc </dev/null; fi
RC
status=$?
# A shell that came to the script's end was made to pass over its lines.
if ! IFS= read -r _ <&194; then lost=lost; fi
if [[ -e «cancel».lost ]]; then lost=lost; fi
for stream in 198 199 $([[ ! -t 195 ]] || echo 195); do
    printf '\0«mark»\2end\0%s\0%s\0«mark»\1' "$status" "${lost-}" >&"$stream"
done
# Who holds the pipes for a shell in a terminal is no longer needed.
holder=«holder»
[[ ! $holder ]] || kill -s KILL "$holder"
