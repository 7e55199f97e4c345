#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The model of the protocol holds in each of its forms, in a search that left
# nothing out and reached every statement; each way to break it, as listed in
# its README, has a counterexample; the list leaves none out, and the cases it
# names catch the same mistake in an implementation. The engine of power cuts
# convicts each counterexample, of the same clause, and acquits what the model
# does that is not broken: both mean the same storage.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

model=$here/../../spec/model
cp "$model/protocol.pml" . || exit 1

# The rows of its two tables: macro, clause, invariant; macro, case, and on
# the next line the broken implementation.
grep -E '^[A-Z_]+ +[A-Z]+-[0-9]+ +[a-z_]+$' "$model/README.txt" >bugs
sed -n '/^[A-Z_]* *[a-z]*\/[a-z0-9-]*$/{N;s/\n  */ /p;}' \
    "$model/README.txt" >cases

# build [OPTION...]: a verifier with these macros. Spin's C is not ours: no
# warnings about it. The limit is in MiB; past it the search is not complete.
build() {
    rm -f pan pan.* ./*.trail
    status 0 spin -a "$@" protocol.pml &&
        status 0 "${CC:-cc}" -w -O2 -DSAFETY -DNOREDUCE -DMEMLIM=2048 \
            -o pan pan.c
}

# searched_all: the search in the file out left nothing out.
searched_all() {
    says out 'Full statespace search for:' &&
        says out 'State-vector' || return 1
    ! grep -i 'not completed\|too small\|memlim\|out of memory' out
}

# without_errors: nor did it find any, and no statement was out of its reach.
without_errors() {
    searched_all && says out ', errors: 0' || return 1
    ! grep '^	([1-9][0-9]* of ' out
}

# holds [OPTION...]: nothing is wrong in any state. Their number goes to the
# file states.
holds() {
    rm -f states
    build "$@" && status 0 ./pan -E -m100000 &&
        says out 'assertion violations	+' && without_errors &&
        sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' out >states &&
        [ -s states ]
}

returns() {
    build -DNO_CUT "$@" && status 0 ./pan -m100000 &&
        says out 'invalid end states	+' && without_errors
}

# broken INVARIANT OPTION...: a counterexample to it, which Spin can replay.
broken() {
    invariant=$1
    shift
    build "-DINVARIANT=$invariant" "$@" && status 0 ./pan -E -m100000 &&
        says out ', errors: 1' &&
        says out "assertion violated $invariant" &&
        status 0 spin -t -T "-DINVARIANT=$invariant" "$@" protocol.pml &&
        says out 'cut: cluster'
}

# cut_short OPTION...: the verifier of before, if it does not look everywhere,
# is not taken for a proof.
cut_short() {
    status 0 ./pan -E "$@" && says out ', errors: 0' && ! searched_all
}

# macros: all by which the model differs, but those that do not break it.
macros() {
    sed -n 's/^#ifn*def //p' protocol.pml | sort -u |
        grep -vx 'BYTES\|INVARIANT\|NO_CUT\|REQUESTS\|WRITETHROUGH'
}

# listed TABLE: it has each of them, once.
listed() {
    macros >want
    sed 's/ .*//' "$1" | sort >have
    [ -s want ] && status 0 diff want have
}

# case_is_red CASE BROKEN: BROKEN is a toy, or a way to break the threads.
case_is_red() {
    case $2 in
    *' '*) set -- "$1" power "toy=$2" ;;
    *) set -- "$1" threaded "break=$2" ;;
    esac
    status 1 "$BUILD/bin/addcow-conform" run --keep never \
        --shim "$fakes/$2.so" --shim-opt "$3" --strict "$1" &&
        says out "FAIL   $1"
}

# clauses_of INVARIANT: what chapter 10 calls it.
clauses_of() {
    case $1 in
    old_bytes_never_show) echo 'DUR-11' ;;
    durable_version_shows) echo 'DUR-9' ;;
    *) echo 'DUR-12' ;;
    esac
}

# mode [OPTION...]: how the engine is to judge it.
mode() {
    case " $* " in *' -DWRITETHROUGH '*) echo through ;; esac
}

# convicted INVARIANT OPTION...: the counterexample of before, by the engine.
convicted() {
    invariant=$1
    shift
    spin -t -T "-DINVARIANT=$invariant" "$@" protocol.pml >steps
    # shellcheck disable=SC2046
    "$BUILD/tests/model-trail" $(mode "$@") <steps >out
    [ $? -eq 1 ] && says out "$(clauses_of "$invariant")" &&
        says out 'witness: '
}

# acquitted OPTION...: twenty runs of the model, chosen at random by seeds.
acquitted() {
    seed=0
    while [ $((seed += 1)) -le 20 ]; do
        spin -T "-n$seed" -DNO_CUT "$@" protocol.pml >steps
        # shellcheck disable=SC2046
        "$BUILD/tests/model-trail" $(mode "$@") <steps >out || {
            cat steps out
            return 1
        }
        says out 'acquitted: 4 requests' || return
    done
}

check 'every macro that breaks the model is listed with a clause' listed bugs
check 'every macro that breaks the model is listed with a case' listed cases
for form in '' -DWRITETHROUGH -DBYTES '-DBYTES -DWRITETHROUGH'; do
    # Words are meant to be split: macros.
    # shellcheck disable=SC2086
    check "the protocol holds: ${form:-writeback}" holds $form
    [ -s states ] && echo "# $(cat states) states"
done
check 'a search that is not deep enough is noticed' cut_short -m50
for form in '' -DWRITETHROUGH; do
    # shellcheck disable=SC2086
    check "every request returns: ${form:-writeback}" returns $form
done
while read -r macro clause invariant; do
    for form in '' -DWRITETHROUGH; do
        # shellcheck disable=SC2086
        check "$macro breaks $clause, $invariant: ${form:-writeback}" \
            broken "$invariant" "-D$macro" $form
        # shellcheck disable=SC2086
        check "$macro: the engine convicts it: ${form:-writeback}" \
            convicted "$invariant" "-D$macro" $form
    done
done <bugs
while read -r macro case broken; do
    check "$macro: $case shows '$broken'" case_is_red "$case" "$broken"
done <cases
for form in '' -DWRITETHROUGH -DBYTES '-DBYTES -DWRITETHROUGH'; do
    # shellcheck disable=SC2086
    check "the engine acquits the protocol: ${form:-writeback}" \
        acquitted $form
done
finish
