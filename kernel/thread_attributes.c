#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/host_process.h"
#include "kernel/peek.h"
#include "kernel/process.h"
#include "kernel/status.h"
#include "kernel/thread.h"
#include "kernel/time.h"

/* Priorities */

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

/* By PROCESS_PRIORITY_CLASS. */
static const struct {
    int8_t base, nice;
} classes[] = {
    [PROCESS_CLASS_IDLE] = {4, 15},  [PROCESS_CLASS_BELOW_NORMAL] = {6, 7},
    [PROCESS_CLASS_NORMAL] = {8, 0}, [PROCESS_CLASS_ABOVE_NORMAL] = {10, -4},
    [PROCESS_CLASS_HIGH] = {13, -8}, [PROCESS_CLASS_REALTIME] = {24, -15},
};

bool process_boost_disabled;
static uint8_t process_class = PROCESS_CLASS_NORMAL; /* atomic */

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
    int nice = nice_of_process + classes[process_priority_class()].nice + nice_of(priority);
    if (state == MOVABLE)
        setpriority(PRIO_PROCESS, thread->id, max(-20, min(19, nice)));
}

bool thread_is_priority(LONG priority)
{
    bool extreme = priority == THREAD_PRIORITY_IDLE || priority == THREAD_PRIORITY_TIME_CRITICAL;
    return extreme || (priority >= THREAD_PRIORITY_LOWEST && priority <= THREAD_PRIORITY_HIGHEST);
}

NTSTATUS thread_set_priority(struct thread *thread, LONG priority)
{
    if (!thread_is_priority(priority))
        return STATUS_INVALID_PARAMETER;
    if (__atomic_exchange_n(&thread->priority, priority, __ATOMIC_RELAXED) != priority && !thread->ended)
        apply_priority(thread, priority);
    return STATUS_SUCCESS;
}

LONG thread_absolute_priority(const struct thread *thread)
{
    bool realtime = process_priority_class() == PROCESS_CLASS_REALTIME;
    LONG lowest = realtime ? 16 : 1, highest = realtime ? 31 : 15;
    LONG priority = __atomic_load_n(&thread->priority, __ATOMIC_RELAXED);
    if (priority == THREAD_PRIORITY_IDLE)
        return lowest;
    if (priority == THREAD_PRIORITY_TIME_CRITICAL)
        return highest;
    return max(lowest, min(highest, process_base_priority_of(process_priority_class()) + priority));
}

uint8_t process_priority_class(void)
{
    return __atomic_load_n(&process_class, __ATOMIC_RELAXED);
}

LONG process_base_priority_of(uint8_t class)
{
    return classes[class].base;
}

static void apply_class(struct thread *thread, void *unused)
{
    apply_priority(thread, __atomic_load_n(&thread->priority, __ATOMIC_RELAXED));
}

NTSTATUS process_set_priority_class(uint8_t class)
{
    if (class == 0 || class >= ARRAYSIZE(classes))
        return STATUS_INVALID_PARAMETER;
    if (__atomic_exchange_n(&process_class, class, __ATOMIC_RELAXED) != class)
        thread_for_each(apply_class, NULL);
    return STATUS_SUCCESS;
}

/* What GetPriorityClass would tell of a process of which only that is known. */
uint8_t process_priority_class_of_nice(int nice)
{
    uint8_t nearest = PROCESS_CLASS_NORMAL;
    for (unsigned i = PROCESS_CLASS_IDLE; i < ARRAYSIZE(classes); i++)
        if (abs(classes[i].nice - nice) < abs(classes[nearest].nice - nice))
            nearest = i;
    return nearest;
}

/* Processors */

KAFFINITY process_system_affinity(void)
{
    return ((KAFFINITY)2 << (process_environment.NumberOfProcessors - 1)) - 1;
}

static bool bind(DWORD id, KAFFINITY mask)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (unsigned i = 0; i < 8 * sizeof mask; i++)
        if (mask >> i & 1)
            CPU_SET(i, &set);
    return sched_setaffinity(id, sizeof set, &set) == 0;
}

/* What a thread asked for holds where the process still may. */
static void bind_to_process(struct thread *thread, void *unused)
{
    KAFFINITY process = process_environment.ActiveProcessAffinityMask;
    KAFFINITY mask = thread->affinity & process ? thread->affinity & process : process;
    if (bind(thread->id, mask) && thread->affinity)
        thread->affinity = mask;
}

NTSTATUS process_set_affinity(KAFFINITY mask)
{
    if (mask == 0 || mask & ~process_system_affinity())
        return STATUS_INVALID_PARAMETER;
    process_environment.ActiveProcessAffinityMask = mask;
    thread_for_each(bind_to_process, NULL);
    return STATUS_SUCCESS;
}

NTSTATUS thread_set_affinity(struct thread *thread, KAFFINITY mask, KAFFINITY *previous)
{
    KAFFINITY process = process_environment.ActiveProcessAffinityMask;
    if (mask == 0 || mask & ~process)
        return STATUS_INVALID_PARAMETER;
    if (!bind(thread->id, mask))
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

/* The rest */

NTSTATUS thread_set_name(struct thread *thread, const WCHAR *name, size_t length)
{
    WCHAR *copy = malloc((length + 1) * sizeof *copy);
    if (!copy)
        return STATUS_NO_MEMORY;
    if (!peek(copy, name, length * sizeof *copy)) {
        free(copy);
        return STATUS_ACCESS_VIOLATION;
    }
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

void thread_times(struct thread *thread, uint64_t *kernel, uint64_t *user)
{
    struct rusage usage;
    struct host_process information;
    if (thread == thread_current() && getrusage(RUSAGE_THREAD, &usage) == 0) {
        *user = ticks_of(&usage.ru_utime);
        *kernel = ticks_of(&usage.ru_stime);
    } else if (!thread->ended && host_process_read(process_self.id, thread->id, &information)) {
        *user = information.user_time;
        *kernel = information.kernel_time;
    } else {
        *user = thread->user_time;
        *kernel = thread->kernel_time;
    }
}

/* As many as a group has at most, for 32-bit programs on 64-bit Windows too. */
#define MOST_PROCESSORS 64

NTSTATUS thread_set(struct thread *thread, enum thread_attribute attribute, uint64_t value,
                    uint64_t *previous)
{
    KAFFINITY mask = (KAFFINITY)value, old_mask = 0;
    NTSTATUS status = STATUS_SUCCESS;
    switch (attribute) {
    case THREAD_BOOST_DISABLED:
        *previous = thread->boost_disabled;
        thread->boost_disabled = value;
        return STATUS_SUCCESS;
    case THREAD_AFFINITY:
        status = thread_set_affinity(thread, mask, &old_mask);
        *previous = old_mask;
        return status;
    case THREAD_AFFINITY_OR_ALL:
        status = thread_set_affinity_or_all(thread, mask, &old_mask);
        *previous = old_mask;
        return status;
    case THREAD_IDEAL_PROCESSOR:
        if (value > MOST_PROCESSORS)
            return STATUS_INVALID_PARAMETER;
        *previous = thread->ideal_processor;
        if (value < process_environment.NumberOfProcessors)
            thread->ideal_processor = value;
        return STATUS_SUCCESS;
    default:
        return STATUS_NOT_SUPPORTED;
    }
}

void thread_describe(struct thread *thread, struct thread_details *details)
{
    *details = (struct thread_details){
        .created = thread->created,
        .ended = thread->ended,
        .affinity = thread->affinity ? thread->affinity : process_environment.ActiveProcessAffinityMask,
        .start = (void *)thread->start,
        .ideal_processor = thread->ideal_processor,
        .suspend_count = suspend_count(&thread->suspension),
        .priority = __atomic_load_n(&thread->priority, __ATOMIC_RELAXED),
        .absolute_priority = thread_absolute_priority(thread),
        .boost_disabled = thread->boost_disabled,
    };
    thread_times(thread, &details->kernel_time, &details->user_time);
}
