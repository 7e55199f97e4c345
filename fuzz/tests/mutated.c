/* SPDX-License-Identifier: MIT
 *
 * mutated.c - the mutator keeps its promises, and reaches what it is for:
 * each row of the decision table, and images that open.
 *
 * Prints what is wrong; status 0 if nothing is.
 */
#include "mutator.h"
#include "still.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_INPUTS = 20000, ROOM = 4096 };

static const char *const wanted[] = {
    "HDR-2", "HDR-3",  "HDR-5",  "HDR-6",  "HDR-7",  "HDR-8", "HDR-9",
    "NAM-6", "NAM-10", "NAM-14", "NAM-15", "NAM-16", "BMP-7", "opens"};

enum { N_WANTED = sizeof(wanted) / sizeof(*wanted) };

static unsigned n_seen[N_WANTED];
static int n_wrong;

static void wrong(const char *what)
{
    printf("wrong: %s\n", what);
    n_wrong++;
}

static void count(const uint8_t *data, size_t len)
{
    struct verdict verdict;
    struct world world = {.look = still_look};
    const char *clause;

    still_begin(data, len);
    world.entry = still_entry();
    table_open(&verdict, &world, data, len);
    clause = verdict.clause ? verdict.clause : "opens";
    for (size_t i = 0; i < N_WANTED; i++)
        n_seen[i] += strcmp(wanted[i], clause) == 0;
}

/* From nothing, each input out of the one before. */
static void mutate_many(void)
{
    static uint8_t data[ROOM];
    size_t len = 0;

    for (uint64_t seed = 0; seed < N_INPUTS; seed++) {
        len = mutate(data, len, ROOM, seed);
        if (len > ROOM) {
            wrong("an input is longer than there is room");
            return;
        }
        count(data, len);
    }
    for (size_t i = 0; i < N_WANTED; i++) {
        printf("%-6s  %u of %u\n", wanted[i], n_seen[i], (unsigned)N_INPUTS);
        if (n_seen[i] < 10)
            wrong("this is hardly ever reached");
    }
}

/* In a block of just that size, for the sanitizers to watch. */
static void mutate_in(size_t room)
{
    uint8_t *data = malloc(room ? room : 1);
    uint8_t *again = malloc(room ? room : 1);

    if (!data || !again)
        abort();
    for (uint64_t seed = 0; seed < 300; seed++) {
        size_t len = room / 2;
        size_t same;

        memset(data, 'a', room);
        memset(again, 'a', room);
        same = mutate(again, len, room, seed);
        len = mutate(data, len, room, seed);
        if (len > room || len != same || memcmp(data, again, len) != 0)
            wrong("a seed does not give the same bytes, or too many");
    }
    free(data);
    free(again);
}

int main(void)
{
    static const size_t rooms[] = {0,    1,    7,    8,    12,   13,  1035,
                                   1036, 2059, 2060, 2559, 2560, 2561};

    mutate_many();
    for (size_t i = 0; i < sizeof(rooms) / sizeof(*rooms); i++)
        mutate_in(rooms[i]);
    return n_wrong != 0;
}
