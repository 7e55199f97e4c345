# SPDX-License-Identifier: MIT
#
# clauses.cmake - makes the C table of clauses from the specification.
#
#   cmake -DIN=add-cow.txt -DOUT=clauses_table.c -P clauses.cmake
#
# A clause starts at the first column and goes on, indented, up to a blank
# line or another line at the first column:
#
#   [HDR-4]   MUST reader decided departs   A reader MUST refuse, with
#             VERSION, an image whose version field is not 1.
#
# level:   MUST SHOULD MAY choice DEF
# subject: reader writer creator resizer checker all; "-" in a DEF only
# source:  text review driver decided; "-" in a DEF only
#
# Whatever else starts with "[" at the first column is an error: a clause with
# a slip in its first line must not vanish from the table.
cmake_minimum_required(VERSION 3.22)

set(level_re "(MUST|SHOULD|MAY|choice|DEF)")
set(subject_re "(reader|writer|creator|resizer|checker|all|-)")
set(source_re "(text|review|driver|decided|-)")
set(id_re "\\[([A-Z]+-[1-9][0-9]*)\\]")
set(clause_re
    "^${id_re} +${level_re} +${subject_re} +${source_re}( +departs)?( +.*)?$")

function(complain line_number what)
    message(FATAL_ERROR "${IN}:${line_number}: ${what}")
endfunction()

# Appends the clause that is held in the cl_* variables to TABLE.
macro(finish_clause)
    if(NOT cl_id STREQUAL "")
        string(REGEX REPLACE "[ \t]+" " " cl_words "${cl_words}")
        string(STRIP "${cl_words}" cl_words)
        if(cl_words STREQUAL "")
            complain(${cl_line} "clause ${cl_id} has no words")
        endif()
        string(REPLACE "\\" "\\\\" cl_words "${cl_words}")
        string(REPLACE "\"" "\\\"" cl_words "${cl_words}")
        string(APPEND table "    {\"${cl_id}\", LEVEL_${cl_level}, "
            "\"${cl_subject}\", SOURCE_${cl_source}, ${cl_departs},\n"
            "     \"${cl_words}\"},\n")
        set(cl_id "")
    endif()
endmacro()

# Takes LINE, the first of a clause, apart into the cl_* variables.  Neither
# macro has arguments: CMake would evaluate what stands in them.
macro(start_clause)
    if(NOT line MATCHES "${clause_re}")
        complain(${n} "not a clause: '[ID] LEVEL subject source words' with \
MUST|SHOULD|MAY|choice|DEF, reader|writer|creator|resizer|checker|all, \
text|review|driver|decided [departs]")
    endif()
    set(cl_id "${CMAKE_MATCH_1}")
    set(cl_level "${CMAKE_MATCH_2}")
    set(cl_subject "${CMAKE_MATCH_3}")
    set(cl_source "${CMAKE_MATCH_4}")
    set(cl_mark "${CMAKE_MATCH_5}")
    set(cl_words "${CMAKE_MATCH_6}")
    set(cl_line ${n})
    if(NOT cl_level STREQUAL "DEF" AND
            (cl_subject STREQUAL "-" OR cl_source STREQUAL "-"))
        complain(${n} "only a DEF may have '-' as subject or source")
    endif()
    if(DEFINED "seen_${cl_id}")
        complain(${n} "clause ${cl_id} stands at line ${seen_${cl_id}} too")
    endif()
    set("seen_${cl_id}" ${n})
    string(TOUPPER "${cl_level}" cl_level)
    if(cl_source STREQUAL "-")
        set(cl_source "none")
    endif()
    string(TOUPPER "${cl_source}" cl_source)
    set(cl_departs 0)
    if(NOT cl_mark STREQUAL "")
        set(cl_departs 1)
    endif()
endmacro()

if(NOT EXISTS "${IN}")
    message(FATAL_ERROR "${IN}: no such file")
endif()
file(READ "${IN}" rest)
string(REPLACE "\r" "" rest "${rest}")
set(table "")
set(cl_id "")
set(n 0)
while(NOT rest STREQUAL "")
    string(FIND "${rest}" "\n" end)
    if(end LESS 0)
        set(line "${rest}")
        set(rest "")
    else()
        string(SUBSTRING "${rest}" 0 ${end} line)
        math(EXPR after "${end} + 1")
        string(SUBSTRING "${rest}" ${after} -1 rest)
    endif()
    math(EXPR n "${n} + 1")
    if(line MATCHES "^\\[")
        finish_clause()
        start_clause()
    elseif(line MATCHES "^[ \t]+[^ \t]")
        if(NOT cl_id STREQUAL "")
            string(APPEND cl_words " ${line}")
        endif()
    else()
        finish_clause()
    endif()
endwhile()
finish_clause()
if(table STREQUAL "")
    message(FATAL_ERROR "${IN}: no clause in it")
endif()

file(WRITE "${OUT}" "/* Made from the specification by clauses.cmake. */
#include \"base/clauses.h\"

const struct clause clause_table[] = {
${table}    {0},
};
")
