#include "loader/trace/output.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "kernel/remote.h"
#include "kernel/lock.h"

/* A terminal or a pipe gets each line at once. A file gets many with one system call, and what is kept back
 * at least that often; a file that is opened for appending takes each write whole. */
#define BUFFER_SIZE    0x10000
#define FLUSH_INTERVAL 100000000 /* nanoseconds */

static int descriptor = STDERR_FILENO;
static bool buffered;
static struct lock lock;
static char buffer[BUFFER_SIZE];
static size_t used;

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

static void flush_under_lock(void)
{
    write_all(buffer, used);
    used = 0;
}

void output_flush(void)
{
    lock_acquire(&lock);
    flush_under_lock();
    lock_release(&lock);
}

void output_write(const char *lines, size_t size)
{
    lock_acquire(&lock);
    if (used + size > sizeof buffer)
        flush_under_lock();
    if (buffered && size <= sizeof buffer) {
        memcpy(buffer + used, lines, size);
        used += size;
    } else {
        write_all(lines, size);
    }
    lock_release(&lock);
}

static void *flush_regularly(void *unused)
{
    pthread_setname_np(pthread_self(), REMOTE_HIDDEN_NAME);
    for (;;) {
        nanosleep(&(struct timespec){.tv_nsec = FLUSH_INTERVAL}, NULL);
        if (__atomic_load_n(&used, __ATOMIC_RELAXED))
            output_flush();
    }
    return NULL;
}

/* No signal of the program's is for this thread. */
static void start_flushing(void)
{
    pthread_t thread;
    pthread_attr_t attributes;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 0x10000);
    buffered = !pthread_create(&thread, &attributes, flush_regularly, NULL);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
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
        start_flushing();
    return NULL;
}
