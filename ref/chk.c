/* SPDX-License-Identifier: MIT
 *
 * Chapter 14, check: judges as open does, but goes on, and reads the whole
 * bitmap.
 */
#include "judge.h"

struct check {
    struct findings findings;
    struct file entry; /* all three for reading only: CHK-5 */
    struct file raw;
    struct file backing;
    uint64_t bits_len; /* how much of the bitmap there is */
    struct addcow_check_result *out;
};

/* CHK-3: LAST, the last byte, has bits that belong to no cluster */
static void judge_excess(struct check *check, unsigned char last)
{
    unsigned n_used = check->out->clusters % 8;

    if (last >> n_used)
        err_report(&check->findings, ADDCOW_OK, "CHK-3",
                   HEADER_LEN + check->out->clusters / 8,
                   "a bit beyond the last cluster is 1");
}

/* CHK-4 */
static int count_all(struct check *check)
{
    unsigned char bits[4096]; /* a part at a time; its length is arbitrary */
    uint64_t clusters = check->out->clusters;

    for (uint64_t at = 0; at < check->bits_len; at += sizeof(bits)) {
        size_t len = least(sizeof(bits), check->bits_len - at);
        uint64_t n_bits = least(len * 8, clusters - at * 8);
        int result = file_read(&check->entry, bits, len, HEADER_LEN + at);

        if (result != ADDCOW_OK)
            return result;
        check->out->allocated += bits_count(bits, n_bits);
        if (n_bits < len * 8)
            judge_excess(check, bits[len - 1]);
    }
    return ADDCOW_OK;
}

/* CHK-1: what open refuses for its sizes; CHK-7 */
static int judge_sizes(struct check *check)
{
    uint64_t entry_len;
    uint64_t raw_len;
    uint64_t size;
    int result = file_size(&check->entry, &entry_len);

    if (result == ADDCOW_OK)
        result = file_size(&check->raw, &raw_len);
    if (result != ADDCOW_OK)
        return result;
    size = siz_virtual(raw_len);
    check->out->clusters = siz_clusters(size);
    check->bits_len = least(siz_bitmap_len(size), entry_len - HEADER_LEN);
    if (!siz_holds_bitmap(entry_len, size))
        err_report(&check->findings, ADDCOW_CORRUPT, "BMP-7", entry_len,
                   "the file ends inside the bitmap");
    if (raw_len != size)
        err_report(&check->findings, ADDCOW_OK, "CHK-7", ADDCOW_NO_OFFSET,
                   "the length of the image file is not a multiple of 512");
    return ADDCOW_OK;
}

/* CHK-2: nothing but what open refuses is an error; CHK-6, CHK-8 */
static int examine(struct check *check)
{
    struct addcow_names names;
    int result = hdr_read(&names, &check->findings, &check->entry);

    if (result == ADDCOW_CORRUPT)
        return ADDCOW_OK; /* HDR-15: its names are not followed */
    if (result == ADDCOW_OK)
        result = nam_open_named(&check->raw, &check->backing, &names,
                                &check->entry);
    if (result == ADDCOW_OK)
        result = nam_judge_identity(&check->findings, &check->entry,
                                    &check->raw, &check->backing);
    if (result == ADDCOW_OK)
        result = judge_sizes(check);
    if (result == ADDCOW_OK)
        result = count_all(check);
    return result;
}

int addcow_check(struct addcow_check_result *out, struct addcow_error *error,
                 const struct addcow_host *host, const char *name,
                 addcow_report *report, void *ctx)
{
    struct check check = {
        .out = out,
        .findings = {
            .report = report, .ctx = ctx, .error = error, .file = name}};
    int result = nam_open_entry(&check.entry, error, host, name);

    *out = (struct addcow_check_result){.size = out->size};
    if (result == ADDCOW_OK)
        result = examine(&check);
    out->errors = check.findings.errors;
    out->warnings = check.findings.warnings;
    file_close(&check.backing);
    file_close(&check.raw);
    file_close(&check.entry);
    return result;
}
