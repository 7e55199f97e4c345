/* SPDX-License-Identifier: MIT
 *
 * model_trail.c - what Spin tells of the model spec/model/protocol.pml, a
 * line a step, is made a recording of simulated storage, and the engine of
 * power cuts judges it: the model and the engine mean the same storage and
 * the same clauses.
 *
 *   spin -t -T protocol.pml | model-trail [through]
 *
 * Status 0: no state at any point is wrong; 1: one is, its clauses are told,
 * and its witness shows it again; 2: the steps make no sense.
 *
 * A cluster of the model is two sectors, data and fill; here each guest has a
 * sector of a small cluster for its data, and the fill is the other three.
 * Clusters 0 and 1 share a byte of the bitmap, cluster 2 is in the next.
 * Deliberately missing: the choice of the cut itself; the engine tries them
 * all.
 */
#include "crash_small.h"
#include "disk/record.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define C SMALL_CLUSTER
#define S 512u
#define N_CLUSTERS 3
#define N_GUESTS 2
#define MAX_CALLS 16
#define NONE SIZE_MAX

enum { ACQUITTED, CONVICTED, NONSENSE };
enum { IMAGE = 1, ADDCOW = 2 }; /* inodes */

static const struct small_shape shape = {.image_len = 9 * C,
                                         .backing_len = 9 * C};
static const uint64_t places[N_CLUSTERS] = {0, C, 8 * C};

struct guest {
    size_t call;  /* in flight, or NONE */
    size_t mark;  /* its event */
    size_t flush; /* the event of a flush of the host, or NONE */
};

struct trail {
    struct small world;
    struct record *record;
    struct crash_call calls[MAX_CALLS];
    uint8_t data[MAX_CALLS][S];
    size_t n_calls;
    struct guest guests[N_GUESTS];
};

static struct trail t;

/* ---- The recording ------------------------------------------------------ */

static void open_file(const char *name, uint64_t inode)
{
    char text[64];
    struct event e = {.kind = EV_OPEN, .inode = inode, .text = text};

    snprintf(text, sizeof(text), "%s", name);
    record_end(t.record, record_begin(t.record, &e), ADDCOW_OK);
}

static void host_write(uint64_t inode, const void *data, size_t len,
                       uint64_t offset)
{
    uint8_t copy[C];
    struct event e = {.kind = EV_WRITE,
                      .inode = inode,
                      .len = len,
                      .offset = offset,
                      .data = copy,
                      .n_applied = len};

    memcpy(copy, data, len);
    record_end(t.record, record_begin(t.record, &e), ADDCOW_OK);
}

static size_t begin_flush(uint64_t inode)
{
    struct event e = {.kind = EV_FLUSH, .inode = inode};

    return record_begin(t.record, &e);
}

/* Where G writes its data. */
static uint64_t place(const struct guest *g, int cluster)
{
    return places[cluster] + (uint64_t)(g - t.guests) * S;
}

/* ---- Requests ----------------------------------------------------------- */

static int begin_call(struct guest *g, int cluster)
{
    char text[] = "request";
    struct event e = {.kind = EV_GUEST, .text = text};

    if (t.n_calls == MAX_CALLS)
        return NONSENSE;
    g->call = t.n_calls++;
    g->mark = record_begin(t.record, &e);
    t.calls[g->call].op.kind = cluster < 0 ? CRASH_FLUSH : CRASH_WRITE;
    t.calls[g->call].op.len = cluster < 0 ? 0 : S;
    t.calls[g->call].op.offset = cluster < 0 ? 0 : place(g, cluster);
    t.calls[g->call].data = t.data[g->call];
    t.calls[g->call].began = record_at(t.record, g->mark)->began;
    memset(t.data[g->call], (int)(0x10 + g->call), S);
    return ACQUITTED;
}

static int end_call(struct guest *g)
{
    if (g->call == NONE)
        return NONSENSE;
    record_end(t.record, g->mark, ADDCOW_OK);
    t.calls[g->call].ended = record_at(t.record, g->mark)->ended;
    g->call = NONE;
    return ACQUITTED;
}

/* ---- Steps -------------------------------------------------------------- */

static int write_data(struct guest *g, int cluster)
{
    if (g->call == NONE && begin_call(g, cluster))
        return NONSENSE;
    host_write(IMAGE, t.data[g->call], S, place(g, cluster));
    return ACQUITTED;
}

static int write_fill(struct guest *g, int cluster)
{
    uint64_t start = places[cluster];
    uint64_t data;

    if (g->call == NONE && begin_call(g, cluster))
        return NONSENSE;
    data = place(g, cluster);
    if (data > start)
        host_write(IMAGE, t.world.backing + start, data - start, start);
    host_write(IMAGE, t.world.backing + data + S, start + C - data - S,
               data + S);
    return ACQUITTED;
}

static int write_bits(unsigned bits)
{
    uint8_t bytes[2] = {bits & 3, bits >> 2 & 1};

    host_write(ADDCOW, bytes, sizeof(bytes), TOY_HEADER_LEN);
    return ACQUITTED;
}

static int end_flush(struct guest *g)
{
    if (g->flush == NONE)
        return NONSENSE;
    record_end(t.record, g->flush, ADDCOW_OK);
    g->flush = NONE;
    return ACQUITTED;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static int guest_step(struct guest *g, const char *what)
{
    int cluster = 0;
    int version;
    unsigned bits;

    if (sscanf(what, "data of cluster %d, version %d", &cluster, &version) ==
        2)
        return cluster < N_CLUSTERS ? write_data(g, cluster) : NONSENSE;
    if (sscanf(what, "fill of cluster %d", &cluster) == 1)
        return cluster < N_CLUSTERS ? write_fill(g, cluster) : NONSENSE;
    if (sscanf(what, "bits, now %u", &bits) == 1)
        return write_bits(bits);
    if (begins(what, "submits a flush"))
        return begin_call(g, -1);
    if (begins(what, "calls the flush of the image file"))
        g->flush = begin_flush(IMAGE);
    else if (begins(what, "calls the flush of the add-cow file"))
        g->flush = begin_flush(ADDCOW);
    else if (begins(what, "the image file is flushed") ||
             begins(what, "the add-cow file is flushed"))
        return end_flush(g);
    else if (begins(what, "write of cluster") ||
             begins(what, "flush acknowledged"))
        return end_call(g);
    else
        return NONSENSE;
    return ACQUITTED;
}

/* "start: cluster 1 is allocated" comes before all else. */
static int start(const char *what)
{
    int bit = begins(what, "cluster 1 is allocated");
    struct small_shape s = shape;

    s.bits[0] = bit ? 2 : 0;
    small_init(&t.world, &s, &toy_right);
    open_file(t.world.setup.image.name, IMAGE);
    open_file(t.world.setup.addcow.name, ADDCOW);
    return bit || begins(what, "no cluster is allocated") ? ACQUITTED
                                                          : NONSENSE;
}

static int take_line(char *line)
{
    char *what = strstr(line, ": ");
    int guest;

    line += strspn(line, " \t");
    if (begins(line, "start: "))
        return start(what + 2);
    if (what && sscanf(line, "guest %d: ", &guest) == 1 && guest >= 0 &&
        guest < N_GUESTS)
        return guest_step(&t.guests[guest], what + 2);
    return ACQUITTED; /* of Spin itself, or of the cut */
}

/* ---- Judging ------------------------------------------------------------ */

static int decide(struct crash_failure *out, uint32_t flags,
                  const char *witness)
{
    static const struct crash_limits limits = {.flags = CRASH_NO_REDO};
    struct crash *c = crash_new(&t.world.setup, &limits);
    int result;

    if (witness)
        crash_only(c, witness);
    result = crash_run_record(c, t.record, t.calls, t.n_calls, flags);
    *out = *crash_failure(c);
    crash_free(c);
    return result;
}

static int judge(uint32_t flags)
{
    struct crash_failure first;
    struct crash_failure again;

    if (decide(&first, flags, NULL) == 0) {
        printf("acquitted: %zu requests\n", t.n_calls);
        return ACQUITTED;
    }
    printf("convicted: %s: %s\nwitness: %s\n", first.clauses, first.got,
           first.witness);
    if (decide(&again, flags, first.witness) == 0)
        return NONSENSE;
    return CONVICTED;
}

int main(int argc, char **argv)
{
    char line[256];
    int result = ACQUITTED;
    uint32_t flags = argc > 1 && strcmp(argv[1], "through") == 0
                         ? ADDCOW_OPEN_WRITETHROUGH
                         : 0;

    t.record = record_new();
    for (size_t i = 0; i < N_GUESTS; i++)
        t.guests[i] = (struct guest){NONE, NONE, NONE};
    while (result == ACQUITTED && fgets(line, sizeof(line), stdin))
        result = take_line(line);
    if (result != ACQUITTED)
        fprintf(stderr, "model-trail: %s", line);
    else
        result = t.world.setup.shim ? judge(flags) : NONSENSE;
    record_free(t.record);
    return result;
}
