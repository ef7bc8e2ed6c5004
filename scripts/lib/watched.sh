# Runs a command that must not take for ever, and says where it stood when it did.
# shellcheck shell=bash

# The threads of a process, by whichever debugger is here.
show_threads() {
    if command -v gdb >/dev/null; then
        gdb -p "$1" -batch -ex 'set pagination off' -ex 'thread apply all backtrace 30' 2>/dev/null || true
    elif command -v lldb >/dev/null; then
        lldb -p "$1" --batch -o 'thread backtrace all' 2>/dev/null || true
    fi
}

# Usage: watched MINUTES PROCESS COMMAND...: runs COMMAND; when it has written nothing for MINUTES, shows the threads of the
# process named PROCESS, kills it and ends with 124.
watched() {
    local limit=$(($1 * 60)) name=$2 output status=0 child
    shift 2
    output=$(mktemp)
    "$@" > >(tee "$output") 2>&1 &
    child=$!
    # A command in the background does not hear the terminal's interrupt.
    trap 'kill "$child" 2>/dev/null || true; pkill -TERM --session 0 --full "$name" || true; rm -f "$output"; exit 130' INT TERM
    while kill -0 "$child" 2>/dev/null; do
        sleep 1
        if (($(date +%s) - $(stat -c %Y "$output") > limit)); then
            say "nothing was written for $((limit / 60)) minutes; the threads of $name:"
            local process
            for process in $(pgrep --session 0 --full "$name"); do show_threads "$process"; done
            say "started and not ended:"
            unfinished "$output"
            pkill -KILL --session 0 --full "$name" || true
            kill "$child" 2>/dev/null || true
            rm -f "$output"
            return 124
        fi
    done
    wait "$child" || status=$?
    trap - INT TERM
    rm -f "$output"
    return "$status"
}

# The tests of a log of swift test that have begun and not ended.
unfinished() {
    awk '
        match($0, /^◇ Test .* started\.$/) { name = $0; sub(/^◇ Test /, "", name); sub(/ started\.$/, "", name); open[name] = 1 }
        match($0, /^(✔|✘) Test .* (passed|failed) after /) {
            name = $0; sub(/^(✔|✘) Test /, "", name); sub(/( with [0-9]+ test cases)? (passed|failed) after .*$/, "", name)
            delete open[name]
        }
        END { for (name in open) if (name !~ /^case passing/) print "  " name }' "$1"
}
