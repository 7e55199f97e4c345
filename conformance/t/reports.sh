#!/bin/sh
# SPDX-License-Identifier: MIT
#
# JSON, and what is made from it: for programs, for other people, from shards.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

run() {
    "$selftest" run --shim "$fakes/good.so" --level may "$@"
}

follows() {
    "$BUILD/tests/schema-check" "$here/../report/report-schema.json" "$@"
}

# With every kind of verdict.
json_follows() {
    run --json all.json >out
    "$selftest" run --keep never --shim "$fakes/crash.so" \
        --json crash.json other/open >out
    "$selftest" run --keep never --shim "$fakes/hangs.so" --timeout 0.1 \
        --json hang.json other/open >out
    run --shard 2/3 --json shard.json >out
    follows all.json crash.json hang.json shard.json &&
        says crash.json '"CRASH"' && says hang.json '"HANG"'
}

# edit SED: a report that was spoilt.
edited() {
    sed "$1" all.json >edited.json
    ! cmp -s all.json edited.json
}

# The checker sees what is wrong.
schema_bites() {
    for edit in 's/"verdict": "PASS"/"verdict": "GOOD"/' \
        's/"seed": 1,/"seed": "1",/' 's/"seed": 1,/"sead": 1,/' \
        's/"repetition": 1,/"repetition": 0,/' '/"stale": false,/d'; do
        edited "$edit" && ! follows edited.json 2>err && [ -s err ] ||
            return
    done
}

# reports JSON...: all that report makes of these, in files made.*
reports() {
    "$selftest" report -v --json made.json --tap made.tap --junit made.xml \
        --html made.html "$@" >made.out
}

same() {
    for kind in json tap xml html out; do
        cmp "whole.$kind" "made.$kind" || return
    done
}

derived() {
    run -v --json whole.json --tap whole.tap --junit whole.xml \
        --html whole.html >whole.out
    [ $? -eq 3 ] || return
    reports whole.json
    [ $? -eq 3 ] && same
}

joined() {
    for i in 1 2 3; do
        run --jobs "$i" --shard "$i/3" --json "part$i.json" >out
    done
    reports part3.json part1.json part2.json
    [ $? -eq 3 ] && same
}

repeated_and_joined() {
    run -v --repeat 2 --json whole.json --tap whole.tap --junit whole.xml \
        --html whole.html >whole.out
    for i in 1 2; do
        run --repeat 2 --shard "$i/2" --json "part$i.json" >out
    done
    reports part2.json part1.json
    [ $? -eq 3 ] && same
}

# The suite itself on the template: power cuts, hints, many chapters.
suite_joined() {
    for shim in ref template; do
        suite=$BUILD/bin/addcow-conform
        "$suite" run -v --keep never --shim "$BUILD/shims/$shim.so" \
            --json whole.json --tap whole.tap --junit whole.xml \
            --html whole.html 'hdr/*' 'dur/*' 'map/*' >whole.out
        for i in 1 2 3; do
            "$suite" run --keep never --shim "$BUILD/shims/$shim.so" \
                --shard "$i/3" --json "part$i.json" 'hdr/*' 'dur/*' 'map/*' \
                >out
        done
        "$suite" report -v --json made.json --tap made.tap \
            --junit made.xml --html made.html part2.json part3.json \
            part1.json >made.out && follows made.json && same || return
        [ "$shim" = template ] || says whole.html ' points, ' || return
    done
    return 0
}

refuses_parts() {
    run --shard 1/2 --json one.json >out
    run --shard 2/2 --seed 5 --json other.json >out
    usage_error "'one.json' and others: shard 2 of 2 is missing" \
        "$selftest" report one.json &&
        usage_error "'one.json' and others: shard 1 of 2 is given twice" \
            "$selftest" report one.json one.json &&
        other_run "seed 5, not 1" --seed 5
}

# other_run WORDS OPTION...: part 2 is of a run with these options.
other_run() {
    words=$1
    shift
    run --shard 2/2 --json other.json "$@" >out
    usage_error "'other.json' is of another run than 'one.json': $words" \
        "$selftest" report one.json other.json
}

# Whatever changes what is run, or against what.
refuses_other_runs() {
    printf "ok/pass\tFAIL\tONE-1:00000000\t99.0\twhy\n" >waivers
    cp "$fakes/good.so" changed.so && echo >>changed.so
    run --shard 1/2 --json one.json >out
    other_run "shim " --shim ./changed.so &&
        other_run "level must, not may" --level must &&
        other_run "profile reader, not claimed" --profile reader &&
        other_run "sources text, not text review driver decided" \
            --source text &&
        other_run "patterns 'bad/*', not none" 'bad/*' &&
        other_run "clause ONE-1, not none" --clause ONE-1 &&
        other_run "skip bad/error, not none" --skip bad/error &&
        other_run "crash full, not named" --crash full &&
        other_run "repeat 2, not 1" --repeat 2 &&
        other_run "timeout 500 ms, not 10000 ms" --timeout 0.5 &&
        other_run "strict yes, not no" --strict &&
        other_run "fail-fast yes, not no" --fail-fast &&
        other_run "waivers " --waivers waivers || return
    run --shim "$fakes/options.so" --shard 1/2 --json one.json >out
    other_run "shim-opt mode=good, not none" --shim "$fakes/options.so" \
        --shim-opt mode=good
}

# The place where it ran, and how many at a time, are not part of a run.
joins_what_ran_elsewhere() {
    cp "$fakes/good.so" copied.so
    run --shard 1/2 --json one.json >out
    "$selftest" run --shim ./copied.so --level may --keep never --jobs 7 \
        --shard 2/2 --json other.json >out
    status 3 "$selftest" report one.json other.json
}

# unnamed FILE: as version 1.0 wrote it, which did not name its run.
unnamed() {
    sed -i "/^ *\"identity\": \[/,/^ *\]/d" "$1" && ! grep -q identity "$1"
}

joins_unnamed_parts() {
    run --shard 1/2 --json one.json >out
    run --shard 2/2 --json two.json >out
    unnamed one.json &&
        usage_error "another run" "$selftest" report one.json two.json &&
        unnamed two.json && follows one.json two.json &&
        status 3 "$selftest" report two.json one.json &&
        usage_error "is given twice" "$selftest" report all.json all.json
}

bad_shards() {
    for shard in 0/2 3/2 1 1/ /2 a/b 1/2x -1/2 '1 /2'; do
        usage_error 'no I/N' "$selftest" run --shim x --shard "$shard" ||
            return
    done
}

bad_reports() {
    echo '{' >broken.json
    echo '{}' >empty.json
    sed 's/"version": "[0-9.]*",$/"version": "0.9",/' all.json >old.json
    sed 's,"id": "ok/pass","id": "ok/no",' all.json >unknown.json
    sed 's/"repetition": 1/"repetition": 0/' all.json >zeroth.json
    sed 's/"planned": [0-9]*/"planned": 1/' all.json >more.json
    sed 's,"id": "bad/may","id": "bad/fail",' all.json >twice.json
    sed 's,"id": "bad/fail","id": "ok/pass",' all.json >late.json
    sed 's/"seed": 1,/"seed": 1, "seed": 1,/' all.json >key.json
    sed 's/"interrupted_by": 0/"interrupted_by": -128/' all.json >signal.json
    printf '\033[1m' >escape.json
    usage_error 'no report' "$selftest" report broken.json &&
        usage_error 'no report' "$selftest" report empty.json &&
        usage_error 'cannot be read' "$selftest" report none.json &&
        usage_error 'another version' "$selftest" report old.json &&
        usage_error 'ok/no' "$selftest" report unknown.json &&
        usage_error 'out of range' "$selftest" report zeroth.json &&
        usage_error 'that it planned' "$selftest" report more.json &&
        usage_error 'stands twice' "$selftest" report twice.json &&
        usage_error 'stands twice' "$selftest" report late.json &&
        usage_error 'duplicate' "$selftest" report key.json &&
        usage_error 'out of range' "$selftest" report signal.json &&
        usage_error "near '\\x1b" "$selftest" report escape.json &&
        usage_error 'of what' "$selftest" report
}

side_by_side() {
    "$selftest" run --keep never --shim "$fakes/crash.so" \
        --json crash.json >out
    status 3 "$selftest" report --html both.html all.json crash.json &&
        says both.html 'id="ONE-1-2"' && says both.html 'class="bad"' &&
        says both.html '<dt>To mend</dt><dd><a href="#ONE-1-1">' &&
        says both.html '(failures&nbsp;not&nbsp;counted:&nbsp;2)' &&
        usage_error 'into --html only' "$selftest" report --tap x all.json \
            crash.json
}

# A run that lost cases is no good run, whoever cut it.
cut_short() {
    "$selftest" run --keep never --shim "$fakes/good.so" ok/pass \
        --json good.json >out || return
    sed 's/"planned": 1,/"planned": 2,/' good.json >cut.json
    usage_error 'fewer cases' "$selftest" report cut.json || return
    sed 's/"interrupted_by": 0/"interrupted_by": 15/' cut.json >signal.json
    status 2 "$selftest" report --html signal.html signal.json &&
        says signal.html 'class="run bad"' &&
        says out 'interrupted by signal 15' || return
    "$selftest" run --keep never --fail-fast --shim "$fakes/good.so" \
        --json fast.json bad/fail bad/unimplemented >out
    status 1 "$selftest" report fast.json && says out 'Not run 1'
}

# The largest seed, with repetitions: numbers that readers of JSON take.
large_numbers() {
    "$selftest" run --keep never --shim "$fakes/good.so" ok/pass --repeat 3 \
        --seed 4611686018427387904 --json large.json >out &&
        follows large.json && says large.json 4611686018427387906 &&
        status 0 "$selftest" report large.json
}

# What implementations print is no markup, and no broken text.
hostile_text() {
    "$selftest" run --keep never --shim "$fakes/hostile.so" --json h.json \
        --junit h.xml --html h.html other/open >out
    follows h.json && says h.json '<b>&\"]]>' &&
        says h.html '&lt;b&gt;&amp;&quot;]]&gt;' &&
        says h.html '\xff' && ! grep -q '<b>&' h.html h.xml
}

junit() {
    run --junit all.xml >out
    "$selftest" run --keep never --shim "$fakes/hostile.so" \
        --junit h.xml other/open >out
    xmllint --noout --schema "$here/../report/junit.xsd" all.xml h.xml &&
        [ "$(xmllint --xpath 'string(/*/@failures)' all.xml)" -eq 2 ] &&
        [ "$(xmllint --xpath 'string(/*/@errors)' all.xml)" -eq 1 ] &&
        [ "$(xmllint --xpath 'count(//testcase)' all.xml)" -eq 18 ]
}

tap() {
    run --keep never ok/pass bad/should other/na-storage --tap good.tap >out
    run --keep never ok/pass bad/fail --tap bad.tap >out
    prove --exec cat good.tap && ! prove --exec cat bad.tap
}

# What TAP 14 allows of what is written here: a version, test points in order,
# comments, YAML after a test point, the plan, and nothing else.
cat >strict.awk <<'RULES'
NR == 1 { bad = $0 != "TAP version 14"; next }
yaml { yaml = $0 != "  ..."; bad = bad || !/^  /; next }
/^  ---$/ { yaml = 1; bad = bad || !point; point = 0; next }
/^(not )?ok [1-9][0-9]* - [^ ]/ {
    sub(/^not /, ""); bad = bad || $2 != ++n || plan; point = 1; next
}
/^1\.\.[0-9]+$/ { bad = bad || plan || $0 != "1.." n; plan = 1; next }
{ point = 0; bad = bad || !/^#/ }
END { exit bad || yaml || !plan }
RULES

tap_14() {
    run --keep never --tap-version 14 ok/pass bad/fail other/na-storage \
        --tap all.tap --timestamps >out
    awk -f strict.awk all.tap || return
    for edit in 1s/14/13/ '2s/^#//' 's/^ok 1 /ok 2 /' '/^  \.\.\.$/d' \
        '/^1\.\./d' 's/^1\.\.3/1..4/'; do
        sed "$edit" all.tap >spoilt.tap
        ! cmp -s all.tap spoilt.tap && ! awk -f strict.awk spoilt.tap || return
    done
}

# Of npm; its own rules, not ours.
by_tap_parser() {
    run --keep never --tap-version 14 ok/pass other/na-storage --tap good.tap \
        >out
    ! tap-parser -s <all.tap >out && tap-parser -s <good.tap >out
}

no_directory() {
    for option in tap junit json html statement write-waivers; do
        usage_error 'No such file' run --keep never "--$option" none/x || return
    done
}

# Joined, too; and nothing but the times is added.
timed() {
    run --timestamps -v --json whole.json --tap whole.tap --junit whole.xml \
        --html whole.html >whole.out
    follows whole.json && reports whole.json
    [ $? -eq 3 ] && same &&
        says whole.json '"seconds": {' && says whole.tap 'duration_ms: ' &&
        says whole.xml ' time="' && says whole.out ' s of processor, ' ||
        return
    for i in 1 2; do
        run --timestamps --shard "$i/2" --json "part$i.json" >out
    done
    reports part1.json part2.json
    [ $? -eq 3 ] && follows made.json && same_but_for_times
}

# Without the times they are what a run without them writes.
same_but_for_times() {
    run -v --json whole.json --tap whole.tap --junit whole.xml \
        --html whole.html >whole.out
    sed -i -e '/"seconds": {/,/}/d' made.json
    sed -i -e 's/,$//' whole.json made.json
    sed -i -e '/^  duration_ms: /d' -e '/^  cpu_ms: /d' made.tap
    sed -i -e '/^  ---$/{N;/\n  \.\.\.$/d;}' made.tap
    sed -i -e 's/ time="[0-9.]*"//' made.xml
    sed -i -e 's/ ([0-9.]* s of processor, [0-9.]* s)$//' made.out
    same
}

# Of one that computes, and of one that sleeps.
times_are_true() {
    for fake in hangs sleeps; do
        "$selftest" run --keep never --shim "$fakes/$fake.so" \
            --timestamps --timeout 0.2 other/open --json "$fake.json" >out
    done
    [ "$(seconds cpu hangs)" -ge 10 ] && [ "$(seconds wall hangs)" -ge 200 ] &&
        [ "$(seconds wall sleeps)" -ge 1200 ] &&
        [ "$(seconds cpu sleeps)" -lt 1200 ]
}

# seconds KIND FAKE: in milliseconds.
seconds() {
    sed -n "s/^ *\"$1\": \([0-9]*\)\.\([0-9][0-9][0-9]\).*/\1\2/p" \
        "$2.json" | sed 's/^0*\(.\)/\1/'
}

later_is_not_scored() {
    status 5 run --keep never --seed 2 bad/seed &&
        says out 'later than the requirements: does not count' &&
        says out 'Of the failed cases 1 are later' &&
        status 0 run --keep never --seed 2 bad/seed ok/pass
}

check 'JSON follows its schema' json_follows
check 'the schema sees what is wrong' schema_bites
check 'reports made from JSON are those of the run' derived
check 'shards joined are the whole, in any order' joined
check 'with repetitions, too' repeated_and_joined
check 'the suite itself in shards' suite_joined
check 'a shard that is missing, or there twice' refuses_parts
check 'parts of another run' refuses_other_runs
check 'parts that ran elsewhere' joins_what_ran_elsewhere
check 'parts that do not name their run' joins_unnamed_parts
check 'what is no shard' bad_shards
check 'what is no report' bad_reports
check 'a report of half a run' cut_short
check 'several implementations in one page' side_by_side
check 'the largest seed' large_numbers
check 'text of an implementation stays text' hostile_text
if command -v xmllint >log; then
    check 'JUnit follows its schema' junit
fi
if command -v prove >log; then
    check 'prove reads TAP' tap
fi
check 'TAP 14 by its grammar' tap_14
if command -v tap-parser >log; then
    check 'tap-parser reads TAP 14' by_tap_parser
else
    n=$((n + 1))
    echo "ok $n - tap-parser reads TAP 14 # SKIP tap-parser of npm is not here"
fi
check 'a file that cannot be written, before any case runs' no_directory
check 'the times that cases took' timed
check 'the times are those of the clocks' times_are_true
check 'cases later than the requirements' later_is_not_scored
finish
