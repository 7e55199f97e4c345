#!/bin/sh -eu
# SPDX-License-Identifier: MIT
exec sh -eu "$SRC/add-cow/fuzz/oss-fuzz/build.sh"
