# SPDX-License-Identifier: MIT
#
# lines.cmake - text files as a table of C, a string for each line.
#
#   cmake -DROOT=dir -DFILES=a,b -DOUT=out.c -P lines.cmake
#
# FILES are relative to ROOT, with commas between; names of files have no
# commas.  The table is documents[] of documents.h, in the order of FILES.
cmake_minimum_required(VERSION 3.22)

string(REPLACE "," ";" files "${FILES}")
set(text "")
set(table "")
set(n 0)
foreach(file IN LISTS files)
    file(READ "${ROOT}/${file}" lines)
    string(REPLACE "\r" "" lines "${lines}")
    string(REPLACE "\\" "\\\\" lines "${lines}")
    string(REPLACE "\"" "\\\"" lines "${lines}")
    string(REPLACE "?" "\\?" lines "${lines}")
    string(REPLACE "\t" "\\t" lines "${lines}")
    string(REPLACE "\n" "\",\n    \"" lines "${lines}")
    string(APPEND text
        "static const char *const lines_${n}[] = {\n    \"${lines}\",\n"
        "    NULL};\n\n")
    string(APPEND table "    {\"${file}\", lines_${n}},\n")
    math(EXPR n "${n} + 1")
endforeach()

file(WRITE "${OUT}" "/* Made by lines.cmake. */
#include \"base/documents.h\"

#include <stddef.h>

${text}const struct document documents[] = {
${table}    {NULL, NULL},
};
")
