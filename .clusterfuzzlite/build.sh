#!/bin/sh -eu
# SPDX-License-Identifier: MIT
exec sh "$SRC/add-cow/fuzz/oss-fuzz/build.sh"
