#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The requirements of a version are frozen: no case of them vanishes, and in
# the version that they are of none is added.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

conform=$BUILD/bin/addcow-conform
list=$here/../cases/requirements-1.0.txt

sorted() {
    LC_ALL=C sort -uc "$list"
}

none_vanished() {
    "$conform" list --level may | cut -f 1 | sort >cases
    comm -23 "$list" cases >gone
    [ ! -s gone ] && [ -s cases ] && return
    echo 'requirements without a case:'
    cat gone
    return 1
}

none_added() {
    case $("$conform" version) in
    *' 1.0.'*) ;;
    *) return 0 ;;
    esac
    comm -13 "$list" cases >added
    [ ! -s added ] && return
    echo 'cases that are no requirement of 1.0; until its release:'
    echo 'addcow-conform list --level may | cut -f 1 | sort'
    cat added
    return 1
}

check 'the list is sorted, each once' sorted
check 'each requirement is a case' none_vanished
check 'each case of 1.0 is a requirement' none_added
finish
