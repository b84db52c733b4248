#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/status.h"
#include "kernel/thread.h"
#include "kernel/time.h"

/* -- priorities ---------------------------------------------------------------------------------------- */

#define NICE_BIT_OF_CAPABILITIES 23

/* Without this privilege, or a limit that reaches so far, a thread that has lowered its priority never gets
 * it back. */
static bool may_raise_to(int nice)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct capabilities[_LINUX_CAPABILITY_U32S_3];
    struct rlimit limit;
    if (syscall(SYS_capget, &header, capabilities) == 0 &&
        capabilities[0].effective >> NICE_BIT_OF_CAPABILITIES & 1)
        return true;
    return getrlimit(RLIMIT_NICE, &limit) == 0 && limit.rlim_cur >= (rlim_t)(20 - nice);
}

/* How much nicer than the process a thread of that priority is: roughly a quarter of the processor's time
 * less for each step, as much as a thread of Windows feels where others have work, too. */
static int nice_of(LONG priority)
{
    switch (priority) {
    case THREAD_PRIORITY_IDLE:
        return 19;
    case THREAD_PRIORITY_TIME_CRITICAL:
        return -15;
    default:
        return priority * -4;
    }
}

/* Linux may refuse, as it does to most processes that want more than others. Windows' value is remembered and
 * reported all the same: a program cannot tell a higher priority from a machine with little to do. */
static void apply_priority(const struct thread *thread, LONG priority)
{
    static int nice_of_process;
    static enum { UNKNOWN, MOVABLE, FIXED } state;
    if (state == UNKNOWN) {
        nice_of_process = getpriority(PRIO_PROCESS, getpid());
        state = may_raise_to(nice_of_process) ? MOVABLE : FIXED;
    }
    if (state == MOVABLE)
        setpriority(PRIO_PROCESS, thread->id, max(-20, min(19, nice_of_process + nice_of(priority))));
}

NTSTATUS thread_set_priority(struct thread *thread, LONG priority)
{
    bool extreme = priority == THREAD_PRIORITY_IDLE || priority == THREAD_PRIORITY_TIME_CRITICAL;
    if (!extreme && (priority < THREAD_PRIORITY_LOWEST || priority > THREAD_PRIORITY_HIGHEST))
        return STATUS_INVALID_PARAMETER;
    if (__atomic_exchange_n(&thread->priority, priority, __ATOMIC_RELAXED) != priority && !thread->ended)
        apply_priority(thread, priority);
    return STATUS_SUCCESS;
}

/* -- the rest ------------------------------------------------------------------------------------------ */

NTSTATUS thread_set_affinity(struct thread *thread, KAFFINITY mask, KAFFINITY *previous)
{
    KAFFINITY process = process_environment.ActiveProcessAffinityMask;
    cpu_set_t set;
    if (mask == 0 || mask & ~process)
        return STATUS_INVALID_PARAMETER;
    CPU_ZERO(&set);
    for (unsigned i = 0; i < 8 * sizeof mask; i++)
        if (mask >> i & 1)
            CPU_SET(i, &set);
    if (sched_setaffinity(thread->id, sizeof set, &set) != 0)
        return status_from_errno(errno);
    KAFFINITY old = __atomic_exchange_n(&thread->affinity, mask, __ATOMIC_RELAXED);
    *previous = old ? old : process;
    return STATUS_SUCCESS;
}

NTSTATUS thread_set_affinity_or_all(struct thread *thread, KAFFINITY mask, KAFFINITY *previous)
{
    KAFFINITY process = process_environment.ActiveProcessAffinityMask;
    /* With more than 32 processors such a mask may just name 32 of them. */
    bool all = (ULONG)mask == MAXDWORD && mask & ~process;
    return thread_set_affinity(thread, all ? process : mask, previous);
}

NTSTATUS thread_set_name(struct thread *thread, const WCHAR *name, size_t length)
{
    WCHAR *copy = malloc((length + 1) * sizeof *copy);
    if (!copy)
        return STATUS_NO_MEMORY;
    memcpy(copy, name, length * sizeof *copy);
    copy[length] = 0;
    lock_acquire(&thread->apc_lock);
    WCHAR *old = thread->name;
    thread->name = copy;
    lock_release(&thread->apc_lock);
    free(old);
    return STATUS_SUCCESS;
}

WCHAR *thread_copy_name(struct thread *thread, void *(*allocate)(size_t size))
{
    lock_acquire(&thread->apc_lock);
    size_t length = 0;
    while (thread->name && thread->name[length])
        length++;
    WCHAR *copy = allocate((length + 1) * sizeof *copy);
    if (copy) {
        memcpy(copy, thread->name, length * sizeof *copy);
        copy[length] = 0;
    }
    lock_release(&thread->apc_lock);
    return copy;
}

static uint64_t ticks_of(const struct timeval *time)
{
    return time->tv_sec * TIME_TICKS_PER_SECOND + time->tv_usec * 10;
}

/* Of another living thread; false where it has just ended. Its name, in parentheses, may hold anything. */
static bool read_times(DWORD id, uint64_t *kernel, uint64_t *user)
{
    char path[64], text[512];
    unsigned long long user_clocks, kernel_clocks;
    snprintf(path, sizeof path, "/proc/self/task/%u/stat", (unsigned)id);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0)
        return false;
    text[length] = 0;
    const char *rest = strrchr(text, ')');
    if (!rest || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user_clocks,
                        &kernel_clocks) != 2)
        return false;
    uint64_t ticks_per_clock = TIME_TICKS_PER_SECOND / sysconf(_SC_CLK_TCK);
    *user = user_clocks * ticks_per_clock;
    *kernel = kernel_clocks * ticks_per_clock;
    return true;
}

void thread_times(struct thread *thread, uint64_t *kernel, uint64_t *user)
{
    struct rusage usage;
    if (thread == thread_current() && getrusage(RUSAGE_THREAD, &usage) == 0) {
        *user = ticks_of(&usage.ru_utime);
        *kernel = ticks_of(&usage.ru_stime);
    } else if (thread->ended || !read_times(thread->id, kernel, user)) {
        *user = thread->user_time;
        *kernel = thread->kernel_time;
    }
}
