/* SPDX-License-Identifier: MIT
 *
 * addcow write: bytes for the guest from standard input or a file.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct input {
    const char *name;
    int fd;
};

/* *OUT: LEN, or less at the end of the input only. */
static int read_chunk(size_t *out, const struct input *input,
                      unsigned char *data, size_t len)
{
    *out = 0;
    while (*out < len) {
        ssize_t n = read(input->fd, data + *out, len - *out);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return report_errno(input->name);
        if (n == 0)
            break;
        *out += (size_t)n;
    }
    return STATUS_OK;
}

/* What was written before stays written: say how much. */
static int report_write(const struct args *args, struct addcow_image *image,
                        uint64_t n_written)
{
    int status = report_error(addcow_last_error(image), args->file);

    if (n_written)
        fprintf(stderr, "addcow: %llu bytes were written before that\n",
                (unsigned long long)n_written);
    return status;
}

static int copy(const struct args *args, struct addcow_image *image,
                const struct input *input, unsigned char *buffer)
{
    uint64_t offset = args->offset.value;
    size_t n;

    do {
        int status = read_chunk(&n, input, buffer, CHUNK_LEN);

        if (status != STATUS_OK)
            return status;
        if (addcow_write(image, buffer, n, offset) != ADDCOW_OK)
            return report_write(args, image, offset - args->offset.value);
        offset += n;
    } while (n == CHUNK_LEN);
    return STATUS_OK;
}

static int open_input(struct input *input, const struct args *args)
{
    if (!args->input)
        return STATUS_OK;
    input->name = args->input;
    input->fd = open(args->input, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return input->fd < 0 ? report_errno(args->input) : STATUS_OK;
}

/* Refuses what is known to be wrong before anything is written: an input
 * that changes under the copy, or that is too long. */
static int judge_input(const struct args *args, struct addcow_image *image,
                       const struct input *input)
{
    uint64_t size = addcow_size(image);
    uint64_t offset = args->offset.value;
    bool written;
    const char *part = part_of_image(&written, image, args->file, input->fd);
    struct stat st;
    off_t at;

    if (part && written)
        return report(STATUS_USAGE, input->name, part);
    if (fstat(input->fd, &st) != 0)
        return report_errno(input->name);
    at = lseek(input->fd, 0, SEEK_CUR);
    if (offset > size || (S_ISREG(st.st_mode) && at >= 0 && st.st_size > at &&
                          (uint64_t)(st.st_size - at) > size - offset))
        return report(STATUS_USAGE, args->file,
                      "the range passes the virtual size; nothing was "
                      "written");
    return STATUS_OK;
}

static int write_image(const struct args *args, struct addcow_image *image,
                       const struct input *input)
{
    unsigned char *buffer = NULL;
    int status = judge_input(args, image, input);

    if (status == STATUS_OK && !(buffer = malloc(CHUNK_LEN)))
        status = report(STATUS_FAILED, args->file, "out of memory");
    if (status == STATUS_OK)
        status = copy(args, image, input, buffer);
    free(buffer);
    return status;
}

/* What was written is flushed even if more could not be. */
static int write_and_flush(const struct args *args, const struct input *input)
{
    uint32_t flags = ADDCOW_OPEN_WRITE;
    struct addcow_image *image;
    int result = ADDCOW_OK;
    int status;

    if (args->writethrough)
        flags |= ADDCOW_OPEN_WRITETHROUGH;
    status = open_image(&image, args, flags);
    if (status != STATUS_OK)
        return status;
    status = write_image(args, image, input);
    if (status == STATUS_OK)
        result = addcow_flush(image);
    if (status == STATUS_OK)
        return finish_image(image, args, result);
    addcow_close(image);
    return status;
}

static int run(const struct args *args)
{
    struct input input = {.name = "standard input", .fd = STDIN_FILENO};
    int status = open_input(&input, args);

    if (status != STATUS_OK)
        return status;
    status = write_and_flush(args, &input);
    if (args->input)
        close(input.fd);
    return status;
}

static const struct option options[] = {
    OFFSET_OPTION,
    {"input", "IN", OPTION_TEXT, offsetof(struct args, input),
     "read from this file, not from standard input"},
    {"writethrough", NULL, OPTION_FLAG, offsetof(struct args, writethrough),
     "make each piece of up to 1 MiB durable before\n" OPTION_INDENT
     "the next one is read"},
    CONFINED_OPTION,
    HELP_OPTION,
    {0},
};

static const char help[] =
    "Writes standard input, or the file IN, to the disk. The backing file\n"
    "stays as it is. All that was written is durable when the status is 0.\n"
    "An input that is longer than the rest of the disk is refused; from a\n"
    "pipe, what comes before the piece that does not fit is written.\n";

const struct command write_command = {
    .name = "write",
    .operands = "FILE",
    .n_operands = 1,
    .summary = "write bytes from a file or standard input to the disk",
    .help = help,
    .example = "addcow write --offset 1M --input boot.bin disk.add-cow\n",
    .options = options,
    .run = run,
};
