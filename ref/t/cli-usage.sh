#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The addcow command as such: help, options, numbers, standard streams.

# Text of examples is edited.
# shellcheck disable=SC2016

. "${0%/*}/lib.sh"

commands='create info map check read write resize flatten'

# says FILE TEXT
says() {
    grep -qF -e "$2" "$1" && return
    echo "'$2' is not in $1:"
    cat "$1"
    return 1
}

# Help lists every command and every status, and fits a terminal.
main_help() {
    for option in --help -h; do
        status 0 addcow "$option" && [ ! -s err ] || return
        for command in $commands version; do
            says out "  $command " || return
        done
        for number in 0 1 2 3 4; do
            says out "  $number  " || return
        done
        [ -z "$(awk 'length > 79' out)" ] || return
    done
}

command_help() {
    for command in $commands; do
        for option in --help -h; do
            status 0 addcow "$command" "$option" && [ ! -s err ] &&
                says out "Usage: addcow $command [OPTION]... FILE" &&
                says out 'Options:' && says out '  --help ' &&
                says out 'Exit status:' && says out 'Example:' &&
                says out "  addcow $command " &&
                [ -z "$(awk 'length > 79' out)" ] || return
        done
    done
}

# Each option that help shows is taken, and needs a value if it shows one.
options_of_help() {
    for command in $commands; do
        addcow "$command" --help >help || return
        sed -n 's/^  --\([a-z-]*\)\( [A-Z]*\)\{0,1\} .*/\1\2/p' help >options
        [ -s options ] || return
        while read -r option value; do
            # shellcheck disable=SC2086
            status 0 addcow "$command" "--$option" ${value:+1} --help ||
                return
            [ -z "$value" ] || fails 2 \
                "$command: an option needs a value: $option (see addcow \
$command --help)" addcow "$command" "--$option" || return
        done <options
    done
}

examples_work() {
    echo boot >boot.bin && truncate -s 1M base.raw || return
    for command in $commands; do
        addcow "$command" --help |
            sed '1,/^Example:/d; s/^  addcow/"$ADDCOW"/' >>examples
    done
    [ "$(wc -l <examples)" -eq 9 ] || return
    sed 's/10G/10M/; s/20G/20M/' examples >small
    ADDCOW=$ADDCOW sh -e small && [ -s whole.raw ]
}

version() {
    status 0 addcow version && cp out first && grep -q '^addcow [0-9]' out &&
        status 0 addcow --version && cmp out first
}

see="(see addcow info --help)"
no_command() {
    fails 2 'no command: see addcow --help' addcow &&
        fails 2 'inf: no such command; see addcow --help' addcow inf &&
        fails 2 '--inf: no such command; see addcow --help' addcow --inf
}

wrong_options() {
    fails 2 "info: unknown option: --jso $see" addcow info --jso x &&
        fails 2 "info: unknown option: --= $see" addcow info --= x &&
        fails 2 "info: unknown option: -j $see" addcow info -j x &&
        fails 2 "info: unknown option: --size=1 $see" \
            addcow info --size=1 x &&
        fails 2 "info: an option takes no value: --json=1 $see" \
            addcow info --json=1 x &&
        fails 2 "info: unknown option: --\\x1b[2J $see" \
            addcow info "$(printf '%s\033[2J' --)" x
}

wrong_operands() {
    fails 2 "info: an operand is missing: FILE $see" addcow info &&
        fails 2 "info: an operand is missing: FILE $see" addcow info -- &&
        fails 2 "info: one operand too many: b $see" addcow info a b &&
        fails 2 'resize: an operand is missing: FILE SIZE (see addcow resize '\
'--help)' addcow resize a
}

# Options stand anywhere before "--", and after it nowhere.
order_of_words() {
    new_image && status 0 addcow info --json disk.add-cow && cp out first &&
        status 0 addcow info disk.add-cow --json && cmp out first &&
        status 0 addcow info --json -- disk.add-cow && cmp out first &&
        fails 2 "info: one operand too many: --json $see" \
            addcow info -- disk.add-cow --json &&
        cp disk.add-cow ./--json && status 0 addcow info -- --json &&
        status 0 addcow map --length=1 disk.add-cow && cp out first &&
        status 0 addcow map --length 1 disk.add-cow && cmp out first
}

# number TEXT VALUE: an offset of TEXT means VALUE.
number() {
    rm -f got && addcow read --offset "$1" --length 1 sparse.add-cow >got &&
        printf x | addcow write --offset "$1" sparse.add-cow &&
        [ "$(dd if=sparse.raw bs=1 count=1 skip="$2" 2>dd.log)" = x ] &&
        printf '\0' | addcow write --offset "$2" sparse.add-cow
}

numbers() {
    truncate -s 2T sparse.raw &&
        addcow create --no-backing --image sparse.raw sparse.add-cow &&
        number 0 0 && number 512 512 && number 010 10 && number 0x10 16 &&
        number 0xfF 255 && number 1K 1024 && number 0x1K 1024 &&
        number 3M 3145728 && number 5G 5368709120 && number 1T 1099511627776
}

wrong_numbers() {
    for text in '' ' 1' 1k -1 +1 0x K 1KB 1.5G 1e3 12a 0xg 1P \
        18446744073709551616 0x10000000000000000 16777216T \
        18014398509481984K 99999999999999999999999; do
        fails 2 "read: not a number below 2^64: $text (see addcow read \
--help)" addcow read --offset "$text" \
            --length 1 sparse.add-cow || return
    done
}

# The greatest numbers are numbers, if ranges that no disk has.
great_numbers() {
    for text in 18446744073709551615 0xffffffffffffffff 16777215T; do
        fails 2 'sparse.add-cow: the range passes the virtual size' \
            addcow read --offset "$text" sparse.add-cow &&
            fails 2 'sparse.add-cow: the range passes the virtual size' \
                addcow read --offset 512 --length "$text" sparse.add-cow ||
            return
    done
}

# full WORDS...: what cannot be printed is an error.
full() {
    "$ADDCOW" "$@" >/dev/full 2>err
    [ $? -eq 1 ] &&
        same err 'addcow: standard output: No space left on device'
}

full_disk() {
    new_image && full --help && full info --help && full version &&
        full info disk.add-cow && full map disk.add-cow &&
        full map --json disk.add-cow && full check disk.add-cow &&
        full read disk.add-cow
}

# The reader of the pipe has gone: no word, but no success either.
ignoring_pipe() {
    { (trap '' PIPE; "$ADDCOW" read disk.add-cow 2>err; echo $? >status) ||
        :; } | true
    [ ! -s err ] && [ "$(cat status)" -eq 1 ]
}

broken_pipe() {
    "$ADDCOW" read disk.add-cow 2>err | true && [ ! -s err ] &&
        ignoring_pipe
}

# A file of the image is not opened in the place of a closed stream.
closed_streams() {
    new_image && keep disk.raw base.raw disk.add-cow || return
    "$ADDCOW" info disk.add-cow >&-
    [ $? -eq 1 ] && unchanged || return
    "$ADDCOW" read disk.add-cow >&- 2>&-
    [ $? -eq 1 ] && unchanged || return
    "$ADDCOW" write disk.add-cow <&- >&- 2>&-
    [ $? -eq 1 ] && unchanged || return
    yes y | head -c 590337 | "$ADDCOW" write disk.add-cow >&- 2>&-
    [ $? -eq 2 ] && ! grep -aq 'addcow:' disk.raw disk.add-cow
}

check 'help' main_help
check 'help of each command' command_help
check 'each option that help shows is taken' options_of_help
check 'the examples of help work' examples_work
check 'version' version
check 'no command, or none such' no_command
check 'wrong options' wrong_options
check 'wrong operands' wrong_operands
check 'options stand before, between and after operands' order_of_words
check 'numbers' numbers
check 'wrong numbers' wrong_numbers
check 'numbers that pass every disk' great_numbers
check 'a full disk behind standard output' full_disk
check 'a broken pipe' broken_pipe
check 'closed standard streams' closed_streams
finish
