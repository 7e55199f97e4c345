/* SPDX-License-Identifier: MIT
 *
 * toy_case.c - cases that run on the toy.
 */
#include "toy_case.h"

struct outcome run_on(const struct addcow_shim *shim,
                      void (*run)(struct env *, const struct conf_case *),
                      const char *evidence_dir)
{
    struct conf_case c = {.id = "test/case",
                          .title = "A case",
                          .clauses = "RD-1 WR-1 FLS-1",
                          .run = run};
    struct case_options o = {.seed = 1, .evidence_dir = evidence_dir};
    struct outcome out = {0};

    case_run(&out, &c, shim, &o);
    toy_reset();
    return out;
}

struct outcome run_as(void (*run)(struct env *, const struct conf_case *),
                      enum toy_fault fault)
{
    return run_on(toy(fault), run, NULL);
}

void small_image(struct env *env)
{
    make_image(env, &(struct image_recipe){
                        .image_size = 9 * CLUSTER + 1024,
                        .backing_size = 3 * CLUSTER + 700,
                        .set = (const uint64_t[]){1, END_OF_LIST}});
}

void writes(struct env *env, const struct conf_case *self)
{
    struct img *img;
    struct snapshot *s;

    (void)self;
    small_image(env);
    s = take_snapshot(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_ok(env, "WR-1", write_new(img, 1000, 2 * CLUSTER - 300));
    expect_ok(env, "WR-1", write_new(img, 1, 9 * CLUSTER));
    expect_guest_all(img, "WR-1");
    expect_ok(env, "FLS-1", img_flush(img));
    expect_bit_order(img, "FLS-1");
    expect_ok(env, "FLS-1", img_close(img));
    expect_flush_covers(img, "FLS-1");
    expect_bitmap(env, "WR-1", ADDCOW_NAME, oracle_of(img));
    expect_unchanged(env, "WR-1", s, BACKING_NAME);
}
