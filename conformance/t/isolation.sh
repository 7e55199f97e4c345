#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Whatever an implementation does to its process, the runner says so, loses no
# other case, and leaves nothing behind.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

# fate VERDICT TEXT FAKE [SECONDS]: both cases that open get VERDICT, the
# report says TEXT, the other cases come out as ever, and nothing is left: no
# process or file after the run; and when its last case runs, runner, keeper
# and case have no more children and open files than with no case before it.
fate() {
    limit=60 # a sanitizer may take long to tell of a crash
    [ "$1" = HANG ] && limit=0.3
    own "$3" || return
    SELFTEST_LEFT=$work/now "$selftest" run -v --jobs 1 --keep never \
        --timeout "${4-$limit}" --shim "$work/$3.so" ok/pass 'other/*' >out 2>err </dev/null
    nothing_left "$3" && diff ever now && says out "$2" &&
        [ "$(grep -c "^$1 *other/open" out)" -eq 2 ] &&
        grep -q '^PASS *ok/pass$' out && says out 'NA 2 ' && return
    cat out err
    return 1
}

# What is open, and running, when no case has run before.
as_ever() {
    SELFTEST_LEFT=$work/ever status 0 "$selftest" run --jobs 1 --keep never \
        --shim "$fakes/good.so" other/what-is-left &&
        says ever 'the keeper has a child' && says ever 'the case has open 2'
}

# Sanitizers want no limit of memory.
is_limited() {
    grep -q '^ADDCOW_SANITIZE:STRING=$' "$BUILD/CMakeCache.txt"
}

flood_is_capped() {
    "$selftest" run --keep never --shim "$fakes/flood.so" \
        --format tap other/open >out 2>err && [ "$(wc -c <out)" -lt 1000 ]
}

# The message goes to standard error when a case fails.
output_is_shown() {
    fate CRASH '| about to crash' crash
}

buffered_output_is_shown() {
    fate CRASH '| bye' exit-0
}

interrupted() {
    "$selftest" run --keep never --timeout 60 --shim "$fakes/sleeps.so" \
        'other/open*' >out 2>err </dev/null &
    pid=$!
    # Until the cases have their directories.
    while ! ls "$TMPDIR"/*/1 >ready 2>&1; do sleep 0.05; done
    kill -TERM "$pid"
    wait "$pid"
    got=$?
    echo "status $got, left:"
    ls "$TMPDIR"
    [ "$got" -eq 2 ] && [ -z "$(ls "$TMPDIR")" ] && says out interrupted
}

# ends STATUS TEXT COMMAND...: within its time, with this status, saying TEXT,
# and nothing is left.
ends() {
    want=$1
    text=$2
    shift 2
    timeout -k 5 60 "$@" >out 2>err </dev/null
    got=$?
    cat out >>err
    echo "status $got"
    [ "$got" -eq "$want" ] && says err "$text" && nothing_left "$fake"
}

# A keeper that is traced runs no more, whatever signal it gets.
traced() {
    fake=traces-parent
    own "$fake" && ends 1 'no answer within 0.3 s' "$selftest" run \
        --keep never --timeout 0.3 --shim "$work/$fake.so" other/open
}

# Nothing keeps a shim from looking for the runner; the first process is left.
killed_runner() {
    fake=kills-runner
    own "$fake" && ends 3 'the runner was killed by signal 9' "$selftest" run \
        --keep never --jobs 2 --shim "$work/$fake.so"
}

# While a shim is loaded, and no case runs.
killed_loading() {
    own loads-hang
    "$selftest" run --keep never --timeout 60 --shim "$work/loads-hang.so" \
        >out 2>err </dev/null &
    pid=$!
    while ! ls "$TMPDIR"/*/mark >ready 2>&1; do sleep 0.05; done
    kill -TERM "$pid"
    wait "$pid"
    got=$?
    echo "status $got"
    [ "$got" -eq 2 ] && nothing_left loads-hang
}

# The runner itself, the child of the first process, gets the signal.
killed_inside() {
    own sleeps
    "$selftest" run --keep never --timeout 60 --shim "$work/sleeps.so" \
        'other/open*' >out 2>err </dev/null &
    pid=$!
    while ! ls "$TMPDIR"/*/1 >ready 2>&1; do sleep 0.05; done
    pkill "-$1" -P "$pid"
    wait "$pid"
    got=$?
    echo "status $got"
    [ "$got" -eq "$2" ] && nothing_left sleeps
}

# What processes leave that were killed all at once, the next run removes; a
# directory that somebody uses, or that has no mark, it leaves alone.
leftover() {
    own sleeps
    "$selftest" run --keep never --timeout 60 --shim "$work/sleeps.so" \
        'other/open*' >out 2>err </dev/null &
    pid=$!
    while ! ls "$TMPDIR"/*/1 >ready 2>&1; do sleep 0.05; done
    used=$(ls "$TMPDIR")
    "$selftest" run --keep never --shim "$fakes/good.so" ok/pass >out 2>err
    [ -d "$TMPDIR/$used/1" ] || return
    # Stopped before, neither can clean up after the other.
    runner=$(pgrep -P "$pid")
    kill -STOP "$pid" "$runner"
    kill -KILL "$pid" "$runner"
    wait "$pid"
    mkdir "$TMPDIR/addcow-conform.unknown" "$TMPDIR/another"
    touch "$TMPDIR/another/mark"
    # Until the kernel has ended the last of them.
    while pgrep -f "$work/sleeps.so" >left; do sleep 0.05; done
    ls "$TMPDIR"
    [ -d "$TMPDIR/$used" ] || return
    "$selftest" run --keep never --shim "$fakes/good.so" ok/pass >out 2>err
    ls "$TMPDIR" >left
    rmdir "$TMPDIR/addcow-conform.unknown" && rm -r "$TMPDIR/another"
    printf '%s\n' addcow-conform.unknown another | diff - left
}

own_directories() {
    status 0 "$selftest" run --keep never --jobs 1 --repeat 3 \
        --shim "$fakes/good.so" 'ok/directory-*'
}

check 'what a case is given' as_ever
check 'a crash' fate CRASH 'SEGV' crash
check 'an abort' fate CRASH 'killed by SIGABRT' abort
check 'an exit with 0' fate CRASH 'ended the process with status 0' exit-0
check 'an exit with 7' fate CRASH 'ended the process with status 7' exit-7
check 'an endless loop' fate HANG 'no answer within 0.3 s' hangs
check 'an endless sleep' fate HANG 'no answer within 0.3 s' sleeps
check 'the call under way is named' fate HANG 'during    open "x"' sleeps
check 'a kill of the whole group' fate CRASH 'SIGKILL' throws-verdict
check 'all descriptors closed' fate PASS 'passed' closefds
check 'another directory' fate FAIL 'working directory' chdir
check 'children, orphans, sessions' \
    fate PASS 'running, killed' children
if is_limited; then
    check 'all memory' fate CRASH SIGABRT eats-memory
fi
check 'markup, and bytes that are no text' fate FAIL '\xff' hostile
check 'a flood' fate PASS 'passed' flood 3
check 'a flood is not kept' flood_is_capped
check 'what it prints is shown' output_is_shown
check 'what it printed into a buffer, too' buffered_output_is_shown
check 'its parent is stopped' \
    fate FAIL 'the process that watches the case got SIGSTOP' stops-parent
check 'which a hint explains' says out 'a shim neither stops nor kills'
check 'its parent is killed' \
    fate FAIL 'the process that watches the case got SIGKILL' kills-parent
check 'its parent gets other signals' fate PASS 'passed' signals-parent 60
check 'its parent is traced' traced
check 'the process is stopped' \
    fate HANG 'stopped by SIGSTOP' stops-itself 0.1
check 'its group is stopped' \
    fate HANG 'stopped by SIGSTOP' stops-group 0.1
check 'a runner that is stopped goes on' fate PASS 'passed' stops-runner 60
check 'a runner that is killed' killed_runner
check 'each case has an empty directory' own_directories
check 'a signal ends the run and cleans up' interrupted
check 'also while the shim is loaded' killed_loading
check 'also the runner itself' killed_inside TERM 2
check 'a runner that is killed by others' killed_inside KILL 3
check 'the next run removes what was left' leftover
check 'nothing is left in the temporary directory' test -z "$(ls "$TMPDIR")"
check 'nothing is kept' test ! -e conform-out/other
finish
