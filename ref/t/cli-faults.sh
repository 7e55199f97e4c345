#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Each command with each of its calls of the system failing once: what it
# says, what it leaves, and that it does its work when it is run again.

: "${FAULTY:?names the program whose calls fail}"
case $FAULTY in /*) ;; *) FAULTY=$PWD/$FAULTY ;; esac
. "${0%/*}/lib.sh"

# faulty FAULT COMMAND...: FAULT is "CALL N ERROR".  The file "hit" is there
# afterwards if the command had N such calls.
faulty() {
    rm -f hit
    ADDCOW_FAULT=$1
    shift
    ADDCOW_FAULT=$ADDCOW_FAULT timeout 60 "$FAULTY" "$@"
}

# Three clusters and a sector; cluster 1 is allocated.  odd.add-cow has a bit
# beyond them.
make_good() (
    mkdir good && cd good && seq 1 20000 >base.raw &&
        truncate -s 197120 disk.raw && yes in | head -c 100000 >in.bin &&
        addcow create --backing base.raw --image disk.raw disk.add-cow &&
        echo one | addcow write --offset 64K disk.add-cow &&
        cp disk.add-cow odd.add-cow && poke odd.add-cow 2560 '\362' &&
        yes text | head -c 1000 >old
)

# Begins again in "now", from where the other directories are '../'.
fresh() {
    cd "$work" && rm -rf now && cp -r good now && cd now || exit
}

# Run in a directory of its own; the parent compares.
run_good() {
    fresh && addcow "$@" >out 2>err <in.bin
    good=$?
    rm -rf ../want && cp -r . ../want
}

# What a failure owes: a line that says so, an image that is sound or warned
# of (4), a backing file as it was, no output that is cut short, and nothing
# in the way of the same again; that is so if nothing was changed.
failed_well() {
    { [ "$got" -eq 1 ] ||
        { [ "$got" -eq 2 ] && grep -q "cannot be told$" err; }; } &&
        grep -q "^addcow: " err && [ ! -e new ] &&
        cmp base.raw ../good/base.raw || return
    cmp -s disk.raw ../good/disk.raw && cmp -s old ../good/old &&
        cmp -s disk.add-cow ../good/disk.add-cow && return
    addcow check disk.add-cow
    case $? in 0 | 4) ;; *) return 1 ;; esac
    addcow "$@" >out 2>err <in.bin
    [ $? -eq "$good" ]
}

# A call whose failure does not matter, or that is made again.
succeeded_well() {
    rm -f hit && [ "$got" -eq "$good" ] && diff -r . ../want
}

# each_call CALL ERROR COMMAND...: all of them in turn; of many, such as the
# pieces of an output, twenty.
each_call() {
    call=$1
    error=$2
    shift 2
    n=1
    while [ "$n" -le 20 ]; do
        fresh
        faulty "$call $n $error" "$@" >out 2>err <in.bin
        got=$?
        [ -e hit ] || break
        succeeded_well >../why 2>&1 || failed_well "$@" >>../why 2>&1 || {
            echo "$call $n $error: $*: status $got"
            cat ../why err
            return 1
        }
        n=$((n + 1))
    done
    n_calls=$((n_calls + n - 1))
}

# each_fault COMMAND...
each_fault() (
    n_calls=0
    run_good "$@" || return
    for name in malloc realloc; do
        each_call "$name" ENOMEM "$@" || return
    done
    for name in open close stat fstat lseek ftruncate read write pread \
        pwrite fsync fdatasync; do
        each_call "$name" EIO "$@" || return
    done
    echo "$n_calls calls failed"
    [ "$n_calls" -ge 5 ]
)

# Interrupted calls are made again.
interrupted() (
    for pair in 'write read' 'read write' 'read pread' 'flatten pwrite' \
        'read open' 'flatten ftruncate' 'flatten fsync'; do
        command=${pair% *}
        run_good "$command" disk.add-cow && fresh || exit
        faulty "${pair#* } 1 EINTR" "$command" disk.add-cow >out 2>err <in.bin
        got=$?
        [ -e hit ] || [ "$pair" = 'flatten ftruncate' ] || return
        succeeded_well || return
    done
)

no_progress() (
    fresh && status 1 faulty 'write 1 none' read disk.add-cow &&
        same err 'addcow: standard output: cannot write' &&
        status 1 faulty 'pwrite 1 none' flatten disk.add-cow &&
        [ -e hit ]
)

# says_of TEXT ERROR...
says_of() {
    text=$1
    shift
    for error in "$@"; do
        fails 1 "disk.add-cow: $text" faulty "open 1 $error" info \
            disk.add-cow || return
    done
}

# ENOENT has a clause, the others say what to look for.
opening() (
    fresh && says_of 'no such file [ERR-5]' ENOENT &&
        says_of 'the file may not be read' EACCES EPERM EROFS ETXTBSY &&
        says_of 'out of memory' ENOMEM &&
        says_of 'the file cannot be opened, or is no regular file' \
            EIO EMFILE EINVAL
)

late_fifo() (
    fresh && mkfifo fifo &&
        fails 1 'fifo: the file cannot be opened, or is no regular file' \
            faulty "stat 1 EIO" info fifo && [ -e hit ]
)

# A name that cannot be flushed is no success, but where directories may not
# be read.
directory() (
    words="create --no-backing --image disk.raw new"
    fresh
    # shellcheck disable=SC2086
    fails 1 "new: the file cannot be opened, or is no regular file" \
        faulty "open 3 EIO" $words && [ -e hit ] && [ ! -e new ] &&
        silent 0 faulty "open 3 EACCES" $words && [ -e hit ] && [ -e new ]
)

# Nothing to put in the place of a closed stream: nothing is done.
closed_stream() (
    fresh
    ADDCOW_FAULT='open 1 EMFILE' "$FAULTY" version <&- >out
    [ $? -eq 1 ] && [ -e hit ] && [ ! -s out ]
)

make_good || exit 1
for words in 'info disk.add-cow' 'info --header disk.add-cow' \
    'info --confined disk.add-cow' 'map disk.add-cow' \
    'check disk.add-cow' 'check odd.add-cow' 'read disk.add-cow' \
    'read --output new disk.add-cow' \
    'read --force --output old disk.add-cow' 'write disk.add-cow' \
    'write --writethrough --input in.bin disk.add-cow' \
    'resize disk.add-cow 64M' 'resize --shrink disk.add-cow 64K' \
    'flatten disk.add-cow' \
    'create --backing base.raw --image disk.raw new' \
    'create --replace --backing base.raw --image disk.raw old'; do
    # shellcheck disable=SC2086
    check "$words" each_fault $words
done
check 'interrupted calls' interrupted
check 'a transfer that moves nothing' no_progress
check 'each reason not to open a file' opening
check 'a FIFO that was none when it was looked at' late_fifo
check 'the directory of a new file' directory
check 'closed standard streams' closed_stream
finish
