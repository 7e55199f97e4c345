# SPDX-License-Identifier: MIT
#
# tests.cmake - the tests of the suite itself.  Names are paths; the label is
# the group of test.sh.

# ---- Broken shims -----------------------------------------------------------

# One source, one shared object for each way to misbehave.
set(CONFORM_FAKES
    abi-2 abort chdir children claims closefds crash eats-memory exit-0
    exit-7 flood good hangs hostile kills-parent kills-runner loads-crash
    loads-exit loads-hang loads-stops-parent minus-errno no-name no-read
    no-symbol options pipes positive signals-parent sleeps stops-group
    stops-itself stops-parent stops-runner throws-verdict tiny traces-parent)
foreach(fake IN LISTS CONFORM_FAKES)
    conform_shim(fake-${fake} ${fake} fakes fakes/fake.c)
    string(TOUPPER ${fake} macro)
    string(REPLACE "-" "_" macro ${macro})
    target_compile_definitions(fake-${fake} PRIVATE FAKE_${macro})
endforeach()

# The template with one mistake each.
set(CONFORM_MISTAKES
    clipped double-free leak length millions minus-one no-choice
    no-class no-table not-kept one-image own-files sectors short swapped
    whole-sectors wrong-choice)
add_library(template-part OBJECT shims/template.c)
target_compile_definitions(template-part PRIVATE
    addcow_shim_get=template_shim_get)
target_link_libraries(template-part PRIVATE addcow_flags)
foreach(mistake IN LISTS CONFORM_MISTAKES)
    conform_shim(mistake-${mistake} mistake-${mistake} fakes
        fakes/mistake.c $<TARGET_OBJECTS:template-part>)
    string(TOUPPER ${mistake} macro)
    string(REPLACE "-" "_" macro ${macro})
    target_compile_definitions(mistake-${mistake} PRIVATE MISTAKE_${macro})
endforeach()

# ---- A shim whose requests run at the same time ------------------------------

conform_shim(fake-threaded threaded fakes fakes/threaded.c)
find_package(Threads REQUIRED)
target_link_libraries(fake-threaded PRIVATE Threads::Threads)

# ---- A second implementation ------------------------------------------------

include(cmake/strangers.cmake)

# Another shim, with other declarations.
conform_shim(fake-contrary contrary fakes fakes/contrary.c)
target_link_libraries(fake-contrary PRIVATE ${CMAKE_DL_LIBS})

# ---- Implementations of nothing ---------------------------------------------

foreach(null IN ITEMS refuse zeros backing image)
    conform_shim(fake-null-${null} null-${null} fakes fakes/null.c)
    string(TOUPPER ${null} macro)
    target_compile_definitions(fake-null-${null} PRIVATE NULL_${macro})
endforeach()

# ---- Toys for the power cuts --------------------------------------------------

set(CONFORM_TOYS host.c open.c steps.c toys.c zoo.c)
list(TRANSFORM CONFORM_TOYS PREPEND fakes/toys/)
conform_shim(fake-power power fakes fakes/power_shim.c ${CONFORM_TOYS})

# ---- A runner whose cases do what the tests want ----------------------------

conform_clauses(selftest_clauses
    ${CMAKE_CURRENT_SOURCE_DIR}/tests/selftest-spec.txt)
conform_documents(selftest_documents selftest
    conformance/report/report.css conformance/tests/requirements-1.0.txt
    conformance/tests/requirements-1.1.txt
    conformance/tests/requirements-99.0.txt conformance/tests/withdrawn.tsv)
add_executable(conform-selftest
    tests/selftest_cases.c ${selftest_clauses} ${selftest_documents})
target_link_libraries(conform-selftest PRIVATE conform_runner)

# conform-selftest, as if jansson had not been found.
add_executable(conform-without-jansson
    tests/selftest_cases.c commands/main.c ${selftest_clauses}
    ${selftest_documents}
    "$<FILTER:$<TARGET_OBJECTS:conform_runner>,EXCLUDE,/(main|report_command)\\.c>")
target_compile_definitions(conform-without-jansson PRIVATE
    CONFORM_VERSION="${PROJECT_VERSION}")
target_link_libraries(conform-without-jansson PRIVATE
    addcow_flags conform_vectors ${CMAKE_DL_LIBS} m)
if(TARGET PkgConfig::JANSSON)
    target_link_libraries(conform-without-jansson PRIVATE PkgConfig::JANSSON)
endif()

# ---- Does JSON follow a schema? ----------------------------------------------

if(TARGET PkgConfig::JANSSON)
    add_executable(schema-check tests/schema_check.c)
    target_link_libraries(schema-check PRIVATE
        addcow_flags PkgConfig::JANSSON)
    set_target_properties(schema-check PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()

# ---- Shell tests ------------------------------------------------------------

find_program(CONFORM_SH NAMES dash sh)
# Those labelled "plain" learn nothing from sanitizers, or want none; those
# labelled "shell", from two compilers: test.sh runs them once.
set(CONFORM_NO_JANSSON
    compat endings readme-ci readme-commands reports waivers)
foreach(test IN ITEMS
        choices clause-script clauses compat concurrent debug endings evidence
        gallery house isolation list messages mistakes null options output power
        readme-ci readme-commands readme-shim reports requirements shims
        stranger trace turns waivers)
    if(test IN_LIST CONFORM_NO_JANSSON AND NOT TARGET PkgConfig::JANSSON)
        continue()
    endif()
    set(labels core)
    if(test MATCHES "^(clause-script|clauses|debug|house|null|trace)$" OR
            test MATCHES "^(choices|readme-ci|readme-shim|requirements)$" OR
            test MATCHES "^(gallery|shims|stranger)$")
        list(APPEND labels plain)
    else()
        list(APPEND labels shell)
    endif()
    if(test STREQUAL "power")
        set(labels crash)
    elseif(test STREQUAL "readme-commands")
        set(labels readme)
    endif()
    add_test(NAME conformance/t/${test}
        COMMAND ${CONFORM_SH} ${CMAKE_CURRENT_SOURCE_DIR}/t/${test}.sh)
    set_tests_properties(conformance/t/${test} PROPERTIES
        LABELS "${labels}" TIMEOUT 1200
        ENVIRONMENT "BUILD=${CMAKE_BINARY_DIR};CC=${CMAKE_C_COMPILER}")
endforeach()

# Needs Spin, and takes the time of a proof: in the group crash of test.sh.
find_program(CONFORM_SPIN spin)
if(CONFORM_SPIN)
    add_executable(model-trail tests/model_trail.c tests/crash_small.c
        ${CONFORM_TOYS})
    target_link_libraries(model-trail PRIVATE conform_world)
    set_target_properties(model-trail PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME conformance/t/model
        COMMAND ${CONFORM_SH} ${CMAKE_CURRENT_SOURCE_DIR}/t/model.sh)
    set_tests_properties(conformance/t/model PROPERTIES
        LABELS crash TIMEOUT 600
        ENVIRONMENT "BUILD=${CMAKE_BINARY_DIR};CC=${CMAKE_C_COMPILER}")
else()
    message(STATUS "No Spin (package spin): no test of the model")
endif()

# The gate of the coverage, which has its own tools.
find_program(CONFORM_CLANG_22 clang-22)
if(CONFORM_CLANG_22)
    add_test(NAME conformance/t/coverage
        COMMAND ${CONFORM_SH} ${CMAKE_CURRENT_SOURCE_DIR}/t/coverage.sh)
    set_tests_properties(conformance/t/coverage PROPERTIES
        LABELS coverage TIMEOUT 300 ENVIRONMENT "BUILD=${CMAKE_BINARY_DIR}")
else()
    message(STATUS "No clang-22: no test of the gate of the coverage")
endif()

find_program(CONFORM_BROWSER NAMES chromium chromium-browser google-chrome)
if(CONFORM_BROWSER AND TARGET PkgConfig::JANSSON)
    add_test(NAME conformance/t/web
        COMMAND ${CONFORM_SH} ${CMAKE_CURRENT_SOURCE_DIR}/t/web.sh)
    set_tests_properties(conformance/t/web PROPERTIES
        LABELS web TIMEOUT 600 ENVIRONMENT "BUILD=${CMAKE_BINARY_DIR}")
else()
    message(STATUS "No chromium, or no jansson: no test of the page")
endif()

# ---- The header of the ABI --------------------------------------------------

add_test(NAME conformance/tests/header-c11
    COMMAND ${CMAKE_C_COMPILER} -std=c11 -pedantic-errors -Wall -Wextra
            -Werror -fsyntax-only -x c
            ${CMAKE_CURRENT_SOURCE_DIR}/addcow_shim.h)
set_tests_properties(conformance/tests/header-c11 PROPERTIES LABELS core)
find_program(CONFORM_CXX NAMES g++ clang++)
if(CONFORM_CXX)
    add_test(NAME conformance/tests/header-c++11
        COMMAND ${CONFORM_CXX} -std=c++11 -pedantic-errors -Wall -Wextra
                -Werror -fsyntax-only -x c++
                ${CMAKE_CURRENT_SOURCE_DIR}/addcow_shim.h)
    set_tests_properties(conformance/tests/header-c++11 PROPERTIES
        LABELS core)
else()
    message(STATUS "No C++ compiler: the header is not tested with C++")
endif()

# ---- Unit tests -------------------------------------------------------------

find_library(CONFORM_CHECK check)
find_path(CONFORM_CHECK_INCLUDE check.h)

# A libcheck program from tests/test_NAME.c, and what it tests.
function(conform_unit name)
    add_executable(test-${name} tests/test_${name}.c ${ARGN})
    target_include_directories(test-${name} PRIVATE ${CONFORM_CHECK_INCLUDE})
    target_link_libraries(test-${name} PRIVATE
        addcow_flags ${CONFORM_CHECK_LIBRARIES} ${CMAKE_DL_LIBS} m)
    set_target_properties(test-${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    # Its header uses a GNU extension in its macros.
    target_compile_options(test-${name} PRIVATE
        -Wno-pedantic -Wno-format-nonliteral)
    # libcheck's own limit is four seconds of a clock: ctest's is enough.
    add_test(NAME conformance/tests/${name} COMMAND test-${name})
    set_tests_properties(conformance/tests/${name} PROPERTIES
        LABELS core TIMEOUT 300
        ENVIRONMENT CK_DEFAULT_TIMEOUT=300)
endfunction()

if(CONFORM_CHECK AND CONFORM_CHECK_INCLUDE)
    find_package(Threads REQUIRED)
    set(CONFORM_CHECK_LIBRARIES ${CONFORM_CHECK} Threads::Threads)
    foreach(library IN ITEMS subunit rt m)
        find_library(CONFORM_${library} ${library})
        if(CONFORM_${library})
            list(APPEND CONFORM_CHECK_LIBRARIES ${CONFORM_${library}})
        endif()
    endforeach()
    conform_unit(load run/load_table.c base/clauses.c base/memory.c
        base/memory_malloc.c base/text_encode.c ${selftest_clauses})
    conform_unit(runner base/clauses.c base/dirs.c base/documents.c
        base/memory.c base/memory_malloc.c base/text.c base/text_encode.c
        base/version.c data/figures.c env/checks.c run/coverage.c run/load_table.c
        run/options.c run/plan.c run/requirements.c
        run/select.c run/status.c run/tally.c run/verdict.c run/waivers.c
        tests/selftest_cases.c ${selftest_clauses} ${selftest_documents})
    target_compile_definitions(test-runner PRIVATE
        CONFORM_VERSION="${PROJECT_VERSION}")
    # The world of the cases, tested by a toy of an implementation.
    foreach(name IN ITEMS data disk oracle env roads roads_guest workload)
        conform_unit(${name})
        target_link_libraries(test-${name} PRIVATE conform_world)
        if(name MATCHES "^(env|workload)$")
            target_sources(test-${name} PRIVATE
                tests/toy.c tests/toy_case.c tests/toy_posix.c)
        endif()
    endforeach()
    conform_unit(refuses base/clauses.c base/documents.c
        base/text.c base/version.c run/requirements.c run/select.c
        ${selftest_clauses} ${selftest_documents})
    target_link_libraries(test-refuses PRIVATE conform_world)
    target_compile_definitions(test-refuses PRIVATE
        CONFORM_VERSION="${PROJECT_VERSION}"
        REF="$<TARGET_FILE:ref>")
    add_dependencies(test-refuses ref)
    set_tests_properties(conformance/tests/refuses PROPERTIES
        LABELS "core;plain")
    # The crash engine, tested by toys on clusters of four sectors.
    foreach(name IN ITEMS crash crash_cases crash_faults crash_toys
            crash_witness orders)
        conform_unit(${name} tests/crash_shown.c tests/crash_small.c
            ${CONFORM_TOYS})
        target_link_libraries(test-${name} PRIVATE conform_world)
        set_tests_properties(conformance/tests/${name} PROPERTIES
            LABELS crash TIMEOUT 600)
    endforeach()
else()
    message(STATUS "No libcheck (package check): no unit tests")
endif()
