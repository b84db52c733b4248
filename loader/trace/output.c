#include "loader/trace/output.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "kernel/helper_thread.h"
#include "kernel/lock.h"

/* A terminal or a pipe gets each line at once. A file gets many with one system call, and what is kept back
 * at least that often; a file that is opened for appending takes each write whole.
 *
 * What is kept back is in one of two blocks. A line gets its place there by an atomic addition, so that
 * a thread that loses the processor while it copies its line holds up nobody. Whose line finds no room closes
 * the block: it opens the other, waits for the lines that are still being copied, and writes. */
#define BLOCK_SIZE     0x10000
#define FLUSH_INTERVAL 100000000 /* nanoseconds */

/* What threads on several processors write has cache lines of its own, or they wait for each other's. */
#define CACHE_LINE 64
#define COUNTERS   16

struct counter {
    uint32_t bytes __attribute__((aligned(CACHE_LINE))); /* atomic */
};

struct block {
    struct counter reserved;         /* what has been given out, more than there is once it is closed */
    struct counter filled[COUNTERS]; /* what has its content; the sum counts */
    char bytes[BLOCK_SIZE];
};

static int descriptor = STDERR_FILENO;
static bool buffered;
static struct block blocks[2];
static uint32_t current; /* atomic: the blocks that have been closed; tells which is open */
static struct lock writing;

/* The calling thread's counter of what has been filled. */
static struct counter *own_counter(struct block *block)
{
    static uint32_t threads;
    static __thread uint32_t number;
    if (!number)
        number = __atomic_add_fetch(&threads, 1, __ATOMIC_RELAXED);
    return &block->filled[number % COUNTERS];
}

static uint32_t filled_bytes(const struct block *block)
{
    uint32_t sum = 0;
    for (int i = 0; i < COUNTERS; i++)
        sum += __atomic_load_n(&block->filled[i].bytes, __ATOMIC_ACQUIRE);
    return sum;
}

static void open_anew(struct block *block)
{
    for (int i = 0; i < COUNTERS; i++)
        __atomic_store_n(&block->filled[i].bytes, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&block->reserved.bytes, 0, __ATOMIC_RELEASE);
}

static void write_all(const char *bytes, size_t size)
{
    while (size) {
        ssize_t written = write(descriptor, bytes, size);
        if (written < 0 && errno != EINTR)
            return;
        if (written > 0) {
            bytes += written;
            size -= written;
        }
    }
}

static struct block *open_block(uint32_t number)
{
    return &blocks[number % ARRAYSIZE(blocks)];
}

/* Whoever has closed a block before is done with the other one when it gives up the lock. */
static void write_block(uint32_t used)
{
    lock_acquire(&writing);
    const struct block *closed = open_block(current);
    open_anew(open_block(current + 1));
    __atomic_store_n(&current, current + 1, __ATOMIC_RELEASE);
    futex_wake(&current, INT_MAX);
    while (filled_bytes(closed) != used)
        sched_yield();
    write_all(closed->bytes, used);
    lock_release(&writing);
}

/* Returns whether there is a place of that size at *at. If not, another block is open now. */
static bool reserve(struct block **block, uint32_t *at, uint32_t size)
{
    uint32_t number = __atomic_load_n(&current, __ATOMIC_ACQUIRE);
    *block = open_block(number);
    *at = __atomic_fetch_add(&(*block)->reserved.bytes, size, __ATOMIC_ACQUIRE);
    if (size <= BLOCK_SIZE && *at <= BLOCK_SIZE - size)
        return true;
    if (*at <= BLOCK_SIZE) {
        write_block(*at);
    } else {
        while (__atomic_load_n(&current, __ATOMIC_ACQUIRE) == number)
            futex_wait(&current, number, NULL);
    }
    return false;
}

void output_flush(void)
{
    struct block *block;
    uint32_t at;
    do
        reserve(&block, &at, BLOCK_SIZE + 1);
    while (at > BLOCK_SIZE);
}

void output_write(const char *lines, size_t size)
{
    struct block *block;
    uint32_t at;
    if (buffered && size <= BLOCK_SIZE) {
        while (!reserve(&block, &at, size))
            ;
        memcpy(block->bytes + at, lines, size);
        __atomic_fetch_add(&own_counter(block)->bytes, size, __ATOMIC_RELEASE);
        return;
    }
    if (buffered)
        output_flush();
    lock_acquire(&writing);
    write_all(lines, size);
    lock_release(&writing);
}

static void flush_regularly(void)
{
    for (;;) {
        nanosleep(&(struct timespec){.tv_nsec = FLUSH_INTERVAL}, NULL);
        uint32_t number = __atomic_load_n(&current, __ATOMIC_ACQUIRE);
        if (__atomic_load_n(&open_block(number)->reserved.bytes, __ATOMIC_RELAXED))
            output_flush();
    }
}

const char *output_open(const char *file, bool append)
{
    struct stat status;
    if (file) {
        int opened = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (append ? 0 : O_TRUNC), 0666);
        if (opened < 0)
            return strerror(errno);
        /* Away from the numbers that the program may use itself. */
        descriptor = fcntl(opened, F_DUPFD_CLOEXEC, 100);
        close(opened);
    } else {
        descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
    }
    if (descriptor < 0)
        return strerror(errno);
    if (file && !fstat(descriptor, &status) && S_ISREG(status.st_mode))
        buffered = helper_thread_start(flush_regularly);
    return NULL;
}
