/* SPDX-License-Identifier: MIT
 *
 * afl_mutator.c - the mutator behind the face of AFL++: a shared object for
 * AFL_CUSTOM_MUTATOR_LIBRARY.
 */
#include "mutator.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 16 };

struct state {
    uint64_t seed;
    uint8_t data[ROOM];
};

void *afl_custom_init(void *afl, unsigned seed);
void afl_custom_deinit(void *state);
size_t afl_custom_fuzz(void *state, uint8_t *data, size_t len, uint8_t **out,
                       uint8_t *other, size_t other_len, size_t max_len);

__attribute__((visibility("default"))) void *afl_custom_init(void *afl,
                                                             unsigned seed)
{
    struct state *state = calloc(1, sizeof(*state));

    (void)afl;
    if (state)
        state->seed = seed;
    return state;
}

__attribute__((visibility("default"))) void afl_custom_deinit(void *state)
{
    free(state);
}

__attribute__((visibility("default"))) size_t
afl_custom_fuzz(void *opaque, uint8_t *data, size_t len, uint8_t **out,
                uint8_t *other, size_t other_len, size_t max_len)
{
    struct state *state = opaque;
    size_t room = max_len < ROOM ? max_len : ROOM;

    (void)other, (void)other_len;
    if (len > room)
        len = room;
    memcpy(state->data, data, len);
    *out = state->data;
    return mutate(state->data, len, room, state->seed++);
}
