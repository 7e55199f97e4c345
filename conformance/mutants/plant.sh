# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# plant.sh - what the scripts share that plant mutants, or measure: options,
# several jobs at a time, and a mutant made with the compiler and the flags of
# a build.
#
# The script that sources it has a function usage.  It sets root, the tree;
# build, a directory of the build; jobs, the number of jobs at a time; and
# work, a directory of its own.

# The variables above are assigned there.
# shellcheck disable=SC2154

# ---- Options ----------------------------------------------------------------

usage_error() {
    echo "${0##*/}: $*; see --help" >&2
    exit 2
}

# need_number OPTION VALUE
need_number() {
    case $2 in '' | *[!0-9]* | 0*) usage_error "$1 wants a number" ;; esac
}

# read_options VALUED PLAIN ARGUMENT...: an option in the list VALUED sets the
# variable of its name to the argument after it, one in the list PLAIN sets its
# own to "yes"; "-" becomes "_".  n_read is the number of arguments read.
read_options() {
    valued=" $1 "
    plain=" $2 "
    shift 2
    n_read=$#
    while [ $# -gt 0 ]; do
        name=${1#--}
        case $1 in
        --help) usage && exit 0 ;;
        -- | --*[!a-z-]*) usage_error "no option '$1'" ;;
        --*) ;;
        -*) usage_error "no option '$1'" ;;
        *) break ;;
        esac
        variable=$(echo "$name" | tr - _)
        case $valued/$plain in
        *" $name "*/*)
            [ $# -gt 1 ] || usage_error "$1 wants a value"
            eval "$variable=\$2"
            shift
            ;;
        *" $name "*) eval "$variable=yes" ;;
        *) usage_error "no option '$1'" ;;
        esac
        shift
    done
    n_read=$((n_read - $#))
}

# enter_build: build becomes an absolute path, and names its commands.
enter_build() {
    build=$(cd "$build" 2>/dev/null && pwd) || usage_error "no build there"
    [ -f "$build/compile_commands.json" ] ||
        usage_error "no compile_commands.json in $build"
}

# ---- Several at a time ------------------------------------------------------

workers=
# shellcheck disable=SC2086 # they are numbers
trap 'kill $workers 2>/dev/null; exit 1' HUP INT TERM

# Takes lines until none is left.  Whoever makes the directory has the line.
worker() {
    list=$1
    each=$2
    shift 2
    while read -r line; do
        if mkdir "$work/taken/$line" 2>/dev/null; then
            # The words of the line become arguments.
            # shellcheck disable=SC2086
            "$each" $line "$@" >"$work/taken/$line/answer" </dev/null
        fi
    done <"$list"
}

# for_each LIST FUNCTION ARGUMENT...: calls FUNCTION with the words of each
# line of the file LIST, then the ARGUMENTs.  Prints what it printed, in the
# order of LIST.
for_each() {
    mkdir "$work/taken"
    while [ "$(echo "$workers" | wc -w)" -lt "$jobs" ]; do
        worker "$@" &
        workers="$workers $!"
    done
    wait
    workers=
    while read -r line; do
        cat "$work/taken/$line/answer"
    done <"$1"
}

# median FILE: of its numbers, one a line.
median() {
    sort -n "$1" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'
}

# ---- Planting ---------------------------------------------------------------

# use_flags FUNCTION COMMAND...: calls FUNCTION with the compiler and its
# flags, less what is for one file, and warnings.
use_flags() {
    use=$1
    shift
    n=$#
    while [ "$n" -gt 0 ]; do
        case $1 in
        -c | -W* | *ref/hdr.c) ;;
        -o) shift && n=$((n - 1)) ;;
        *) set -- "$@" "$1" ;;
        esac
        shift
        n=$((n - 1))
    done
    "$use" "$@" -w
}

# as_in_build FUNCTION TARGET: calls FUNCTION with the command that compiles
# the reference for TARGET in the build; without one, for any.
as_in_build() {
    command=$(sed -n \
        "s,^ *\"command\": \"\(.*${2-}.*ref/hdr\.c\)\".*,\1,p" \
        "$build/compile_commands.json" | sed 's/\\\(.\)/\1/g' | head -n 1)
    [ -n "$command" ] || usage_error "the reference is not in $build"
    eval "use_flags $1 $command"
}

# sources_of TREE: the reference; its command is in a folder of its own.
sources_of() {
    (cd "$1" && ls ref/*.c)
}

# compile OBJECTS TREE SOURCE COMMAND...: names of files are relative, so that
# the place of the tree is not in the code.
compile() {
    objects=$1
    tree=$2
    source=$3
    shift 3
    (cd "$tree" && "$@" -c -o "$objects/$(basename "$source" .c).o" "$source")
}

# compile_base COMMAND...: the objects of the reference as it is.
compile_base() {
    mkdir -p "$work/base"
    for source in $(sources_of "$root"); do
        compile "$work/base" "$root" "$source" "$@"
    done
}

# touched_by PATCH TREE: the sources that it changes; all, for a header.
touched_by() {
    sed -n 's,^+++ b/\([^[:blank:]]*\).*,\1,p' "$1" >"$2/touched"
    if grep -q '\.h$' "$2/touched"; then
        sources_of "$2"
    else
        cat "$2/touched"
    fi
}

# same_code OBJECTS: none differs from the reference's.
same_code() {
    for object in "$1"/*.o; do
        cmp -s "$object" "$work/base/${object##*/}" || return 1
    done
}

# plant PATCH TREE COMMAND...: makes TREE, with the objects of the mutant in
# TREE/o, after compile_base; or says why not.
plant() {
    patch=$1
    planted=$2
    shift 2
    mkdir -p "$planted/ref" "$planted/o"
    cp "$root"/ref/*.[ch] "$planted/ref"
    patch -s -F0 -p1 -d "$planted" <"$patch" >"$planted/log" 2>&1 || {
        echo "does not apply"
        return 1
    }
    for source in $(touched_by "$patch" "$planted"); do
        compile "$planted/o" "$planted" "$source" "$@" \
            >>"$planted/log" 2>&1 || {
            echo "does not compile"
            return 1
        }
    done
    if same_code "$planted/o"; then
        echo "same object code"
        return 1
    fi
    for object in "$work"/base/*.o; do
        [ -e "$planted/o/${object##*/}" ] || cp "$object" "$planted/o"
    done
}
