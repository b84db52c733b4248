/* What is told of a thread, and set, whosever it is. */
#include <stdlib.h>
#include "kernel/peek.h"
#include "kernel/remote_thread_internal.h"
#include "kernel/utf.h"

/* Asking */

/* In a call's values. */
enum {
    DETAIL_CREATED = 1,
    DETAIL_ENDED,
    DETAIL_KERNEL_TIME,
    DETAIL_USER_TIME,
    DETAIL_AFFINITY,
    DETAIL_START,
    DETAIL_IDEAL_PROCESSOR,
    DETAIL_SUSPEND_COUNT,
    DETAIL_PRIORITY,
    DETAIL_ABSOLUTE_PRIORITY,
    DETAIL_BOOST_DISABLED,
};

static void unpack(const uint64_t *values, struct thread_details *details)
{
    *details = (struct thread_details){
        .created = values[DETAIL_CREATED],
        .ended = values[DETAIL_ENDED],
        .kernel_time = values[DETAIL_KERNEL_TIME],
        .user_time = values[DETAIL_USER_TIME],
        .affinity = (KAFFINITY)values[DETAIL_AFFINITY],
        .start = (void *)(uintptr_t)values[DETAIL_START],
        .ideal_processor = values[DETAIL_IDEAL_PROCESSOR],
        .suspend_count = values[DETAIL_SUSPEND_COUNT],
        .priority = (LONG)values[DETAIL_PRIORITY],
        .absolute_priority = (LONG)values[DETAIL_ABSOLUTE_PRIORITY],
        .boost_disabled = values[DETAIL_BOOST_DISABLED],
    };
}

/* What a thread has told by its end, or, of a child's first, what Linux tells of the child. */
static NTSTATUS describe_ended(struct remote_thread *thread, struct thread_details *details)
{
    const struct process *process = thread->process;
    *details = (struct thread_details){
        .affinity = process_environment.ActiveProcessAffinityMask,
        .priority = __atomic_load_n(&thread->priority, __ATOMIC_RELAXED),
    };
    if (!remote_thread_is_main(thread) && remote_thread_has_ended(thread) && thread->exit_code_known) {
        details->created = thread->last.created;
        details->ended = thread->last.ended;
        details->kernel_time = thread->last.kernel_time;
        details->user_time = thread->last.user_time;
    } else if (process_has_ended(thread->process) && process->exit_code_known) {
        details->created = process->created;
        details->ended = process->exited;
        details->kernel_time = process->kernel_time;
        details->user_time = process->user_time;
    } else {
        return STATUS_THREAD_IS_TERMINATING;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS describe(struct remote_thread *thread, struct thread_details *details)
{
    struct remote_call call = {0};
    NTSTATUS status = remote_thread_call(thread, REMOTE_DESCRIBE_THREAD, &call);
    if (remote_thread_is_past(status))
        return describe_ended(thread, details);
    unpack(call.values, details);
    return status;
}

NTSTATUS thread_handle_describe(HANDLE handle, ACCESS_MASK access, struct thread_details *details)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, access, &thread);
    if (!NT_SUCCESS(status))
        return status;
    if (thread.own)
        thread_describe(thread.own, details);
    else
        status = describe(thread.remote, details);
    return remote_thread_release(&thread, status);
}

NTSTATUS thread_handle_set(HANDLE handle, ACCESS_MASK access, enum thread_attribute attribute, uint64_t value,
                           uint64_t *previous)
{
    struct thread_reference thread;
    struct remote_call call = {.values = {0, attribute, value}};
    NTSTATUS status = remote_thread_reference(handle, access, &thread);
    if (!NT_SUCCESS(status))
        return status;
    if (thread.own) {
        status = thread_set(thread.own, attribute, value, previous);
    } else {
        status = remote_thread_call(thread.remote, REMOTE_SET_THREAD, &call);
        *previous = call.values[1];
    }
    return remote_thread_release(&thread, status);
}

/* Names */

static NTSTATUS copy_name(struct remote_thread *thread, void *(*allocate)(size_t size), WCHAR **name)
{
    WCHAR text[REMOTE_DATA / sizeof(WCHAR)];
    struct remote_call call = {.data = text};
    NTSTATUS status = remote_thread_call(thread, REMOTE_THREAD_NAME, &call);
    if (!NT_SUCCESS(status))
        return status;
    *name = allocate(call.size + sizeof **name);
    if (!*name)
        return STATUS_NO_MEMORY;
    memcpy(*name, text, call.size);
    (*name)[call.size / sizeof **name] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS thread_handle_copy_name(HANDLE handle, void *(*allocate)(size_t size), WCHAR **name)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return status;
    if (thread.own) {
        *name = thread_copy_name(thread.own, allocate);
        status = *name ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    } else {
        status = copy_name(thread.remote, allocate, name);
    }
    return remote_thread_release(&thread, status);
}

/* A name that no call has room for is refused. */
static NTSTATUS set_name(struct remote_thread *thread, const WCHAR *name, size_t length)
{
    WCHAR text[REMOTE_DATA / sizeof(WCHAR)];
    struct remote_call call = {.data = text, .size = length * sizeof *name};
    if (length > ARRAYSIZE(text))
        return STATUS_INSUFFICIENT_RESOURCES;
    if (!peek(text, name, call.size))
        return STATUS_ACCESS_VIOLATION;
    return remote_thread_call(thread, REMOTE_SET_THREAD_NAME, &call);
}

NTSTATUS thread_handle_set_name(HANDLE handle, const WCHAR *name, size_t length)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_SET_LIMITED_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread.own ? thread_set_name(thread.own, name, length) : set_name(thread.remote, name, length);
    return remote_thread_release(&thread, status);
}

/* Serving */

static NTSTATUS serve_describe_thread(struct remote_call *call)
{
    struct thread *thread;
    struct thread_details details;
    NTSTATUS status = remote_thread_find(call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    thread_describe(thread, &details);
    thread_release(thread);
    uint64_t *values = call->values;
    values[DETAIL_CREATED] = details.created;
    values[DETAIL_ENDED] = details.ended;
    values[DETAIL_KERNEL_TIME] = details.kernel_time;
    values[DETAIL_USER_TIME] = details.user_time;
    values[DETAIL_AFFINITY] = details.affinity;
    values[DETAIL_START] = (uintptr_t)details.start;
    values[DETAIL_IDEAL_PROCESSOR] = details.ideal_processor;
    values[DETAIL_SUSPEND_COUNT] = details.suspend_count;
    values[DETAIL_PRIORITY] = (DWORD)details.priority;
    values[DETAIL_ABSOLUTE_PRIORITY] = (DWORD)details.absolute_priority;
    values[DETAIL_BOOST_DISABLED] = details.boost_disabled;
    return STATUS_SUCCESS;
}

static NTSTATUS serve_set_thread(struct remote_call *call)
{
    struct thread *thread;
    NTSTATUS status = remote_thread_find(call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread_set(thread, call->values[1], call->values[2], &call->values[1]);
    thread_release(thread);
    return status;
}

static NTSTATUS serve_thread_name(struct remote_call *call)
{
    struct thread *thread;
    NTSTATUS status = remote_thread_find(call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    WCHAR *name = thread_copy_name(thread, malloc);
    thread_release(thread);
    size_t size = name ? utf16_length(name) * sizeof *name : 0;
    if (size <= REMOTE_DATA) {
        call->size = size;
        memcpy(call->data, name, size);
    }
    free(name);
    return !name ? STATUS_NO_MEMORY : size > REMOTE_DATA ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS;
}

static NTSTATUS serve_set_thread_name(struct remote_call *call)
{
    struct thread *thread;
    NTSTATUS status = remote_thread_find(call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread_set_name(thread, call->data, call->size / sizeof(WCHAR));
    thread_release(thread);
    return status;
}

const remote_server remote_thread_detail_servers[REMOTE_OPERATIONS] = {
    [REMOTE_DESCRIBE_THREAD] = serve_describe_thread,
    [REMOTE_SET_THREAD] = serve_set_thread,
    [REMOTE_THREAD_NAME] = serve_thread_name,
    [REMOTE_SET_THREAD_NAME] = serve_set_thread_name,
};
