#!/bin/sh
# SPDX-License-Identifier: MIT
#
# addcow info, map and check: what they print for people and for programs,
# names that are no text among it.  Needs jq.

# jq has variables; names are written as printf has them.
# shellcheck disable=SC2016,SC2059

. "${0%/*}/lib.sh"

# Clusters 0, 8 and 9 allocated, as in the specification.
example() {
    new_image && poke disk.add-cow 2560 '\001\003' &&
        keep base.raw disk.raw disk.add-cow
}

info() {
    example && status 0 addcow info disk.add-cow && unchanged &&
        same out 'add-cow file   "disk.add-cow"
image file     "disk.raw"
backing file   "base.raw"
disk           590336 bytes (576.5 KiB)
allocated      3 of 10 clusters (30 %)
backing size   400000 bytes (390.6 KiB)
COW bitmap     2 bytes at offset 2560
note           past the end of the backing file unallocated clusters read as '\
'zeros'
}

info_json() {
    status 0 addcow info --json disk.add-cow && cp out first &&
        status 0 jq -c . first &&
        same out '{"encoding":"bytes-as-latin-1","file":"disk.add-cow",'\
'"version":1,"image_file":"disk.raw","backing_file":"base.raw",'\
'"virtual_size":590336,"backing_size":400000,"cluster_size":65536,'\
'"clusters":10,"allocated_clusters":3,"bitmap_offset":2560,"bitmap_length":2}'
}

no_backing() {
    addcow create --no-backing --image disk.raw nobacking &&
        status 0 addcow info nobacking && grep -qx 'backing file   none' out &&
        grep -qx 'note           unallocated clusters read as zeros' out &&
        ! grep -q 'backing size' out &&
        status 0 addcow info --json nobacking && cp out first &&
        status 0 jq -e '.backing_file == null' first
}

all_allocated() {
    example && addcow flatten disk.add-cow &&
        status 0 addcow info disk.add-cow &&
        grep -qx 'allocated      10 of 10 clusters (100 %)' out &&
        grep -q '^note .* the image file alone is the disk$' out
}

longer_backing() {
    new_image && truncate -s 1M base.raw &&
        status 0 addcow info disk.add-cow && grep -q \
            '^note .* longer than the disk: the rest is not seen$' out
}

names_that_lead_out() {
    mkdir -p a b && truncate -s 64K b/raw && addcow create --no-backing \
        --image ../b/raw a/cow && status 0 addcow info a/cow &&
        grep -q "^note .* leads out of the directory of the add-cow file$" out
}

empty_disk() {
    : >empty.raw && addcow create --no-backing --image empty.raw empty &&
        status 0 addcow info empty &&
        grep -qx 'disk           0 bytes' out &&
        grep -qx 'allocated      0 of 0 clusters' out &&
        status 0 addcow map --json empty && cp out first &&
        status 0 jq -e '.ranges == [] and .virtual_size == 0' first &&
        status 0 addcow check empty &&
        same out '0 errors, 0 warnings; 0 clusters, 0 allocated' &&
        silent 0 addcow read empty
}

# 8 TiB, the least that all support, and a sector less: exact to the byte.
great_size() {
    for size in 8796093022208 8796093021696; do
        rm -f great && truncate -s "$size" great.raw &&
            addcow create --no-backing --image great.raw great &&
            printf x | addcow write --offset $((size - 1)) great &&
            status 0 addcow map great &&
            [ "$(tail -n 1 out | tr -s ' ')" = \
" $(((size - 1) / 65536 * 65536)) $(((size - 1) % 65536 + 1)) image" ] &&
            status 0 addcow info --json great &&
            grep -qx "  \"virtual_size\": $size," out &&
            grep -qx "  \"clusters\": 134217728," out &&
            grep -qx "  \"allocated_clusters\": 1," out || return
    done
}

map() {
    example && status 0 addcow map disk.add-cow && unchanged &&
        same out '             offset              length  source
                  0               65536  image
              65536              334464  backing
             400000              124288  zeros
             524288               66048  image'
}

map_range() {
    status 0 addcow map --offset 65535 --length 2 disk.add-cow &&
        same out '             offset              length  source
              65535                   1  image
              65536                   1  backing' &&
        status 0 addcow map --offset 590336 disk.add-cow &&
        same out '             offset              length  source' &&
        fails 2 'disk.add-cow: the range passes the virtual size' \
            addcow map --offset 590337 disk.add-cow &&
        fails 2 'disk.add-cow: the range passes the virtual size' \
            addcow map --offset 1 --length 590336 disk.add-cow
}

map_json() {
    status 0 addcow map --json disk.add-cow && cp out first &&
        status 0 jq -c '.virtual_size,
            (.ranges[] | [.offset, .length, .allocated, .source])' first &&
        same out '590336
[0,65536,true,"image"]
[65536,334464,false,"backing"]
[400000,124288,false,"zeros"]
[524288,66048,true,"image"]'
}

# Tables of the bitmap end every 32 GiB; the map does not show it.
map_tables() {
    truncate -s 70G sparse.raw && rm -f sparse &&
        addcow create --no-backing --image sparse.raw sparse &&
        status 0 addcow map sparse && [ "$(wc -l <out)" -eq 2 ] &&
        echo x | addcow write --offset 0x7fffffffe sparse &&
        status 0 addcow map sparse && [ "$(sed 1d out | tr -s ' ')" = \
' 0 34359672832 zeros
 34359672832 65536 image
 34359738368 40802189312 zeros' ]
}

clean() {
    example && status 0 addcow check disk.add-cow && unchanged &&
        same out '0 errors, 0 warnings; 10 clusters, 3 allocated' &&
        status 0 addcow check --json disk.add-cow && cp out first &&
        status 0 jq -c . first &&
        same out '{"encoding":"bytes-as-latin-1","file":"disk.add-cow",'\
'"errors":0,"warnings":0,"clusters":10,"allocated_clusters":3,"findings":[]}'
}

warnings() {
    example && poke disk.add-cow 2561 '\377' && truncate -s 590340 disk.raw &&
        keep disk.add-cow disk.raw && status 4 addcow check disk.add-cow &&
        unchanged && same out 'disk.add-cow: warning: the length of the '\
'image file is not a multiple of 512 [CHK-7]
disk.add-cow: offset 2561: warning: a bit beyond the last cluster is 1 [CHK-3]
0 errors, 2 warnings; 10 clusters, 3 allocated' &&
        status 4 addcow check --json disk.add-cow && cp out first &&
        status 0 jq -c '.warnings, (.findings[] | [.severity, .offset,
            .clause])' first && same out '2
["warning",null,"CHK-7"]
["warning",2561,"CHK-3"]'
}

# All that is wrong with a header, not the first of it alone.
errors() {
    example && poke disk.add-cow 2060 x && poke disk.add-cow 40 y &&
        status 3 addcow check disk.add-cow && same out 'disk.add-cow: offset '\
'40: error: a byte after the end of a name is not zero [HDR-7]
disk.add-cow: offset 2060: error: a reserved byte of the header is not zero '\
'[HDR-8]
2 errors, 0 warnings; 0 clusters, 0 allocated' &&
        status 3 addcow check --json disk.add-cow && cp out first &&
        status 0 jq -c '.errors, (.findings[] | [.severity, .file, .offset,
            .clause])' first && same out '2
["error","disk.add-cow",40,"HDR-7"]
["error","disk.add-cow",2060,"HDR-8"]'
}

not_checkable() {
    echo raw >raw && fails 3 'raw: offset 0: not an add-cow file: the magic '\
'is missing [HDR-2]' addcow check raw &&
        fails 3 'raw: offset 0: not an add-cow file: the magic '\
'is missing [HDR-2]' addcow check --json raw &&
        fails 1 'none: no such file [ERR-5]' addcow check none
}

# header IMAGE BACKING: a header with these names, as printf has them.
header() {
    printf 'ADD_COW\377\0\0\0\1' >hostile && truncate -s 2560 hostile &&
        poke hostile 12 "$2" && poke hostile 1036 "$1"
}

# Control characters, an escape sequence, C1 controls, quotes, a backslash,
# bytes that are no UTF-8 or overlong or surrogates, a change of direction,
# and at last characters that are harmless.
names='a\033]0;x\007\r\n\177"\\\047'
odd='\302\233x\200\300\257\355\240\200\364\220\200\200\342\200\256\342\202|'
fine='\303\251\342\202\254\360\237\220\204'

escaped() {
    header "$names" "b$odd$fine" && status 0 addcow info --header hostile &&
        same out "$(printf '%s\n%s\n%s' 'add-cow file   "hostile"' \
'image file     "a\x1b]0;x\x07\x0d\x0a\x7f\x22\x5c\x27"' \
'backing file   "b\xc2\x9bx\x80\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x80'\
'\xae\xe2\x82|'"$(printf "$fine")"'"')"
}

# Every name comes back from JSON byte for byte.
json_names() {
    header "$names" "b$odd$fine" &&
        status 0 addcow info --header --json hostile && cp out first &&
        ! grep -q '[^ -~]' first &&
        status 0 jq -r '.image_file, .backing_file' first &&
        iconv -f UTF-8 -t ISO-8859-1 out >got &&
        printf "$names\nb$odd$fine\n" >want && cmp got want
}

# Each byte that a name can have.
every_byte() {
    i=1
    all=
    while [ "$i" -lt 256 ]; do
        [ "$i" -eq 58 ] || all="$all\\$(printf %03o "$i")"
        i=$((i + 1))
    done
    header "$all" b && status 0 addcow info --header --json hostile &&
        cp out first && status 0 jq -j '.image_file' first &&
        iconv -f UTF-8 -t ISO-8859-1 out >got && printf "$all" >want &&
        cmp got want && status 0 addcow info --header hostile &&
        [ "$(wc -l <out)" -eq 3 ]
}

# In errors as well, and for names from the command line.
escaped_errors() {
    header '\033[2Jx' b && mkdir -p "$(printf 'd\033')" &&
        cp hostile "$(printf 'd\033/h')" &&
        fails 1 'd\x1b/\x1b[2Jx: no such file [NAM-14]' \
            addcow info "$(printf 'd\033/h')" &&
        fails 1 'n\x0ao: no such file [ERR-5]' addcow info "$(printf 'n\no')"
}

check 'info' info
check 'info in JSON' info_json
check 'info: no backing file' no_backing
check 'info: all allocated' all_allocated
check 'info: a longer backing file' longer_backing
check 'info: a name that leads out' names_that_lead_out
check 'an empty disk' empty_disk
check 'a disk of 8 TiB' great_size
check 'map' map
check 'map of a range' map_range
check 'map in JSON' map_json
check 'map over tables of the bitmap' map_tables
check 'check of a clean image' clean
check 'check: warnings' warnings
check 'check: errors' errors
check 'check of what is none' not_checkable
check 'hostile names are escaped' escaped
check 'hostile names in JSON' json_names
check 'every byte in a name' every_byte
check 'hostile names in errors' escaped_errors
finish
