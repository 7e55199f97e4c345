#!/bin/sh
# SPDX-License-Identifier: MIT
#
# max-len.sh - the longest input that a target makes something of, in bytes.
#
#   sh fuzz/max-len.sh TARGET
case ${1-} in
fuzz_probe | fuzz_header) echo 2560 ;;
fuzz_open) echo 4096 ;;
fuzz_ops) echo 68 ;;
*) echo 96 ;;
esac
