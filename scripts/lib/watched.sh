# Runs swift test so that it cannot take for ever, and says where it stood when it did.
# shellcheck shell=bash

# The threads of a process by the debugger, if there is one: a line each, the innermost functions first. Those that wait for work are
# left out.
show_threads() {
    command -v gdb >/dev/null || return 0
    gdb -p "$1" -batch -ex 'set pagination off' -ex 'thread apply all backtrace 14' 2>/dev/null |
        { swift demangle --simplified 2>/dev/null || cat; } |
        awk '
            function flush() {
                if (name != "" && frames !~ /^ (epoll_wait|__waitid|__GI___sigsuspend|_dispatch_sema4_timedwait)/ \
                    && frames !~ /_blockingWaitForWork|ChildProcess\.init|AsteriskProcess\.init|WorkQueue\.dequeue|monitorThreadFunc/)
                    print substr("  " name ":" frames, 1, 400)
                name = frames = ""
            }
            /^Thread / { flush(); name = $0; sub(/^[^"]*"/, "", name); sub(/".*/, "", name) }
            /^#[0-9]+ / {
                frame = $0
                sub(/^#[0-9]+ +(0x[0-9a-f]+ in )?/, "", frame)
                sub(/ (from|at) [^ ]*$/, "", frame)
                sub(/ \([^()]*=.*/, "", frame)
                if (frame !~ /futex|pthread_cond_|do_futex_wait|sem_wait|start_thread|clone3/) frames = frames " " frame " <"
            }
            END { flush() }' || true
}

# What the record of the events of a run of swift test says: the suites of which some tests have ended and some have not, the one
# that moved last at the end.
unfinished() {
    jq --raw-output --null-input '
        def suite: split("/")[0];
        reduce inputs as $record ({};
            if $record.kind == "test" and $record.payload.kind == "function" then
                .[$record.payload.id | suite].open[$record.payload.id] = true
            elif $record.kind == "event" and ($record.payload.kind == "testEnded" or $record.payload.kind == "testSkipped") then
                $record.payload.testID as $test
                | if .[$test | suite].open[$test] then
                    del(.[$test | suite].open[$test])
                    | .[$test | suite].ended += 1
                    | .[$test | suite].last = $record.payload.instant.absolute
                  else . end
            else . end)
        | to_entries | map(select(.value.ended != null and (.value.open | length) > 0)) | sort_by(.value.last)[]
        | "  \(.key): \(.value.ended) ended, not: \(.value.open | keys | map(split("/")[1]) | join(", "))"[:400]' "$1" || true
}

# Usage: watched MINUTES EVENTS COMMAND...: runs COMMAND, a swift test that records its events in the file EVENTS. When it has written
# nothing for MINUTES, says where it stands, kills it and ends with 124.
watched() {
    local limit=$(($1 * 60)) events=$2 programs='outpacePackageTests.xctest|swift-test' output status=0 child process
    shift 2
    output=$(mktemp)
    rm -f "$events"
    "$@" > >(tee "$output") 2>&1 &
    child=$!
    # A command in the background does not hear the terminal's interrupt.
    trap 'kill "$child" 2>/dev/null || true; pkill -TERM --session 0 --full "$programs" || true; rm -f "$output"; exit 130' INT TERM
    while kill -0 "$child" 2>/dev/null; do
        sleep 1
        if (($(date +%s) - $(stat -c %Y "$output") > limit)); then
            say "nothing was written for $((limit / 60)) minutes; suites begun and not ended:"
            unfinished "$events"
            for process in $(pgrep --session 0 --full "$programs"); do
                say "threads of $process ($(cat "/proc/$process/comm"), $(awk '/^State:/ { print $2 }' "/proc/$process/status")):"
                show_threads "$process"
            done
            pkill -KILL --session 0 --full "$programs" || true
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
