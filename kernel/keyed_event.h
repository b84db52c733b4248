/* Keyed events: a thread that releases a key and one that waits for it meet, and neither goes on without the
 * other. */
#ifndef KERNEL_KEYED_EVENT_H
#define KERNEL_KEYED_EVENT_H

#include "kernel/named.h"
#include "kernel/wait.h"

EXPORTED extern const struct object_type keyed_event_type;

EXPORTED NTSTATUS keyed_event_create(const struct object_request *request, HANDLE *handle);
EXPORTED NTSTATUS keyed_event_open(const struct object_request *request, HANDLE *handle);

/* A NULL handle is the process's own event. Keys are even. Both block until a thread does the opposite with
 * the same key, in order of arrival. */
EXPORTED NTSTATUS keyed_event_wait(HANDLE handle, ULONG_PTR key, bool alertable,
                                   const LARGE_INTEGER *timeout);
EXPORTED NTSTATUS keyed_event_release(HANDLE handle, ULONG_PTR key, bool alertable,
                                      const LARGE_INTEGER *timeout);

#endif
