/* Semaphores. */
#ifndef KERNEL_SEMAPHORE_H
#define KERNEL_SEMAPHORE_H

#include "kernel/named.h"
#include "kernel/wait.h"

EXPORTED NTSTATUS semaphore_create(const struct object_request *request, LONG initial, LONG maximum,
                                   HANDLE *handle);
EXPORTED NTSTATUS semaphore_open(const struct object_request *request, HANDLE *handle);
/* STATUS_SEMAPHORE_LIMIT_EXCEEDED where the count would exceed its maximum; `previous` may be NULL. */
EXPORTED NTSTATUS semaphore_release(HANDLE handle, LONG count, LONG *previous);
EXPORTED NTSTATUS semaphore_query(HANDLE handle, LONG *count, LONG *maximum);

EXPORTED extern const struct object_type semaphore_type;

#endif
