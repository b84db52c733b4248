/* What NtQueryInformationProcess knows: all of this process, and of others what Linux tells,
 * or they do themselves. */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include "dlls/ntdll/process_information.h"
#include "dlls/ntdll/process_names.h"
#include "kernel/debugger.h"
#include "kernel/handle.h"
#include "kernel/host_process.h"
#include "kernel/peek.h"
#include "kernel/process.h"
#include "kernel/remote_handle.h"
#include "kernel/section.h"
#include "kernel/time.h"
#include "kernel/vm.h"

/* MEM_EXECUTE_OPTION_*: no page is executable unless it says so, and that is not to be changed. */
#define EXECUTE_OPTIONS (1 /* disable */ | 4 /* disable thunk emulation */ | 8 /* permanent */)

/* What a process may have in memory, as Windows begins with. */
#define MINIMUM_WORKING_SET (50 * VM_PAGE)
#define MAXIMUM_WORKING_SET (345 * VM_PAGE)

union answer {
    PROCESS_BASIC_INFORMATION basic;
    QUOTA_LIMITS quota;
    IO_COUNTERS io;
    struct process_vm_counters vm;
    struct process_times times;
    struct process_priority priority;
    struct process_cycles cycles;
    struct section_image_information image;
    ULONG_PTR pointer;
    ULONG number;
    USHORT group;
    UCHAR byte;
};

/* This process or another */

static bool read_host(const struct process *process, struct host_process *host)
{
    return host_process_read(process->id, 0, host);
}

static NTSTATUS tell_basic(struct process *process, union answer *answer)
{
    bool own = process == &process_self;
    struct host_process host = {.parent = getppid()};
    DWORD exit_code;
    NTSTATUS status = process_query_exit_code(process, &exit_code);
    if (!NT_SUCCESS(status))
        return status;
    struct process_summary summary;
    if (!own)
        read_host(process, &host);
    bool answers = !process_has_ended(process) && NT_SUCCESS(process_summarize(process, &summary));
    if (!answers)
        summary = (struct process_summary){.affinity = process_environment.ActiveProcessAffinityMask};
    bool fits = summary.is_32_bit == (sizeof(void *) == 4);
    /* Some programs take what lies between the fields for part of them. */
    PROCESS_BASIC_INFORMATION *basic = memset(&answer->basic, 0, sizeof answer->basic);
    basic->ExitStatus = exit_code;
    basic->PebBaseAddress = fits ? (void *)(uintptr_t)summary.peb : NULL;
    basic->AffinityMask = summary.affinity;
    basic->BasePriority =
        process_base_priority_of(own ? process_priority_class() : process_priority_class_of_nice(host.nice));
    basic->UniqueProcessId = process->id;
    basic->InheritedFromUniqueProcessId = host.parent;
    return STATUS_SUCCESS;
}

static NTSTATUS tell_io(struct process *process, union answer *answer)
{
    return host_process_io(process->id, &answer->io) ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
}

/* What Windows charges to the page file is the memory that no file backs. Linux remembers no peak of it, and
 * a process has no quota there. */
static NTSTATUS tell_vm(struct process *process, union answer *answer)
{
    struct host_process host;
    struct host_process_memory memory;
    if (!read_host(process, &host) || !host_process_memory(process->id, &memory))
        return STATUS_NOT_SUPPORTED;
    if (process == &process_self)
        memory.virtual_size = (uint64_t)vm_highest_address() + 1 - vm_lowest_address() - vm_unused();
    answer->vm = (struct process_vm_counters){
        .counters =
            {
                .PeakVirtualSize = max(memory.virtual_size, memory.peak_virtual_size),
                .VirtualSize = memory.virtual_size,
                .PageFaultCount = host.faults,
                .PeakWorkingSetSize = memory.peak_resident,
                .WorkingSetSize = memory.resident,
                .PagefileUsage = memory.private,
                .PeakPagefileUsage = memory.private,
            },
        .private_usage = memory.private,
    };
    return STATUS_SUCCESS;
}

static int64_t ticks_of(const struct timeval *time)
{
    return time->tv_sec * TIME_TICKS_PER_SECOND + time->tv_usec * 10;
}

/* Linux counts another process's times in hundredths of a second, its own exactly. */
static NTSTATUS tell_times(struct process *process, union answer *answer)
{
    struct process_times *times = &answer->times;
    struct host_process host;
    struct rusage usage;
    *times = (struct process_times){0};
    if (process_has_ended(process) && process->exit_code_known) {
        times->created.QuadPart = process->created;
        times->ended.QuadPart = process->exited;
        times->kernel.QuadPart = process->kernel_time;
        times->user.QuadPart = process->user_time;
        return STATUS_SUCCESS;
    }
    if (!read_host(process, &host))
        return STATUS_NOT_SUPPORTED;
    times->created.QuadPart = host.created;
    times->kernel.QuadPart = host.kernel_time;
    times->user.QuadPart = host.user_time;
    if (process == &process_self && getrusage(RUSAGE_SELF, &usage) == 0) {
        times->kernel.QuadPart = ticks_of(&usage.ru_stime);
        times->user.QuadPart = ticks_of(&usage.ru_utime);
    }
    return STATUS_SUCCESS;
}

/* Processor time in units that only compare among themselves, as QueryThreadCycleTime's: nanoseconds. */
static NTSTATUS tell_cycles(struct process *process, union answer *answer)
{
    union answer times;
    NTSTATUS status = tell_times(process, &times);
    if (NT_SUCCESS(status))
        answer->cycles = (struct process_cycles){
            .accumulated = (times.times.kernel.QuadPart + times.times.user.QuadPart) * 100,
        };
    return status;
}

static NTSTATUS tell_priority(struct process *process, union answer *answer)
{
    struct host_process host;
    struct process_summary summary;
    answer->priority = (struct process_priority){0};
    if (!process_has_ended(process) && NT_SUCCESS(process_summarize(process, &summary))) {
        answer->priority.class = summary.priority_class;
        return STATUS_SUCCESS;
    }
    if (!read_host(process, &host))
        return STATUS_NOT_SUPPORTED;
    answer->priority.class = process_priority_class_of_nice(host.nice);
    return STATUS_SUCCESS;
}

static NTSTATUS tell_wow64(struct process *process, union answer *answer)
{
    bool is_32_bit;
    struct process_summary summary;
    NTSTATUS status = process_is_32_bit(process, &is_32_bit);
    answer->pointer = 0;
    if (NT_SUCCESS(status) && is_32_bit)
        answer->pointer = NT_SUCCESS(process_summarize(process, &summary)) ? summary.peb : 1;
    return status;
}

static NTSTATUS tell_session(struct process *process, union answer *answer)
{
    answer->number = process_environment.SessionId;
    return STATUS_SUCCESS;
}

static NTSTATUS tell_none(struct process *process, union answer *answer)
{
    memset(answer, 0, sizeof *answer);
    return STATUS_SUCCESS;
}

static NTSTATUS tell_image(struct process *process, union answer *answer)
{
    return process_describe_image(process, &answer->image);
}

/* This process alone */

static NTSTATUS tell_quota(struct process *process, union answer *answer)
{
    answer->quota = (QUOTA_LIMITS){
        .PagedPoolLimit = MAXULONG_PTR,
        .NonPagedPoolLimit = MAXULONG_PTR,
        .MinimumWorkingSetSize = MINIMUM_WORKING_SET,
        .MaximumWorkingSetSize = MAXIMUM_WORKING_SET,
        .PagefileLimit = MAXULONG_PTR,
        .TimeLimit.QuadPart = -1,
    };
    return STATUS_SUCCESS;
}

static NTSTATUS tell_debug_port(struct process *process, union answer *answer)
{
    answer->pointer = debugger_is_present() ? ~(ULONG_PTR)0 : 0;
    return STATUS_SUCCESS;
}

/* Linux's debuggers have none. */
static NTSTATUS tell_debug_object(struct process *process, union answer *answer)
{
    answer->pointer = 0;
    return STATUS_PORT_NOT_SET;
}

/* FALSE if a debugger has this process and would not have its children. */
static NTSTATUS tell_debug_flags(struct process *process, union answer *answer)
{
    answer->number = !debugger_is_present();
    return STATUS_SUCCESS;
}

static NTSTATUS tell_handle_count(struct process *process, union answer *answer)
{
    struct process_summary summary;
    NTSTATUS status = process_summarize(process, &summary);
    answer->number = summary.handle_count;
    return status;
}

static NTSTATUS tell_normal_io_priority(struct process *process, union answer *answer)
{
    answer->number = 2;
    return STATUS_SUCCESS;
}

static NTSTATUS tell_normal_page_priority(struct process *process, union answer *answer)
{
    answer->number = MEMORY_PRIORITY_NORMAL;
    return STATUS_SUCCESS;
}

static NTSTATUS tell_execute_flags(struct process *process, union answer *answer)
{
    answer->number = EXECUTE_OPTIONS;
    return STATUS_SUCCESS;
}

static NTSTATUS tell_cookie(struct process *process, union answer *answer)
{
    answer->number = process_cookie();
    return STATUS_SUCCESS;
}

static NTSTATUS tell_boost(struct process *process, union answer *answer)
{
    answer->number = process_boost_disabled;
    return STATUS_SUCCESS;
}

/* Classes */

struct known_class {
    uint8_t number, size, size_extended; /* the latter is 0 unless a longer answer is known, too */
    bool own;                            /* of this process alone */
    NTSTATUS (*tell)(struct process *process, union answer *answer);
};

static const struct known_class *find_class(unsigned number)
{
    static const struct known_class classes[] = {
        {ProcessBasicInformation, sizeof(PROCESS_BASIC_INFORMATION), .tell = tell_basic},
        {ProcessQuotaLimits, sizeof(QUOTA_LIMITS), .tell = tell_quota, .own = true},
        {ProcessIoCounters, sizeof(IO_COUNTERS), .tell = tell_io},
        {ProcessVmCounters, sizeof(VM_COUNTERS), sizeof(struct process_vm_counters), .tell = tell_vm},
        {ProcessTimes, sizeof(struct process_times), .tell = tell_times},
        {ProcessDebugPort, sizeof(ULONG_PTR), .tell = tell_debug_port, .own = true},
        {ProcessPriorityClass, sizeof(struct process_priority), .tell = tell_priority},
        {ProcessWx86Information, sizeof(ULONG), .tell = tell_none},
        {ProcessHandleCount, sizeof(ULONG), .tell = tell_handle_count},
        {ProcessPriorityBoost, sizeof(ULONG), .tell = tell_boost, .own = true},
        {ProcessSessionInformation, sizeof(ULONG), .tell = tell_session},
        {ProcessWow64Information, sizeof(ULONG_PTR), .tell = tell_wow64},
        {ProcessBreakOnTermination, sizeof(ULONG), .tell = tell_none},
        {ProcessDebugObjectHandle, sizeof(HANDLE), .tell = tell_debug_object, .own = true},
        {ProcessDebugFlags, sizeof(ULONG), .tell = tell_debug_flags, .own = true},
        {PROCESS_CLASS_IO_PRIORITY, sizeof(ULONG), .tell = tell_normal_io_priority, .own = true},
        {PROCESS_CLASS_EXECUTE_FLAGS, sizeof(ULONG), .tell = tell_execute_flags, .own = true},
        {PROCESS_CLASS_COOKIE, sizeof(ULONG), .tell = tell_cookie, .own = true},
        {PROCESS_CLASS_IMAGE_INFORMATION, sizeof(struct section_image_information), .tell = tell_image},
        {PROCESS_CLASS_CYCLE_TIME, sizeof(struct process_cycles), .tell = tell_cycles},
        {PROCESS_CLASS_PAGE_PRIORITY, sizeof(ULONG), .tell = tell_normal_page_priority, .own = true},
        {PROCESS_CLASS_GROUP_INFORMATION, sizeof(USHORT), .tell = tell_none},
        {PROCESS_CLASS_PROTECTION, sizeof(UCHAR), .tell = tell_none},
        {PROCESS_CLASS_SUBSYSTEM, sizeof(ULONG), .tell = tell_none},
    };
    for (unsigned i = 0; i < ARRAYSIZE(classes); i++)
        if (classes[i].number == number)
            return &classes[i];
    return NULL;
}

/* Windows has those for NtSetInformationProcess alone. */
static bool is_set_only(unsigned class)
{
    switch (class) {
    case ProcessBasePriority:
    case ProcessRaisePriority:
    case ProcessExceptionPort:
    case ProcessAccessToken:
    case ProcessLdtSize:
    case ProcessIoPortHandlers:
    case ProcessUserModeIOPL:
    case ProcessEnableAlignmentFaultFixup:
    case ProcessAffinityMask:
    case ProcessForegroundInformation:
        return true;
    default:
        return false;
    }
}

static NTSTATUS reference(HANDLE handle, struct process **process)
{
    return handle_reference(handle, &process_type, PROCESS_QUERY_LIMITED_INFORMATION, process);
}

static NTSTATUS query_fixed(HANDLE handle, const struct known_class *class, void *buffer, ULONG size,
                            ULONG *returned)
{
    union answer answer;
    struct process *process;
    bool fits = size == class->size || (class->size_extended && size == class->size_extended);
    if (returned)
        *returned = fits ? size : class->size;
    if (!fits)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!buffer)
        return STATUS_ACCESS_VIOLATION;
    NTSTATUS status = reference(handle, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = class->own && process != &process_self ? STATUS_NOT_SUPPORTED : class->tell(process, &answer);
    object_release(process);
    if (NT_SUCCESS(status) || status == STATUS_PORT_NOT_SET)
        memcpy(buffer, &answer, size);
    return status;
}

/* Answers that have no fixed size */

/* The string is in the buffer, behind its description. */
static NTSTATUS give_string(const WCHAR *text, size_t length, UNICODE_STRING *string, ULONG size,
                            ULONG *returned)
{
    ULONG bytes = length * sizeof *text, needed = sizeof *string + bytes + sizeof *text;
    if (returned)
        *returned = needed;
    if (size < needed)
        return STATUS_INFO_LENGTH_MISMATCH;
    *string = (UNICODE_STRING){bytes, bytes + sizeof *text, (WCHAR *)(string + 1)};
    memcpy(string->Buffer, text, bytes);
    string->Buffer[length] = 0;
    return STATUS_SUCCESS;
}

static NTSTATUS query_image_name(struct process *process, bool native, void *buffer, ULONG size,
                                 ULONG *returned)
{
    WCHAR path[PATH_MAX];
    size_t length;
    NTSTATUS status = process_image_path(process, native, path, ARRAYSIZE(path), &length);
    if (!NT_SUCCESS(status))
        return status;
    return give_string(path, min(length, ARRAYSIZE(path)), buffer, size, returned);
}

static NTSTATUS query_command_line(struct process *process, void *buffer, ULONG size, ULONG *returned)
{
    const UNICODE_STRING *line = &process_parameters.CommandLine;
    if (process != &process_self)
        return STATUS_NOT_SUPPORTED;
    return give_string(line->Buffer, line->Length / sizeof(WCHAR), buffer, size, returned);
}

/* PROCESS_MITIGATION_POLICY_INFORMATION: the caller says which one, and the flags follow. */
struct mitigation_policy {
    ULONG policy, flags;
};

enum { POLICY_DEP, POLICY_ASLR, POLICY_DYNAMIC_CODE, POLICY_STRICT_HANDLES, POLICY_COUNT = 19 };

/* Of all the policies, the first holds here: no page is executable that does not say so. */
static NTSTATUS query_mitigation(struct process *process, struct mitigation_policy *policy, ULONG size,
                                 ULONG *returned)
{
    if (size != sizeof *policy)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (policy->policy >= POLICY_COUNT)
        return STATUS_INVALID_PARAMETER;
    if (process != &process_self)
        return STATUS_NOT_SUPPORTED;
    policy->flags = policy->policy == POLICY_DEP ? PROCESS_DEP_ENABLE : 0;
    if (returned)
        *returned = sizeof *policy;
    return STATUS_SUCCESS;
}

static NTSTATUS query_variable(struct process *process, unsigned class, void *buffer, ULONG size,
                               ULONG *returned)
{
    switch (class) {
    case ProcessImageFileName:
    case PROCESS_CLASS_IMAGE_FILE_NAME_WIN32:
        return query_image_name(process, class == ProcessImageFileName, buffer, size, returned);
    case PROCESS_CLASS_COMMAND_LINE:
        return query_command_line(process, buffer, size, returned);
    case PROCESS_CLASS_MITIGATION_POLICY:
        return query_mitigation(process, buffer, size, returned);
    default:
        return class < PROCESS_CLASS_COUNT && !is_set_only(class) ? STATUS_NOT_IMPLEMENTED
                                                                  : STATUS_INVALID_INFO_CLASS;
    }
}

NTSTATUS WINAPI NtQueryInformationProcess(HANDLE handle, PROCESSINFOCLASS class, void *buffer, ULONG size,
                                          ULONG *returned)
{
    struct process *process;
    const struct known_class *fixed = find_class(class);
    if (fixed)
        return query_fixed(handle, fixed, buffer, size, returned);
    if ((unsigned)class >= PROCESS_CLASS_COUNT)
        return STATUS_INVALID_INFO_CLASS;
    NTSTATUS status = reference(handle, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = query_variable(process, class, buffer, size, returned);
    object_release(process);
    return status;
}

/* Setting */

union setting {
    ULONG number;
    KAFFINITY mask;
    struct process_priority priority;
};

static ULONG size_of_setting(unsigned class)
{
    switch (class) {
    case ProcessPriorityClass:
        return sizeof(struct process_priority);
    case ProcessAffinityMask:
        return sizeof(KAFFINITY);
    case ProcessPriorityBoost:
    case ProcessBreakOnTermination:
    case PROCESS_CLASS_EXECUTE_FLAGS:
        return sizeof(ULONG);
    default:
        return 0;
    }
}

static NTSTATUS set_here(unsigned class, const union setting *setting)
{
    switch (class) {
    case ProcessPriorityBoost:
        process_boost_disabled = setting->number != 0;
        return STATUS_SUCCESS;
    case ProcessBreakOnTermination:
        return STATUS_PRIVILEGE_NOT_HELD;
    default:
        return STATUS_ACCESS_DENIED; /* EXECUTE_OPTIONS are permanent. */
    }
}

static NTSTATUS set(struct process *process, unsigned class, const union setting *setting)
{
    if (class == ProcessAffinityMask)
        return process_set_affinity_of(process, setting->mask);
    if (class == ProcessPriorityClass)
        return process_set_priority_class_of(process, setting->priority.class);
    return process == &process_self ? set_here(class, setting) : STATUS_NOT_SUPPORTED;
}

NTSTATUS WINAPI NtSetInformationProcess(HANDLE handle, PROCESSINFOCLASS class, void *buffer, ULONG size)
{
    union setting setting;
    struct process *process;
    ULONG expected = size_of_setting(class);
    if (!expected)
        return (unsigned)class < PROCESS_CLASS_COUNT ? STATUS_NOT_IMPLEMENTED : STATUS_INVALID_INFO_CLASS;
    if (size != expected)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!peek(&setting, buffer, size))
        return STATUS_ACCESS_VIOLATION;
    NTSTATUS status = handle_reference(handle, &process_type, PROCESS_SET_INFORMATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = set(process, class, &setting);
    object_release(process);
    return status;
}
