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

BOOL WINAPI SetThreadPriorityBoost(HANDLE handle, BOOL disable)
{
    struct thread *thread;
    if (!reference(handle, THREAD_SET_LIMITED_INFORMATION, &thread))
        return FALSE;
    thread->boost_disabled = disable;
    return release_with_status(thread, STATUS_SUCCESS);
}

BOOL WINAPI GetThreadPriorityBoost(HANDLE handle, BOOL *disabled)
{
    struct thread *thread;
    if (!reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread))
        return FALSE;
    *disabled = thread->boost_disabled;
    return release_with_status(thread, STATUS_SUCCESS);
}

DWORD_PTR WINAPI SetThreadAffinityMask(HANDLE handle, DWORD_PTR mask)
{
    struct thread *thread;
    KAFFINITY previous;
    if (!reference(handle, THREAD_SET_LIMITED_INFORMATION, &thread))
        return 0;
    return release_with_status(thread, thread_set_affinity_or_all(thread, mask, &previous)) ? previous : 0;
}

static GROUP_AFFINITY group_affinity(KAFFINITY mask)
{
    return (GROUP_AFFINITY){.Mask = mask ? mask : process_environment.ActiveProcessAffinityMask};
}

BOOL WINAPI GetThreadGroupAffinity(HANDLE handle, GROUP_AFFINITY *affinity)
{
    struct thread *thread;
    if (!affinity)
        return set_last_status(STATUS_INVALID_PARAMETER);
    if (!reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread))
        return FALSE;
    *affinity = group_affinity(thread->affinity);
    return release_with_status(thread, STATUS_SUCCESS);
}

BOOL WINAPI SetThreadGroupAffinity(HANDLE handle, const GROUP_AFFINITY *affinity, GROUP_AFFINITY *previous)
{
    struct thread *thread;
    KAFFINITY old = 0;
    if (!affinity)
        return set_last_status(STATUS_ACCESS_VIOLATION);
    if (!reference(handle, THREAD_SET_INFORMATION, &thread))
        return FALSE;
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    if (affinity->Group == 0)
        status = thread_set_affinity(thread, affinity->Mask, &old);
    if (NT_SUCCESS(status) && previous)
        *previous = group_affinity(old);
    return release_with_status(thread, status);
}

/* Linux has no such notion; what is remembered is what is reported. */
static DWORD set_ideal_processor(struct thread *thread, DWORD processor)
{
    DWORD previous = thread->ideal_processor;
    if (processor < process_environment.NumberOfProcessors)
        thread->ideal_processor = processor;
    return previous;
}

/* As many as a group has at most, for 32-bit programs on 64-bit Windows too. */
#define MOST_PROCESSORS 64

/* A number that no processor has, and MOST_PROCESSORS itself, changes nothing, and that is no error. */
DWORD WINAPI SetThreadIdealProcessor(HANDLE handle, DWORD processor)
{
    struct thread *thread;
    DWORD previous = (DWORD)-1;
    if (!reference(handle, THREAD_SET_INFORMATION, &thread))
        return previous;
    NTSTATUS status = processor <= MOST_PROCESSORS ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(status))
        previous = set_ideal_processor(thread, processor);
    release_with_status(thread, status);
    return previous;
}

BOOL WINAPI SetThreadIdealProcessorEx(HANDLE handle, PROCESSOR_NUMBER *processor, PROCESSOR_NUMBER *previous)
{
    struct thread *thread;
    bool exists = processor->Group == 0 && processor->Number < process_environment.NumberOfProcessors;
    if (!reference(handle, THREAD_SET_INFORMATION, &thread))
        return FALSE;
    if (!exists)
        return release_with_status(thread, STATUS_INVALID_PARAMETER);
    DWORD old = set_ideal_processor(thread, processor->Number);
    if (previous)
        *previous = (PROCESSOR_NUMBER){.Number = old};
    return release_with_status(thread, STATUS_SUCCESS);
}

BOOL WINAPI GetThreadIdealProcessorEx(HANDLE handle, PROCESSOR_NUMBER *processor)
{
    struct thread *thread;
    if (!reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread))
        return FALSE;
    *processor = (PROCESSOR_NUMBER){.Number = thread->ideal_processor};
    return release_with_status(thread, STATUS_SUCCESS);
}

BOOL WINAPI GetThreadTimes(HANDLE handle, FILETIME *creation, FILETIME *exit, FILETIME *kernel,
                           FILETIME *user)
{
    struct thread *thread;
    uint64_t kernel_time, user_time;
    if (!reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread))
        return FALSE;
    thread_times(thread, &kernel_time, &user_time);
    *creation = time_to_filetime(thread->created);
    *exit = time_to_filetime(thread->ended);
    *kernel = time_to_filetime(kernel_time);
    *user = time_to_filetime(user_time);
    return release_with_status(thread, STATUS_SUCCESS);
}

/* Processor time in units that only compare among themselves: nanoseconds. */
BOOL WINAPI QueryThreadCycleTime(HANDLE handle, ULONG64 *cycles)
{
    struct thread *thread;
    uint64_t kernel_time, user_time;
    if (!reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread))
        return FALSE;
    thread_times(thread, &kernel_time, &user_time);
    *cycles = (kernel_time + user_time) * 100;
    return release_with_status(thread, STATUS_SUCCESS);
}

/* Success, too, is a native status in the guise of an HRESULT, though not S_OK. */
static HRESULT result_of(NTSTATUS status)
{
    return HRESULT_FROM_NT(status);
}

HRESULT WINAPI SetThreadDescription(HANDLE handle, PCWSTR description)
{
    struct thread *thread;
    size_t length = 0;
    NTSTATUS status = thread_reference(handle, THREAD_SET_LIMITED_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return result_of(status);
    while (description && description[length])
        length++;
    status = thread_set_name(thread, description, length);
    thread_release(thread);
    return result_of(status);
}

static void *allocate_local(size_t size)
{
    return LocalAlloc(LMEM_FIXED, size);
}

HRESULT WINAPI GetThreadDescription(HANDLE handle, PWSTR *description)
{
    struct thread *thread;
    *description = NULL;
    NTSTATUS status = thread_reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return result_of(status);
    *description = thread_copy_name(thread, allocate_local);
    thread_release(thread);
    return result_of(*description ? STATUS_SUCCESS : STATUS_NO_MEMORY);
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
