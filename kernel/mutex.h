/* Mutexes ("mutants"): owned by a thread, recursive, abandoned where their owner ends. */
#ifndef KERNEL_MUTEX_H
#define KERNEL_MUTEX_H

#include "kernel/named.h"
#include "kernel/wait.h"

EXPORTED NTSTATUS mutex_create(const struct object_request *request, bool initially_owned, HANDLE *handle);
EXPORTED NTSTATUS mutex_open(const struct object_request *request, HANDLE *handle);
/* STATUS_MUTANT_NOT_OWNED where the calling thread is not the owner; `previous` may be NULL. */
EXPORTED NTSTATUS mutex_release(HANDLE handle, LONG *previous);
EXPORTED NTSTATUS mutex_query(HANDLE handle, LONG *count, bool *owned_by_caller, bool *abandoned);

/* At the end of a thread. */
void mutex_abandon_all(struct thread *thread);

EXPORTED extern const struct object_type mutex_type;

#endif
