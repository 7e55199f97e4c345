/* SPDX-License-Identifier: MIT
 *
 * toy_case.h - cases that run on the toy.
 */
#ifndef ADDCOW_TOY_CASE_H
#define ADDCOW_TOY_CASE_H

#include "env/env.h"
#include "toy.h"

#include <check.h>
#include <string.h>

/* What becomes of a case RUN that names RD-1, WR-1 and FLS-1 on SHIM.
 * EVIDENCE_DIR may be null. */
struct outcome run_on(const struct addcow_shim *shim,
                      void (*run)(struct env *, const struct conf_case *),
                      const char *evidence_dir);

/* As run_on(), on the toy with FAULT, without evidence. */
struct outcome run_as(void (*run)(struct env *, const struct conf_case *),
                      enum toy_fault fault);

/* Makes an image of ten clusters, the last of them clipped, of which cluster 1
 * is allocated. */
void small_image(struct env *env);

/* A case: writes to a small image are checked in every way that there is. */
void writes(struct env *env, const struct conf_case *self);

#define ck_fails(out, id, words)                                       \
    do {                                                               \
        ck_assert_int_eq((out).verdict, V_FAIL);                       \
        ck_assert_str_eq((out).clause, id);                            \
        ck_assert_msg(strstr((out).got, words), "got: %s", (out).got); \
    } while (0)

#endif
