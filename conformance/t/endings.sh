#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The table of endings: a situation a row, with its exit status and words that
# must be seen.  Of several reasons the first that applies counts: 2 usage; 3;
# 1; 2 cut short, or an output lost; 4; 5; 0.

# The functions that "ends" calls are not seen to be called.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

run() {
    "$selftest" run --shim "$fakes/good.so" --keep never "$@"
}

report() {
    "$selftest" report "$@"
}

# seen STATUS WORDS COMMAND...: what it prints, on either stream, has WORDS.
seen() {
    words=$2
    code=$1
    shift 2
    status "$code" "$@" || return
    cat out err >both
    says both "$words"
}

# ends STATUS WORDS WHAT COMMAND...
ends() {
    code=$1
    words=$2
    what=$3
    shift 3
    check "$code: $what" seen "$code" "$words" "$@"
}

# ---- What was run -----------------------------------------------------------

ends 0 '1 of 1 cases passed' 'all passed' run ok/pass
ends 1 '1 of 2 cases failed' 'a MUST case failed' run ok/pass bad/fail
ends 1 'UNIMPL bad/unimplemented' 'a case answered unimplemented' \
    run bad/unimplemented
ends 0 'SHOULD: does not count' 'a SHOULD case failed, another passed' \
    run ok/pass bad/should
ends 1 '1 of 2 cases failed' 'the same, strictly' \
    run --strict ok/pass bad/should
ends 0 'MAY: does not count' 'a MAY case failed' \
    run --strict --level may ok/pass bad/may
ends 3 'the suite itself failed in 1' 'an ERROR, whatever else' \
    run bad/fail bad/error ok/pass
ends 5 'nothing was verified' 'all NA' run 'other/na-*'
ends 5 'nothing was verified' 'nothing but a SHOULD failure' run bad/should
ends 0 'later than the requirements' \
    'only a case later than the requirements failed' \
    run --seed 2 ok/pass bad/seed
ends 1 '1 of 2 cases failed' \
    'a case failed that is a requirement since this edition' \
    run --seed 2 ok/pass new/in-1-1
ends 1 '2 of 2 cases failed' 'two failures are not a count' \
    run bad/fail bad/unimplemented
ends 1 'CRASH  other/open' 'a crash' "$selftest" run --keep never \
    --shim "$fakes/crash.so" other/open
ends 1 'no answer within' 'a hang' "$selftest" run --keep never --timeout 0.1 \
    --shim "$fakes/hangs.so" other/open
ends 1 'which profile writer requires' \
    'a required capability that is not claimed' \
    run --profile writer ok/write
ends 5 'nothing was verified' 'one that is not required' run ok/write
ends 1 'SIGPIPE' 'a pipe that breaks kills an implementation as ever' \
    "$selftest" run --keep never --shim "$fakes/pipes.so" other/open

printf 'ok/pass\tFAIL\tONE-1:00000000\t99.0\twhy\n' >stale
ends 4 'waivers are stale' 'a stale waiver' run --waivers stale ok/pass
ends 1 '1 of 2 cases failed' 'a failure beside it' \
    run --waivers stale ok/pass bad/fail

# ---- A run that did not come to its end --------------------------------------

ends 2 'stopped at the first failure, 1 of 3 cases were not run' \
    'stopped at a SHOULD' run --fail-fast ok/pass bad/should other/open
ends 2 'not run' 'stopped at a SHOULD, nothing passed' \
    run --fail-fast bad/should other/open
ends 0 '1 of 2 cases passed' 'a SHOULD that was the last case' \
    run --fail-fast ok/pass bad/should
ends 1 '1 of 3 cases failed: stopped at' 'stopped at a MUST' \
    run --fail-fast ok/pass bad/fail other/open
ends 3 'stopped at the first failure' 'stopped at an ERROR' \
    run --fail-fast ok/pass bad/error other/open

# interrupted SIGNAL SHIM PATTERN...: after a second, wherever it is.  The
# signal goes to all of its processes, or with "--foreground" to it alone.
how=--foreground
interrupted() {
    number=$1
    shim=$2
    shift 2
    # shellcheck disable=SC2086 # one option, or none
    timeout $how -s "$number" --preserve-status 1 "$selftest" run \
        --keep never --timeout 60 --shim "$fakes/$shim.so" "$@"
}

# Only when the case that sleeps has its directory.
interrupted_after_failure() {
    "$selftest" run --keep never --jobs 1 --timeout 60 \
        --shim "$fakes/sleeps.so" bad/fail other/open >early 2>&1 &
    pid=$!
    while ! ls "$TMPDIR"/*/1 >ready 2>&1; do sleep 0.05; done
    kill -TERM "$pid"
    wait "$pid"
    got=$?
    cat early
    return "$got"
}

ends 2 'interrupted by signal 15' 'SIGTERM' interrupted TERM sleeps other/open
ends 2 'interrupted by signal 2' 'SIGINT' interrupted INT sleeps other/open
ends 2 'interrupted by signal 1' 'SIGHUP' interrupted HUP sleeps other/open
how=
ends 2 'interrupted by signal 15' 'SIGTERM to all of its processes' \
    interrupted TERM sleeps other/open
ends 2 'interrupted by signal 2' 'SIGINT to all of its processes' \
    interrupted INT sleeps other/open
ends 2 'interrupted by signal 15' 'SIGTERM while the shim is loaded' \
    interrupted TERM loads-hang ok/pass
ends 1 '1 of 2 cases failed: interrupted by signal 15' \
    'SIGTERM after a MUST has failed' interrupted_after_failure

# ---- No space ---------------------------------------------------------------

# full FILES COMMAND...: TMPDIR is a disk of its own, which has no room left,
# nor for more than FILES files.
cat >full.sh <<'END'
mount -t tmpfs -o "size=64k,nr_inodes=$1" none "$TMPDIR" || exit 99
head -c 100000 /dev/zero >"$TMPDIR/fill" 2>/dev/null
i=0
while [ "$i" -le "$1" ] && [ "$1" -lt 100 ] &&
    mkdir "$TMPDIR/$i" 2>/dev/null; do
    i=$((i + 1))
done
shift
"$@"
END

own_mounts=-m
[ "$(id -u)" -eq 0 ] || own_mounts=-Urm

full() {
    unshare "$own_mounts" sh full.sh "$@"
}

on_full() {
    full 1000 "$selftest" run --shim "$fakes/good.so" --keep never "$@"
}

# Without mounts of our own nothing can be full: said aloud.
if full 1000 true >log 2>&1; then
    ends 2 'no space left where the cases run' 'a case finds no space' \
        full 1000 "$BUILD/bin/addcow-conform" run --keep never \
        --shim "$fakes/good.so" 'rd/*'
    ends 2 'no space left' 'a failure on a full disk is nobody'\''s' \
        on_full ok/pass bad/should
    ends 2 'TMPDIR names another place' 'what is not known is not a failure' \
        on_full bad/fail
    ends 0 '1 of 1 cases passed' 'what passes there has passed' on_full ok/pass
    ends 2 'No space left' 'no directory can be made' \
        full 20 "$selftest" run --shim "$fakes/good.so" --keep never ok/pass
else
    n=$((n + 1))
    echo "ok $n - no space # SKIP a disk of its own cannot be mounted here"
fi
ends 2 'No such file' 'TMPDIR that is not there' \
    env TMPDIR=nowhere "$selftest" run --shim "$fakes/good.so" ok/pass
touch inway
ends 2 'Not a directory' 'evidence that cannot be kept' \
    "$selftest" run --shim "$fakes/good.so" --out inway/kept ok/pass

# ---- An output that is lost --------------------------------------------------

# into FILE COMMAND...
into() {
    to=$1
    shift
    "$@" >"$to"
}

# A reader that has seen enough.
to_head() {
    { run -v --repeat 300 --json head.json "$@"; echo $? >code; } |
        head -n 1
    return "$(cat code)"
}

whole_in_json() {
    ends 2 'shim ' "$1" to_head 'ok/directory-*'
    check "$1: to the last case" says head.json '"PASS": 600'
    check "$1: nothing is left" test -z "$(ls "$TMPDIR")"
}

ends 2 'standard output cannot be written' 'standard output' \
    into /dev/full run ok/pass
ends 1 'standard output cannot be written' 'and a failure' \
    into /dev/full run bad/fail
ends 3 'standard output cannot be written' 'and an ERROR' \
    into /dev/full run bad/error
whole_in_json 'a reader that goes away'
for option in tap junit json html write-waivers; do
    ends 2 "--$option: '/dev/full': it could not be written" "--$option" \
        run ok/pass "--$option" /dev/full
    ends 1 "--$option" "--$option and a failure" \
        run ok/pass bad/fail "--$option" /dev/full
done
ends 2 'standard output' 'of a list' into /dev/full "$selftest" list

# ---- Reports ----------------------------------------------------------------

# made NAME OPTION...: NAME.json.
made() {
    name=$1
    shift
    run --json "$name.json" "$@" >out 2>&1
}

made good ok/pass
made bad ok/pass bad/fail
made error ok/pass bad/error
made cut --fail-fast ok/pass bad/should other/open
made must --fail-fast ok/pass bad/fail other/open
made one --shard 1/2 'ok/*'
made two --shard 2/2 'ok/*'
made other --shard 2/2 --seed 5 'ok/*'
: >empty.json

ends 0 '1 of 1 cases passed' 'a report' report good.json
ends 1 'FAIL   bad/fail' 'of a failed run' report bad.json
ends 3 'the suite itself failed' 'of an ERROR' report error.json
ends 2 'stopped at the first failure' 'of a run that was stopped' \
    report cut.json
ends 1 'stopped at the first failure' 'of one that was stopped at a MUST' \
    report must.json
ends 0 ' cases passed' 'of shards' report two.json one.json
ends 2 'shard 2 of 2 is missing' 'of a part' report one.json
ends 2 'shard 1 of 2 is given twice' 'of a part that is there twice' \
    report one.json two.json one.json
ends 2 "'other.json' is of another run" 'of parts of different runs' \
    report one.json other.json
ends 2 'of what?' 'of nothing' report
ends 2 "'empty.json'" 'of an empty file' report empty.json
ends 2 'cannot be read' 'of a file that is not there' report none.json
ends 2 'is given twice' 'of a run that is there twice' \
    report good.json good.json
ends 2 'standard output' 'that is lost' into /dev/full report good.json
ends 1 'standard output' 'that is lost, of a failed run' \
    into /dev/full report bad.json
ends 2 '--junit' 'of which a file is lost' \
    report --junit /dev/full good.json
ends 1 '--junit' 'of a failed run, of which a file is lost' \
    report --junit /dev/full bad.json

ends 1 'good.so: 1 of 2 cases failed' 'of several, one failed' \
    report good.json bad.json
ends 2 'good.so: none: stopped' 'of several, one was stopped' \
    report good.json cut.json
ends 3 'good.so: the suite itself failed' 'of several, one has an ERROR' \
    report bad.json error.json
ends 0 'good.so: 1 of 2 cases failed' 'a page that compares failures' \
    report --html page.html good.json bad.json
ends 2 'stopped' 'a page that compares a run that was stopped' \
    report --html page.html good.json cut.json
ends 3 'itself' 'a page that compares an ERROR' \
    report --html page.html good.json error.json

# ---- What is not an input -------------------------------------------------------

ends 2 'NUL byte' 'waivers without an end' run --waivers /dev/zero ok/pass
ends 2 "'nope'" 'a pattern of nothing' run nope
ends 2 "case 'bad/contradicted' was withdrawn in 1.1 (ONE-2): the" \
    'a case that was withdrawn' run bad/contradicted
ends 2 'was withdrawn' 'a pattern of it' run ok/pass 'bad/contra*'
ends 0 'was withdrawn' 'which may be left out' \
    run 'ok/*' --skip bad/contradicted
ends 2 'ABI 2' 'a shim of no use' "$selftest" run --shim "$fakes/abi-2.so"

# A command that the build could not have says what it needs.
bare=$BUILD/bin/conform-without-jansson
ends 2 'install libjansson-dev' 'report without jansson' "$bare" report x.json
check 'it is listed all the same' sh -c "'$bare' --help | grep -q '^  report'"

# ---- What others make of a run that was cut short ----------------------------

# No consumer may take it for a run that is good as far as it goes.
cut_elsewhere() {
    report --tap cut.tap --junit cut.xml --html cut.html cut.json
    says cut.tap 'Bail out! stopped at the first failure' &&
        says cut.xml 'errors="1"' && says cut.xml 'message="stopped' &&
        says cut.html 'class="run bad"'
}

check 'TAP, JUnit and the page tell of it' cut_elsewhere
if command -v prove >log; then
    check 'prove fails' sh -c '! prove --exec cat cut.tap'
fi
check 'nothing is left in the temporary directory' test -z "$(ls "$TMPDIR")"
finish
