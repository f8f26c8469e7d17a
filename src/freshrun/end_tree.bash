# Sends SIGNAL to what one command started: the shell's descendants and the orphans that are not older
# than the command. Arguments: SIGNAL, the shell's process id, the command's start by this machine's clock in
# microseconds since the epoch, and `shell` where the shell itself gets the signal too. Reads /proc, for an
# image may have no ps.
signal=$1 shell=$2 started=$3 with=${4-}

# Processes tell their start in hundredths of a second of uptime.
age=$(((${EPOCHREALTIME/[.,]/} - started) / 10000))
read -r uptime _ </proc/uptime
since=$((10#${uptime/./} - age - 2))

declare -A parent start
for stat in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$stat" || continue
    read -ra field <<<"${line##*) }"
    pid=${line%% *}
    parent[$pid]=${field[1]} start[$pid]=${field[19]}
done 2>/dev/null

# A child of process 1 that is younger than the command has left the shell's tree (setsid, nohup).
of_command() {
    local pid=$1
    while [[ ${start[$pid]:-0} -ge $since ]]; do
        pid=${parent[$pid]}
        [[ $pid == "$shell" || $pid == 1 ]] && return 0
    done
    return 1
}

targets=()
for pid in "${!parent[@]}"; do
    if of_command "$pid"; then targets+=("$pid"); fi
done
if [[ $with == shell ]]; then targets+=("$shell"); fi
[[ ${#targets[@]} == 0 ]] || kill -s "$signal" "${targets[@]}" 2>/dev/null
exit 0
