#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What is kept of a failure can be used: its files have the names that headers
# give them, and there is only as much of it as was asked for.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

conform=$BUILD/bin/addcow-conform
addcow=$BUILD/bin/addcow

# keep SHIM [OPTION...]: evidence of what it fails, below conform-out.
keep() {
    shim=$1
    shift
    rm -rf conform-out
    "$conform" run --shim "$fakes/$shim.so" "$@" >out 2>err
    [ $? -eq 1 ]
}

# A header that names its files relative to itself leads to them: checked,
# which opens all three. With and without HOST.
names_lead() {
    for shim in good null-refuse; do
        keep "$shim" bmp/bit-of-cluster-1-covers nam/opened-from-above &&
            for case in bmp/bit-of-cluster-1-covers nam/opened-from-above; do
                find "conform-out/$case" -name test.add-cow >found
                [ "$(wc -l <found)" -ge 2 ] || return
                while read -r file; do
                    status 0 "$addcow" info "$file" &&
                        status 0 "$addcow" check "$file" || return
                done <found
            done || return
    done
}

# An absolute name does not lead anywhere; where it led is written down.
absolute_name() {
    for shim in good null-refuse; do
        keep "$shim" nam/absolute-names || return
        there="conform-out/nam/absolute-names"
        file=$(find "$there/after" -name test.add-cow)
        status 0 "$addcow" info --header --json "$file" || return
        home=$(sed -n 's/.*"image"[^"]*"\(.*\)".*/\1/p' out)
        began=$(sed -n 's/^The files of the case were below \(.*\)\. An .*/\1/p' \
            "$there/names.txt")
        echo "image $home, home $began"
        [ -n "$began" ] && [ -e "$there/after/${home#"$began"/}" ] || return
    done
}

# Files elsewhere have other names, which are listed.
elsewhere() {
    keep null-refuse nam/opened-in-the-root || return
    sed -n 's,^\(before/other-[0-9]*\): /base\.img$,\1,p' \
        conform-out/nam/opened-in-the-root/names.txt >listed
    [ "$(wc -l <listed)" -eq 1 ] &&
        [ -f "conform-out/nam/opened-in-the-root/$(cat listed)" ]
}

# everything FILE: the names of all that is kept, and what was said.
everything() {
    find conform-out -type f | sort >"$1"
    cat out err >>"$1"
}

kept_kib() {
    du -sk conform-out | cut -f 1
}

same_for_any_jobs() {
    keep null-refuse --evidence-max 1M --jobs 1 'siz/*' && everything one &&
        keep null-refuse --evidence-max 1M --jobs 7 'siz/*' &&
        everything seven && cmp one seven
}

# What is kept stays within the limit, which holds for files alone. With what
# is left out it is all that there is without a limit.
is_capped() {
    keep null-refuse --evidence-max 1G 'hdr/*' || return
    all=$(sed -n 's/^evidence of \([0-9]*\) cases is .*/\1/p' err)
    before=$(kept_kib)
    keep null-refuse --evidence-max 1M 'hdr/*' || return
    cat err
    part=$(sed -n 's/^evidence of \([0-9]*\) cases is .*/\1/p' err)
    rest=$(sed -n 's/.*that of \([0-9]*\) more, .* left out.*/\1/p' err)
    echo "all $all ($before KiB), kept $part ($(kept_kib) KiB), not $rest"
    [ "$part" -gt 0 ] && [ "$rest" -gt 0 ] &&
        [ $((part + rest)) -eq "$all" ] && [ "$before" -gt 4096 ] &&
        [ "$(kept_kib)" -lt 2048 ]
}

# What a report names is there, and it names what is there.
named_is_kept() {
    sed -n 's/^ *evidence  *//p' out | sort >named
    find conform-out -name names.txt | sed 's,/names.txt$,,' | sort >there
    [ -s named ] && cmp named there
}

nothing_at_all() {
    keep null-refuse --evidence-max 0 'hdr/*' &&
        says err 'evidence of 0 cases' && ! grep -q '  evidence ' out &&
        [ -z "$(find conform-out -mindepth 1 ! -name failed)" ]
}

# A disk of many GiB is mostly holes.
holes_are_free() {
    keep null-refuse siz/image-file-of-4-gib || return
    find conform-out -size +1G >huge
    cat err huge
    [ -s huge ] && grep -q 'conform-out: 0\.[0-9] MiB$' err
}

# With several jobs, cases run that are not reported.
not_reported() {
    keep null-refuse --fail-fast --jobs 4 'hdr/*' &&
        [ "$(find conform-out -name names.txt | wc -l)" -eq 1 ]
}

quiet() {
    keep null-refuse --quiet hdr/good-header-opens && [ ! -s err ]
}

check 'names in headers lead to the files' names_lead
check 'an absolute name is explained' absolute_name
check 'a file elsewhere has another name' elsewhere
check 'the same for any number of jobs' same_for_any_jobs
check 'no more is kept than was asked for' is_capped
check 'what is named is kept' named_is_kept
check 'nothing, if that was asked for' nothing_at_all
check 'holes do not count' holes_are_free
check 'nothing of a case that is not reported' not_reported
check 'a quiet run does not talk of it' quiet
finish
