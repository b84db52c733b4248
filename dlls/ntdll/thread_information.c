/* What NtQueryInformationThread and NtSetInformationThread know. */
#include "kernel/handle.h"
#include "kernel/peek.h"
#include "kernel/remote_thread.h"
#include "kernel/segment.h"
#include "kernel/thread.h"
#include "kernel/time.h"

/* Classes that MinGW-w64's headers lack. */
enum {
    CLASS_GROUP_INFORMATION = 30,
    CLASS_SUSPEND_COUNT = 35,
    CLASS_NAME_INFORMATION = 38,
};

struct basic_information {
    NTSTATUS exit_status;
    void *teb;
    CLIENT_ID client_id;
    ULONG_PTR affinity;
    LONG priority, base_priority;
};

struct times {
    LARGE_INTEGER created, ended, kernel, user;
};

/* Any answer, until it is copied to the caller's buffer. */
union answer {
    struct basic_information basic;
    struct times times;
    GROUP_AFFINITY group;
    void *pointer;
    ULONG_PTR mask;
    ULONG number;
    BOOLEAN flag;
};

static ULONG_PTR affinity_of(const struct thread *thread)
{
    return thread->affinity ? thread->affinity : process_environment.ActiveProcessAffinityMask;
}

static void tell_basic(const struct thread *thread, struct basic_information *basic)
{
    *basic = (struct basic_information){
        .exit_status = thread->exit_code,
        .teb = (void *)&thread->teb,
        .client_id = thread->teb.ClientId,
        .affinity = affinity_of(thread),
        .priority = thread_absolute_priority(thread),
        .base_priority = thread->priority,
    };
}

static void tell_times(struct thread *thread, struct times *times)
{
    uint64_t kernel, user;
    thread_times(thread, &kernel, &user);
    times->created.QuadPart = thread->created;
    times->ended.QuadPart = thread->ended;
    times->kernel.QuadPart = kernel;
    times->user.QuadPart = user;
}

/* Returns the answer's size; 0 for a class that is not known here. */
static ULONG find_answer(struct thread *thread, unsigned class, union answer *answer)
{
    switch (class) {
    case ThreadBasicInformation:
        tell_basic(thread, &answer->basic);
        return sizeof answer->basic;
    case ThreadTimes:
        tell_times(thread, &answer->times);
        return sizeof answer->times;
    case ThreadAffinityMask:
        answer->mask = affinity_of(thread);
        return sizeof answer->mask;
    case ThreadQuerySetWin32StartAddress:
        answer->pointer = (void *)thread->start;
        return sizeof answer->pointer;
    case ThreadAmILastThread:
        answer->number = thread_count() == 1;
        return sizeof answer->number;
    case ThreadPriorityBoost:
        answer->number = thread->boost_disabled;
        return sizeof answer->number;
    case ThreadIsIoPending:
        answer->number = FALSE;
        return sizeof answer->number;
    case ThreadHideFromDebugger:
        answer->flag = thread->hidden;
        return sizeof answer->flag;
    case CLASS_GROUP_INFORMATION:
        answer->group = (GROUP_AFFINITY){.Mask = affinity_of(thread)};
        return sizeof answer->group;
    case CLASS_SUSPEND_COUNT:
        answer->number = suspend_count(&thread->suspension);
        return sizeof answer->number;
    default:
        return 0;
    }
}

/* The string is in the buffer, behind its description. */
static NTSTATUS tell_name(HANDLE handle, UNICODE_STRING *string, ULONG size, ULONG *returned)
{
    WCHAR *name;
    NTSTATUS status = thread_handle_copy_name(handle, malloc, &name);
    if (!NT_SUCCESS(status))
        return status;
    size_t length = 0;
    while (name[length])
        length++;
    ULONG bytes = length * sizeof *name, needed = sizeof *string + bytes;
    if (returned)
        *returned = needed;
    if (size >= needed) {
        *string = (UNICODE_STRING){bytes, bytes, (WCHAR *)(string + 1)};
        memcpy(string->Buffer, name, bytes);
    }
    free(name);
    return size >= needed ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
}

/* THREAD_DESCRIPTOR_INFORMATION: the caller fills in the first, and only the second counts as told. */
struct descriptor_information {
    DWORD selector;
    LDT_ENTRY descriptor;
};

static NTSTATUS tell_descriptor(const struct thread *thread, struct descriptor_information *information,
                                ULONG size, ULONG *returned)
{
#ifdef __i386__
    if (size != sizeof *information)
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status = segment_describe(&thread->teb, information->selector, &information->descriptor);
    if (NT_SUCCESS(status) && returned)
        *returned = sizeof information->descriptor;
    return status;
#else
    /* 64-bit code has no segments that a descriptor would tell anything of. */
    return STATUS_NOT_IMPLEMENTED;
#endif
}

/* What of it is told of another process's thread. */
static ULONG describe_foreign(const struct thread_details *details, unsigned class, union answer *answer)
{
    switch (class) {
    case ThreadTimes:
        answer->times.created.QuadPart = details->created;
        answer->times.ended.QuadPart = details->ended;
        answer->times.kernel.QuadPart = details->kernel_time;
        answer->times.user.QuadPart = details->user_time;
        return sizeof answer->times;
    case ThreadAffinityMask:
        answer->mask = details->affinity;
        return sizeof answer->mask;
    case ThreadQuerySetWin32StartAddress:
        answer->pointer = details->start;
        return sizeof answer->pointer;
    case ThreadPriorityBoost:
        answer->number = details->boost_disabled;
        return sizeof answer->number;
    case CLASS_GROUP_INFORMATION:
        answer->group = (GROUP_AFFINITY){.Mask = details->affinity};
        return sizeof answer->group;
    case CLASS_SUSPEND_COUNT:
        answer->number = details->suspend_count;
        return sizeof answer->number;
    default:
        return 0;
    }
}

static NTSTATUS describe_basic(HANDLE handle, const struct thread_details *details,
                               struct basic_information *basic)
{
    struct thread_summary summary;
    DWORD exit_code;
    NTSTATUS status = thread_handle_summary(handle, &summary);
    if (NT_SUCCESS(status))
        status = thread_handle_exit_code(handle, &exit_code);
    if (!NT_SUCCESS(status))
        return status;
    *basic = (struct basic_information){
        .exit_status = exit_code,
        .teb = summary.teb,
        .client_id = {(HANDLE)(ULONG_PTR)summary.process, (HANDLE)(ULONG_PTR)summary.id},
        .affinity = details->affinity,
        .priority = details->absolute_priority,
        .base_priority = details->priority,
    };
    return STATUS_SUCCESS;
}

static NTSTATUS find_foreign_answer(HANDLE handle, unsigned class, ACCESS_MASK access, union answer *answer,
                                    ULONG *size)
{
    struct thread_details details;
    NTSTATUS status = thread_handle_describe(handle, access, &details);
    if (!NT_SUCCESS(status))
        return status;
    *size = describe_foreign(&details, class, answer);
    if (class != ThreadBasicInformation)
        return STATUS_SUCCESS;
    *size = sizeof answer->basic;
    return describe_basic(handle, &details, &answer->basic);
}

/* What others may not learn of a thread by a limited right. */
static ACCESS_MASK access_of_query(unsigned class)
{
    switch (class) {
    case ThreadAffinityMask:
    case ThreadQuerySetWin32StartAddress:
    case ThreadIsIoPending:
    case ThreadHideFromDebugger:
        return THREAD_QUERY_INFORMATION;
    default:
        return THREAD_QUERY_LIMITED_INFORMATION;
    }
}

static NTSTATUS query_descriptor(HANDLE handle, void *buffer, ULONG size, ULONG *returned)
{
    struct thread *thread;
    NTSTATUS status = thread_reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = tell_descriptor(thread, buffer, size, returned);
    thread_release(thread);
    return status;
}

static NTSTATUS find_any_answer(HANDLE handle, unsigned class, union answer *answer, ULONG *size)
{
    struct thread *thread;
    ACCESS_MASK access = access_of_query(class);
    NTSTATUS status = thread_reference(handle, access, &thread);
    if (status == STATUS_OBJECT_TYPE_MISMATCH)
        return find_foreign_answer(handle, class, access, answer, size);
    if (!NT_SUCCESS(status))
        return status;
    *size = find_answer(thread, class, answer);
    thread_release(thread);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI NtQueryInformationThread(HANDLE handle, THREADINFOCLASS class, void *buffer, ULONG size,
                                         ULONG *returned)
{
    union answer answer;
    ULONG answer_size;
    if ((unsigned)class == CLASS_NAME_INFORMATION)
        return tell_name(handle, buffer, size, returned);
    if (class == ThreadDescriptorTableEntry)
        return query_descriptor(handle, buffer, size, returned);
    NTSTATUS status = find_any_answer(handle, class, &answer, &answer_size);
    if (!NT_SUCCESS(status))
        return status;
    if (!answer_size)
        return STATUS_INVALID_INFO_CLASS;
    if (size != answer_size)
        return STATUS_INFO_LENGTH_MISMATCH;
    memcpy(buffer, &answer, answer_size);
    if (returned)
        *returned = answer_size;
    return STATUS_SUCCESS;
}

/* What a class takes; a size that no buffer has for a class that is not known here. */
static ULONG size_of_class(unsigned class)
{
    switch (class) {
    case ThreadBasePriority:
    case ThreadPriorityBoost:
        return sizeof(ULONG);
    case ThreadAffinityMask:
        return sizeof(ULONG_PTR);
    case ThreadHideFromDebugger:
        return 0;
    case CLASS_GROUP_INFORMATION:
        return sizeof(GROUP_AFFINITY);
    case CLASS_NAME_INFORMATION:
        return sizeof(UNICODE_STRING);
    default:
        return MAXDWORD;
    }
}

/* What can be set. */
union setting {
    LONG number;
    ULONG_PTR mask;
    GROUP_AFFINITY group;
    UNICODE_STRING name;
};

static NTSTATUS hide(HANDLE handle)
{
    struct thread *thread;
    NTSTATUS status = thread_reference(handle, THREAD_SET_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return status;
    thread->hidden = true;
    thread_release(thread);
    return STATUS_SUCCESS;
}

static NTSTATUS set_thread(HANDLE handle, unsigned class, const union setting *setting)
{
    uint64_t previous;
    ACCESS_MASK access = THREAD_SET_INFORMATION;
    switch (class) {
    case ThreadBasePriority:
        return thread_handle_set_priority(handle, setting->number);
    case ThreadPriorityBoost:
        return thread_handle_set(handle, access, THREAD_BOOST_DISABLED, setting->number != 0, &previous);
    case ThreadAffinityMask:
        return thread_handle_set(handle, access, THREAD_AFFINITY_OR_ALL, setting->mask, &previous);
    case ThreadHideFromDebugger:
        return hide(handle);
    case CLASS_GROUP_INFORMATION: {
        /* No processor is in another group. */
        KAFFINITY mask = setting->group.Group == 0 ? setting->group.Mask : 0;
        return thread_handle_set(handle, access, THREAD_AFFINITY, mask, &previous);
    }
    default:
        return thread_handle_set_name(handle, setting->name.Buffer, setting->name.Length / sizeof(WCHAR));
    }
}

NTSTATUS WINAPI NtSetInformationThread(HANDLE handle, THREADINFOCLASS class, const void *buffer, ULONG size)
{
    union setting setting;
    ULONG expected = size_of_class(class);
    if (expected == MAXDWORD)
        return STATUS_INVALID_INFO_CLASS;
    if (size != expected)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!peek(&setting, buffer, size))
        return STATUS_ACCESS_VIOLATION;
    return set_thread(handle, class, &setting);
}
