#include <sched.h>
#include <litewin/direct.h>
#include "dlls/kernel32/error.h"
#include "kernel/handle.h"
#include "kernel/io_request.h"
#include "kernel/process.h"
#include "kernel/remote_thread.h"
#include "kernel/time.h"

/* The calling thread */

HANDLE WINAPI GetCurrentThread(void)
{
    return (HANDLE)(LONG_PTR)-2;
}

DWORD WINAPI GetCurrentThreadId(void)
{
    return (DWORD)(ULONG_PTR)teb_current()->ClientId.UniqueThread;
}

DIRECT HANDLE direct_GetCurrentThread(void)
{
    return (HANDLE)(LONG_PTR)-2;
}

DIRECT DWORD direct_GetCurrentThreadId(void)
{
    return (DWORD)(ULONG_PTR)teb_here->ClientId.UniqueThread;
}

/* 64-bit code has no segments to tell of. */
BOOL WINAPI GetThreadSelectorEntry(HANDLE handle, DWORD selector, LPLDT_ENTRY descriptor)
{
    struct {
        DWORD selector;
        LDT_ENTRY descriptor;
    } information = {.selector = selector};
    NTSTATUS status =
        NtQueryInformationThread(handle, ThreadDescriptorTableEntry, &information, sizeof information, NULL);
    if (NT_SUCCESS(status))
        memcpy(descriptor, &information.descriptor, sizeof information.descriptor);
    return set_last_status(status);
}

BOOL WINAPI SwitchToThread(void)
{
    sched_yield();
    return TRUE;
}

DWORD WINAPI GetCurrentProcessorNumber(void)
{
    return sched_getcpu();
}

void WINAPI GetCurrentProcessorNumberEx(PROCESSOR_NUMBER *number)
{
    *number = (PROCESSOR_NUMBER){.Number = sched_getcpu()};
}

void WINAPI GetCurrentThreadStackLimits(ULONG_PTR *low, ULONG_PTR *high)
{
    const struct teb *teb = teb_current();
    *low = (ULONG_PTR)teb->DeallocationStack;
    *high = (ULONG_PTR)teb->Tib.StackBase;
}

/* Creation and end */

HANDLE WINAPI CreateRemoteThread(HANDLE process, SECURITY_ATTRIBUTES *attributes, SIZE_T stack,
                                 LPTHREAD_START_ROUTINE start, void *argument, DWORD flags, DWORD *id)
{
    bool is_reserve = flags & STACK_SIZE_PARAM_IS_A_RESERVATION;
    const struct thread_parameters parameters = {
        .start = start,
        .argument = argument,
        .stack_reserve = is_reserve ? stack : 0,
        .stack_commit = is_reserve ? 0 : stack,
        .suspended = flags & CREATE_SUSPENDED,
    };
    struct object *thread;
    struct thread_summary summary;
    HANDLE handle = NULL;
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    if (!(flags & ~(DWORD)(CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION)))
        status = thread_create_in(process, &parameters, &thread, &summary);
    if (!set_last_status(status))
        return NULL;
    ULONG inherit = attributes && attributes->bInheritHandle ? OBJ_INHERIT : 0;
    status = handle_create(thread, THREAD_ALL_ACCESS, inherit, &handle);
    object_release(thread);
    if (id)
        *id = summary.id;
    return set_last_status(status) ? handle : NULL;
}

/* Attributes for a thread say on which processors it is to run, and are not supported. */
HANDLE WINAPI CreateRemoteThreadEx(HANDLE process, SECURITY_ATTRIBUTES *attributes, SIZE_T stack,
                                   LPTHREAD_START_ROUTINE start, void *argument, DWORD flags,
                                   LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD *id)
{
    if (list) {
        set_last_status(STATUS_NOT_SUPPORTED);
        return NULL;
    }
    return CreateRemoteThread(process, attributes, stack, start, argument, flags, id);
}

HANDLE WINAPI CreateThread(SECURITY_ATTRIBUTES *attributes, SIZE_T stack, LPTHREAD_START_ROUTINE start,
                           void *argument, DWORD flags, DWORD *id)
{
    return CreateRemoteThread(GetCurrentProcess(), attributes, stack, start, argument, flags, id);
}

void WINAPI ExitThread(DWORD exit_code)
{
    thread_exit(exit_code);
}

/* Most functions here find a thread by its handle, do one thing with it and release it. */
static bool reference(HANDLE handle, ACCESS_MASK access, struct thread **thread)
{
    return set_last_status(thread_reference(handle, access, thread));
}

static BOOL release_with_status(struct thread *thread, NTSTATUS status)
{
    thread_release(thread);
    return set_last_status(status);
}

BOOL WINAPI TerminateThread(HANDLE handle, DWORD exit_code)
{
    return set_last_status(thread_handle_terminate(handle, exit_code));
}

BOOL WINAPI GetExitCodeThread(HANDLE handle, DWORD *exit_code)
{
    return set_last_status(thread_handle_exit_code(handle, exit_code));
}

DWORD WINAPI SuspendThread(HANDLE handle)
{
    DWORD previous;
    return set_last_status(thread_handle_suspend(handle, &previous)) ? previous : (DWORD)-1;
}

DWORD WINAPI ResumeThread(HANDLE handle)
{
    DWORD previous;
    return set_last_status(thread_handle_resume(handle, &previous)) ? previous : (DWORD)-1;
}

BOOL WINAPI GetThreadContext(HANDLE handle, CONTEXT *context)
{
    return set_last_status(thread_handle_get_context(handle, context));
}

BOOL WINAPI SetThreadContext(HANDLE handle, const CONTEXT *context)
{
    return set_last_status(thread_handle_set_context(handle, context));
}

/* Finding */

HANDLE WINAPI OpenThread(DWORD access, BOOL inherit, DWORD id)
{
    struct object *thread;
    HANDLE handle = NULL;
    NTSTATUS status = thread_open(id, &thread);
    if (!set_last_status(status == STATUS_INVALID_CID ? STATUS_INVALID_PARAMETER : status))
        return NULL;
    if (access & THREAD_QUERY_INFORMATION)
        access |= THREAD_QUERY_LIMITED_INFORMATION;
    if (access & THREAD_SET_INFORMATION)
        access |= THREAD_SET_LIMITED_INFORMATION;
    status = handle_create(thread, access, inherit ? OBJ_INHERIT : 0, &handle);
    object_release(thread);
    return set_last_status(status) ? handle : NULL;
}

DWORD WINAPI GetThreadId(HANDLE handle)
{
    struct thread_summary summary;
    return set_last_status(thread_handle_summary(handle, &summary)) ? summary.id : 0;
}

DWORD WINAPI GetProcessIdOfThread(HANDLE handle)
{
    struct thread_summary summary;
    return set_last_status(thread_handle_summary(handle, &summary)) ? summary.process : 0;
}

/* Attributes */

BOOL WINAPI SetThreadPriority(HANDLE handle, int priority)
{
    return set_last_status(thread_handle_set_priority(handle, priority));
}

int WINAPI GetThreadPriority(HANDLE handle)
{
    LONG priority;
    return set_last_status(thread_handle_priority(handle, &priority)) ? priority
                                                                      : THREAD_PRIORITY_ERROR_RETURN;
}

static bool set(HANDLE handle, ACCESS_MASK access, enum thread_attribute attribute, uint64_t value,
                uint64_t *previous)
{
    return set_last_status(thread_handle_set(handle, access, attribute, value, previous));
}

static bool describe(HANDLE handle, struct thread_details *details)
{
    return set_last_status(thread_handle_describe(handle, THREAD_QUERY_LIMITED_INFORMATION, details));
}

BOOL WINAPI SetThreadPriorityBoost(HANDLE handle, BOOL disable)
{
    uint64_t previous;
    return set(handle, THREAD_SET_LIMITED_INFORMATION, THREAD_BOOST_DISABLED, disable != FALSE, &previous);
}

BOOL WINAPI GetThreadPriorityBoost(HANDLE handle, BOOL *disabled)
{
    struct thread_details details;
    if (!describe(handle, &details))
        return FALSE;
    *disabled = details.boost_disabled;
    return TRUE;
}

DWORD_PTR WINAPI SetThreadAffinityMask(HANDLE handle, DWORD_PTR mask)
{
    uint64_t previous;
    return set(handle, THREAD_SET_LIMITED_INFORMATION, THREAD_AFFINITY_OR_ALL, mask, &previous) ? previous
                                                                                                : 0;
}

BOOL WINAPI GetThreadGroupAffinity(HANDLE handle, GROUP_AFFINITY *affinity)
{
    struct thread_details details;
    if (!affinity)
        return set_last_status(STATUS_INVALID_PARAMETER);
    if (!describe(handle, &details))
        return FALSE;
    *affinity = (GROUP_AFFINITY){.Mask = details.affinity};
    return TRUE;
}

BOOL WINAPI SetThreadGroupAffinity(HANDLE handle, const GROUP_AFFINITY *affinity, GROUP_AFFINITY *previous)
{
    uint64_t old;
    if (!affinity)
        return set_last_status(STATUS_ACCESS_VIOLATION);
    /* No processor is in another group. */
    KAFFINITY mask = affinity->Group == 0 ? affinity->Mask : 0;
    if (!set(handle, THREAD_SET_INFORMATION, THREAD_AFFINITY, mask, &old))
        return FALSE;
    if (previous)
        *previous = (GROUP_AFFINITY){.Mask = (KAFFINITY)old};
    return TRUE;
}

/* Linux has no such notion; what is remembered is what is reported. */
DWORD WINAPI SetThreadIdealProcessor(HANDLE handle, DWORD processor)
{
    uint64_t previous;
    bool done = set(handle, THREAD_SET_INFORMATION, THREAD_IDEAL_PROCESSOR, processor, &previous);
    return done ? previous : (DWORD)-1;
}

/* Here the processor must be there. */
BOOL WINAPI SetThreadIdealProcessorEx(HANDLE handle, PROCESSOR_NUMBER *processor, PROCESSOR_NUMBER *previous)
{
    uint64_t old;
    bool exists = processor->Group == 0 && processor->Number < process_environment.NumberOfProcessors;
    DWORD number = exists ? processor->Number : MAXDWORD;
    if (!set(handle, THREAD_SET_INFORMATION, THREAD_IDEAL_PROCESSOR, number, &old))
        return FALSE;
    if (previous)
        *previous = (PROCESSOR_NUMBER){.Number = old};
    return TRUE;
}

BOOL WINAPI GetThreadIdealProcessorEx(HANDLE handle, PROCESSOR_NUMBER *processor)
{
    struct thread_details details;
    if (!describe(handle, &details))
        return FALSE;
    *processor = (PROCESSOR_NUMBER){.Number = details.ideal_processor};
    return TRUE;
}

BOOL WINAPI GetThreadTimes(HANDLE handle, FILETIME *creation, FILETIME *exit, FILETIME *kernel,
                           FILETIME *user)
{
    struct thread_details details;
    if (!describe(handle, &details))
        return FALSE;
    *creation = time_to_filetime(details.created);
    *exit = time_to_filetime(details.ended);
    *kernel = time_to_filetime(details.kernel_time);
    *user = time_to_filetime(details.user_time);
    return TRUE;
}

/* Processor time in units that only compare among themselves: nanoseconds. */
BOOL WINAPI QueryThreadCycleTime(HANDLE handle, ULONG64 *cycles)
{
    struct thread_details details;
    if (!describe(handle, &details))
        return FALSE;
    *cycles = (details.kernel_time + details.user_time) * 100;
    return TRUE;
}

/* Success, too, is a native status in the guise of an HRESULT, though not S_OK. */
static HRESULT result_of(NTSTATUS status)
{
    return HRESULT_FROM_NT(status);
}

HRESULT WINAPI SetThreadDescription(HANDLE handle, PCWSTR description)
{
    size_t length = 0;
    while (description && description[length])
        length++;
    return result_of(thread_handle_set_name(handle, description, length));
}

static void *allocate_local(size_t size)
{
    return LocalAlloc(LMEM_FIXED, size);
}

HRESULT WINAPI GetThreadDescription(HANDLE handle, PWSTR *description)
{
    *description = NULL;
    return result_of(thread_handle_copy_name(handle, allocate_local, description));
}

/* The guard region of every stack is this large already; larger ones take pages from the stack's end. */
BOOL WINAPI SetThreadStackGuarantee(ULONG *size)
{
    struct teb *teb = teb_current();
    ULONG previous = teb->GuaranteedStackBytes;
    NTSTATUS status = *size ? thread_guarantee_stack(*size) : STATUS_SUCCESS;
    *size = previous;
    return set_last_status(status);
}

BOOL WINAPI GetThreadIOPendingFlag(HANDLE handle, BOOL *pending)
{
    struct thread *thread;
    if (!reference(handle, THREAD_QUERY_INFORMATION, &thread))
        return FALSE;
    *pending = io_is_pending(thread);
    return release_with_status(thread, STATUS_SUCCESS);
}

/* Litewin keeps no machine awake, as no Windows program here can tell. */
EXECUTION_STATE WINAPI SetThreadExecutionState(EXECUTION_STATE state)
{
    static EXECUTION_STATE current = ES_CONTINUOUS;
    EXECUTION_STATE known = ES_SYSTEM_REQUIRED | ES_DISPLAY_REQUIRED | ES_AWAYMODE_REQUIRED | ES_CONTINUOUS;
    if (state & ~known)
        return 0;
    return state & ES_CONTINUOUS ? __atomic_exchange_n(&current, state, __ATOMIC_RELAXED)
                                 : __atomic_load_n(&current, __ATOMIC_RELAXED);
}

DWORD WINAPI QueueUserAPC(PAPCFUNC function, HANDLE handle, ULONG_PTR argument)
{
    return set_last_status(thread_handle_queue_user_apc(handle, function, argument));
}

/* Newer than the headers. The flags ask for APCs that interrupt a thread which does not wait, and are not
 * supported. */
BOOL WINAPI QueueUserAPC2(PAPCFUNC function, HANDLE thread, ULONG_PTR argument, DWORD flags)
{
    if (flags)
        return set_last_status(STATUS_NOT_SUPPORTED);
    return QueueUserAPC(function, thread, argument) != 0;
}
