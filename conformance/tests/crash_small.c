/* SPDX-License-Identifier: MIT
 *
 * crash_small.c - see crash_small.h.
 */
#include "crash_small.h"

#include <string.h>

#define SECTOR 512u
#define ADDCOW "small.add-cow"
#define IMAGE "small.raw"
#define BACKING "small.img"

const struct small_work small_broken = {
    "broken",
    {.image_len = 6 * SMALL_CLUSTER + SECTOR,
     .backing_len = 4 * SMALL_CLUSTER + 700,
     .bits = {0x04}},
    0,
    {WRITE(SECTOR, SECTOR), WRITE(2 * SECTOR, 2 * SMALL_CLUSTER), FLUSH,
     WRITE(SECTOR, 4 * SMALL_CLUSTER), FLUSH}};

const struct crash_limits small_brute = {.flags = CRASH_NO_REDO,
                                         .brute = UINT64_C(1) << 20,
                                         .brute_work = UINT64_C(1) << 40};

/* Each sector says what it is and which. */
static void fill(unsigned char *out, uint64_t len, unsigned char kind)
{
    for (uint64_t i = 0; i < len; i++)
        out[i] = (unsigned char)(i % 2 ? kind + i / SECTOR : kind ^ i % 251);
}

/* A name with LEN bytes before it that lead nowhere else. */
static void name(char out[1024], const char *last, size_t len)
{
    out[0] = '\0';
    for (size_t i = 0; i + 1 < len; i += 2)
        memcpy(out + i, "./", 3);
    strcat(out, last);
}

static uint64_t bits_len(uint64_t image_len)
{
    uint64_t clusters =
        (image_len / SECTOR * SECTOR + SMALL_CLUSTER - 1) / SMALL_CLUSTER;

    return (clusters + 7) / 8;
}

/* The add-cow file before the workload; returns its length. */
static uint64_t fill_addcow(struct small *s, const struct small_shape *shape)
{
    if (shape->no_addcow)
        return CRASH_ABSENT;
    if (shape->old_addcow) {
        memset(s->addcow, 0xff, sizeof(s->addcow));
        toy_header(s->addcow, IMAGE, BACKING);
        return sizeof(s->addcow);
    }
    toy_header(s->addcow, s->image_name, s->backing_name);
    memcpy(s->addcow + TOY_HEADER_LEN, shape->bits, sizeof(shape->bits));
    return TOY_HEADER_LEN + bits_len(shape->image_len);
}

void small_init(struct small *s, const struct small_shape *shape,
                const struct toy_program *program)
{
    uint64_t addcow_len;

    memset(s, 0, sizeof(*s));
    name(s->image_name, IMAGE, shape->long_names ? 700 : 0);
    name(s->backing_name, BACKING, shape->long_names ? 900 : 0);
    fill(s->image, shape->image_len, 0x41);
    fill(s->backing, shape->backing_len, 0x81);
    addcow_len = fill_addcow(s, shape);
    if (program->quirks & QUIRK_CHECKSUM) {
        toy_sums(s->addcow + TOY_SUMS_OFFSET, s->image,
                 (size_t)shape->image_len);
        addcow_len = TOY_SUMS_OFFSET + SECTOR;
    }
    s->setup = (struct crash_setup){
        .shim = toy_shim(program, SMALL_CLUSTER),
        .geometry = {TOY_HEADER_LEN, SMALL_CLUSTER, 8},
        .addcow = {ADDCOW, s->addcow, addcow_len},
        .image = {IMAGE, s->image, shape->image_len},
        .backing = {BACKING, s->backing, shape->backing_len},
        .image_name = s->image_name,
        .backing_name = s->backing_name};
}

int small_run(struct crash_failure *failure, struct crash_report *sum,
              const struct small_work *w, const struct toy_program *program,
              const struct crash_limits *limits)
{
    static struct small s;
    struct crash *c;
    int result;

    small_init(&s, &w->shape, program);
    c = crash_new(&s.setup, limits);
    result = crash_run(c, w->ops, w->flags);
    if (result && failure)
        *failure = *crash_failure(c);
    if (sum)
        crash_report_add(sum, crash_report(c));
    crash_free(c);
    return result;
}
