#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The page of a report in a browser: links, width, contrast.  Leaves pictures
# in BUILD/web for people to look at.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

conform=$BUILD/bin/addcow-conform
pictures=$BUILD/web
browser=$(command -v chromium || command -v chromium-browser ||
    command -v google-chrome) || { echo 'no chromium' >&2; exit 1; }
mkdir -p "$pictures"

# browse OPTION... PAGE: with a profile of its own, and no network.
browse() {
    rm -rf profile
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu \
        --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --disable-dev-shm-usage \
        --hide-scrollbars --host-resolver-rules='MAP * ~NOTFOUND' \
        --user-data-dir="$work/profile" "$@" 2>browser.log
}

judge() {
    name=$1
    shift
    # Chapters enough; a browser takes minutes for all of them.
    "$conform" run -q --keep never --shim "$1" --json "$name.json" \
        'hdr/*' 'rd/*' 'map/*' 'dur/*' >out
    [ -s "$name.json" ]
}

# The reference, the template, the stranger, whatever null implementations
# there are, three mutants, one that returns errno, and one that crashes.
matrix() {
    mutants='HDR-2-last-byte-of-the-magic-not-compared
        HDR-3-version-0-accepted HDR-9-empty-name-left-to-the-host'
    # Words are names of mutants.
    # shellcheck disable=SC2086
    sh "$here/../mutants/judge.sh" --build "$BUILD" --only-build $mutants ||
        return
    set --
    for name in $mutants; do
        set -- "$@" "$BUILD/mutants/$name.so"
    done
    set -- "$BUILD/shims/ref.so" "$BUILD/shims/template.so" \
        "$fakes/stranger.so" "$@" "$fakes"/null-*.so \
        "$fakes/minus-errno.so" "$fakes/crash.so"
    for shim; do
        shift
        [ -e "$shim" ] || continue
        name=$(basename "$shim" .so)
        judge "$name" "$shim" || return
        set -- "$@" "$name.json"
    done
    "$conform" report --html matrix.html "$@"
}

one() {
    "$selftest" run --level may --shim "$fakes/good.so" --html one.html >out
    [ -s one.html ]
}

no_script() {
    ! grep -qi '<script\|<link\|<img\|http:\|https:\| on[a-z]*=' matrix.html
}

# probed PAGE WIDTH SCHEME: what the probe finds in the frame, in found.
# 0 is dark for the browser, 1 light.
probed() {
    { cat "$1" && cat "$here/../tests/web_probe.html"; } >probed.html
    cat >frame.html <<END
<!DOCTYPE html><meta charset="utf-8"><pre id="found"></pre>
<iframe src="probed.html" width="$2" height="800" style="border:0"></iframe>
<script>
addEventListener('message', function (e) {
  document.getElementById('found').textContent = e.data + '\n';
});
</script>
END
    browse --blink-settings=preferredColorScheme="$3" \
        --virtual-time-budget=60000 --dump-dom "file://$work/frame.html" |
        sed -n '/<pre id="found">/,/<\/pre>/p' |
        sed 's/^.*<pre id="found">//; s/<\/pre>.*$//' >found
    [ -s found ] || cat browser.log
}

# good PAGE WIDTH SCHEME DARK
good() {
    probed "$1" "$2" "$3"
    cat found
    grep -qx "width $2" found && grep -qx "dark $4" found &&
        grep -q '^links [1-9][0-9]' found &&
        grep -q '^texts [1-9][0-9]' found && ! grep -q '^fault' found
}

# The probe sees a page that is too wide, faint, and leads nowhere.
probe_bites() {
    sed 's|</main>|<p style="color:#999;width:900px">faint</p>\
<a href="\#none">x</a></main>|' one.html >bad.html
    probed bad.html 360 1
    says found 'wide in 360' && says found 'fault: contrast' &&
        says found 'no target #none'
}

# Links out of the page lead to files.
recordings() {
    grep -o 'href="[^#"]*"' one.html | sed 's/href="//; s/"$//' >links
    [ -s links ] || return
    while read -r link; do
        [ -e "$link" ] || { echo "nothing at $link"; return 1; }
    done <links
}

recordings_elsewhere() {
    mkdir -p a/b
    "$selftest" run --level may --shim "$fakes/good.so" \
        --html a/b/page.html >out
    grep -o 'href="[^#"]*"' a/b/page.html | sed 's/href="//; s/"$//' >links
    [ -s links ] && (cd a/b && while read -r link; do
        [ -e "$link" ] || exit 1
    done) <links
}

# picture NAME PAGE SIZE SCHEME
picture() {
    browse --blink-settings=preferredColorScheme="$4" --window-size="$3" \
        --screenshot="$pictures/$1.png" "file://$work/$2" >out
    [ "$(od -An -tx1 -N4 "$pictures/$1.png")" = ' 89 50 4e 47' ] &&
        [ "$(wc -c <"$pictures/$1.png")" -gt 20000 ]
}

printed() {
    browse --no-pdf-header-footer --print-to-pdf="$pictures/matrix.pdf" \
        "file://$work/matrix.html" >out
    [ "$(head -c 5 "$pictures/matrix.pdf")" = '%PDF-' ]
}

check 'a page with several implementations' matrix
check 'a page of one run' one
check 'no script, nothing from elsewhere' no_script
check 'the probe sees what is wrong' probe_bites
for page in one matrix; do
    check "$page: on a telephone" good $page.html 360 1 false
    check "$page: on a telephone, dark" good $page.html 360 0 true
    check "$page: on a desk" good $page.html 1200 1 false
    check "$page: on a desk, dark" good $page.html 1200 0 true
done
check 'recordings are where links say' recordings
check 'from another directory, too' recordings_elsewhere
check 'a picture' picture matrix matrix.html 1200,1600 1
check 'a picture in the dark' picture matrix-dark matrix.html 1200,1600 0
check 'a picture of failures' picture one one.html 600,2400 1
check 'in print' printed
finish
