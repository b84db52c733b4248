/* Events, semaphores and mutexes. */
#ifndef KERNEL_EVENT_H
#define KERNEL_EVENT_H

#include "kernel/named.h"
#include "kernel/wait.h"

/* Manual-reset and auto-reset events differ in type only for waits; handles see both as "Event". */
EXPORTED NTSTATUS event_create(const struct object_request *request, bool manual_reset, bool signaled,
                               HANDLE *handle);
EXPORTED NTSTATUS event_open(const struct object_request *request, HANDLE *handle);
/* `previous` may be NULL. */
EXPORTED NTSTATUS event_set(HANDLE handle, LONG *previous);
EXPORTED NTSTATUS event_reset(HANDLE handle, LONG *previous);
EXPORTED NTSTATUS event_pulse(HANDLE handle, LONG *previous);
EXPORTED NTSTATUS event_query(HANDLE handle, bool *manual_reset, LONG *state);

EXPORTED extern const struct object_type event_type;
/* For floors above that signal an event which they hold a reference to, not a handle. */
EXPORTED void event_signal(struct object *event);

#endif
