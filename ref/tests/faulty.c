/* SPDX-License-Identifier: MIT
 *
 * The addcow command with one call of the system that fails:
 *
 *   ADDCOW_FAULT='CALL N ERROR' faulty COMMAND...
 *
 * The Nth CALL since main() fails with ERROR, such as EIO; with "none" a
 * transfer moves nothing.  A file "hit" is made if it came to that.
 *
 * Linked with --wrap for each of the calls below, and with their names on
 * systems with a 64-bit off_t, such as open64, as aliases.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char call_to_fail[16];
static unsigned countdown; /* 0: no call fails any more */
static int error_number;
static bool hit;

static const struct {
    const char *name;
    int number;
} errors[] = {
    {"none", 0},        {"EACCES", EACCES}, {"EINTR", EINTR},
    {"EINVAL", EINVAL}, {"EIO", EIO},       {"EMFILE", EMFILE},
    {"ENOENT", ENOENT}, {"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC},
    {"EPERM", EPERM},   {"EROFS", EROFS},   {"ETXTBSY", ETXTBSY},
};

/* Not before main(), for what a compiler adds has calls of its own. */
static bool arm(void)
{
    const char *text = getenv("ADDCOW_FAULT");
    char error[16];

    if (!text)
        return true;
    if (sscanf(text, "%15s %u %15s", call_to_fail, &countdown, error) != 3)
        return false;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (strcmp(errors[i].name, error) == 0) {
            error_number = errors[i].number;
            return countdown > 0;
        }
    return false;
}

static bool refused(const char *call)
{
    if (countdown == 0 || strcmp(call, call_to_fail) != 0 || --countdown > 0)
        return false;
    errno = error_number;
    hit = true;
    return true;
}

static ssize_t nothing(void)
{
    return error_number ? -1 : 0;
}

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);
int __wrap_main(int argc, char **argv)
{
    int status;
    int fd;

    if (!arm())
        return 99;
    status = __real_main(argc, argv);
    countdown = 0;
    fd = hit ? open("hit", O_WRONLY | O_CREAT, 0666) : -1;
    return !hit || fd >= 0 ? status : 99;
}

void *__real_malloc(size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_malloc(size_t len)
{
    return refused("malloc") ? NULL : __real_malloc(len);
}

void *__real_realloc(void *old, size_t len);
void *__wrap_realloc(void *old, size_t len);
void *__wrap_realloc(void *old, size_t len)
{
    return refused("realloc") ? NULL : __real_realloc(old, len);
}

int __real_open(const char *name, int flags, ...);
int __wrap_open(const char *name, int flags, ...);
int __wrap_open(const char *name, int flags, ...)
{
    unsigned mode = 0;
    va_list list;

    va_start(list, flags);
    if (flags & O_CREAT)
        mode = va_arg(list, unsigned);
    va_end(list);
    return refused("open") ? -1 : __real_open(name, flags, mode);
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    int result = __real_close(fd);

    return refused("close") ? -1 : result;
}

int __real_stat(const char *name, struct stat *out);
int __wrap_stat(const char *name, struct stat *out);
int __wrap_stat(const char *name, struct stat *out)
{
    return refused("stat") ? -1 : __real_stat(name, out);
}

int __real_fstat(int fd, struct stat *out);
int __wrap_fstat(int fd, struct stat *out);
int __wrap_fstat(int fd, struct stat *out)
{
    return refused("fstat") ? -1 : __real_fstat(fd, out);
}

off_t __real_lseek(int fd, off_t offset, int whence);
off_t __wrap_lseek(int fd, off_t offset, int whence);
off_t __wrap_lseek(int fd, off_t offset, int whence)
{
    return refused("lseek") ? -1 : __real_lseek(fd, offset, whence);
}

int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size)
{
    return refused("ftruncate") ? -1 : __real_ftruncate(fd, size);
}

ssize_t __real_read(int fd, void *out, size_t len);
ssize_t __wrap_read(int fd, void *out, size_t len);
ssize_t __wrap_read(int fd, void *out, size_t len)
{
    return refused("read") ? nothing() : __real_read(fd, out, len);
}

ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len)
{
    return refused("write") ? nothing() : __real_write(fd, data, len);
}

ssize_t __real_pread(int fd, void *out, size_t len, off_t offset);
ssize_t __wrap_pread(int fd, void *out, size_t len, off_t offset);
ssize_t __wrap_pread(int fd, void *out, size_t len, off_t offset)
{
    return refused("pread") ? nothing() : __real_pread(fd, out, len, offset);
}

ssize_t __real_pwrite(int fd, const void *data, size_t len, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset)
{
    return refused("pwrite") ? nothing()
                             : __real_pwrite(fd, data, len, offset);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    return refused("fsync") ? -1 : __real_fsync(fd);
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
    return refused("fdatasync") ? -1 : __real_fdatasync(fd);
}
