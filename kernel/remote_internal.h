/* What both sides of kernel/remote.h share. */
#ifndef KERNEL_REMOTE_INTERNAL_H
#define KERNEL_REMOTE_INTERNAL_H

#include "kernel/remote.h"

/* The C library's own real-time signals are the first two, kernel/suspend.c's the last but one and two. */
#define REMOTE_SIGNAL (SIGRTMAX - 4)

enum remote_state {
    REMOTE_IDLE,
    REMOTE_ASKED, /* the signal may be lost, and is sent again from time to time; remote_asked() */
    REMOTE_TAKEN, /* it is being served */
    REMOTE_DONE,  /* the answer is there */
    /* While it is served, or after: the other side is to send its descriptor; it has, if it could. */
    REMOTE_AWAITS_DESCRIPTOR,
    REMOTE_SENT_DESCRIPTOR,
    REMOTE_ABANDONED, /* who asked waits no longer */
};

/* In memory that both sides map, whatever their architecture. */
struct remote_block {
    uint32_t version;
    uint32_t state;   /* atomic, a futex: enum remote_state */
    uint32_t service; /* out: the thread that has served it */
    uint32_t operation;
    int32_t status;
    uint32_t gives, returns;
    char mailbox[6]; /* where the awaited descriptor is to be sent: a socket's abstract name */
    uint32_t size;
    uint64_t values[REMOTE_VALUES] __attribute__((aligned(8)));
    uint8_t data[REMOTE_DATA] __attribute__((aligned(16)));
};

/* The state says which process is to serve the request: a signal that comes late may find another one's. */
static inline uint32_t remote_asked(DWORD target)
{
    return target << 3 | REMOTE_ASKED;
}

_Static_assert(sizeof(struct remote_block) <= 4096, "a page");

/* How long a wait for the other side goes on until somebody looks whether it still lives. */
#define REMOTE_LONGEST_PAUSE_NS 20000000

/* Wakes whoever waits for a change. */
void remote_set_state(struct remote_block *block, uint32_t state);

/* Whether the process behind a pidfd has ended. */
bool remote_is_gone(int process);

/* Has the other side send the descriptor that goes with the call. */
NTSTATUS remote_receive_descriptor(struct remote_block *block, pid_t sender, int sender_process,
                                   int *descriptor);
/* Does as that side is asked. */
void remote_send_descriptor(struct remote_block *block, int descriptor);

#endif
