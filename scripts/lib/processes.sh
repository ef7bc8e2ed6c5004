# Background processes of a script: started with a log each, watched, and stopped in the reverse order.
# shellcheck shell=bash

process_names=()
process_ids=()

# start_process NAME LOG COMMAND…: in the background; it is asked to stop should this script be killed.
start_process() {
    local name=$1 log=$2
    shift 2
    setpriv --pdeathsig TERM -- "$@" >"$log" 2>&1 </dev/null &
    process_names+=("$name")
    process_ids+=($!)
}

# Fails when one of them has ended by itself.
process_must_live() {
    local i
    for i in "${!process_ids[@]}"; do
        kill -0 "${process_ids[$i]}" 2>/dev/null || fail "${process_names[$i]} ended by itself"
    done
}

# Asks each to stop and waits; kills what has not ended after 30 seconds. Non-zero when one did not end well.
stop_processes() {
    local result=0 i id status
    for ((i = ${#process_ids[@]} - 1; i >= 0; i--)); do
        id=${process_ids[$i]}
        kill -TERM "$id" 2>/dev/null || true
        for _ in {1..300}; do
            kill -0 "$id" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$id" 2>/dev/null || true
        status=0
        wait "$id" || status=$?
        if [ "$status" -ne 0 ] && [ "$status" -ne 143 ]; then
            printf 'error: %s ended with status %s\n' "${process_names[$i]}" "$status" >&2
            result=1
        fi
    done
    process_names=()
    process_ids=()
    return $result
}

# wait_for SECONDS WHAT COMMAND…: until the command succeeds; fails when it takes longer, or a process ends meanwhile.
wait_for() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        process_must_live
        [ "$SECONDS" -lt "$deadline" ] || fail "waited in vain for $what"
        sleep 0.1
    done
}

# Whether something listens there.
port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port nobody listens on, outside the range that the kernel hands to clients.
free_port() {
    local candidate
    for _ in {1..100}; do
        candidate=$((20000 + (RANDOM << 1 | RANDOM & 1) % 12000))
        port_is_taken "$candidate" || {
            echo "$candidate"
            return
        }
    done
    fail "no free port between 20000 and 32000"
}

# Removes a folder, also what a service made in it under another user.
as_owner_rm() { rm --recursive --force "$1" 2>/dev/null || as_root rm --recursive --force "$1"; }

# start_asterisk PORT SECRET AGENTS FOLDER: the floor of config/asterisk-floor in the Asterisk folder, with queue sales_1.
start_asterisk() {
    local port=$1 secret=$2 crew=$3 work=$4 root inside place modules file filters agent launcher
    root=${ASTERISK_FOLDER:-$repository/.asterisk}/root
    inside=/tmp/$(basename "$work")
    place=$root$inside
    for modules in /usr/lib/{x86_64-linux-gnu,aarch64-linux-gnu,}/asterisk/modules; do
        [ ! -e "$root$modules/app_queue.so" ] || break
    done
    mkdir -p "$place"/{etc,var,run,log,spool}
    ln -s "$place" "$work/asterisk"
    filters=$repository/config/event-filters.conf
    grep --quiet 'Asterisk 22' "$(dirname "$root")/complete" || filters=$repository/config/event-filters-old.conf
    for file in "$repository"/config/asterisk-floor/*.conf; do
        sed -e "s|@FOLDER@|$inside|; s|@MODULES@|$modules|; s|@PORT@|$port|; s|@SECRET@|$secret|" \
            -e "/@FILTERS@/{r $filters" -e "d}" "$file" >"$place/etc/$(basename "$file")"
    done
    cp "$repository/config/outpace-dialplan.conf" "$place/etc/"
    {
        printf '[sales_1]\nstrategy = rrmemory\njoinempty = yes\ntimeout = 15\nretry = 1\nwrapuptime = 0\nringinuse = no\n'
        for ((i = 1; i <= crew; i++)); do
            printf -v agent 'agent-%02d' "$i"
            printf 'member => Local/%s@agents/n,0,%s\n' "$agent" "$agent"
        done
    } >"$place/etc/members.conf"
    for ((i = 1; i <= crew; i++)); do
        printf 'exten => agent-%02d,1,Ringing()\n same => n,Wait(0.2)\n same => n,Answer()\n same => n,Wait(86400)\n' "$i"
    done >"$place/etc/agents.conf"
    launcher=(chroot "$root")
    [ "$(id -u)" -eq 0 ] || launcher=(unshare --map-root-user --root="$root")
    start_process asterisk "$work/asterisk.log" "${launcher[@]}" \
        setpriv --pdeathsig TERM -- asterisk -f -C "$inside/etc/asterisk.conf"
}
