/* SPDX-License-Identifier: MIT
 *
 * addcow_shim.h - how an implementation of the add-cow format plugs into the
 * conformance suite.  The only header that the two share: C11, also C++11,
 * no dependency.
 *
 * An implementation is a shared object (or a static library, for fuzzers)
 * that exports one function, addcow_shim_get().  It returns a table of what
 * the implementation can do.  The suite hands it a table of what the storage
 * can do.  Nothing else passes between them.
 *
 * The law of arguments: handle, outputs, inputs, lengths, offsets, flags.
 * Sizes, lengths and offsets are in bytes.  Names are NUL-terminated bytes in
 * no particular encoding.  Buffers have no alignment.  Pointers passed to a
 * call are valid until it returns, except where a longer life is stated.
 * No output is looked at when a call fails, and nothing that a failing call
 * acquired may stay open, locked or allocated.
 *
 * The life of a run: the suite never loads a shim into its own process.  Each
 * case has a process of its own, in which it loads the shared object, calls
 * addcow_shim_get() once, then set_option() for each --shim-opt in the order
 * given, then the other members.  The working directory is a private, empty
 * one.  Standard output and error are captured and shown when a case fails.
 * The shim does not change the working directory, install signal handlers,
 * or end the process.
 *
 * How both tables and all argument structs grow: members are only appended,
 * and the first member says how many bytes the giver filled in.  The suite
 * copies the smaller of the two sizes into a zeroed table, so a missing
 * member is a null pointer.  A shim asks ADDCOW_HAS() before it uses a member
 * of struct addcow_host that is marked "since" a later revision.  In an
 * argument struct zero always means what the revision before it did; a
 * nonzero new member, or a new flag, is passed only to a shim that claims the
 * capability which introduced it.  ADDCOW_SHIM_ABI changes only when shims of
 * the older number can no longer be driven.
 */
#ifndef ADDCOW_SHIM_H
#define ADDCOW_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ADDCOW_SHIM_ABI 1u

/* How many bytes of a struct reach to the end of MEMBER. */
#define ADDCOW_END(type, member) \
    (offsetof(type, member) + sizeof(((type *)0)->member))

/* Nonzero if the giver of TABLE knew MEMBER and filled it in. */
#define ADDCOW_HAS(type, table, member) \
    ((table)->size >= ADDCOW_END(type, member) && (table)->member)

#if defined(_WIN32)
#define ADDCOW_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define ADDCOW_EXPORT __attribute__((visibility("default")))
#else
#define ADDCOW_EXPORT
#endif

/*
 * Results.  Every int that a member of either table returns is one of these.
 * They lie outside the range of errno on purpose: a forgotten "return -errno"
 * is reported as such, never mistaken for a class.  A positive number is
 * never a result.
 */
enum addcow_result {
    ADDCOW_OK = 0,
    ADDCOW_UNIMPLEMENTED = -89, /* no such operation, option or flag here */
    ADDCOW_INVALID = -1001,     /* an argument is wrong: the caller's fault */
    ADDCOW_NOT_ADDCOW = -1002,  /* the magic is not there */
    ADDCOW_VERSION = -1003,     /* the magic is, with another version */
    ADDCOW_CORRUPT = -1004,     /* breaks a rule of the format in itself */
    ADDCOW_NOT_FOUND = -1005,   /* a file that is needed does not exist */
    ADDCOW_EXISTS = -1006,      /* a file that must not exist does */
    ADDCOW_RANGE = -1007,       /* offset and length leave file or disk */
    ADDCOW_IO = -1008,          /* the storage failed */
    ADDCOW_NO_SPACE = -1009,    /* the storage is full */
    ADDCOW_READ_ONLY = -1010,   /* writing what was opened, or is, read-only */
    ADDCOW_NO_MEMORY = -1011,
    ADDCOW_OTHER = -1012 /* refused, and the shim cannot tell why */
};

/* ---- The storage: what the suite gives ---------------------------------- */

/* A file that the storage has open.  Defined by the suite. */
struct addcow_file;

/* Two open files are the same file exactly if both numbers agree, whatever
 * names they were opened by. */
struct addcow_identity {
    uint64_t device;
    uint64_t inode;
};

#define ADDCOW_FILE_WRITE 1u  /* for reading and writing; else reading only */
#define ADDCOW_FILE_CREATE 2u /* make it; with WRITE only; EXISTS if there */

/*
 * Names are paths of '/'-separated components.  One that begins with '/'
 * starts at the root of the storage, another at the current directory of the
 * case, which need not be the directory of any image.  "." and ".." work,
 * symbolic links are followed, directories exist and cannot be opened (IO).
 * Joining a name from a header to a directory is the implementation's duty:
 * the storage opens what it is told.
 *
 * The functions are called only from within a call of the shim's table and
 * only from the thread of that call, unless CONCURRENT is claimed.  The table
 * given to open() is valid until close() of that image returns.
 *
 * Two handles on one file see the same bytes.  Closing is no flush.  A handle
 * still open when close(), create() or check() has returned is a failure.
 * Sizes and the ends of ranges are at most 2^63-1, else RANGE.  LEN 0 is no
 * error.  Results: 0, IO, NO_SPACE, NO_MEMORY from any; INVALID means a bug of
 * the shim (bad handle, unknown flag, write on a read-only handle).  A shim
 * may return a host's result as its own.
 */
struct addcow_host {
    uint32_t size; /* bytes of this table that the suite filled in */
    uint32_t abi;  /* ADDCOW_SHIM_ABI of the suite */
    void *ctx;     /* first argument of every function */

    /* Opens NAME.  NOT_FOUND, EXISTS, READ_ONLY (write access denied). */
    int (*open)(void *ctx, struct addcow_file **out, const char *name,
                uint32_t flags);

    /* Closes FILE; the handle is gone whatever is returned. */
    int (*close)(void *ctx, struct addcow_file *file);

    int (*identify)(void *ctx, struct addcow_file *file,
                    struct addcow_identity *out);

    int (*get_size)(void *ctx, struct addcow_file *file, uint64_t *out);

    /* Cuts, or extends with zeros.  No flush. */
    int (*set_size)(void *ctx, struct addcow_file *file, uint64_t size);

    /* All or nothing: 0 means LEN bytes.  A range that passes the end of the
     * file is refused whole, with RANGE.  On failure the content of OUT is
     * unspecified. */
    int (*read)(void *ctx, struct addcow_file *file, void *out, size_t len,
                uint64_t offset);

    /* 0 means LEN bytes, visible at once, durable after a flush; writing past
     * the end extends the file and a gap reads as zeros.  On failure - this
     * is how a short transfer shows - each 512-byte sector of the range holds
     * its old or its new bytes, unknown which, and the file may have grown by
     * any part of the range. */
    int (*write)(void *ctx, struct addcow_file *file, const void *data,
                 size_t len, uint64_t offset);

    /* 0 means: whatever completed on this file, through any handle, before
     * this call was made is durable, with its size and its name.  Nothing is
     * said of other files.  On failure what was pending may never become
     * durable, even if a later flush succeeds: that one covers only what was
     * written again in between. */
    int (*flush)(void *ctx, struct addcow_file *file);

    /* Removes a name; open handles go on.  NOT_FOUND.  Durable later or
     * never.  There is no rename. */
    int (*remove)(void *ctx, const char *name);
};

/* ---- The implementation: what the shim gives ---------------------------- */

/* Capabilities.  A claimed one is tested, and one whose member is null is a
 * broken shim.  One that is not claimed makes its cases NA. */
#define ADDCOW_CAP_HOST UINT64_C(0x1)   /* all I/O through addcow_host */
#define ADDCOW_CAP_WRITE UINT64_C(0x2)  /* write, flush */
#define ADDCOW_CAP_CREATE UINT64_C(0x4) /* create */
#define ADDCOW_CAP_RESIZE UINT64_C(0x8) /* set_size; needs WRITE */
#define ADDCOW_CAP_MAP UINT64_C(0x10)   /* map */
#define ADDCOW_CAP_CHECK UINT64_C(0x20) /* check */
#define ADDCOW_CAP_WRITETHROUGH UINT64_C(0x40) /* OPEN_WRITETHROUGH */
#define ADDCOW_CAP_CONCURRENT UINT64_C(0x80)   /* see "Concurrency" below */
#define ADDCOW_CAP_CLASSES UINT64_C(0x100)     /* tells error classes apart */
#define ADDCOW_CAP_DISCARD UINT64_C(0x200)     /* discard; needs WRITE */

/*
 * HOST.  With it, every byte goes through the host table that open(),
 * create() and check() are given, and only then can the suite record, inject
 * faults and cut the power.  Without it HOST is null in these calls and names
 * are paths of the operating system, absolute or relative to the working
 * directory: those of real files, or of a mount that the suite makes.  Such a
 * shim keeps its descriptors as it likes.
 *
 * CLASSES.  With it a case accepts only the classes that it names.  Without
 * it any class but UNIMPLEMENTED is a refusal, and cases whose point is the
 * class itself are NA.
 *
 * Concurrency.  Without CONCURRENT the suite makes one call at a time.  With
 * it, read, write, flush, map and discard may be called on one image from
 * several threads at once, the host's functions may then be called from those
 * threads at once, and the suite may hold any caller inside a host function
 * until it has let others pass: this is how it chooses an order.  open,
 * close, create, set_size and check stay alone on their image.
 */

/* What the implementation does at a point that the specification leaves to
 * it: {"IMPL-2", "b"}.  Lists end with {NULL, NULL}.  The suite tests the
 * choice that was declared.  At a point that is not listed each permitted
 * outcome is accepted, the same one throughout a run.  An unknown point or
 * letter is a broken shim. */
struct addcow_choice {
    const char *clause;
    const char *choice;
};

#define ADDCOW_OPEN_WRITE 1u /* else read-only: needs no write access */
/* Each write is durable on return; with WRITE and its capability only. */
#define ADDCOW_OPEN_WRITETHROUGH 2u

struct addcow_open_args {
    uint32_t size; /* bytes of this struct that the suite filled in */
    uint32_t flags;
    const char *name; /* of the add-cow file */
};

#define ADDCOW_CREATE_REPLACE 1u    /* an existing file may be replaced */
#define ADDCOW_CREATE_NO_BACKING 2u /* backing_name is null: zeros */
#define ADDCOW_CREATE_SIZED 4u      /* virtual_size is stated */
struct addcow_create_args {
    uint32_t size; /* bytes of this struct that the suite filled in */
    uint32_t flags;
    const char *name;         /* of the add-cow file to make */
    const char *image_name;   /* stored as it is */
    const char *backing_name; /* stored as it is */
    uint64_t virtual_size;    /* must then agree with that of image_file */
};

struct addcow_check_args {
    uint32_t size;    /* bytes of this struct that the suite filled in */
    uint32_t flags;   /* none yet: a check never writes */
    const char *name; /* of the add-cow file */
};

struct addcow_check_result {
    uint32_t size;      /* in: bytes that the suite has room for;
                           the shim fills no more */
    uint32_t reserved;  /* 0 */
    uint64_t errors;    /* breaches of a MUST: open would refuse the image */
    uint64_t warnings;  /* the rest, such as bits beyond the last cluster */
    uint64_t clusters;  /* of the virtual disk; 0 if it cannot be told */
    uint64_t allocated; /* of these; bits beyond the last do not count */
};

#define ADDCOW_MAP_ALLOCATED 1u /* read from image_file; else not */

struct addcow_shim {
    uint32_t size; /* sizeof(struct addcow_shim) where the shim was built */
    uint32_t abi;  /* ADDCOW_SHIM_ABI where the shim was built */
    uint64_t capabilities;
    const char *name;    /* of the implementation; static, as all strings */
    const char *version; /* of the implementation */
    const struct addcow_choice *choices; /* or null */

    /* Required. */

    /* Opens an image.  *OUT is the shim's own handle, passed back as IMAGE.
     * The suite may hold several images open; one add-cow file is open for
     * writing at most once, then by nobody else.  Any flag that is not known:
     * UNIMPLEMENTED. */
    int (*open)(void **out, const struct addcow_host *host,
                const struct addcow_open_args *args);

    /* Releases IMAGE whatever is returned.  Does what flush does, for an
     * image that was opened for writing, and returns its failure. */
    int (*close)(void *image);

    /* The virtual size in bytes. */
    int (*get_size)(void *image, uint64_t *out);

    /* All or nothing.  RANGE if the range passes the virtual size; LEN 0
     * within it or at its end succeeds.  On failure OUT is unspecified. */
    int (*read)(void *image, void *out, size_t len, uint64_t offset);

    /* Optional: null, or for a capability. */

    /* --shim-opt KEY=VALUE.  UNIMPLEMENTED: no such key; INVALID: bad value.
     * Both end the run with status 2. */
    int (*set_option)(const char *key, const char *value);

    /* Judges the first LEN bytes of a file, LEN being any number.  0: magic,
     * and no other version; NOT_ADDCOW; VERSION.  Needs no storage. */
    int (*probe)(const void *head, size_t len);

    /* WRITE.  Acknowledged on return.  RANGE as for read, without effect.  On
     * failure each sector of the range holds its old or its new bytes and
     * everything else is unchanged; the caller may try again. */
    int (*write)(void *image, const void *data, size_t len, uint64_t offset);

    /* WRITE.  0: what was acknowledged before this call was made survives a
     * power cut.  After a failure it succeeds again only if that is true;
     * failing every later flush of this handle is conformant. */
    int (*flush)(void *image);

    /* CREATE.  Makes an add-cow file over an image_file that exists.  0: it
     * survives a power cut.  On failure nothing of that name has the magic,
     * or, with REPLACE, the old file may be whole. */
    int (*create)(const struct addcow_host *host,
                  const struct addcow_create_args *args);

    /* RESIZE.  Bytes, a multiple of 512, else INVALID.  0: the new size is
     * visible, and durable after flush, or on return under
     * OPEN_WRITETHROUGH.  A resize that it does not offer is UNIMPLEMENTED
     * and changes nothing; one that it refuses, another class. */
    int (*set_size)(void *image, uint64_t size);

    /* MAP.  *OUT_LEN: how many bytes from OFFSET on, at least 1 and at most
     * LEN, share the state *OUT_STATE.  It may be less than the whole run.
     * LEN is at least 1 and the range lies within the virtual size, else
     * RANGE. */
    int (*map)(void *image, uint64_t *out_len, uint32_t *out_state,
               uint64_t len, uint64_t offset);

    /* CHECK.  0 if the file could be examined, whatever was found; a class
     * only if not (NOT_FOUND, NOT_ADDCOW, VERSION, IO, ...). */
    int (*check)(struct addcow_check_result *out,
                 const struct addcow_host *host,
                 const struct addcow_check_args *args);

    /* DISCARD.  The content of the range becomes unspecified except that it
     * is what it was or zeros, sector by sector; never backing again. */
    int (*discard)(void *image, uint64_t len, uint64_t offset);
};

/* The one symbol that a shim exports.  Never null; the table and what it
 * points to stay unchanged until the process ends. */
ADDCOW_EXPORT const struct addcow_shim *addcow_shim_get(void);

#ifdef __cplusplus
}
#endif
#endif
