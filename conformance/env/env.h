/* SPDX-License-Identifier: MIT
 *
 * env.h - the world of a case: its files, its images, the calls of the shim,
 * what may be checked, and what the host was asked to do.
 *
 * A case sets up files, calls the shim through the wrappers here, and checks.
 * A check that fails fills the outcome and leaves the case at once, as do
 * the functions that need what is not there (NA): nothing need be tidied up.
 * So a case reads top to bottom:
 *
 *     static void tail_is_zeros(struct env *env, const struct conf_case *self)
 *     {
 *         struct img *img;
 *
 *         make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
 *                                                .backing_size = 700});
 *         img = open_image(env, 0);
 *         expect_guest(img, "SIZ-4", 2 * CLUSTER, 0);
 *         expect_ok(env, "FLS-14", img_close(img));
 *     }
 *
 * Two storages lie below: the simulated one for a shim that claims HOST, and
 * plain files in the private working directory for another.  Everything here
 * works on both unless it says "simulated storage": then it ends the case as
 * NA "storage" on plain files.  So does a file that the file system cannot
 * hold.
 *
 * Power cuts are cases of their own: see cases/steps/power.h.
 *
 * Names of files given to the functions of "Files" and "Images" are relative
 * to the home directory of the case, whatever change_dir() said, or absolute.
 * Names given to the shim go to it as they are.
 *
 * A CLAUSE is an ID such as "HDR-2" and must be one of those that the case
 * names; another one is an ERROR.
 *
 * Deliberately missing: anything of an implementation.  Headers, bitmaps and
 * what may be read are worked out here, from the specification alone.
 */
#ifndef ADDCOW_ENV_H
#define ADDCOW_ENV_H

#include "addcow_shim.h"
#include "base/result.h"
#include "case.h"
#include "checks.h"
#include "data/pattern.h"
#include "disk/record.h"
#include "oracle/oracle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)

#define SECTOR UINT64_C(512)
#define CLUSTER UINT64_C(65536)
#define HEADER_LEN 2560 /* the bitmap begins here */
#define NAME_FIELD_LEN 1024
#define BACKING_FIELD 12 /* offset of the field with the backing's name */
#define IMAGE_FIELD 1036 /* offset of the field with the image's name */
#define RESERVED_FIELD 2060

/* The names of the files of an image, unless its recipe names others. */
#define ADDCOW_NAME "test.add-cow"
#define IMAGE_NAME "test.raw"
#define BACKING_NAME "base.img"

#if defined(__GNUC__)
#define ENV_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ENV_NORETURN __attribute__((noreturn))
#else
#define ENV_PRINTF(fmt, args)
#define ENV_NORETURN
#endif

struct env;
struct img;      /* an open image; lives until the case ends */
struct snapshot; /* all files at one moment; lives until the case ends */

/* ---- The case ----------------------------------------------------------- */

const struct addcow_shim *the_shim(struct env *env);

/* True if the shim claims all of CAPS. */
bool has_cap(struct env *env, uint64_t caps);

/* Ends the case as NA "capability" unless the shim claims all of CAPS. */
void need_cap(struct env *env, uint64_t caps);

/* True if the shim works on simulated storage.  need_: NA otherwise. */
bool is_simulated(struct env *env);
void need_simulated(struct env *env);

/* The letter that the shim declares at an implementation-defined point such
 * as "IMPL-2", or 0 if it declares nothing there. */
char choice_of(struct env *env, const char *point);

/* True if requests may be any range of bytes: IMPL-2 is declared (a).
 * Otherwise a case keeps to multiples of 512. */
bool takes_bytes(struct env *env);

/* Ends the case as NA with REASON. */
ENV_NORETURN void skip_na(struct env *env, const char *reason);

/* Ends the case as the suite's own fault. */
ENV_NORETURN void error(struct env *env, const char *fmt, ...)
    ENV_PRINTF(2, 3);

/* Ends the case as FAIL of CLAUSE; WANT was expected.  CHECK: see checks.h. */
ENV_NORETURN void fail(struct env *env, const char *clause, const char *want,
                       const char *got_fmt, ...) ENV_PRINTF(4, 5);
ENV_NORETURN void fail_as(struct env *env, const char *clause,
                          enum check check, const char *seen, const char *want,
                          const char *got_fmt, ...) ENV_PRINTF(6, 7);

/* Says in words what the case is about to do, for the line "during" of a
 * failure.  The wrappers of the shim's calls do this themselves. */
void doing(struct env *env, const char *fmt, ...) ENV_PRINTF(2, 3);

/* Memory that lives until the case ends.  Never null; filled with zeros. */
void *case_alloc(struct env *env, size_t len);

/* Begins again, without images, files, recording, faults and what came from
 * case_alloc(): a case of many parts that kept them all would be slow.  On
 * plain files the files stay. */
void new_world(struct env *env);

/* As new_world(), but keeps what came from case_alloc() and the engine of
 * power cuts. */
void new_storage(struct env *env);

/* A number in 0 .. N-1, N at least 1, that depends only on the seed of the run
 * and the id of the case. */
uint64_t rng_below(struct env *env, uint64_t n);

/* ---- Files -------------------------------------------------------------- */

/* Makes NAME, SIZE bytes of zeros, or replaces what is there. */
void put_file(struct env *env, const char *name, uint64_t size);

/* Writes into NAME, which is made if need be and extended if need be. */
void put_bytes(struct env *env, const char *name, const void *data, size_t len,
               uint64_t offset);
void put_byte(struct env *env, const char *name, unsigned byte,
              uint64_t offset);

/* Makes or replaces NAME: SIZE bytes of the pattern TAG, so that each sector
 * has content of its own.  On plain files more than PATTERN_WHOLE bytes are
 * filled only near the ends of the file; elsewhere they are zeros. */
#define PATTERN_WHOLE (16 * MIB)
void put_pattern(struct env *env, const char *name, uint32_t tag,
                 uint64_t size);

void get_bytes(struct env *env, const char *name, void *out, size_t len,
               uint64_t offset);
unsigned get_byte(struct env *env, const char *name, uint64_t offset);
uint64_t file_size(struct env *env, const char *name);

/* True if NAME leads to something: a file or a directory. */
bool file_exists(struct env *env, const char *name);

void resize_file(struct env *env, const char *name, uint64_t size);
void remove_file(struct env *env, const char *name);
void copy_file(struct env *env, const char *to, const char *from);

void put_dir(struct env *env, const char *name);
/* NAME becomes a symbolic link that says TARGET. */
void put_symlink(struct env *env, const char *name, const char *target);
/* NAME becomes a second name of the file EXISTING. */
void put_link(struct env *env, const char *name, const char *existing);
/* Plain files only, as the host table has no kinds of file: on simulated
 * storage the case ends as NA "storage". */
void put_fifo(struct env *env, const char *name);
/* The path of a character device, such as "/dev/null".  Plain files only. */
const char *char_device(struct env *env);
/* Makes NAME a block device of SIZE bytes.  Simulated storage: an ordinary
 * file whose size cannot be set and does not grow. */
void put_block_device(struct env *env, const char *name, uint64_t size);
/* From now on the host says that NAME is the file INODE of DEVICE.  Simulated
 * storage. */
void set_identity(struct env *env, const char *name, uint64_t device,
                  uint64_t inode);

/* The current directory that the shim's relative names start at. */
void change_dir(struct env *env, const char *name);

/* Denies writing, or all access, from now on.  ON 0 allows it again.  On
 * plain files NA "storage" if the process may write nonetheless (root). */
void set_read_only(struct env *env, const char *name, bool on);
void set_unreadable(struct env *env, const char *name, bool on);

/* NAME as an absolute path.  Lives until the case ends. */
const char *absolute(struct env *env, const char *name);

/* Keeps all files as they are now.  Cheap. */
struct snapshot *take_snapshot(struct env *env);

/* ---- Images, byte by byte ----------------------------------------------- */

#define END_OF_LIST UINT64_MAX

struct image_recipe {
    const char *name;         /* of the add-cow file; null: ADDCOW_NAME */
    const char *image_name;   /* stored as it is; null: IMAGE_NAME */
    const char *backing_name; /* stored as it is; null: BACKING_NAME */
    bool no_backing;          /* an empty backing name; no file is made */
    bool no_files;            /* make the add-cow file only: the case makes
                                 the others.  Then there is no oracle. */
    uint64_t image_size;      /* of the image file, bytes */
    uint64_t backing_size;
    const uint64_t *set; /* clusters whose bits are 1, ended by END_OF_LIST */
    bool set_all;        /* the bits of all clusters are 1 */
    uint64_t add_len;    /* zeros after the bitmap, bytes */
    uint64_t cut_len;    /* bytes missing at the end of the bitmap */
};

/* Makes the three files.  The image file is full of TAG_OLD, which must
 * never be seen under a bit that is 0; the backing file of TAG_BACKING.
 * Names that are relative are made beside the add-cow file.  Returns the
 * ideal disk that the image shows, which lives until the case ends; opening
 * NAME ties it to the handle. */
struct oracle *make_image(struct env *env, const struct image_recipe *recipe);

/* A header as a creator writes it.  The names are at most 1023 bytes. */
void header_build(uint8_t out[HEADER_LEN], const char *image_name,
                  const char *backing_name);

/* The number of clusters of a disk of SIZE bytes, and the length of its bitmap
 * in bytes. */
uint64_t clusters_of(uint64_t size);
uint64_t bitmap_len_of(uint64_t size);

/* The bit of CLUSTER in the add-cow file NAME; beyond its end: 0. */
int bit_of(struct env *env, const char *name, uint64_t cluster);
void set_bit_of(struct env *env, const char *name, uint64_t cluster, bool on);

/* ---- Calls of the shim -------------------------------------------------- */
/*
 * They return what the shim returned, a legal result: anything else fails
 * the case here, with a word on what it probably is.  Buffers lie between
 * guard bytes, at odd addresses.  Every call is in the recording.  The
 * oracle of an image follows its writes, flushes and resizes by itself.
 */

/* *OUT is set on success only.  HOME: relative names start at the current
 * directory of the case. */
int img_open(struct env *env, struct img **out, const char *name,
             uint32_t flags);
int img_close(struct img *img); /* IMG's shim handle is gone; IMG stays */
int img_read(struct img *img, void *out, size_t len, uint64_t offset);
int img_write(struct img *img, const void *data, size_t len, uint64_t offset);
int img_flush(struct img *img);
int img_set_size(struct img *img, uint64_t size);
int img_map(struct img *img, uint64_t *out_len, uint32_t *out_state,
            uint64_t len, uint64_t offset);
int img_discard(struct img *img, uint64_t len, uint64_t offset);
int shim_probe(struct env *env, const void *head, size_t len);
int shim_create(struct env *env, const struct addcow_create_args *args);
int shim_check(struct env *env, struct addcow_check_result *out,
               const char *name);
/* OUT as it is: its size says how many bytes the shim may fill. */
int shim_check_into(struct env *env, struct addcow_check_result *out,
                    const char *name);

/* Writes content that no file and no earlier write has. */
int write_new(struct img *img, size_t len, uint64_t offset);

/* Writes LEN zeros. */
int write_zeros(struct img *img, size_t len, uint64_t offset);

/* What sets a case up, and must succeed.  A refusal breaks ERR-7, whatever the
 * case names; where the case let the host fail, its first clause. */
struct img *open_image(struct env *env, uint32_t flags); /* ADDCOW_NAME */
struct img *must_open(struct env *env, const char *name, uint32_t flags);
void must_write(struct img *img, size_t len, uint64_t offset); /* write_new */
void must_flush(struct img *img);
void must_close(struct img *img);

/* The image as a whole. */
uint64_t img_size(struct img *img);        /* get_size, which must succeed */
struct oracle *oracle_of(struct img *img); /* null if made by hand */
/* Lets IMG be judged by O. */
void img_track(struct img *img, struct oracle *o);

/* ---- Checks ------------------------------------------------------------- */

/* RESULT is 0.  UNIMPLEMENTED ends the case as UNIMPL. */
void expect_ok(struct env *env, const char *clause, int result);

/* RESULT is one of the classes listed, which end with 0.  Without the
 * capability CLASSES any refusal will do.  UNIMPLEMENTED ends the case as
 * UNIMPL unless it is listed. */
void expect_refused(struct env *env, const char *clause, int result, ...);

/* RESULT is 0 or as above. */
void expect_ok_or_refused(struct env *env, const char *clause, int result,
                          ...);

/* open(NAME, FLAGS) is refused with one of the classes, ended by 0. */
void expect_open_refused(struct env *env, const char *clause, const char *name,
                         uint32_t flags, ...);

/* WHAT is a sentence without its stop: "no bit goes back to 0". */
void expect_true(struct env *env, const char *clause, const char *what,
                 bool holds);
void expect_that(struct env *env, const char *clause, const char *want,
                 bool holds, const char *got_fmt, ...) ENV_PRINTF(5, 6);
/* WHAT is a noun, in bytes if it has "size", "length" or "end of" in it. */
void expect_u64(struct env *env, const char *clause, const char *what,
                uint64_t got, uint64_t want);
void expect_bytes(struct env *env, const char *clause, const char *what,
                  const void *got, const void *want, size_t len);
/* As expect_bytes(), of content at OFFSET: says whose bytes they are. */
void expect_content(struct env *env, const char *clause, const char *what,
                    const void *got, const void *want, size_t len,
                    uint64_t offset);

/* NAME has the content and the size that it had at S.  _except: the LEN
 * bytes at OFFSET do not matter, nor does the size if they reach past it. */
void expect_unchanged(struct env *env, const char *clause, struct snapshot *s,
                      const char *name);
void expect_unchanged_except(struct env *env, const char *clause,
                             struct snapshot *s, const char *name,
                             uint64_t len, uint64_t offset);
/* Every file that there was at S, and no other, is as it was. */
void expect_nothing_changed(struct env *env, const char *clause,
                            struct snapshot *s);

/* LEN bytes at OFFSET read as the oracle of IMG allows (FLS-20 with it). */
void expect_guest(struct img *img, const char *clause, uint64_t len,
                  uint64_t offset);
/* All of a disk up to 64 MiB; of a greater one all that was ever touched,
 * with its neighbourhood, and both ends. */
void expect_guest_all(struct img *img, const char *clause);
/* The range reads as zeros. */
void expect_zeros(struct img *img, const char *clause, uint64_t len,
                  uint64_t offset);

/* The bit of CLUSTER in the file NAME is WANT now. */
void expect_bit(struct env *env, const char *clause, const char *name,
                uint64_t cluster, int want);
/* Each bit of the file NAME agrees with what O says must be, must not be, or
 * may be allocated; for use after a successful flush or close.  Bits at or
 * beyond the number of clusters must be 0. */
void expect_bitmap(struct env *env, const char *clause, const char *name,
                   const struct oracle *o);

/* ---- The recording: simulated storage ----------------------------------- */
/* disk/record.h has struct event. */

size_t n_events(struct env *env);
const struct event *event_at(struct env *env, size_t i);

/* Counts calls of the host of a kind (EV_*) on the file NAME (null: any),
 * from event FIRST on, whatever came of them. */
size_t host_calls(struct env *env, enum event_kind kind, const char *name,
                  size_t first);
/* Bytes that reads or writes moved, the same way. */
uint64_t host_bytes(struct env *env, enum event_kind kind, const char *name,
                    size_t first);
/* "write of 512 bytes at 2560 of the add-cow file, during the 3rd call" */
const char *event_words(struct env *env, size_t i);
/* Whether EVENT is about the file NAME. */
bool event_is(struct env *env, const struct event *event, const char *name);

/* The first write from event FIRST on that turns the bit of CLUSTER from 0 to
 * 1 in the visible add-cow file NAME, or NO_EVENT. */
#define NO_EVENT SIZE_MAX
size_t event_of_bit(struct env *env, const char *name, uint64_t cluster,
                    size_t first);

/* A successful flush of NAME that began after event AFTER had ended and ended
 * before event BEFORE began, or NO_EVENT.  AFTER may be NO_EVENT: any. */
size_t flush_between(struct env *env, const char *name, size_t after,
                     size_t before);

/* For each bit of a cluster of the disk that was turned from 0 to 1 there was
 * before it a successful flush of the image file that began when the cluster
 * was complete in it, down to its last byte. */
void expect_bit_order(struct img *img, const char *clause);

/* When a flush ended well, nothing that IMG had been given before it began
 * was pending on either file. */
void expect_flush_covers(struct img *img, const char *clause);

/* ---- Faults: simulated storage ------------------------------------------ */

struct fault {
    enum event_kind kind; /* EV_ANY: every kind */
    const char *name;     /* of the file; null: any */
    uint64_t nth;         /* fires at the nth call that fits, from 1; 0
                             means 1 */
    int result;           /* what the host answers, ADDCOW_IO for example */
    bool for_good;        /* from then on each call that fits; else once */
    size_t n_sectors;     /* of a write: this many are written nevertheless */
    bool drop;            /* of a flush: what is pending is gone from view */
    uint64_t len;         /* only calls that touch this range; 0: any */
    uint64_t offset;
};

void put_fault(struct env *env, const struct fault *fault);
void clear_faults(struct env *env);
/* How many calls were refused by faults since the case began. */
uint64_t n_faults_hit(struct env *env);

/* The files together may hold LEN bytes more than now before NO_SPACE.
 * UINT64_MAX: no limit. */
void set_free_space(struct env *env, uint64_t len);

/* ---- Order: simulated storage, CONCURRENT ------------------------------- */
/*
 *     hold_host(env, EV_FLUSH, IMAGE_NAME, 1);
 *     a = start_flush(img);            the thread is held in its flush
 *     b = start_write(img, 512, 0);    and this one runs until it returns,
 *     release_host(env);               is held, or waits for the first
 *     ra = finish_call(a);
 *     rb = finish_call(b);
 *
 * An implementation that serialises its calls is conformant: start_ and
 * finish_ never wait for a call that waits for a held one.
 */
struct call;
enum call_state {
    CALL_RETURNED,
    CALL_HELD,   /* inside the function of the host that was asked for */
    CALL_WAITING /* for a lock of the implementation's own */
};

/* Holds the next NTH call that fits, from 1, until release_host(). */
void hold_host(struct env *env, enum event_kind kind, const char *name,
               uint64_t nth);
void release_host(struct env *env);

/* Begin a call in a thread of its own and return once it has settled. */
struct call *start_read(struct img *img, size_t len, uint64_t offset);
struct call *start_write(struct img *img, size_t len, uint64_t offset);
struct call *start_flush(struct img *img);
struct call *start_discard(struct img *img, uint64_t len, uint64_t offset);
/* Its answer is dropped. */
struct call *start_map(struct img *img, uint64_t len, uint64_t offset);
enum call_state call_state(struct call *call);

/* Releases whatever is held, waits for CALL to return, checks with the oracle
 * what a read has read (charged to the case's first clause), and returns the
 * result. */
int finish_call(struct call *call);

/* ---- Random workloads --------------------------------------------------- */

enum workload_op_kind {
    OP_READ = 1,
    OP_WRITE = 2,
    OP_ZEROS = 4,
    OP_FLUSH = 8,
    OP_REOPEN = 16,
    OP_RESIZE = 32,
    OP_DISCARD = 64
};

struct workload {
    struct image_recipe recipe;
    uint32_t flags;    /* of open, besides WRITE */
    unsigned kinds;    /* OP_* or-ed; those the shim lacks are left out */
    size_t n_ops;      /* operations */
    size_t max_len;    /* of a read or write, bytes */
    uint64_t max_size; /* of a resize, bytes */
    bool sectors_only; /* offsets and lengths are multiples of 512 */
    const char *order_clause; /* if not null, bits and flushes are judged as
                                 this clause, on simulated storage */
};

/* Runs random operations on a new image and checks each read, the whole disk
 * at the end, and the bitmap, as CLAUSE.  A failing list is run again in new
 * worlds until no operation can be left out; what remains is reported in
 * words, with the seed. */
void run_workload(struct env *env, const char *clause,
                  const struct workload *w);

/* A list of N things to do.  PERFORM does those that are not OFF in a new
 * world, and fails the case if something is wrong; TELL says them in words.
 * ARG stays until run_list() is left. */
struct list {
    size_t n;
    void (*perform)(struct env *env, const void *arg, const uint8_t *off);
    void (*tell)(char *out, size_t size, const void *arg, const uint8_t *off);
    const void *arg;
    void *owned; /* freed when the list is left */
};

/* Does all of it.  A failure is reported with the shortest list that still
 * fails. */
void run_list(struct env *env, const struct list *list);

#endif
