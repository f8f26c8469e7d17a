# Looks at, or ends, what one command started: the shell's descendants and the orphans that are not older than
# the command. Arguments: the shell's process id, the command's start by this machine's clock in microseconds
# since the epoch, and an action:
#   signal NAME [shell]  sends a signal to all of them, and to the shell itself
#   work                 prints the processor time that they have used, in hundredths of a second
#   ports                prints the TCP ports on which they listen
#   start                prints the shell's working directory and the exported variables, NUL after each
# Reads /proc, for an image may have no ps.
shell=$1 started=$2 action=$3
shift 3

# Processes tell their start in hundredths of a second of uptime.
age=$(((${EPOCHREALTIME/[.,]/} - started) / 10000))
read -r uptime _ </proc/uptime
since=$((10#${uptime/./} - age - 2))

declare -A parent start used
for stat in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$stat" || continue
    read -ra field <<<"${line##*) }"
    pid=${line%% *}
    parent[$pid]=${field[1]} start[$pid]=${field[19]} used[$pid]=$((field[11] + field[12]))
done 2>/dev/null

# A child of process 1 that is younger than the command has left the shell's tree (setsid, nohup).
of_command() {
    local pid=$1
    while [[ $pid -gt 0 && ${start[$pid]:-0} -ge $since ]]; do
        pid=${parent[$pid]}
        [[ $pid == "$shell" || $pid == 1 ]] && return 0
    done
    return 1
}

tree=()
for pid in "${!parent[@]}"; do
    if of_command "$pid"; then tree+=("$pid"); fi
done

case $action in
    signal)
        if [[ ${2-} == shell ]]; then tree+=("$shell"); fi
        [[ ${#tree[@]} == 0 ]] || kill -s "$1" "${tree[@]}" 2>/dev/null
        ;;
    work)
        total=0
        for pid in "${tree[@]}"; do ((total += used[$pid])); done
        echo "$total"
        ;;
    ports)
        declare -A owned
        for pid in "${tree[@]}"; do
            while read -r link; do owned[$link]=1; done < <(readlink /proc/"$pid"/fd/* 2>/dev/null)
        done
        for table in /proc/net/tcp /proc/net/tcp6; do
            while read -r _ local _ state _ _ _ _ _ inode _; do
                if [[ $state == 0A && ${owned["socket:[$inode]"]-} ]]; then echo $((16#${local##*:})); fi
            done <"$table"
        done 2>/dev/null
        ;;
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
exit 0
