/* SPDX-License-Identifier: MIT
 *
 * hdr_probe.c - chapter 3, Header: what a probe answers and what it may look
 * at.  A probe needs no file.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include "all.h"
#include "env/env.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAGIC_LEN 8
#define VERSION_FIELD 8
#define PROBE_LEN 12 /* what a probe may judge by */

static const uint8_t magic[MAGIC_LEN] = {0x41, 0x44, 0x44, 0x5f,
                                         0x43, 0x4f, 0x57, 0xff};

/* ---- Probing ------------------------------------------------------------ */

static void need_probe(struct env *env)
{
    if (!the_shim(env)->probe)
        skip_na(env, "capability");
}

static void expect_probe(struct env *env, const char *clause,
                         const uint8_t *head, size_t len, int want)
{
    int got = shim_probe(env, head, len);

    if (want == ADDCOW_OK)
        expect_ok(env, clause, got);
    else
        expect_refused(env, clause, got, want, 0);
}

/* Memory whose last byte lies right before a page that cannot be read. */
static uint8_t *end_of_memory(struct env *env)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED || mprotect(memory + page, page, PROT_NONE))
        error(env, "no page that cannot be read");
    return memory + page;
}

/* The shim is called without the wrapper, whose guard bytes may be read. */
static void probe_at_end(struct env *env, uint8_t *end, const uint8_t *head,
                         size_t len)
{
    int want = len < MAGIC_LEN ? ADDCOW_NOT_ADDCOW : ADDCOW_OK;
    int got;

    memcpy(end - len, head, len);
    doing(env, "probe %zu bytes before a page that cannot be read", len);
    got = the_shim(env)->probe(end - len, len);
    if (want == ADDCOW_OK)
        expect_ok(env, "HDR-12", got);
    else
        expect_refused(env, "HDR-12", got, want, 0);
}

static void probe_every_length(struct env *env, const struct conf_case *self)
{
    uint8_t header[HEADER_LEN];
    uint8_t *end;
    size_t len;

    (void)self;
    need_probe(env);
    header_build(header, IMAGE_NAME, BACKING_NAME);
    end = end_of_memory(env);
    for (len = 0; len <= 64; len++)
        probe_at_end(env, end, header, len);
    probe_at_end(env, end, header, 511);
    probe_at_end(env, end, header, 512);
    probe_at_end(env, end, header, 513);
    probe_at_end(env, end, header, HEADER_LEN - 1);
    probe_at_end(env, end, header, HEADER_LEN);
}

/* What follows the first 12 bytes has no say: here it breaks every rule. */
static void probe_first_bytes(struct env *env, const struct conf_case *self)
{
    uint8_t header[HEADER_LEN];

    need_probe(env);
    header_build(header, IMAGE_NAME, BACKING_NAME);
    memset(header + PROBE_LEN, (int)self->arg, HEADER_LEN - PROBE_LEN);
    expect_probe(env, "HDR-12", header, PROBE_LEN + 1, ADDCOW_OK);
    expect_probe(env, "HDR-12", header, SECTOR, ADDCOW_OK);
    expect_probe(env, "HDR-12", header, HEADER_LEN - 1, ADDCOW_OK);
    expect_probe(env, "HDR-12", header, HEADER_LEN, ADDCOW_OK);
}

/* ARG bytes of a good header. */
static void probe_takes(struct env *env, const struct conf_case *self)
{
    uint8_t header[HEADER_LEN];

    need_probe(env);
    header_build(header, IMAGE_NAME, BACKING_NAME);
    expect_probe(env, "HDR-13", header, self->arg, ADDCOW_OK);
}

/* ARG bytes: the magic, and bytes of which no version 1 begins. */
static void probe_cut_version(struct env *env, const struct conf_case *self)
{
    static const uint8_t wrong[] = {0x01, 0x02, 0x80, 0xff};
    uint8_t header[HEADER_LEN];

    need_probe(env);
    for (size_t i = VERSION_FIELD; i < self->arg; i++) {
        for (size_t k = 0; k < sizeof(wrong); k++) {
            header_build(header, IMAGE_NAME, BACKING_NAME);
            header[i] = wrong[k];
            expect_probe(env, "HDR-13", header, self->arg, ADDCOW_OK);
        }
    }
    memset(header + VERSION_FIELD, 0xff, HEADER_LEN - VERSION_FIELD);
    expect_probe(env, "HDR-13", header, self->arg, ADDCOW_OK);
}

static void probe_cut_magic(struct env *env, const struct conf_case *self)
{
    uint8_t header[HEADER_LEN];

    need_probe(env);
    header_build(header, IMAGE_NAME, BACKING_NAME);
    expect_probe(env, "HDR-13", header, self->arg, ADDCOW_NOT_ADDCOW);
}

static void probe_magic_bytes(struct env *env, const struct conf_case *self)
{
    static const unsigned flips[] = {0x01, 0x20, 0x80, 0xff};
    uint8_t header[HEADER_LEN];

    (void)self;
    need_probe(env);
    for (size_t i = 0; i < MAGIC_LEN; i++) {
        for (size_t k = 0; k < sizeof(flips) / sizeof(flips[0]); k++) {
            header_build(header, IMAGE_NAME, BACKING_NAME);
            header[i] = (uint8_t)(magic[i] ^ flips[k]);
            expect_probe(env, "HDR-13", header, MAGIC_LEN, ADDCOW_NOT_ADDCOW);
            expect_probe(env, "HDR-13", header, HEADER_LEN, ADDCOW_NOT_ADDCOW);
        }
    }
}

/* A file of another format, or of none, with a version field that fits. */
static void probe_other_file(struct env *env, const struct conf_case *self)
{
    uint8_t head[SECTOR] = {0};

    need_probe(env);
    memcpy(head, self->text, strlen(self->text));
    head[VERSION_FIELD + 3] = 1;
    expect_probe(env, "HDR-13", head, SECTOR, ADDCOW_NOT_ADDCOW);
    expect_probe(env, "HDR-13", head, PROBE_LEN, ADDCOW_NOT_ADDCOW);
}

static void probe_version(struct env *env, const struct conf_case *self)
{
    uint8_t header[HEADER_LEN];

    need_probe(env);
    header_build(header, IMAGE_NAME, BACKING_NAME);
    for (size_t i = 0; i < 4; i++)
        header[VERSION_FIELD + i] = (uint8_t)(self->arg >> (24 - 8 * i));
    expect_probe(env, "HDR-14", header, PROBE_LEN, ADDCOW_VERSION);
    expect_probe(env, "HDR-14", header, SECTOR, ADDCOW_VERSION);
    expect_probe(env, "HDR-14", header, HEADER_LEN, ADDCOW_VERSION);
}

const struct conf_case cases_hdr_probe[] = {
    {"hdr/probe-reads-nothing-past-the-length",
     "A probe of 0 to 64 bytes and more reads no byte behind them", "HDR-12",
     0, .run = probe_every_length},
    {"hdr/probe-ignores-what-follows-12-bytes",
     "A probe does not mind bytes of FF behind the version", "HDR-12", 0,
     .run = probe_first_bytes, .arg = 0xff},
    {"hdr/probe-ignores-zeros-after-12-bytes",
     "A probe does not mind that no file is named", "HDR-12", 0,
     .run = probe_first_bytes},
    {"hdr/probe-of-8-bytes", "The magic alone is taken for add-cow", "HDR-13",
     0, .run = probe_takes, .arg = 8},
    {"hdr/probe-of-11-bytes", "A version that lacks a byte is cut off",
     "HDR-13", 0, .run = probe_takes, .arg = 11},
    {"hdr/probe-of-1-byte-of-another-version",
     "One byte of a version that is not 1 is a version that is cut off",
     "HDR-13", 0, .run = probe_cut_version, .arg = 9},
    {"hdr/probe-of-2-bytes-of-another-version",
     "Two bytes of a version that is not 1 are a version that is cut off",
     "HDR-13", 0, .run = probe_cut_version, .arg = 10},
    {"hdr/probe-of-3-bytes-of-another-version",
     "Three bytes of a version that is not 1 are a version that is cut off",
     "HDR-13", 0, .run = probe_cut_version, .arg = 11},
    {"hdr/probe-of-12-bytes", "Magic and version 1 are taken for add-cow",
     "HDR-13", 0, .run = probe_takes, .arg = 12},
    {"hdr/probe-of-a-whole-header", "A header is taken for add-cow", "HDR-13",
     0, .run = probe_takes, .arg = HEADER_LEN},
    {"hdr/probe-of-nothing", "No bytes are no add-cow file", "HDR-13",
     CASE_REFUSES, .run = probe_cut_magic},
    {"hdr/probe-of-1-byte", "One byte of magic is no add-cow file", "HDR-13",
     CASE_REFUSES, .run = probe_cut_magic, .arg = 1},
    {"hdr/probe-of-7-bytes", "Seven bytes of magic are no add-cow file",
     "HDR-13", CASE_REFUSES, .run = probe_cut_magic, .arg = 7},
    {"hdr/probe-of-each-wrong-magic-byte",
     "A probe minds each of the eight bytes of the magic", "HDR-13",
     CASE_REFUSES, .run = probe_magic_bytes},
    {"hdr/probe-of-zeros", "Zeros are no add-cow file", "HDR-13", CASE_REFUSES,
     .run = probe_other_file, .text = ""},
    {"hdr/probe-of-lower-case", "The magic in lower case is no magic",
     "HDR-13", CASE_REFUSES, .run = probe_other_file, .text = "add_cow\xff"},
    {"hdr/probe-of-qcow2", "A qcow2 file is no add-cow file", "HDR-13",
     CASE_REFUSES, .run = probe_other_file, .text = "QFI\xfb"},
    {"hdr/probe-of-version-0", "A probe answers VERSION for version 0",
     "HDR-14", CASE_REFUSES, .run = probe_version},
    {"hdr/probe-of-version-2", "A probe answers VERSION for version 2",
     "HDR-14", CASE_REFUSES, .run = probe_version, .arg = 2},
    {"hdr/probe-of-version-257", "A probe answers VERSION for version 257",
     "HDR-14", CASE_REFUSES, .run = probe_version, .arg = 0x101},
    {"hdr/probe-of-version-little-endian",
     "A probe answers VERSION for 01 00 00 00", "HDR-14", CASE_REFUSES,
     .run = probe_version, .arg = 0x01000000},
    {"hdr/probe-of-version-of-all-ones",
     "A probe answers VERSION for version 2^32 - 1", "HDR-14", CASE_REFUSES,
     .run = probe_version, .arg = 0xffffffff},
    {0}};
