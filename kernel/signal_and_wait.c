#include "kernel/event.h"
#include "kernel/handle.h"
#include "kernel/mutex.h"
#include "kernel/semaphore.h"

/* Windows signals events, mutexes and semaphores in this way, each with the access it takes otherwise. */
static NTSTATUS signal_any(HANDLE handle)
{
    struct object *object;
    NTSTATUS status = handle_reference(handle, NULL, 0, &object);
    if (!NT_SUCCESS(status))
        return status;
    const struct object_type *type = object->type;
    object_release(object);
    if (type == &event_type)
        return event_set(handle, NULL);
    if (type == &mutex_type)
        return mutex_release(handle, NULL);
    if (type == &semaphore_type)
        return semaphore_release(handle, 1, NULL);
    return STATUS_OBJECT_TYPE_MISMATCH;
}

NTSTATUS wait_signal_and_wait(HANDLE signal, HANDLE wait, bool alertable, const LARGE_INTEGER *timeout)
{
    struct waitable *object;
    NTSTATUS status = handle_reference(wait, NULL, SYNCHRONIZE, &object);
    if (!NT_SUCCESS(status))
        return status;
    if (!object->object.type->wait)
        status = STATUS_OBJECT_TYPE_MISMATCH;
    else
        status = signal_any(signal);
    if (NT_SUCCESS(status))
        status = wait_single(object, alertable, timeout);
    object_release(object);
    return status;
}
