/* Completion ports: queues of packets that tell of finished operations. */
#ifndef KERNEL_COMPLETION_H
#define KERNEL_COMPLETION_H

#include "kernel/object.h"

struct completion_port;
extern EXPORTED const struct object_type completion_port_type;

struct completion_packet {
    ULONG_PTR key;
    ULONG_PTR value; /* the OVERLAPPED, or whatever was posted */
    NTSTATUS status;
    ULONG_PTR information; /* how many bytes */
};

EXPORTED NTSTATUS completion_port_create(struct completion_port **port);
/* A port without a queue: each packet goes to `deliver`, in the thread that posts it. */
typedef NTSTATUS (*completion_delivery)(const struct completion_packet *packet);
EXPORTED NTSTATUS completion_port_create_delivering(struct completion_port **port,
                                                    completion_delivery deliver);
EXPORTED NTSTATUS completion_post(struct completion_port *port, const struct completion_packet *packet);

/* How many packets are in the queue. */
EXPORTED size_t completion_depth(struct completion_port *port);

/* Takes up to `count` packets, oldest first, and waits for one if there is none. `*taken` is at least 1
 * on success; else STATUS_TIMEOUT or STATUS_USER_APC. */
EXPORTED NTSTATUS completion_remove(struct completion_port *port, struct completion_packet *packets,
                                    ULONG count, ULONG *taken, bool alertable, const LARGE_INTEGER *timeout);

#endif
