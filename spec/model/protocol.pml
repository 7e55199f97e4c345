/* SPDX-License-Identifier: MIT
 *
 * protocol.pml - writing, flushing and the power cut, as a model for Spin.
 *
 * Two guests send requests that are in flight together. A writer carries them
 * out in the order of chapter 9: data, flush of the image file, bits, flush
 * of the add-cow file. Storage behaves as chapter 10 allows. At any point the
 * power may go; what the files then hold is any choice that DUR-3 leaves, and
 * the three invariants at the end of this file are asserted of it. Spin tries
 * every order of steps and every choice.
 *
 * Modelled
 *   A cluster is two sectors: the data that a guest writes, and the fill that
 *   is copied up from the backing file (WR-3). Their host writes are apart.
 *   The bitmap is one sector of two bytes: the bits of clusters 0 and 1 share
 *   a byte, the bit of cluster 2 is in the next. Cluster 1 may be allocated,
 *   durably, before anything starts.
 *   A host write is visible at once and volatile (DUR-1). A host flush is a
 *   call and a return, and covers what had completed before the call (DUR-2).
 *   Bits are written by reading and writing back, in two steps, a sector at a
 *   time, or with -DBYTES a byte at a time.
 *   Writeback: a write is acknowledged when its data is on the host, a flush
 *   when what was acknowledged before it is durable (FLS-2, FLS-3, FLS-5).
 *   -DWRITETHROUGH: a write is acknowledged when it is durable (FLS-4).
 *
 * Left out
 *   Failing hosts (FLS-6 to FLS-10), giving up parts of the bitmap (FLS-13),
 *   closing (FLS-14), flushes omitted because nothing is pending (FLS-11,
 *   FLS-12): every flush here flushes both files. Lengths of files, create
 *   and resize. What happens after reopening: one cut ends the run.
 *   Requests over several clusters: each is several requests of one cluster.
 *
 * Supports FLS-1, FLS-4, FLS-5, FLS-18, DUR-9, DUR-11, DUR-12 and DUR-16, and
 * with -DNO_CUT (no power cut, so that Spin sees a guest that waits for ever)
 * that every request returns. README.txt names the macros that break the
 * protocol, one each, and says how to run all this.
 */

#define CLUSTERS 3
#define LAST     (CLUSTERS - 1)
#define GUESTS   2
#ifndef REQUESTS
#define REQUESTS 2 /* of each guest */
#endif

/* Sets of clusters, and the bitmap's sector, are numbers of CLUSTERS bits.
 * Sets of such sectors are numbers of 2^CLUSTERS bits. */
#define SECTORS     8
#define BIT(c)      (1 << (c))
#define HAS(set, c) (((set) >> (c)) & 1)
#define BITS_OF_BYTE_0 3
#define BITS_OF_BYTE_1 4
#define BITS_OF_ALL    7

/* What is locked is a byte, what is written back is the sector. */
#ifdef STALE_SECTOR
#define BYTES
#define WRITTEN(u) BITS_OF_ALL
#else
#define WRITTEN(u) UNIT(u)
#endif

/* The unit that is read, changed and written back, one lock for each. */
#ifdef BYTES
#define UNITS   2
#define UNIT(u) ((u) == 0 -> BITS_OF_BYTE_0 : BITS_OF_BYTE_1)
#else
#define UNITS   1
#define UNIT(u) BITS_OF_ALL
#endif

/* ---- The host --------------------------------------------------------------
 *
 * Versions of a data sector count up from 0, the bytes that the image file
 * held before. Any from the durable to the visible one may survive a cut. */
byte data_visible[CLUSTERS];
byte data_durable[CLUSTERS];
byte fill_visible; /* set of clusters whose fill is written */
byte fill_durable;
byte bits_visible;
byte bits_may_survive;        /* set of sectors */
byte bits_since_call[GUESTS]; /* set of sectors; 0: no flush is running */
bool power = true;

/* ---- The writer's memory ------------------------------------------------ */
byte allocated;         /* clusters whose data and fill are written */
byte copying;           /* clusters that a guest's request copies up */
bool bits_locked[UNITS];

/* ---- What the guests know ----------------------------------------------- */
byte acknowledged[CLUSTERS]; /* newest version acknowledged */
byte durable[CLUSTERS];      /* newest version that must survive */
byte bits_that_stay;         /* bits that were durably 1 */

inline raise(value, to) {
    if
    :: value < to -> value = to
    :: else
    fi
}

/* ---- Host calls --------------------------------------------------------- */

inline host_write_data(c, version) {
    d_step {
        data_visible[c]++;
        version = data_visible[c];
        printf("guest %d: data of cluster %d, version %d\n", me, c, version)
    }
}

inline host_write_fill(c) {
    d_step {
        fill_visible = fill_visible | BIT(c);
        printf("guest %d: fill of cluster %d\n", me, c)
    }
}

inline host_flush_image() {
    d_step {
        for (i : 0 .. LAST) {
            data_at_call[i] = data_visible[i]
        }
        i = 0;
        fill_at_call = fill_visible;
        printf("guest %d: calls the flush of the image file\n", me)
    }
#ifdef LATE_SNAPSHOT
    snapshot = allocated;
#endif
    d_step {
        for (i : 0 .. LAST) {
            raise(data_durable[i], data_at_call[i]);
            data_at_call[i] = 0
        }
        i = 0;
        fill_durable = fill_durable | fill_at_call;
        fill_at_call = 0;
        printf("guest %d: the image file is flushed\n", me)
    }
}

/* A version of the sector is a snapshot of all of it, bytes that this write
 * left alone included (DUR-3). */
inline host_write_bits(written, bits) {
    d_step {
        bits_visible = (bits_visible & ~(written)) | ((bits) & (written));
        bits_may_survive = bits_may_survive | BIT(bits_visible);
        for (i : 0 .. GUESTS - 1) {
            if
            :: bits_since_call[i] != 0 ->
                bits_since_call[i] = bits_since_call[i] | BIT(bits_visible)
            :: else
            fi
        }
        i = 0;
        printf("guest %d: bits, now %d\n", me, bits_visible)
    }
}

inline host_flush_addcow() {
    d_step {
        bits_since_call[me] = BIT(bits_visible);
        printf("guest %d: calls the flush of the add-cow file\n", me)
    }
    d_step {
        /* Another flush may have come further: the shorter chain is right. */
        bits_may_survive = bits_may_survive & bits_since_call[me];
        bits_since_call[me] = 0;
        copy = BITS_OF_ALL;
        for (i : 0 .. SECTORS - 1) {
            if
            :: HAS(bits_may_survive, i) -> copy = copy & i
            :: else
            fi
        }
        bits_that_stay = bits_that_stay | copy;
        i = 0;
        copy = 0;
        printf("guest %d: the add-cow file is flushed\n", me)
    }
}

/* ---- The protocol ------------------------------------------------------- */

/* One at a time copies a cluster up; overwrites need no order (WR-23). */
inline write_cluster(c, version) {
    atomic {
        !HAS(copying, c);
        if
        :: !HAS(allocated, c) -> copying = copying | BIT(c)
        :: else
        fi
    }
    if
    :: HAS(copying, c) ->
        if
        :: host_write_data(c, version); host_write_fill(c)
        :: host_write_fill(c); host_write_data(c, version)
        fi;
        d_step {
            allocated = allocated | BIT(c);
            copying = copying & ~BIT(c)
        }
    :: else -> host_write_data(c, version)
    fi
}

/* Only the bits of the snapshot are made 1, whatever is allocated by now. A
 * unit that has none of them is written back as it is, a 1 over a 1. */
inline write_bits() {
    do
    :: unit < UNITS ->
#ifndef STALE_READ
        atomic { !bits_locked[unit] -> bits_locked[unit] = true }
#endif
        copy = bits_visible;
        host_write_bits(WRITTEN(unit), copy | (snapshot & UNIT(unit)));
        d_step {
            copy = 0;
            bits_locked[unit] = false;
            unit++
        }
    :: unit == UNITS -> break
    od;
    unit = 0
}

/* Makes durable what is complete when it is called. */
inline make_durable() {
    snapshot = allocated;
#ifdef BITS_BEFORE_DATA_FLUSH
    write_bits();
    host_flush_image();
#else
#ifndef NO_DATA_FLUSH
    host_flush_image();
#endif
#ifdef LIVE_TABLE
    snapshot = allocated;
#endif
    write_bits();
#endif
#ifndef ACKNOWLEDGE_BEFORE_BITS_FLUSH
    host_flush_addcow();
#endif
    snapshot = 0
}

inline request_write() {
    if
    :: c = 0
    :: c = 1
    :: c = 2
    fi;
    write_cluster(c, version);
#ifdef WRITETHROUGH
    make_durable();
#endif
    d_step {
        raise(acknowledged[c], version);
#ifdef WRITETHROUGH
        raise(durable[c], version);
#endif
        printf("guest %d: write of cluster %d acknowledged\n", me, c);
        c = 0;
        version = 0
    }
}

inline request_flush() {
    d_step {
        for (i : 0 .. LAST) {
            submitted[i] = acknowledged[i]
        }
        i = 0;
        printf("guest %d: submits a flush\n", me)
    }
    make_durable();
    d_step {
        for (i : 0 .. LAST) {
            raise(durable[i], submitted[i]);
            submitted[i] = 0
        }
        i = 0;
        printf("guest %d: flush acknowledged\n", me)
    }
}

/* ---- Guests and the power ----------------------------------------------- */

proctype guest(byte me) provided (power) {
    byte requests; /* sent so far */
    byte c;
    byte version;
    byte snapshot;
    byte unit;
    byte copy; /* of the bitmap's sector */
    byte data_at_call[CLUSTERS];
    byte fill_at_call;
    byte submitted[CLUSTERS]; /* acknowledged when the flush was submitted */
    byte i;

    do
    :: requests < REQUESTS ->
        requests++;
        request_write()
#ifndef WRITETHROUGH
    :: requests < REQUESTS ->
        requests++;
        request_flush()
#endif
    :: requests == REQUESTS -> break
    od
}

/* One cluster is looked at, any: the choices for others do not matter to it.
 * c, bits, data and fill are what survived. */
#ifndef NO_CUT
proctype the_cut() {
    byte c;
    byte bits;
    byte data;
    bool fill;
    bool old_bytes_never_show = true;
    bool durable_version_shows = true;
    bool durable_bit_stays = true;

    atomic {
        power = false;
        select(c : 0 .. LAST);
        select(bits : 0 .. SECTORS - 1);
        HAS(bits_may_survive, bits);
        select(data : data_durable[c] .. data_visible[c]);
        if
        :: fill = HAS(fill_durable, c)
        :: fill = HAS(fill_visible, c)
        fi;
        printf("cut: cluster %d, bits %d, data %d, fill %d survive\n", c,
            bits, data, fill);
        if
        :: HAS(bits, c) ->
            old_bytes_never_show = data != 0 && fill;
            durable_version_shows = data >= durable[c]
        :: else ->
            durable_version_shows = durable[c] == 0;
            durable_bit_stays = !HAS(bits_that_stay, c)
        fi;
#ifdef INVARIANT
        assert(INVARIANT);
#else
        assert(old_bytes_never_show);  /* DUR-11 */
        assert(durable_bit_stays);     /* DUR-12, DUR-16 */
        assert(durable_version_shows); /* DUR-9 */
#endif
        /* Forget the choice: what is the same is met once. */
        c = 0;
        bits = 0;
        data = 0;
        fill = 0
    }
}
#endif

init {
    atomic {
        if
        :: bits_may_survive = BIT(0);
            printf("start: no cluster is allocated\n")
        :: allocated = BIT(1);
            data_visible[1] = 1;
            data_durable[1] = 1;
            durable[1] = 1;
            fill_visible = BIT(1);
            fill_durable = BIT(1);
            bits_visible = BIT(1);
            bits_that_stay = BIT(1);
            bits_may_survive = BIT(BIT(1));
            printf("start: cluster 1 is allocated\n")
        fi;
        run guest(0);
        run guest(1);
#ifndef NO_CUT
        run the_cut()
#endif
    }
}
