#!/bin/sh
# SPDX-License-Identifier: MIT
#
# replay.sh - a target holds on all of its seeds and regressions.
#
#   sh replay.sh PROGRAM     one that was built without an engine
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sh "$(dirname "$0")/../seeds.sh" "${1##*/}" "$work/seeds"
"$1" "$work/seeds"
