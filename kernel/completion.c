#include <stdlib.h>
#include "kernel/completion.h"
#include "kernel/lock.h"
#include "kernel/wait.h"

struct queued_packet {
    struct queued_packet *next;
    struct completion_packet packet;
};

/* Counts packets that no remover has claimed yet. Threads in completion_remove wait for it; it has no handle.
 */
struct claim {
    struct waitable waitable;
    size_t count; /* under its lock */
};

struct completion_port {
    struct waitable waitable; /* signaled while there are packets, for those who wait for the handle */
    struct claim claim;
    struct lock lock; /* of the queue */
    struct queued_packet *first, **last;
    completion_delivery deliver; /* NULL: packets are queued */
};

/* Claims */

static bool claim_take(struct waitable *object, struct thread *thread)
{
    if (--((struct claim *)object)->count == 0)
        __atomic_fetch_and(&object->state, ~(uint32_t)WAITABLE_SIGNALED, __ATOMIC_RELAXED);
    return false;
}

static bool claim_try_take(struct waitable *object, struct thread *thread)
{
    struct claim *claim = (struct claim *)object;
    if (!waitable_is_signaled(object))
        return false;
    waitable_lock(object);
    bool taken = claim->count > 0;
    claim->count -= taken;
    waitable_unlock(object, claim->count > 0);
    return taken;
}

static const struct wait_operations claim_waits = {.take = claim_take, .try_take = claim_try_take};
static const struct object_type claim_type = {.name = "CompletionClaim", .wait = &claim_waits};

/* Ports */

static void completion_port_destroy(struct object *object)
{
    struct completion_port *port = (struct completion_port *)object;
    while (port->first) {
        struct queued_packet *packet = port->first;
        port->first = packet->next;
        free(packet);
    }
    free(port);
}

const struct object_type completion_port_type = {
    .name = "IoCompletion",
    .destroy = completion_port_destroy,
    .wait = &wait_notification,
    .access =
        {
            .GenericRead = STANDARD_RIGHTS_READ | 1,
            .GenericWrite = STANDARD_RIGHTS_WRITE | 2,
            .GenericExecute = STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE,
            .GenericAll = STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 3,
        },
};

NTSTATUS completion_port_create(struct completion_port **result)
{
    struct completion_port *port = calloc(1, sizeof *port);
    if (!port)
        return STATUS_NO_MEMORY;
    waitable_initialize(&port->waitable, &completion_port_type, false);
    waitable_initialize(&port->claim.waitable, &claim_type, false);
    port->last = &port->first;
    *result = port;
    return STATUS_SUCCESS;
}

NTSTATUS completion_port_create_delivering(struct completion_port **port, completion_delivery deliver)
{
    NTSTATUS status = completion_port_create(port);
    if (NT_SUCCESS(status))
        (*port)->deliver = deliver;
    return status;
}

NTSTATUS completion_post(struct completion_port *port, const struct completion_packet *packet)
{
    if (port->deliver)
        return port->deliver(packet);
    struct queued_packet *queued = malloc(sizeof *queued);
    if (!queued)
        return STATUS_NO_MEMORY;
    *queued = (struct queued_packet){.packet = *packet};
    lock_acquire(&port->lock);
    *port->last = queued;
    port->last = &queued->next;
    waitable_set(&port->waitable);
    lock_release(&port->lock);
    waitable_lock(&port->claim.waitable);
    port->claim.count++;
    waitable_unlock(&port->claim.waitable, true);
    return STATUS_SUCCESS;
}

size_t completion_depth(struct completion_port *port)
{
    return __atomic_load_n(&port->claim.count, __ATOMIC_RELAXED);
}

/* Takes the packet that a claim has made sure of. */
static struct completion_packet take_packet(struct completion_port *port)
{
    lock_acquire(&port->lock);
    struct queued_packet *queued = port->first;
    port->first = queued->next;
    if (!port->first) {
        port->last = &port->first;
        waitable_reset(&port->waitable);
    }
    lock_release(&port->lock);
    struct completion_packet packet = queued->packet;
    free(queued);
    return packet;
}

NTSTATUS completion_remove(struct completion_port *port, struct completion_packet *packets, ULONG count,
                           ULONG *taken, bool alertable, const LARGE_INTEGER *timeout)
{
    *taken = 0;
    NTSTATUS status = wait_single(&port->claim.waitable, alertable, timeout);
    if (status != STATUS_WAIT_0)
        return status;
    do {
        packets[(*taken)++] = take_packet(port);
    } while (*taken < count && claim_try_take(&port->claim.waitable, NULL));
    return STATUS_SUCCESS;
}
