#!/bin/sh
# SPDX-License-Identifier: MIT
#
# exhaustive.sh - nothing is found in all of two operations, and that is many.
#
#   sh exhaustive.sh PROGRAM
set -eu

"$1" --ops 2 | awk '{ print; n = $1 } END { exit n > 10000 ? 0 : 1 }'
