#!/bin/sh -eu
# SPDX-License-Identifier: MIT
#
# build.sh - what OSS-Fuzz and ClusterFuzzLite call to build the targets.
#
# All comes from the environment that they give: CC, CXX, CFLAGS, CXXFLAGS,
# LIB_FUZZING_ENGINE, SRC, WORK, OUT.  The sanitizer is in CFLAGS.
set -eu

project=$SRC/add-cow

cmake -S "$project" -B "$WORK/build" -DCMAKE_BUILD_TYPE=None \
    -DBUILD_TESTING=OFF -DENABLE_FUZZING=ON -DFUZZ_SANITIZERS= \
    -DLIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" \
    -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX"
for source in "$project"/fuzz/fuzz_*.c; do
    target=$(basename "$source" .c)
    cmake --build "$WORK/build" --parallel --target "$target"
    cp "$WORK/build/fuzz/$target" "$OUT/"
    cp "$project/fuzz/addcow.dict" "$OUT/$target.dict"
    printf '[libfuzzer]\nmax_len = %s\nentropic = 0\n' \
        "$(sh "$project/fuzz/max-len.sh" "$target")" >"$OUT/$target.options"
    sh "$project/fuzz/seeds.sh" "$target" "$WORK/seeds/$target"
    rm -f "$OUT/${target}_seed_corpus.zip"
    (cd "$WORK/seeds/$target" && zip -q -r "$OUT/${target}_seed_corpus.zip" .)
done
