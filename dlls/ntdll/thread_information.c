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
static NTSTATUS tell_name(struct thread *thread, UNICODE_STRING *string, ULONG size, ULONG *returned)
{
    WCHAR *name = thread_copy_name(thread, malloc);
    if (!name)
        return STATUS_NO_MEMORY;
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

static NTSTATUS query_thread(struct thread *thread, unsigned class, void *buffer, ULONG size, ULONG *returned)
{
    union answer answer;
    if (class == CLASS_NAME_INFORMATION)
        return tell_name(thread, buffer, size, returned);
    if (class == ThreadDescriptorTableEntry)
        return tell_descriptor(thread, buffer, size, returned);
    ULONG answer_size = find_answer(thread, class, &answer);
    if (!answer_size)
        return STATUS_INVALID_INFO_CLASS;
    if (size != answer_size)
        return STATUS_INFO_LENGTH_MISMATCH;
    memcpy(buffer, &answer, answer_size);
    if (returned)
        *returned = answer_size;
    return STATUS_SUCCESS;
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

NTSTATUS WINAPI NtQueryInformationThread(HANDLE handle, THREADINFOCLASS class, void *buffer, ULONG size,
                                         ULONG *returned)
{
    struct thread *thread;
    NTSTATUS status = thread_reference(handle, access_of_query(class), &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = query_thread(thread, class, buffer, size, returned);
    thread_release(thread);
    return status;
}

static NTSTATUS set_group(struct thread *thread, const GROUP_AFFINITY *group)
{
    KAFFINITY previous;
    return group->Group == 0 ? thread_set_affinity(thread, group->Mask, &previous) : STATUS_INVALID_PARAMETER;
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

static NTSTATUS set_thread(struct thread *thread, unsigned class, const union setting *setting)
{
    KAFFINITY previous;
    switch (class) {
    case ThreadPriorityBoost:
        thread->boost_disabled = setting->number != 0;
        return STATUS_SUCCESS;
    case ThreadAffinityMask:
        return thread_set_affinity_or_all(thread, setting->mask, &previous);
    case ThreadHideFromDebugger:
        thread->hidden = true;
        return STATUS_SUCCESS;
    case CLASS_GROUP_INFORMATION:
        return set_group(thread, &setting->group);
    default:
        return thread_set_name(thread, setting->name.Buffer, setting->name.Length / sizeof(WCHAR));
    }
}

NTSTATUS WINAPI NtSetInformationThread(HANDLE handle, THREADINFOCLASS class, const void *buffer, ULONG size)
{
    struct thread *thread;
    union setting setting;
    ULONG expected = size_of_class(class);
    if (expected == MAXDWORD)
        return STATUS_INVALID_INFO_CLASS;
    if (size != expected)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!peek(&setting, buffer, size))
        return STATUS_ACCESS_VIOLATION;
    if (class == ThreadBasePriority)
        return thread_handle_set_priority(handle, setting.number);
    ACCESS_MASK access =
        (unsigned)class == CLASS_NAME_INFORMATION ? THREAD_SET_LIMITED_INFORMATION : THREAD_SET_INFORMATION;
    NTSTATUS status = thread_reference(handle, access, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = set_thread(thread, class, &setting);
    thread_release(thread);
    return status;
}
