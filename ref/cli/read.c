/* SPDX-License-Identifier: MIT
 *
 * addcow read: the bytes of the guest to standard output or to a file, which
 * is never one of the image's own.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOLE_LEN 4096u /* zeros of this length are not written */

struct output {
    const char *name;
    int fd;
    bool made;   /* by this process: to be removed after a failure */
    bool sparse; /* a regular file that is empty: zeros need no write */
    uint64_t len;
};

static int write_some(const struct output *output, const unsigned char *data,
                      size_t len)
{
    while (len) {
        ssize_t n = write(output->fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return report_errno(output->name);
        if (n == 0)
            return report(STATUS_FAILED, output->name, "cannot write");
        data += n;
        len -= (size_t)n;
    }
    return STATUS_OK;
}

static bool is_zero(const unsigned char *data, size_t len)
{
    return data[0] == 0 && memcmp(data, data + 1, len - 1) == 0;
}

/* The holes between what is written are made by seeking. */
static int write_block(struct output *output, const unsigned char *data,
                       size_t len)
{
    output->len += len;
    if (!output->sparse || !is_zero(data, len))
        return write_some(output, data, len);
    if (lseek(output->fd, (off_t)len, SEEK_CUR) < 0)
        return report_errno(output->name);
    return STATUS_OK;
}

static int write_chunk(struct output *output, const unsigned char *data,
                       size_t len)
{
    size_t step = output->sparse ? HOLE_LEN : len;
    int status = STATUS_OK;

    for (size_t at = 0; status == STATUS_OK && at < len; at += step)
        status =
            write_block(output, data + at, len - at < step ? len - at : step);
    return status;
}

static int copy(struct output *output, const struct args *args,
                struct addcow_image *image, unsigned char *buffer,
                uint64_t len)
{
    uint64_t offset = args->offset.value;
    int status = STATUS_OK;

    while (status == STATUS_OK && len) {
        size_t n = len < CHUNK_LEN ? len : CHUNK_LEN;

        if (addcow_read(image, buffer, n, offset) != ADDCOW_OK)
            return report_error(addcow_last_error(image), args->file);
        status = write_chunk(output, buffer, n);
        offset += n;
        len -= n;
    }
    return status;
}

/* --force never cuts a file before it is known not to be an input. */
static int open_output(struct output *output, const struct args *args)
{
    int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY;

    if (!args->output)
        return STATUS_OK;
    output->name = args->output;
    output->fd = open(args->output, flags | O_CREAT | O_EXCL, 0666);
    output->made = output->fd >= 0;
    if (output->fd < 0 && errno == EEXIST && args->force)
        output->fd = open(args->output, flags);
    else if (output->fd < 0 && errno == EEXIST)
        return report(STATUS_FAILED, args->output,
                      "the file exists (--force writes over it)");
    if (output->fd < 0)
        return report_errno(args->output);
    return STATUS_OK;
}

static int prepare_output(struct output *output, const struct args *args,
                          struct addcow_image *image)
{
    bool written;
    const char *part = part_of_image(&written, image, args->file, output->fd);
    struct stat st;

    if (part)
        return report(STATUS_USAGE, output->name, part);
    if (!args->output)
        return STATUS_OK;
    if (fstat(output->fd, &st) != 0)
        return report_errno(output->name);
    output->sparse = S_ISREG(st.st_mode);
    if (output->sparse && ftruncate(output->fd, 0) != 0)
        return report_errno(output->name);
    return STATUS_OK;
}

/* A hole at the end is made by the length.  What has no flush, such as a pipe,
 * is not flushed. */
static int complete_output(const struct output *output)
{
    if (output->sparse && ftruncate(output->fd, (off_t)output->len) != 0)
        return report_errno(output->name);
    if (fsync(output->fd) != 0 && errno != EINVAL && errno != ENOTSUP &&
        errno != EROFS)
        return report_errno(output->name);
    return STATUS_OK;
}

static int close_output(struct output *output, const struct args *args,
                        int status)
{
    if (!args->output || output->fd < 0)
        return status;
    if (status == STATUS_OK)
        status = complete_output(output);
    if (close(output->fd) != 0 && status == STATUS_OK)
        status = report_errno(output->name);
    if (status != STATUS_OK && output->made)
        unlink(output->name);
    return status;
}

static int read_image(const struct args *args, struct addcow_image *image)
{
    struct output output = {.name = "standard output", .fd = STDOUT_FILENO};
    unsigned char *buffer = NULL;
    uint64_t len;
    int status = take_range(&len, args, image);

    if (status != STATUS_OK)
        return status;
    status = open_output(&output, args);
    if (status == STATUS_OK)
        status = prepare_output(&output, args, image);
    if (status == STATUS_OK && !(buffer = malloc(CHUNK_LEN)))
        status = report(STATUS_FAILED, args->file, "out of memory");
    if (status == STATUS_OK)
        status = copy(&output, args, image, buffer, len);
    free(buffer);
    return close_output(&output, args, status);
}

static int run(const struct args *args)
{
    struct addcow_image *image;
    int status = open_image(&image, args, 0);

    if (status != STATUS_OK)
        return status;
    status = read_image(args, image);
    addcow_close(image);
    return status;
}

static const struct option options[] = {
    OFFSET_OPTION,
    LENGTH_OPTION,
    {"output", "OUT", OPTION_TEXT, offsetof(struct args, output),
     "write to this file, sparsely; it must not exist"},
    {"force", NULL, OPTION_FLAG, offsetof(struct args, force),
     "write over OUT if it exists"},
    CONFINED_OPTION,
    HELP_OPTION,
    {0},
};

static const char help[] =
    "Writes the bytes that the guest sees to standard output, or to the\n"
    "file OUT, which is flushed. OUT is never a file of the image, whatever\n"
    "it is called; after a failure it is removed, unless it existed before.\n";

const struct command read_command = {
    .name = "read",
    .operands = "FILE",
    .n_operands = 1,
    .summary = "write the guest's bytes to a file or standard output",
    .help = help,
    .example = "addcow read --output whole.raw disk.add-cow\n",
    .options = options,
    .run = run,
};
