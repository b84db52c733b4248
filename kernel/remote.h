/* Having another process of litewin do something to itself. There is no server: the process that asks writes
 * a request into shared memory and sends the other one a signal, which has a thread of litewin's own there
 * serve it. kernel/remote_call.c is the asking side, kernel/remote_serve.c the other; what can be asked for
 * is in the files of each subject, kernel/remote_*.c, which have both sides of it. */
#ifndef KERNEL_REMOTE_H
#define KERNEL_REMOTE_H

#include "kernel/process.h"

enum { REMOTE_VALUES = 20, REMOTE_DATA = 3072 };

/* A change to this, or to what an operation means, is a new version. */
enum remote_operation {
    REMOTE_VERSION = 3,
    REMOTE_ALLOCATE = 0,
    REMOTE_FREE,
    REMOTE_PROTECT,
    REMOTE_QUERY,
    REMOTE_QUERY_ALLOCATION,
    REMOTE_QUERY_PAGE,
    REMOTE_LOCK,
    REMOTE_UNLOCK,
    REMOTE_MAPPED_NAME,
    REMOTE_OPEN_THREAD,
    REMOTE_CREATE_THREAD,
    REMOTE_SUSPEND_THREAD,
    REMOTE_RESUME_THREAD,
    REMOTE_SUSPEND_ALL,
    REMOTE_RESUME_ALL,
    REMOTE_TERMINATE_THREAD,
    REMOTE_GET_CONTEXT,
    REMOTE_SET_CONTEXT,
    REMOTE_QUEUE_APC,
    REMOTE_QUEUE_USER_APC,
    REMOTE_QUERY_THREAD,
    REMOTE_SET_PRIORITY,
    REMOTE_DESCRIBE,
    REMOTE_DESCRIBE_IMAGE,
    REMOTE_SET_AFFINITY,
    REMOTE_STORE_HANDLE,
    REMOTE_FETCH_HANDLE,
    REMOTE_CLOSE_HANDLE,
    REMOTE_MAP_VIEW,
    REMOTE_UNMAP_VIEW,
    REMOTE_DESCRIBE_THREAD,
    REMOTE_SET_THREAD,
    REMOTE_THREAD_NAME,
    REMOTE_SET_THREAD_NAME,
    REMOTE_SET_PRIORITY_CLASS,
    REMOTE_WRITTEN_PAGES,
    REMOTE_RESET_WRITTEN_PAGES,
    REMOTE_READ,
    REMOTE_WRITE,
    REMOTE_OPERATIONS,
};

/* What is asked for and what comes back. Processes of different architectures understand each other: values
 * are 64 bits wide, and what `data` holds is the same on both or refused. */
struct remote_call {
    uint32_t operation;
    uint32_t size; /* of `data`, both ways */
    /* A descriptor goes with the call, or comes back. A server that keeps it says that none has come. */
    bool gives, returns;
    int descriptor; /* which; the receiver owns its duplicate */
    uint64_t values[REMOTE_VALUES];
    void *data; /* room for REMOTE_DATA bytes if any come back */
    /* What the server does once it has answered, since this process may end by it; or NULL. */
    void (*afterwards)(void *argument);
    void *argument;
};

/* Waits for the answer. STATUS_ACCESS_DENIED for a process that litewin does not run,
 * STATUS_PROCESS_IS_TERMINATING for one that has ended or ends meanwhile; else what the operation says. */
NTSTATUS remote_call(struct process *process, struct remote_call *call);

/* Serving */

/* From now on, this process serves requests. */
EXPORTED void remote_listen(void);

/* In a thread that was interrupted by a request, and is at rest now. */
void remote_returned(void);

typedef NTSTATUS (*remote_server)(struct remote_call *call);

/* By operation; each subject has its own. */
extern const remote_server remote_memory_servers[], remote_thread_servers[], remote_thread_detail_servers[],
    remote_handle_servers[];

#endif
