/* SystemProcessInformation: every process with its threads. */
#include "dlls/ntdll/system_information.h"
#include "kernel/handle.h"
#include "kernel/host_process.h"
#include "kernel/process.h"
#include "kernel/thread.h"
#include "kernel/utf.h"

/* SYSTEM_PROCESS_INFORMATION, of which MinGW-w64's headers leave a part unnamed. */
struct process_entry {
    ULONG next_offset, thread_count;
    LARGE_INTEGER working_set_private_size;
    ULONG hard_fault_count, thread_high_watermark;
    ULONGLONG cycle_time;
    LARGE_INTEGER created, user_time, kernel_time;
    UNICODE_STRING name;
    KPRIORITY base_priority;
    HANDLE id, parent;
    ULONG handle_count, session;
    ULONG_PTR key;
    VM_COUNTERS memory;
    SIZE_T private_size;
    IO_COUNTERS io;
};

/* SYSTEM_THREAD_INFORMATION. */
struct thread_entry {
    LARGE_INTEGER kernel_time, user_time, created;
    ULONG wait_time;
    void *start;
    CLIENT_ID client_id;
    KPRIORITY priority, base_priority;
    ULONG context_switches, state, wait_reason;
};

/* What SYSTEM_EXTENDED_THREAD_INFORMATION has after that. */
struct thread_extension {
    void *stack_base, *stack_limit, *win32_start, *teb;
    ULONG_PTR reserved[3];
};

enum { STATE_RUNNING = 2, STATE_WAITING = 5, REASON_USER_REQUEST = 6 };

struct listing {
    struct system_answer *answer;
    bool extended;
    struct process_entry *last;       /* in the buffer */
    const struct host_process *owner; /* of the threads that are being listed */
    struct process_entry *entry;      /* its entry, if it fits */
};

/* Threads */

static void describe_own_thread(struct thread_entry *entry, struct thread_extension *extension)
{
    struct thread *thread;
    if (!NT_SUCCESS(thread_reference_by_id((DWORD)(ULONG_PTR)entry->client_id.UniqueThread, &thread)))
        return;
    entry->start = (void *)thread->start;
    entry->priority = thread_absolute_priority(thread);
    entry->created.QuadPart = thread->created;
    if (extension)
        *extension = (struct thread_extension){
            .stack_base = thread->teb.Tib.StackBase,
            .stack_limit = thread->teb.Tib.StackLimit,
            .win32_start = (void *)thread->start,
            .teb = &thread->teb,
        };
    thread_release(thread);
}

static bool add_thread(DWORD id, void *context)
{
    struct listing *listing = context;
    struct host_process host;
    const struct host_process *owner = listing->owner;
    if (!host_process_read(owner->id, id, &host))
        return true;
    struct thread_entry *entry = system_answer_add(listing->answer, sizeof *entry);
    struct thread_extension *extension =
        listing->extended ? system_answer_add(listing->answer, sizeof *extension) : NULL;
    if (listing->entry)
        listing->entry->thread_count++;
    if (!entry)
        return true;
    *entry = (struct thread_entry){
        .kernel_time.QuadPart = host.kernel_time,
        .user_time.QuadPart = host.user_time,
        .created.QuadPart = host.created,
        .client_id = {(HANDLE)(ULONG_PTR)owner->id, (HANDLE)(ULONG_PTR)id},
        .priority = process_base_priority_of(process_priority_class_of_nice(host.nice)),
        .base_priority = process_base_priority_of(process_priority_class_of_nice(owner->nice)),
        .state = host.running ? STATE_RUNNING : STATE_WAITING,
        .wait_reason = host.running ? 0 : REASON_USER_REQUEST,
    };
    if (owner->id == process_self.id && (extension || !listing->extended))
        describe_own_thread(entry, extension);
    return true;
}

/* Processes */

static void describe_process(const struct host_process *host, struct process_entry *entry)
{
    bool own = host->id == process_self.id;
    struct host_process_memory memory = {0};
    host_process_memory(host->id, &memory);
    *entry = (struct process_entry){
        .working_set_private_size.QuadPart = memory.private,
        .thread_high_watermark = host->threads,
        .cycle_time = (host->kernel_time + host->user_time) * 100,
        .created.QuadPart = host->created,
        .user_time.QuadPart = host->user_time,
        .kernel_time.QuadPart = host->kernel_time,
        .base_priority = process_base_priority_of(own ? process_priority_class()
                                                      : process_priority_class_of_nice(host->nice)),
        .id = (HANDLE)(ULONG_PTR)host->id,
        .parent = (HANDLE)(ULONG_PTR)host->parent,
        .handle_count = own ? handle_count() : 0,
        .session = process_environment.SessionId,
        .key = host->id,
        .memory =
            {
                .PeakVirtualSize = memory.peak_virtual_size,
                .VirtualSize = host->virtual_size,
                .PageFaultCount = host->faults,
                .PeakWorkingSetSize = memory.peak_resident,
                .WorkingSetSize = host->resident,
                .PagefileUsage = memory.private,
                .PeakPagefileUsage = memory.private,
            },
        .private_size = memory.private,
    };
    host_process_io(host->id, &entry->io);
}

/* The name lies behind the threads; entries begin at multiples of 8. */
static void add_name(struct listing *listing, const struct host_process *host)
{
    WCHAR name[MAX_PATH];
    host_process_program(host, name);
    ULONG bytes = (utf16_length(name) + 1) * sizeof *name;
    WCHAR *copy = system_answer_add(listing->answer, (bytes + 7) & ~7u);
    if (!copy)
        return;
    memcpy(copy, name, bytes);
    listing->entry->name = (UNICODE_STRING){bytes - sizeof *name, bytes, copy};
}

static bool add_process(DWORD id, void *context)
{
    struct listing *listing = context;
    struct host_process host;
    if (!host_process_read(id, 0, &host))
        return true;
    struct process_entry *entry = system_answer_add(listing->answer, sizeof *entry);
    listing->owner = &host;
    listing->entry = entry;
    if (entry) {
        describe_process(&host, entry);
        if (listing->last)
            listing->last->next_offset = (char *)entry - (char *)listing->last;
        listing->last = entry;
    }
    host_process_for_each_thread(id, add_thread, listing);
    add_name(listing, &host);
    return true;
}

NTSTATUS system_tell_processes(struct system_answer *answer, bool extended)
{
    struct listing listing = {.answer = answer, .extended = extended};
    host_process_for_each(add_process, &listing);
    return STATUS_SUCCESS;
}
