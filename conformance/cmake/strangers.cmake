# SPDX-License-Identifier: MIT
#
# strangers.cmake - a gallery of honest strangers: implementations written
# from the specification alone, in many ways of doing the same.  No test may
# fail one of them at a MUST; t/gallery.sh sees to it.

# ---- One implementation with habits ------------------------------------------

find_package(Threads REQUIRED)
set(STRANGER_SOURCES bits.c create.c data.c flush.c fresh.c header.c lock.c
    open.c resize.c stranger.c)
list(TRANSFORM STRANGER_SOURCES PREPEND fakes/stranger/)

# Without a habit, each file on its own.
conform_shim(fake-stranger stranger fakes ${STRANGER_SOURCES})
target_link_libraries(fake-stranger PRIVATE Threads::Threads)

# stranger(NAME HABIT...): BUILD/fakes/stranger-NAME.so, compiled as one file.
function(stranger name)
    conform_shim(fake-stranger-${name} stranger-${name} fakes
        ${STRANGER_SOURCES})
    list(TRANSFORM ARGN PREPEND HABIT_)
    target_compile_definitions(fake-stranger-${name} PRIVATE
        "HABIT_NAME=\" ${name}\"" ${ARGN})
    target_link_libraries(fake-stranger-${name} PRIVATE Threads::Threads)
    set_property(GLOBAL APPEND_STRING PROPERTY STRANGERS "${name}\n")
    set_target_properties(fake-stranger-${name} PROPERTIES
        UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
endfunction()

# habits.h says what each habit is.  The clauses that allow them:
#
#   SILENT             appendix A, "one that declares nothing"
#   EAGER, THROUGH     FLS-2 is a MAY: bits need not wait, nor data
#   NO_THROUGH         chapter 9: writethrough "where it is offered"
#   LATCH              FLS-10, IMPL-5 (a)
#   FORGET             FLS-20; FLS-10
#   GIVE_UP            WR-28
#   TELL_CLOSE         CRT-13
#   NO_COPY            IMPL-3 (a)
#   COPY_AT_OPEN       IMPL-3 (b)
#   EARLY_BACKING      IMPL-1 (a), IMPL-4 (a)
#   SECTORS            IMPL-2 (b)
#   RESIZE             IMPL-6 (b), (c)
#   NO_BYTES           IMPL-7 (a)
#   CLUSTERS           WR-5 is a SHOULD; WR-7 is kept
#   WHOLE_SECTORS      WR-7, SIZ-2: it changes no byte outside the range
#   PIECE              RD-11 is a SHOULD; LIM-4 is about requests of guests
#   UNIT, BACKWARDS    FLS-1 asks for no order among bits
#   HEADER             HDR-11: it changes no byte
#   KEEP_BITS          RSZ-4, "or more"; RSZ-9 is a SHOULD
#   NO_DISCARD         WR-19, "as it was"
#   FLUSH_AT_OPEN      DUR-2: to flush is always allowed; FLS-16 is kept
#   FLUSH_ALL          FLS-12 is a SHOULD
#   LOG, LOCK          the inside is nobody's concern
#   ASK_SIZE           SIZ-1: the length is what the file has
stranger(silent SILENT=1)
stranger(eager EAGER=2 NO_THROUGH=1 NO_COPY=1 NO_DISCARD=1)
stranger(eager-bits EAGER=1 NO_THROUGH=1 UNIT=1)
stranger(through THROUGH=1 ASK_SIZE=1)
stranger(all-a EARLY_BACKING=1 NO_COPY=1 LATCH=1 NO_BYTES=1 CLUSTERS=1)
stranger(all-b SECTORS=1 RESIZE=2 LOG=1)
stranger(latch LATCH=1 FLUSH_AT_OPEN=1)
stranger(forgets LATCH=1 FORGET=1 FLUSH_AT_OPEN=1 TELL_CLOSE=1)
stranger(gives-up GIVE_UP=1 NO_COPY=1)
stranger(sectors WHOLE_SECTORS=1 RESIZE=1 UNIT=512 BACKWARDS=1)
stranger(uncut KEEP_BITS=1 UNIT=64 FLUSH_AT_OPEN=1)
stranger(unclear KEEP_BITS=2 FLUSH_ALL=1)
stranger(blocks UNIT=4096 HEADER=1 COPY_AT_OPEN=3)
stranger(lock LOCK=1 NO_COPY=1 PIECE=4096)

# ---- One that remembers nothing -----------------------------------------------

# FLS-2 is a MAY; RD-11 and WR-8 are SHOULDs; IMPL-5 (a).
conform_shim(fake-stranger-plodder stranger-plodder fakes
    fakes/stranger/bits.c fakes/stranger/header.c fakes/stranger/plodder.c)
set_property(GLOBAL APPEND_STRING PROPERTY STRANGERS "plodder\n")

# For t/gallery.sh.
get_property(strangers GLOBAL PROPERTY STRANGERS)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/fakes)
file(WRITE ${CMAKE_BINARY_DIR}/fakes/strangers.txt "${strangers}")
