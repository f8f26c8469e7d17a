# Looks at, or ends, what one command started: the shell's descendants and the orphans that are not older than
# the command. Arguments: the shell's process id, the command's start by this machine's clock in microseconds
# since the epoch, and an action:
#   signal NAME [shell]  sends a signal to all of them, and to the shell itself
#   look                 prints a line for each fact (see `freshrun.process_tree.Look`)
#   start                prints the shell's working directory and the exported variables, NUL after each
# Reads /proc, for an image may have no ps. To send a signal it starts no process: there may be no room for one.
shell=$1 started=$2 action=$3
shift 3

# Processes tell their start in hundredths of a second of uptime.
age=$(((${EPOCHREALTIME/[.,]/} - started) / 10000))
read -r uptime _ </proc/uptime
since=$((10#${uptime/./} - age - 2))

declare -A name state parent start used group front terminal
read_processes() {
    local stat line field pid
    for stat in /proc/[0-9]*/stat; do
        read -r line 2>/dev/null <"$stat" || continue
        read -ra field <<<"${line##*) }"
        pid=${line%% *} line=${line#*\(}
        name[$pid]=${line%)*} state[$pid]=${field[0]}
        parent[$pid]=${field[1]} group[$pid]=${field[2]} terminal[$pid]=${field[4]}
        front[$pid]=${field[5]} used[$pid]=$((field[11] + field[12])) start[$pid]=${field[19]}
    done 2>/dev/null
}

# A child of process 1 that is younger than the command has left the shell's tree (setsid, nohup).
of_command() {
    local pid=$1
    while [[ $pid -gt 0 && ${start[$pid]:-0} -ge $since ]]; do
        pid=${parent[$pid]}
        [[ $pid == "$shell" || $pid == 1 ]] && return 0
    done
    return 1
}

read_tree() {
    local pid
    name=() parent=() start=()
    read_processes
    tree=()
    for pid in "${!parent[@]}"; do
        if of_command "$pid"; then tree+=("$pid"); fi
    done
}

# What multiplies is stopped before it is killed, or it would be back by then.
send() {
    if [[ $1 == KILL ]]; then
        for _ in 1 2 3; do
            [[ ${#tree[@]} == 0 ]] || kill -s STOP "${tree[@]}"
            read_tree
        done
    fi
    if [[ ${2-} == shell ]]; then tree+=("$shell"); fi
    [[ ${#tree[@]} == 0 ]] || kill -s "$1" "${tree[@]}"
} 2>/dev/null

# A process that a person would have to answer: it reads its terminal, or waits for single keys from it.
asks() {
    local pid=$1 wait call descriptor
    [[ ${terminal[$pid]} != 0 ]] || return
    read -r wait </proc/"$pid"/wchan
    read -r call descriptor _ </proc/"$pid"/syscall
    case $wait in
        wait_woken | n_tty_read | tty_read) [[ $call && -c /proc/$pid/fd/$((descriptor)) ]] ;;
        *poll* | *select*) [[ ${group[$pid]} == "${front[$pid]}" && $(stty -a </proc/"$shell"/fd/195) == *-icanon* ]] ;;
        *) return 1 ;;
    esac
} 2>/dev/null

look() {
    local pid link total=0 table inode local_address status driver=${parent[$shell]}
    local -A owned
    # What the document did to the descriptors that the driver talks through shows beside its parent's own. A program
    # that took the shell's place (`exec`) may close them.
    for link in 197 198 199; do
        [[ ${name[$shell]-} != bash || ! -e /proc/$driver/fd/$link || /proc/$shell/fd/$link -ef /proc/$driver/fd/$link ]] || echo "lost $link"
    done
    for pid in "${tree[@]}" "$shell"; do
        if asks "$pid"; then echo "asks ${name[$pid]}"; fi
    done
    for pid in "${tree[@]}"; do
        ((total += used[$pid]))
        echo "name ${name[$pid]}"
        # A machine with much to do gives little time to a process that would use all of it.
        case ${state[$pid]} in R | D) echo "busy ${name[$pid]}" ;; esac
        while read -r link; do owned[$link]=1; done < <(readlink /proc/"$pid"/fd/* 2>/dev/null)
    done
    echo "work $total"
    for table in /proc/net/tcp /proc/net/tcp6; do
        while read -r _ local_address _ status _ _ _ _ _ inode _; do
            if [[ $status == 0A && ${owned["socket:[$inode]"]-} ]]; then echo "port $((16#${local_address##*:}))"; fi
        done <"$table"
    done 2>/dev/null
}

read_tree
case $action in
    signal) send "$@" ;;
    look) look ;;
    start)
        printf '%s\0' "$(readlink /proc/"$shell"/cwd)"
        for pid in "${tree[@]}"; do
            if [[ ${parent[$pid]} == "$shell" ]]; then
                cat /proc/"$pid"/environ
                break
            fi
        done 2>/dev/null
        ;;
esac
true
