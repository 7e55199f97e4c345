/* SPDX-License-Identifier: MIT
 *
 * The POSIX host: short transfers, interrupted calls, failures of a flush,
 * and names that lead to no file.  Works in a directory of its own.
 */
#include "addcow.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* What the wrapped calls do: each transfer moves CHUNK bytes at most, and
 * each call is interrupted INTERRUPTIONS times first.  0: as it is. */
static size_t chunk;
static unsigned interruptions;
static int flush_error;
static bool no_progress;
static bool is_block; /* fstat() tells of a block device ... */
static bool no_end;   /* ... whose end lseek() does not find */
static unsigned n_transfers;
static unsigned n_fsync;
static unsigned n_fdatasync;

ssize_t __real_pread(int fd, void *out, size_t len, off_t offset);
ssize_t __real_pwrite(int fd, const void *data, size_t len, off_t offset);
ssize_t __wrap_pread(int fd, void *out, size_t len, off_t offset);
ssize_t __wrap_pread64(int fd, void *out, size_t len, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t len, off_t offset);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);

int __real_fstat(int fd, struct stat *out);
int __wrap_fstat(int fd, struct stat *out);
int __wrap_fstat64(int fd, struct stat *out);
off_t __real_lseek(int fd, off_t offset, int whence);
off_t __wrap_lseek(int fd, off_t offset, int whence);
off_t __wrap_lseek64(int fd, off_t offset, int whence);

static bool interrupt(void)
{
    if (interruptions == 0)
        return false;
    interruptions--;
    errno = EINTR;
    return true;
}

static size_t clip(size_t len)
{
    n_transfers++;
    return chunk && len > chunk ? chunk : len;
}

ssize_t __wrap_pread(int fd, void *out, size_t len, off_t offset)
{
    return interrupt() ? -1 : __real_pread(fd, out, clip(len), offset);
}

ssize_t __wrap_pread64(int fd, void *out, size_t len, off_t offset)
{
    return __wrap_pread(fd, out, len, offset);
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset)
{
    if (no_progress)
        return 0;
    return interrupt() ? -1 : __real_pwrite(fd, data, clip(len), offset);
}

ssize_t __wrap_pwrite64(int fd, const void *data, size_t len, off_t offset)
{
    return __wrap_pwrite(fd, data, len, offset);
}

static int flush_result(int real)
{
    if (interrupt())
        return -1;
    if (flush_error == 0)
        return real;
    errno = flush_error;
    return -1;
}

int __wrap_fsync(int fd)
{
    n_fsync++;
    return flush_result(__real_fsync(fd));
}

int __wrap_fdatasync(int fd)
{
    n_fdatasync++;
    return flush_result(__real_fdatasync(fd));
}

int __wrap_fstat(int fd, struct stat *out)
{
    int result = __real_fstat(fd, out);

    if (is_block) {
        out->st_mode = S_IFBLK | 0600;
        out->st_size = 0;
    }
    return result;
}

int __wrap_fstat64(int fd, struct stat *out)
{
    return __wrap_fstat(fd, out);
}

off_t __wrap_lseek(int fd, off_t offset, int whence)
{
    if (!no_end)
        return __real_lseek(fd, offset, whence);
    errno = EIO;
    return -1;
}

off_t __wrap_lseek64(int fd, off_t offset, int whence)
{
    return __wrap_lseek(fd, offset, whence);
}

static const struct addcow_host *host;
static char dir[] = "/tmp/addcow-posix-XXXXXX";

static void setup(void)
{
    static const char pattern[] = "/tmp/addcow-posix-XXXXXX";

    chunk = 0;
    interruptions = n_transfers = n_fsync = n_fdatasync = 0;
    flush_error = 0;
    no_progress = is_block = no_end = false;
    host = addcow_posix_host();
    memcpy(dir, pattern, sizeof(pattern));
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(chdir(dir), 0);
}

static void teardown(void)
{
    static const char *const names[] = {"f", "g", "raw", "base", "x.cow"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(names[i]);
    ck_assert_int_eq(rmdir(dir), 0);
}

static struct addcow_file *open_ok(const char *name, uint32_t flags)
{
    struct addcow_file *file = NULL;

    ck_assert_int_eq(host->open(host->ctx, &file, name, flags), ADDCOW_OK);
    return file;
}

static struct addcow_file *make(const char *name)
{
    return open_ok(name, ADDCOW_FILE_WRITE | ADDCOW_FILE_CREATE);
}

START_TEST(short_and_interrupted_transfers_are_completed)
{
    struct addcow_file *file = make("f");
    unsigned char data[1000];
    unsigned char found[1000];

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(i * 7);
    chunk = 13;
    interruptions = 3;
    ck_assert_int_eq(host->write(NULL, file, data, sizeof(data), 5000), 0);
    ck_assert_uint_eq(n_transfers, 77);
    interruptions = 3;
    ck_assert_int_eq(host->read(NULL, file, found, sizeof(found), 5000), 0);
    ck_assert_mem_eq(found, data, sizeof(data));
    ck_assert_uint_eq(interruptions, 0);
    ck_assert_int_eq(host->close(NULL, file), ADDCOW_OK);
}
END_TEST

START_TEST(read_past_the_end_is_a_range)
{
    struct addcow_file *file = make("f");
    unsigned char out[4];

    ck_assert_int_eq(host->set_size(NULL, file, 10), ADDCOW_OK);
    ck_assert_int_eq(host->read(NULL, file, out, 4, 6), ADDCOW_OK);
    ck_assert_int_eq(host->read(NULL, file, out, 4, 7), ADDCOW_RANGE);
    ck_assert_int_eq(host->read(NULL, file, out, 0, 10), ADDCOW_OK);
    ck_assert_int_eq(host->read(NULL, file, out, 1, UINT64_MAX), ADDCOW_RANGE);
    ck_assert_int_eq(host->read(NULL, file, out, 4, INT64_MAX - 2),
                     ADDCOW_RANGE);
    ck_assert_int_eq(host->write(NULL, file, out, 4, INT64_MAX - 2),
                     ADDCOW_RANGE);
    ck_assert_int_eq(host->set_size(NULL, file, UINT64_C(1) << 63),
                     ADDCOW_RANGE);
    ck_assert_int_eq(host->close(NULL, file), ADDCOW_OK);
}
END_TEST

START_TEST(write_without_progress_ends)
{
    struct addcow_file *file = make("f");

    no_progress = true;
    ck_assert_int_eq(host->write(NULL, file, "x", 1, 0), ADDCOW_IO);
    ck_assert_int_eq(host->close(NULL, file), ADDCOW_OK);
}
END_TEST

START_TEST(flush_covers_length_and_name_first)
{
    struct addcow_file *file = make("f");

    interruptions = 2;
    ck_assert_int_eq(host->flush(NULL, file), ADDCOW_OK);
    ck_assert_uint_eq(n_fsync, 4); /* two interrupted; file, directory */
    ck_assert_int_eq(host->write(NULL, file, "x", 1, 0), ADDCOW_OK);
    ck_assert_int_eq(host->flush(NULL, file), ADDCOW_OK);
    ck_assert_uint_eq(n_fsync, 4);
    ck_assert_uint_eq(n_fdatasync, 1);
    ck_assert_int_eq(host->set_size(NULL, file, 9), ADDCOW_OK);
    ck_assert_int_eq(host->flush(NULL, file), ADDCOW_OK);
    ck_assert_uint_eq(n_fsync, 5);
    ck_assert_int_eq(host->close(NULL, file), ADDCOW_OK);
}
END_TEST

START_TEST(failed_flush_is_told)
{
    struct addcow_file *file = make("f");

    flush_error = EIO;
    ck_assert_int_eq(host->flush(NULL, file), ADDCOW_IO);
    flush_error = ENOSPC;
    ck_assert_int_eq(host->flush(NULL, file), ADDCOW_NO_SPACE);
    ck_assert_int_eq(host->close(NULL, file), ADDCOW_OK);
}
END_TEST

static void make_socket(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)),
                     0);
    close(fd);
}

START_TEST(what_is_no_file_is_refused_without_waiting)
{
    static const uint32_t flags[] = {0, ADDCOW_FILE_WRITE};
    struct addcow_file *file;

    ck_assert_int_eq(mkfifo("f", 0600), 0);
    make_socket("g");
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(host->open(NULL, &file, "f", flags[i]), ADDCOW_IO);
        ck_assert_int_eq(host->open(NULL, &file, "g", flags[i]), ADDCOW_IO);
        ck_assert_int_eq(host->open(NULL, &file, ".", flags[i]), ADDCOW_IO);
        ck_assert_int_eq(host->open(NULL, &file, "/dev/null", flags[i]),
                         ADDCOW_IO);
        ck_assert_int_eq(host->open(NULL, &file, "/dev/zero", flags[i]),
                         ADDCOW_IO);
    }
}
END_TEST

START_TEST(names_have_their_classes)
{
    struct addcow_file *file = make("f");
    struct addcow_file *other;
    char name[300];

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    ck_assert_int_eq(host->open(NULL, &other, "none", 0), ADDCOW_NOT_FOUND);
    ck_assert_int_eq(host->open(NULL, &other, "f/g", 0), ADDCOW_NOT_FOUND);
    ck_assert_int_eq(host->open(NULL, &other, name, 0), ADDCOW_IO);
    ck_assert_int_eq(
        host->open(NULL, &other, "f", ADDCOW_FILE_WRITE | ADDCOW_FILE_CREATE),
        ADDCOW_EXISTS);
    ck_assert_int_eq(host->remove(NULL, "none"), ADDCOW_NOT_FOUND);
    ck_assert_int_eq(host->close(NULL, file), ADDCOW_OK);
    ck_assert_int_eq(host->remove(NULL, "f"), ADDCOW_OK);
}
END_TEST

START_TEST(block_device_tells_its_length_by_its_end)
{
    struct addcow_file *file = make("f");
    uint64_t len;

    ck_assert_int_eq(host->set_size(NULL, file, 5000), ADDCOW_OK);
    is_block = true;
    ck_assert_int_eq(host->get_size(NULL, file, &len), ADDCOW_OK);
    ck_assert_uint_eq(len, 5000);
    no_end = true;
    ck_assert_int_eq(host->get_size(NULL, file, &len), ADDCOW_IO);
    ck_assert_int_eq(host->close(NULL, file), ADDCOW_OK);
}
END_TEST

START_TEST(second_writer_is_locked_out)
{
    struct addcow_file *file = make("f");
    struct addcow_file *other;

    ck_assert_int_eq(host->open(NULL, &other, "f", ADDCOW_FILE_WRITE),
                     ADDCOW_OTHER);
    other = open_ok("f", 0);
    ck_assert_int_eq(host->close(NULL, other), ADDCOW_OK);
    ck_assert_int_eq(host->close(NULL, file), ADDCOW_OK);
    file = open_ok("f", ADDCOW_FILE_WRITE);
    ck_assert_int_eq(host->close(NULL, file), ADDCOW_OK);
}
END_TEST

START_TEST(links_are_the_same_file)
{
    struct addcow_identity a;
    struct addcow_identity b;
    struct addcow_file *file = make("f");
    struct addcow_file *other;

    ck_assert_int_eq(link("f", "g"), 0);
    other = open_ok("./g", 0);
    ck_assert_int_eq(host->identify(NULL, file, &a), ADDCOW_OK);
    ck_assert_int_eq(host->identify(NULL, other, &b), ADDCOW_OK);
    ck_assert(a.device == b.device && a.inode == b.inode);
    ck_assert_int_eq(host->close(NULL, file), ADDCOW_OK);
    ck_assert_int_eq(host->close(NULL, other), ADDCOW_OK);
}
END_TEST

/* All of the library over real files, with transfers of 100 bytes. */
START_TEST(image_survives_short_transfers)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .name = "x.cow",
                                      .image_name = "raw",
                                      .backing_name = "base"};
    struct addcow_file *raw = make("raw");
    struct addcow_file *base = make("base");
    struct addcow_image *image;
    char found[8] = "";

    chunk = 100;
    ck_assert_int_eq(host->set_size(NULL, raw, 300000 / 512 * 512), 0);
    ck_assert_int_eq(host->write(NULL, base, "backing", 7, 70000), 0);
    ck_assert_int_eq(host->close(NULL, raw), ADDCOW_OK);
    ck_assert_int_eq(host->close(NULL, base), ADDCOW_OK);
    ck_assert_int_eq(addcow_create(NULL, host, &args), ADDCOW_OK);
    ck_assert_int_eq(
        addcow_open(&image, NULL, host, "x.cow", ADDCOW_OPEN_WRITE), 0);
    ck_assert_int_eq(addcow_write(image, "BACK", 4, 70000), ADDCOW_OK);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
    ck_assert_int_eq(addcow_open(&image, NULL, host, "x.cow", 0), ADDCOW_OK);
    ck_assert_int_eq(addcow_read(image, found, 7, 70000), ADDCOW_OK);
    ck_assert_str_eq(found, "BACKing");
    ck_assert_int_eq(addcow_write(image, "x", 1, 0), ADDCOW_READ_ONLY);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ref/tests/posix");
    TCase *cases = tcase_create("posix");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, short_and_interrupted_transfers_are_completed);
    tcase_add_test(cases, read_past_the_end_is_a_range);
    tcase_add_test(cases, write_without_progress_ends);
    tcase_add_test(cases, flush_covers_length_and_name_first);
    tcase_add_test(cases, failed_flush_is_told);
    tcase_add_test(cases, what_is_no_file_is_refused_without_waiting);
    tcase_add_test(cases, names_have_their_classes);
    tcase_add_test(cases, block_device_tells_its_length_by_its_end);
    tcase_add_test(cases, second_writer_is_locked_out);
    tcase_add_test(cases, links_are_the_same_file);
    tcase_add_test(cases, image_survives_short_transfers);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
