# SPDX-License-Identifier: MIT
#
# strangers.cmake - a gallery of honest strangers: one implementation, written
# from the specification alone, in many ways of doing the same.  A line each,
# with the clause that allows its habits; habits.h says what each habit is.
# No test may fail one of them at a MUST.

set(STRANGER_SOURCES bits.c create.c data.c flush.c header.c open.c resize.c
    stranger.c)
list(TRANSFORM STRANGER_SOURCES PREPEND fakes/stranger/)

# stranger(NAME HABIT...): BUILD/fakes/stranger-NAME.so, compiled as one file.
function(stranger name)
    conform_shim(fake-stranger-${name} stranger-${name} fakes
        ${STRANGER_SOURCES})
    list(TRANSFORM ARGN PREPEND HABIT_)
    target_compile_definitions(fake-stranger-${name} PRIVATE
        "HABIT_NAME=\" ${name}\"" ${ARGN})
    set_target_properties(fake-stranger-${name} PROPERTIES
        UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
endfunction()

# Without a habit.
conform_shim(fake-stranger stranger fakes ${STRANGER_SOURCES})

stranger(silent SILENT=1)                    # appendix A: "declares nothing"
stranger(eager EAGER=2 NO_THROUGH=1 NO_COPY=1)             # FLS-2 is a MAY
stranger(eager-bits EAGER=1 NO_THROUGH=1)                  # FLS-2 is a MAY
stranger(through THROUGH=1)                                # FLS-2 is a MAY
stranger(latch LATCH=1)                                    # FLS-10
stranger(uncut KEEP_BITS=1)                                # RSZ-4: "or more"
stranger(unclear KEEP_BITS=2)                              # RSZ-9 is a SHOULD
