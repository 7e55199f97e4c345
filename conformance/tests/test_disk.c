/* SPDX-License-Identifier: MIT
 *
 * test_disk.c - the simulated storage against the words of addcow_shim.h.
 */
#include "disk/disk.h"
#include "disk/replay.h"
#include "run_tests.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct disk *d;
static const struct addcow_host *h;
static struct addcow_file *f;

static int open_as(struct addcow_file **out, const char *name, uint32_t flags)
{
    return h->open(h->ctx, out, name, flags);
}

static void setup(void)
{
    d = disk_new();
    h = disk_host(d);
    disk_enter(d, "test");
    ck_assert_int_eq(open_as(&f, "f", ADDCOW_FILE_WRITE | ADDCOW_FILE_CREATE),
                     0);
}

static void teardown(void)
{
    disk_free(d);
}

static int write_at(const char *s, uint64_t offset)
{
    return h->write(h->ctx, f, s, strlen(s), offset);
}

static uint64_t size_of(void)
{
    uint64_t size;

    ck_assert_int_eq(h->get_size(h->ctx, f, &size), 0);
    return size;
}

START_TEST(ranges)
{
    uint64_t max = UINT64_C(0x7fffffffffffffff);
    char c[4];

    ck_assert_int_eq(write_at("abc", 5), 0);
    ck_assert_uint_eq(size_of(), 8);
    ck_assert_int_eq(h->read(h->ctx, f, c, 4, 4), 0);
    ck_assert(memcmp(c, "\0abc", 4) == 0);
    ck_assert_int_eq(h->read(h->ctx, f, c, 4, 5), ADDCOW_RANGE);
    ck_assert_int_eq(h->read(h->ctx, f, c, 0, 8), 0);
    ck_assert_int_eq(h->read(h->ctx, f, c, 0, 9), ADDCOW_RANGE);
    ck_assert_int_eq(h->read(h->ctx, f, c, 2, UINT64_MAX), ADDCOW_RANGE);
    ck_assert_int_eq(write_at("", 100), 0);
    ck_assert_uint_eq(size_of(), 8);
    ck_assert_int_eq(write_at("x", max), ADDCOW_RANGE);
    ck_assert_int_eq(write_at("x", max - 1), 0);
    ck_assert_uint_eq(size_of(), max);
    ck_assert_int_eq(h->set_size(h->ctx, f, max + 1), ADDCOW_RANGE);
    ck_assert_int_eq(h->set_size(h->ctx, f, 6), 0);
    ck_assert_int_eq(h->set_size(h->ctx, f, 8), 0);
    ck_assert_int_eq(h->read(h->ctx, f, c, 4, 4), 0);
    ck_assert(memcmp(c, "\0a\0\0", 4) == 0);
    ck_assert_ptr_null(disk_bug(d));
}
END_TEST

START_TEST(opening)
{
    struct addcow_file *g;
    uint32_t create = ADDCOW_FILE_WRITE | ADDCOW_FILE_CREATE;

    ck_assert_int_eq(open_as(&g, "f", create), ADDCOW_EXISTS);
    ck_assert_int_eq(open_as(&g, "none", 0), ADDCOW_NOT_FOUND);
    ck_assert_int_eq(open_as(&g, "", 0), ADDCOW_NOT_FOUND);
    ck_assert_int_eq(open_as(&g, "none/f", create), ADDCOW_NOT_FOUND);
    ck_assert_int_eq(open_as(&g, "f/", 0), ADDCOW_NOT_FOUND);
    ck_assert_int_eq(open_as(&g, "f/x", 0), ADDCOW_NOT_FOUND);
    ck_assert_int_eq(open_as(&g, ".", 0), ADDCOW_IO);
    disk_deny(d, "f", DISK_DENY_WRITE);
    ck_assert_int_eq(open_as(&g, "f", ADDCOW_FILE_WRITE), ADDCOW_READ_ONLY);
    ck_assert_int_eq(open_as(&g, "f", 0), 0);
    disk_deny(d, "f", DISK_DENY_ALL);
    ck_assert_int_eq(open_as(&g, "f", 0), ADDCOW_IO);
}
END_TEST

static uint64_t inode_of(const char *name)
{
    struct addcow_identity id;
    struct addcow_file *g;

    if (open_as(&g, name, 0))
        return 0;
    ck_assert_int_eq(h->identify(h->ctx, g, &id), 0);
    h->close(h->ctx, g);
    return id.inode;
}

START_TEST(names)
{
    uint64_t i = inode_of("f");

    ck_assert_int_eq(disk_put_dir(d, "a"), 0);
    ck_assert_int_eq(disk_put_dir(d, "a/b"), 0);
    ck_assert_int_eq(disk_put_symlink(d, "a/s", "../f"), 0);
    ck_assert_int_eq(disk_put_symlink(d, "t", "a/b"), 0);
    ck_assert_int_eq(disk_put_symlink(d, "abs", "/case/f"), 0);
    ck_assert_int_eq(disk_put_symlink(d, "loop", "loop"), 0);
    ck_assert_int_eq(disk_put_link(d, "a/b/hard", "f"), 0);
    ck_assert_uint_eq(inode_of("./f"), i);
    ck_assert_uint_eq(inode_of("/case/f"), i);
    ck_assert_uint_eq(inode_of("//case/.//f"), i);
    ck_assert_uint_eq(inode_of("/../case/f"), i);
    ck_assert_uint_eq(inode_of("a/s"), i);
    ck_assert_uint_eq(inode_of("abs"), i);
    ck_assert_uint_eq(inode_of("t/hard"), i);
    ck_assert_uint_eq(inode_of("t/../../f"), i); /* the target's parent */
    ck_assert_uint_eq(inode_of("loop"), 0);
    ck_assert_int_eq(disk_chdir(d, "t"), 0);
    ck_assert_uint_eq(inode_of("hard"), i);
    ck_assert_uint_eq(inode_of("f"), 0);
    ck_assert_int_eq(h->remove(h->ctx, "hard"), 0);
    ck_assert_int_eq(h->remove(h->ctx, "hard"), ADDCOW_NOT_FOUND);
    ck_assert_uint_eq(inode_of("../../f"), i);
}
END_TEST

START_TEST(bugs_of_a_shim)
{
    struct addcow_file *g;

    ck_assert_int_eq(open_as(&g, "f", ADDCOW_FILE_CREATE), ADDCOW_INVALID);
    ck_assert_ptr_nonnull(strstr(disk_bug(d), "flags"));
}
END_TEST

START_TEST(write_on_read_only_handle)
{
    struct addcow_file *g;

    ck_assert_int_eq(open_as(&g, "f", 0), 0);
    ck_assert_int_eq(h->write(h->ctx, g, "x", 1, 0), ADDCOW_INVALID);
    ck_assert_ptr_nonnull(strstr(disk_bug(d), "read-only"));
    ck_assert_uint_eq(size_of(), 0);
}
END_TEST

START_TEST(closed_handle)
{
    ck_assert_uint_eq(disk_n_handles(d), 1);
    ck_assert_str_eq(disk_leak(d), "f");
    ck_assert_int_eq(h->close(h->ctx, f), 0);
    ck_assert_ptr_null(disk_leak(d));
    ck_assert_int_eq(h->close(h->ctx, f), ADDCOW_INVALID);
    ck_assert_ptr_nonnull(strstr(disk_bug(d), "not open"));
}
END_TEST

START_TEST(recording)
{
    const struct event *e;
    size_t n = record_len(disk_record(d));
    char text[200];

    write_at("abc", 5);
    h->flush(h->ctx, f);
    ck_assert_uint_eq(record_len(disk_record(d)), n + 2);
    e = record_at(disk_record(d), n);
    ck_assert_int_eq(e->kind, EV_WRITE);
    ck_assert(memcmp(e->data, "abc", 3) == 0);
    ck_assert(e->len == 3 && e->offset == 5 && e->n_applied == 3);
    ck_assert_uint_eq(e->inode, disk_inode(d, "f"));
    ck_assert_uint_eq(e->ended, e->began + 1);
    ck_assert_uint_eq(record_at(disk_record(d), n + 1)->began, e->ended + 1);
    event_text(text, sizeof(text), e);
    ck_assert_ptr_nonnull(strstr(text, "write file"));
    ck_assert_ptr_nonnull(strstr(text, "len 3 offset 5: result 0"));
}
END_TEST

/* ---- Faults */

START_TEST(short_write)
{
    char data[2000];
    char got[2000];

    memset(data, 'n', sizeof(data));
    ck_assert_int_eq(h->set_size(h->ctx, f, 2000), 0);
    disk_put_fault(d, &(struct disk_fault){.kind = EV_WRITE,
                                           .name = "f",
                                           .nth = 2,
                                           .result = ADDCOW_NO_SPACE,
                                           .n_sectors = 2});
    ck_assert_int_eq(write_at("x", 0), 0);
    ck_assert_int_eq(h->write(h->ctx, f, data, 1500, 100), ADDCOW_NO_SPACE);
    ck_assert_int_eq(h->read(h->ctx, f, got, 2000, 0), 0);
    ck_assert(got[1023] == 'n' && got[1024] == 0);
    ck_assert_int_eq(h->write(h->ctx, f, data, 1500, 100), 0);
    ck_assert_uint_eq(disk_n_faults_hit(d), 1);
}
END_TEST

START_TEST(bad_sector)
{
    char c[600];

    ck_assert_int_eq(h->set_size(h->ctx, f, 4096), 0);
    disk_put_fault(d, &(struct disk_fault){.kind = EV_READ,
                                           .result = ADDCOW_IO,
                                           .for_good = 1,
                                           .len = 512,
                                           .offset = 1024});
    ck_assert_int_eq(h->read(h->ctx, f, c, 600, 424), 0);
    ck_assert_int_eq(h->read(h->ctx, f, c, 600, 425), ADDCOW_IO);
    ck_assert_int_eq(h->read(h->ctx, f, c, 1, 1535), ADDCOW_IO);
    ck_assert_int_eq(h->read(h->ctx, f, c, 1, 1536), 0);
    disk_clear_faults(d);
    ck_assert_int_eq(h->read(h->ctx, f, c, 1, 1535), 0);
}
END_TEST

static char first_after_failed_flush(int drop)
{
    char c;

    ck_assert_int_eq(write_at("a", 0), 0);
    ck_assert_int_eq(h->flush(h->ctx, f), 0);
    ck_assert_int_eq(write_at("b", 0), 0);
    disk_put_fault(d, &(struct disk_fault){.kind = EV_FLUSH,
                                           .result = ADDCOW_IO,
                                           .drop = drop});
    ck_assert_int_eq(h->flush(h->ctx, f), ADDCOW_IO);
    ck_assert_int_eq(h->read(h->ctx, f, &c, 1, 0), 0);
    return c;
}

START_TEST(failed_flush_keeps)
{
    ck_assert_int_eq(first_after_failed_flush(0), 'b');
}
END_TEST

START_TEST(failed_flush_drops)
{
    ck_assert_int_eq(first_after_failed_flush(1), 'a');
}
END_TEST

START_TEST(full)
{
    char data[1024] = {0};

    disk_set_free(d, 1024);
    ck_assert_int_eq(h->write(h->ctx, f, data, 512, 0), 0);
    ck_assert_int_eq(h->write(h->ctx, f, data, 512, 0), 0);
    ck_assert_int_eq(h->write(h->ctx, f, data, 1024, 512), ADDCOW_NO_SPACE);
    ck_assert_uint_eq(size_of(), 1024);
    disk_set_free(d, UINT64_MAX);
    ck_assert_int_eq(h->write(h->ctx, f, data, 1024, 512), 0);
}
END_TEST

START_TEST(clones)
{
    struct disk *copy;
    char c = 0;

    disk_put_dir(d, "dir");
    disk_put_link(d, "dir/g", "f");
    write_at("a", 0);
    copy = disk_clone(d);
    write_at("b", 0);
    store_read(disk_content(copy, "dir/g"), &c, 1, 0);
    ck_assert_int_eq(c, 'a');
    ck_assert_uint_eq(disk_inode(copy, "f"), disk_inode(d, "f"));
    store_write(disk_content(copy, "f"), "c", 1, 0);
    store_read(disk_content(copy, "dir/g"), &c, 1, 0);
    ck_assert_int_eq(c, 'c');
    ck_assert_int_eq(h->read(h->ctx, f, &c, 1, 0), 0);
    ck_assert_int_eq(c, 'b');
    disk_free(copy);
}
END_TEST

static int opens(struct disk *disk, struct addcow_file **out, uint32_t flags)
{
    const struct addcow_host *host = disk_host(disk);

    disk_enter(disk, "test");
    return host->open(host->ctx, out, "f", flags);
}

START_TEST(rewound)
{
    const struct disk_fault fault = {.kind = EV_READ, .result = ADDCOW_IO};
    struct disk *copy;
    struct disk *other;
    char c = 0;

    write_at("a", 0);
    disk_settle(d, "f");
    copy = disk_clone(d);
    ck_assert_int_eq(opens(copy, &f, ADDCOW_FILE_WRITE), 0);
    disk_put_fault(copy, &fault);
    disk_set_free(copy, 512);
    h = disk_host(copy);
    write_at("longer", 0);
    ck_assert_int_eq(h->flush(h->ctx, f), 0);
    ck_assert_int_eq(h->read(h->ctx, f, &c, 1, 0), ADDCOW_IO);
    ck_assert_int_eq(h->read(h->ctx, NULL, &c, 1, 0), ADDCOW_INVALID);
    ck_assert_ptr_nonnull(disk_bug(copy));
    ck_assert(disk_rewind(copy, d));
    ck_assert_ptr_null(disk_bug(copy));
    ck_assert_ptr_null(disk_leak(copy));
    ck_assert_uint_eq(disk_n_faults_hit(copy), 0);
    ck_assert_uint_eq(store_size(disk_content(copy, "f")), 1);
    ck_assert_uint_eq(store_size(disk_durable(copy, "f")), 1);
    ck_assert_int_eq(h->read(h->ctx, f, &c, 1, 0), ADDCOW_INVALID);
    ck_assert(disk_rewind(copy, d));
    ck_assert_int_eq(opens(copy, &f, ADDCOW_FILE_WRITE), 0);
    ck_assert_int_eq(h->read(h->ctx, f, &c, 1, 0), 0);
    ck_assert_int_eq(c, 'a');
    ck_assert_int_eq(write_at("b", 600), 0); /* there is space again */
    store_read(disk_content(d, "f"), &c, 1, 0);
    ck_assert_int_eq(c, 'a');
    other = disk_clone(d);
    disk_put_file(other, "new");
    ck_assert(!disk_rewind(other, d));
    disk_remove(copy, "f");
    ck_assert(!disk_rewind(copy, d));
    disk_free(other);
    disk_free(copy);
}
END_TEST

START_TEST(fixed_size)
{
    ck_assert_int_eq(h->set_size(h->ctx, f, 1024), 0);
    disk_fix_size(d, "f");
    ck_assert_int_eq(h->set_size(h->ctx, f, 2048), ADDCOW_IO);
    ck_assert_int_eq(write_at("x", 1024), ADDCOW_IO);
    ck_assert_int_eq(write_at("x", 1023), 0);
    ck_assert_uint_eq(size_of(), 1024);
}
END_TEST

/* ---- Replayed ----------------------------------------------------------- */

static uint64_t rng;

static unsigned below(unsigned n)
{
    rng = rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(rng >> 33) % n;
}

/* A call, which fails now and then. */
static void any_call(void)
{
    static const enum event_kind kinds[] = {EV_WRITE, EV_WRITE, EV_SET_SIZE,
                                            EV_FLUSH};
    enum event_kind kind = kinds[below(4)];
    char data[1500];

    memset(data, (int)below(256), sizeof(data));
    if (below(3) == 0)
        disk_put_fault(d, &(struct disk_fault){.kind = kind,
                                               .result = ADDCOW_IO,
                                               .n_sectors = below(3),
                                               .drop = (int)below(2)});
    if (kind == EV_WRITE)
        h->write(h->ctx, f, data, 1 + below(1500), below(3000));
    else if (kind == EV_SET_SIZE)
        h->set_size(h->ctx, f, below(4500));
    else
        h->flush(h->ctx, f);
    disk_clear_faults(d);
}

static void expect_same(const struct store *a, const struct store *b)
{
    uint64_t offset;

    ck_assert(!store_differ(a, b, &offset));
}

START_TEST(replayed)
{
    struct record *record = disk_record(d);
    struct store *empty = store_new();

    for (rng = 1; rng <= 100; rng++) {
        struct replay *r;
        size_t first;
        uint64_t seed = rng;

        disk_put_file(d, "f");
        disk_settle(d, "f");
        first = record_len(record);
        r = replay_new(empty);
        for (int i = 0; i < 20; i++) {
            any_call();
            replay_event(r, record_at(record, first++));
            expect_same(replay_visible(r), disk_content(d, "f"));
            expect_same(replay_fallback(r), disk_durable(d, "f"));
        }
        replay_free(r);
        rng = seed;
    }
    store_free(empty);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("disk");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, ranges);
    tcase_add_test(tests, opening);
    tcase_add_test(tests, names);
    tcase_add_test(tests, bugs_of_a_shim);
    tcase_add_test(tests, write_on_read_only_handle);
    tcase_add_test(tests, closed_handle);
    tcase_add_test(tests, recording);
    tcase_add_test(tests, short_write);
    tcase_add_test(tests, bad_sector);
    tcase_add_test(tests, failed_flush_keeps);
    tcase_add_test(tests, failed_flush_drops);
    tcase_add_test(tests, full);
    tcase_add_test(tests, clones);
    tcase_add_test(tests, rewound);
    tcase_add_test(tests, fixed_size);
    tcase_add_test(tests, replayed);
    return run_tests("disk", tests);
}
