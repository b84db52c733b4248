#include <sched.h>
#include <litewin/direct.h>
#include "dlls/kernel32/error.h"
#include "kernel/apc.h"
#include "kernel/handle.h"
#include "kernel/io_request.h"
#include "kernel/process.h"
#include "kernel/thread.h"
#include "kernel/time.h"

/* ---- the calling thread ---- */

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

/* ---- creation and end ---- */

static NTSTATUS create_thread(SECURITY_ATTRIBUTES *attributes, SIZE_T stack, LPTHREAD_START_ROUTINE start,
                              void *argument, DWORD flags, DWORD *id, HANDLE *handle)
{
    bool is_reserve = flags & STACK_SIZE_PARAM_IS_A_RESERVATION;
    const struct thread_parameters parameters = {
        .start = start,
        .argument = argument,
        .stack_reserve = is_reserve ? stack : 0,
        .stack_commit = is_reserve ? 0 : stack,
        .suspended = flags & CREATE_SUSPENDED,
    };
    struct thread *thread;
    if (flags & ~(DWORD)(CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = thread_create(&parameters, &thread);
    if (!NT_SUCCESS(status))
        return status;
    ULONG inherit = attributes && attributes->bInheritHandle ? OBJ_INHERIT : 0;
    status = handle_create(&thread->object.object, THREAD_ALL_ACCESS, inherit, handle);
    if (id)
        *id = thread->id;
    thread_release(thread);
    return status;
}

HANDLE WINAPI CreateThread(SECURITY_ATTRIBUTES *attributes, SIZE_T stack, LPTHREAD_START_ROUTINE start,
                           void *argument, DWORD flags, DWORD *id)
{
    HANDLE handle = NULL;
    return set_last_status(create_thread(attributes, stack, start, argument, flags, id, &handle)) ? handle
                                                                                                  : NULL;
}

HANDLE WINAPI CreateRemoteThread(HANDLE process, SECURITY_ATTRIBUTES *attributes, SIZE_T stack,
                                 LPTHREAD_START_ROUTINE start, void *argument, DWORD flags, DWORD *id)
{
    return set_last_status(process_check_current(process, PROCESS_CREATE_THREAD))
               ? CreateThread(attributes, stack, start, argument, flags, id)
               : NULL;
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

/* The process whose first thread a handle names, if CreateProcess gave it out; its main thread is to be
 * released. */
static struct process *process_of_thread(HANDLE handle, ACCESS_MASK access)
{
    void *thread;
    if (handle_reference(handle, &process_thread_type, access, &thread))
        return NULL;
    return process_of_main_thread(thread);
}

static BOOL release_process_with_status(struct process *process, NTSTATUS status)
{
    object_release(&process->main_thread);
    return set_last_status(status);
}

BOOL WINAPI TerminateThread(HANDLE handle, DWORD exit_code)
{
    struct thread *thread;
    if (!reference(handle, THREAD_TERMINATE, &thread))
        return FALSE;
    return release_with_status(thread, thread_terminate(thread, exit_code));
}

BOOL WINAPI GetExitCodeThread(HANDLE handle, DWORD *exit_code)
{
    struct thread *thread;
    struct process *process = process_of_thread(handle, THREAD_QUERY_LIMITED_INFORMATION);
    if (process)
        return release_process_with_status(process, process_query_exit_code(process, exit_code));
    if (!reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread))
        return FALSE;
    *exit_code = thread->exit_code;
    return release_with_status(thread, STATUS_SUCCESS);
}

DWORD WINAPI SuspendThread(HANDLE handle)
{
    struct thread *thread;
    DWORD previous;
    if (!reference(handle, THREAD_SUSPEND_RESUME, &thread))
        return (DWORD)-1;
    return release_with_status(thread, thread_suspend(thread, &previous)) ? previous : (DWORD)-1;
}

DWORD WINAPI ResumeThread(HANDLE handle)
{
    struct thread *thread;
    DWORD previous;
    bool was_suspended;
    struct process *process = process_of_thread(handle, THREAD_SUSPEND_RESUME);
    if (process)
        return release_process_with_status(process, process_resume(process, &was_suspended)) ? was_suspended
                                                                                             : (DWORD)-1;
    if (!reference(handle, THREAD_SUSPEND_RESUME, &thread))
        return (DWORD)-1;
    return release_with_status(thread, thread_resume(thread, &previous)) ? previous : (DWORD)-1;
}

BOOL WINAPI GetThreadContext(HANDLE handle, CONTEXT *context)
{
    struct thread *thread;
    if (!reference(handle, THREAD_GET_CONTEXT, &thread))
        return FALSE;
    return release_with_status(thread, thread_get_context(thread, context));
}

BOOL WINAPI SetThreadContext(HANDLE handle, const CONTEXT *context)
{
    struct thread *thread;
    if (!reference(handle, THREAD_SET_CONTEXT, &thread))
        return FALSE;
    return release_with_status(thread, thread_set_context(thread, context));
}

/* ---- finding ---- */

HANDLE WINAPI OpenThread(DWORD access, BOOL inherit, DWORD id)
{
    struct thread *thread;
    HANDLE handle = NULL;
    if (!set_last_status(thread_reference_by_id(id, &thread)))
        return NULL;
    NTSTATUS status = handle_create(&thread->object.object, access, inherit ? OBJ_INHERIT : 0, &handle);
    return release_with_status(thread, status) ? handle : NULL;
}

DWORD WINAPI GetThreadId(HANDLE handle)
{
    struct thread *thread;
    struct process *process = process_of_thread(handle, THREAD_QUERY_LIMITED_INFORMATION);
    if (process) {
        DWORD id = process->id;
        object_release(&process->main_thread);
        return id;
    }
    if (!reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread))
        return 0;
    DWORD id = thread->id;
    thread_release(thread);
    return id;
}

DWORD WINAPI GetProcessIdOfThread(HANDLE handle)
{
    struct thread *thread;
    struct process *process = process_of_thread(handle, THREAD_QUERY_LIMITED_INFORMATION);
    if (process) {
        DWORD id = process->id;
        object_release(&process->main_thread);
        return id;
    }
    if (!reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread))
        return 0;
    thread_release(thread);
    return GetCurrentProcessId();
}

/* ---- attributes ---- */

BOOL WINAPI SetThreadPriority(HANDLE handle, int priority)
{
    struct thread *thread;
    if (!reference(handle, THREAD_SET_LIMITED_INFORMATION, &thread))
        return FALSE;
    return release_with_status(thread, thread_set_priority(thread, priority));
}

int WINAPI GetThreadPriority(HANDLE handle)
{
    struct thread *thread;
    if (!reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread))
        return THREAD_PRIORITY_ERROR_RETURN;
    int priority = thread->priority;
    thread_release(thread);
    return priority;
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
DWORD WINAPI SetThreadIdealProcessor(HANDLE handle, DWORD processor)
{
    struct thread *thread;
    if (!reference(handle, THREAD_SET_INFORMATION, &thread))
        return (DWORD)-1;
    DWORD previous = thread->ideal_processor;
    NTSTATUS status = STATUS_SUCCESS;
    if (processor < process_environment.NumberOfProcessors)
        thread->ideal_processor = processor;
    else if (processor != MAXIMUM_PROCESSORS)
        status = STATUS_INVALID_PARAMETER;
    return release_with_status(thread, status) ? previous : (DWORD)-1;
}

BOOL WINAPI SetThreadIdealProcessorEx(HANDLE handle, PROCESSOR_NUMBER *processor, PROCESSOR_NUMBER *previous)
{
    DWORD old = processor->Group == 0 ? SetThreadIdealProcessor(handle, processor->Number) : (DWORD)-1;
    if (old == (DWORD)-1)
        return processor->Group == 0 ? FALSE : set_last_status(STATUS_INVALID_PARAMETER);
    if (previous)
        *previous = (PROCESSOR_NUMBER){.Number = old};
    return TRUE;
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

static GUEST_STDCALL void call_apc(ULONG_PTR function, ULONG_PTR argument, ULONG_PTR unused)
{
    ((PAPCFUNC)function)(argument);
}

DWORD WINAPI QueueUserAPC(PAPCFUNC function, HANDLE handle, ULONG_PTR argument)
{
    struct thread *thread;
    if (!reference(handle, THREAD_SET_CONTEXT, &thread))
        return 0;
    NTSTATUS status = apc_queue(thread, call_apc, (ULONG_PTR)function, argument, 0);
    return release_with_status(thread, status);
}

/* Newer than the headers. The flags ask for APCs that interrupt a thread which does not wait, and are not
 * supported. */
BOOL WINAPI QueueUserAPC2(PAPCFUNC function, HANDLE thread, ULONG_PTR argument, DWORD flags)
{
    if (flags)
        return set_last_status(STATUS_NOT_SUPPORTED);
    return QueueUserAPC(function, thread, argument) != 0;
}
