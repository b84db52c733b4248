#include <stdlib.h>
#include "dlls/ntdll/threadpool.h"
#include "kernel/completion.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/status.h"

/* Files whose operations end in callbacks. What ends goes straight to the pool of the object: no thread waits
 * for it. */

struct io_packet {
    struct io_packet *next;
    struct completion_packet packet;
};

struct _TP_IO {
    struct pool_object object;
    /* One of the three. */
    tp_io_callback callback;
    PTP_WIN32_IO_CALLBACK win32_callback;
    LPOVERLAPPED_COMPLETION_ROUTINE routine;
    /* Under the pool's lock: what the pending callbacks are about, and those that begin to run. */
    struct io_packet *first, *last;
    ULONG count;
};

/* Packets */

static void append(TP_IO *io, struct io_packet *packet)
{
    lock_acquire(&io->object.pool->lock);
    *(io->first ? &io->last->next : &io->first) = packet;
    io->last = packet;
    io->count++;
    lock_release(&io->object.pool->lock);
}

static struct completion_packet take_packet(TP_IO *io)
{
    lock_acquire(&io->object.pool->lock);
    struct io_packet *first = io->first;
    struct completion_packet packet = first->packet;
    io->first = first->next;
    io->count--;
    lock_release(&io->object.pool->lock);
    free(first);
    return packet;
}

static void drop_packets(struct pool_object *object, ULONG count)
{
    TP_IO *io = (TP_IO *)object;
    struct io_packet **place = &io->first, *packet;
    io->last = NULL;
    for (ULONG kept = io->count - count; kept > 0; kept--) {
        io->last = *place;
        place = &(*place)->next;
    }
    for (struct io_packet *next = *place; (packet = next);) {
        next = packet->next;
        free(packet);
    }
    *place = NULL;
    io->count -= count;
}

/* Takes back what nobody expects. Another callback may have taken that very packet, and left this one its
 * own. */
static void drop_unexpected(TP_IO *io)
{
    lock_acquire(&io->object.pool->lock);
    drop_packets(&io->object, 1);
    lock_release(&io->object.pool->lock);
}

static NTSTATUS deliver(const struct completion_packet *packet)
{
    TP_IO *io = (TP_IO *)packet->key;
    struct io_packet *queued = malloc(sizeof *queued);
    if (!queued)
        return STATUS_NO_MEMORY;
    *queued = (struct io_packet){.packet = *packet};
    append(io, queued);
    if (io->routine)
        pool_post(&io->object);
    else if (!pool_post_expected(&io->object))
        drop_unexpected(io);
    return STATUS_SUCCESS;
}

static void call_io(struct pool_object *object, TP_CALLBACK_INSTANCE *instance)
{
    TP_IO *io = (TP_IO *)object;
    struct completion_packet packet = take_packet(io);
    void *value = (void *)packet.value;
    DWORD error = packet.status ? status_to_win32(packet.status) : ERROR_SUCCESS;
    IO_STATUS_BLOCK status = {.Status = packet.status, .Information = packet.information};
    if (io->callback)
        io->callback(instance, object->context, value, &status, io);
    else if (io->win32_callback)
        io->win32_callback(instance, object->context, value, error, packet.information, io);
    else
        io->routine(error, (DWORD)packet.information, value);
}

/* Objects */

static const struct pool_object_type io_type = {.call = call_io, .drop = drop_packets};

static NTSTATUS get_port(struct completion_port **result)
{
    static struct lock port_lock;
    static struct completion_port *port;
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&port_lock);
    if (!port)
        status = completion_port_create_delivering(&port, deliver);
    *result = port;
    lock_release(&port_lock);
    return status;
}

static NTSTATUS bind(HANDLE handle, TP_IO *io)
{
    struct completion_port *port;
    struct file *file;
    NTSTATUS status = get_port(&port);
    if (NT_SUCCESS(status))
        status = handle_reference(handle, &file_type, 0, &file);
    if (!NT_SUCCESS(status))
        return status;
    status = file_set_port(file, port, (ULONG_PTR)io);
    object_release(file);
    return status;
}

static NTSTATUS allocate(HANDLE file, const TP_IO *callbacks, void *context, TP_CALLBACK_ENVIRON *environment,
                         TP_IO **result)
{
    TP_IO *io = malloc(sizeof *io);
    if (!io)
        return STATUS_NO_MEMORY;
    *io = *callbacks;
    NTSTATUS status = pool_object_initialize(&io->object, &io_type, context, environment);
    if (!NT_SUCCESS(status)) {
        free(io);
        return status;
    }
    status = bind(file, io);
    if (NT_SUCCESS(status))
        *result = io;
    else
        pool_object_close(&io->object);
    return status;
}

NTSTATUS WINAPI TpAllocIoCompletion(TP_IO **io, HANDLE file, tp_io_callback callback, void *context,
                                    TP_CALLBACK_ENVIRON *environment)
{
    return allocate(file, &(TP_IO){.callback = callback}, context, environment, io);
}

NTSTATUS tp_allocate_win32_io(TP_IO **io, HANDLE file, PTP_WIN32_IO_CALLBACK callback, void *context,
                              TP_CALLBACK_ENVIRON *environment)
{
    return allocate(file, &(TP_IO){.win32_callback = callback}, context, environment, io);
}

/* Each operation that is begun counts, until it ends or turns out not to end in a packet. */
void WINAPI TpStartAsyncIoOperation(TP_IO *io)
{
    pool_expect(&io->object);
}

void WINAPI TpCancelAsyncIoOperation(TP_IO *io)
{
    pool_expect_no_more(&io->object);
}

void WINAPI TpWaitForIoCompletion(TP_IO *io, BOOL cancel)
{
    pool_wait_for(&io->object, cancel);
}

void WINAPI TpReleaseIoCompletion(TP_IO *io)
{
    pool_object_close(&io->object);
}

/* The file is bound for good: the object lives as long as the process. */
NTSTATUS WINAPI RtlSetIoCompletionCallback(HANDLE file, LPOVERLAPPED_COMPLETION_ROUTINE function, ULONG flags)
{
    TP_IO *io;
    if (flags)
        return STATUS_INVALID_PARAMETER;
    return allocate(file, &(TP_IO){.routine = function}, NULL, NULL, &io);
}
