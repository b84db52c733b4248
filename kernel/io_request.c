#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "kernel/apc.h"
#include "kernel/event.h"
#include "kernel/file_control.h"
#include "kernel/handle.h"
#include "kernel/io_request.h"
#include "kernel/peek.h"
#include "kernel/pipe_internal.h"
#include "kernel/status.h"
#include "kernel/thread.h"
#include "kernel/vm.h"

enum io_direction { IO_INPUT, IO_OUTPUT, IO_LOCKS, IO_DIRECTIONS };

struct io_end {
    IO_STATUS_BLOCK *status;
    struct waitable *event;
    struct thread *thread;
    void *apc, *apc_context;
    bool apc_is_win32;
    ULONG_PTR packet;
};

struct io_request {
    struct io_request *next;          /* in its file's queue, or among those that have ended */
    struct io_request *newer, *older; /* of all that are pending */
    struct file *file;                /* with a reference, as are the event and the thread */
    struct io_operation operation;
    struct io_end end;
};

/* A file's requests, in the order in which they were made; each kind waits for its own. */
struct io_queue {
    struct watch watch;
    struct file *file;    /* NULL when it is gone */
    uint32_t watched_for; /* EPOLLIN, EPOLLOUT */
    bool closed;
    struct io_request *first[IO_DIRECTIONS]; /* atomic */
};

/* Of all queues and requests. Ends are told of under it, so that they come in order. */
static struct lock requests_lock;
static struct io_request *newest; /* atomic */

bool file_is_synchronous(const struct file *file)
{
    return file->options & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT);
}

/* Beginning and ending */

static NTSTATUS begin(struct file *file, const struct io_notice *notice, struct io_end *end)
{
    *end = (struct io_end){
        .status = notice->status,
        .thread = thread_current(),
        .apc = notice->apc,
        .apc_context = notice->apc_context,
        .apc_is_win32 = notice->apc_is_win32,
        .packet = notice->packet,
    };
    if (notice->event) {
        NTSTATUS status = handle_reference(notice->event, &event_type, EVENT_MODIFY_STATE, &end->event);
        if (status)
            return status;
        waitable_reset(end->event);
    }
    if (!file_is_synchronous(file))
        waitable_reset(&file->waitable);
    return STATUS_SUCCESS;
}

static void queue_apc(const struct io_end *end, NTSTATUS status, ULONG_PTR information)
{
    if (end->apc_is_win32)
        apc_queue(end->thread, (apc_function)end->apc, status ? status_to_win32(status) : ERROR_SUCCESS,
                  information, (ULONG_PTR)end->status);
    else
        apc_queue(end->thread, (apc_function)end->apc, (ULONG_PTR)end->apc_context, (ULONG_PTR)end->status,
                  0);
}

/* False where the block cannot be written. The program may begin to watch the page again after it was
 * prepared, but hardly twice. */
static bool write_status(IO_STATUS_BLOCK *block, NTSTATUS status, ULONG_PTR information)
{
    enum { ATTEMPTS = 3 };
    bool written = false;
    for (int attempt = 0; attempt < ATTEMPTS && !written; attempt++) {
        vm_prepare(block, sizeof *block, true);
        written = poke_io_status(block, status, information);
    }
    return written;
}

/* False where the status block cannot be written. */
static bool tell_end(struct file *file, const struct io_end *end, NTSTATUS status, ULONG_PTR information,
                     bool at_once)
{
    /* An operation that fails at once tells so by its result alone, but for a file's end. */
    if (at_once && NT_ERROR(status) && status != STATUS_END_OF_FILE)
        return true;
    bool written = write_status(end->status, status, information);
    if (at_once && NT_ERROR(status))
        return written;
    if (end->event)
        waitable_set(end->event);
    else if (!file_is_synchronous(file) && !(file_completion_modes(file) & FILE_SKIP_SET_EVENT_ON_HANDLE))
        waitable_set(&file->waitable);
    if (end->apc)
        queue_apc(end, status, information);
    else if (end->packet)
        file_post_completion(file, end->packet, status, information, at_once);
    return written;
}

/* Returns what the caller is told. */
static NTSTATUS end_at_once(struct file *file, const struct io_end *end, NTSTATUS status,
                            ULONG_PTR information)
{
    bool told = tell_end(file, end, status, information, true);
    if (end->event)
        object_release(end->event);
    return told ? status : STATUS_ACCESS_VIOLATION;
}

/* Doing */

/* An offset that was given moves a synchronous handle's position behind what was transferred. */
static void move_position(struct file *file, const struct io_operation *operation)
{
    int64_t ignored;
    if (operation->offset >= 0)
        file_seek(file, operation->offset + operation->done, FILE_BEGIN, &ignored);
}

static NTSTATUS transfer_parts(struct file *file, struct io_operation *operation)
{
    enum { PART = 4096 };
    const FILE_SEGMENT_ELEMENT *part = operation->buffer;
    ULONG done = PART;
    NTSTATUS status = STATUS_SUCCESS;
    for (; operation->done < operation->length && done == PART && !status; part++) {
        int64_t offset = operation->offset + operation->done;
        status = operation->kind == IO_WRITE_PARTS ? file_write(file, part->Buffer, PART, offset, &done)
                                                   : file_read(file, part->Buffer, PART, offset, &done);
        operation->done += done;
    }
    return status == STATUS_END_OF_FILE && operation->done ? STATUS_SUCCESS : status;
}

/* All of it, however long it takes. */
static NTSTATUS perform(struct file *file, struct io_operation *operation)
{
    NTSTATUS status;
    switch (operation->kind) {
    case IO_READ:
        status = file_read(file, operation->buffer, operation->length, operation->offset, &operation->done);
        move_position(file, operation);
        return status;
    case IO_WRITE:
        status = file_write(file, operation->buffer, operation->length, operation->offset, &operation->done);
        move_position(file, operation);
        return status;
    case IO_READ_PARTS:
    case IO_WRITE_PARTS:
        return transfer_parts(file, operation);
    case IO_LISTEN:
        return pipe_listen(file);
    case IO_TRANSACT:
        return pipe_transact(file, operation->input, operation->input_size, operation->buffer,
                             operation->length, &operation->done);
    case IO_LOCK:
        return file_lock(file, operation->offset, operation->lock_length, operation->exclusive,
                         !operation->immediately);
    }
    return STATUS_INVALID_PARAMETER;
}

static NTSTATUS try_lock(struct file *file, const struct io_operation *operation)
{
    NTSTATUS status = file_lock(file, operation->offset, operation->lock_length, operation->exclusive, false);
    return status == STATUS_LOCK_NOT_GRANTED && !operation->immediately ? STATUS_PENDING : status;
}

/* As much of it as can be done at once; STATUS_PENDING if that is not all. */
static NTSTATUS attempt(struct file *file, struct io_operation *operation)
{
    switch (operation->kind) {
    case IO_READ:
        return file_try_read(file, operation->buffer, operation->length, operation->offset, &operation->done);
    case IO_WRITE:
        return file_try_write(file, operation->buffer, operation->length, operation->offset,
                              &operation->done);
    case IO_READ_PARTS:
    case IO_WRITE_PARTS:
        return transfer_parts(file, operation);
    case IO_LISTEN:
        return pipe_try_listen(file, &operation->begun);
    case IO_TRANSACT:
        return pipe_try_transact(file, operation->input, operation->input_size, operation->buffer,
                                 operation->length, &operation->begun, &operation->done);
    case IO_LOCK:
        return try_lock(file, operation);
    }
    return STATUS_INVALID_PARAMETER;
}

/* Queues, under the lock */

static enum io_direction direction_of(const struct io_operation *operation)
{
    switch (operation->kind) {
    case IO_WRITE:
        return IO_OUTPUT;
    case IO_LOCK:
        return IO_LOCKS;
    default:
        return IO_INPUT;
    }
}

static uint32_t events_of(const struct io_queue *queue)
{
    const struct io_request *input = queue->first[IO_INPUT];
    uint32_t events = (input ? EPOLLIN : 0) | (queue->first[IO_OUTPUT] ? EPOLLOUT : 0);
    if (input && input->operation.kind == IO_TRANSACT && !input->operation.begun)
        events |= EPOLLOUT;
    return events;
}

static bool watch_queue(struct io_queue *queue)
{
    uint32_t events = events_of(queue);
    if (!(events & ~queue->watched_for))
        return true;
    queue->watched_for = events;
    return watch_descriptor(queue->file->descriptor, events, &queue->watch);
}

static void link_request(struct io_request *request)
{
    struct io_request **place = &request->file->queue->first[direction_of(&request->operation)];
    while (*place)
        place = &(*place)->next;
    request->older = newest;
    if (newest)
        newest->newer = request;
    __atomic_store_n(place, request, __ATOMIC_RELEASE);
    __atomic_store_n(&newest, request, __ATOMIC_RELEASE);
}

static void unlink_request(struct io_request *request)
{
    struct io_request **place = &request->file->queue->first[direction_of(&request->operation)];
    while (*place != request)
        place = &(*place)->next;
    if (request->newer)
        request->newer->older = request->older;
    else
        __atomic_store_n(&newest, request->older, __ATOMIC_RELEASE);
    if (request->older)
        request->older->newer = request->newer;
    __atomic_store_n(place, request->next, __ATOMIC_RELEASE);
}

/* It stays in the queue until its end has been told, lest a later one overtakes it. */
static void end_request(struct io_request *request, NTSTATUS status, struct io_request **ended)
{
    /* Where that fails, the program has freed the block and nobody is left who would want to know. */
    tell_end(request->file, &request->end, status, request->operation.done, false);
    unlink_request(request);
    request->next = *ended;
    *ended = request;
}

static void serve(struct io_queue *queue, enum io_direction direction, struct io_request **ended)
{
    struct io_request *request;
    while ((request = queue->first[direction])) {
        NTSTATUS status = attempt(request->file, &request->operation);
        if (status == STATUS_PENDING)
            return;
        end_request(request, status, ended);
    }
}

/* Without the lock: what ended requests held may be the last of its kind. */
static void release_all(struct io_request *ended)
{
    while (ended) {
        struct io_request *request = ended;
        ended = request->next;
        if (request->end.event)
            object_release(request->end.event);
        thread_release(request->end.thread);
        object_release(request->file);
        free(request);
    }
}

static void review(struct io_queue *queue, struct io_request **ended)
{
    serve(queue, IO_INPUT, ended);
    serve(queue, IO_OUTPUT, ended);
    watch_queue(queue);
}

static void descriptor_is_ready(struct watch *watch)
{
    struct io_queue *queue = CONTAINING_RECORD(watch, struct io_queue, watch);
    struct io_request *ended = NULL;
    lock_acquire(&requests_lock);
    queue->watched_for = 0;
    if (queue->file)
        review(queue, &ended);
    lock_release(&requests_lock);
    release_all(ended);
}

/* Starting */

static bool ensure_queue(struct file *file)
{
    if (file->queue)
        return true;
    struct io_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return false;
    queue->watch.ready = descriptor_is_ready;
    queue->file = file;
    __atomic_store_n(&file->queue, queue, __ATOMIC_RELEASE);
    return true;
}

static bool has_pending(const struct file *file, enum io_direction direction)
{
    const struct io_queue *queue = __atomic_load_n(&file->queue, __ATOMIC_ACQUIRE);
    return queue && __atomic_load_n(&queue->first[direction], __ATOMIC_ACQUIRE);
}

/* Other processes do not tell that they have released a lock, so that it takes a look from time to time. */
#define LOCK_INTERVAL_NS 20000000

static int lock_timer = -1;
static bool lock_watched; /* under the lock */

static void look_at_locks(struct watch *watch)
{
    uint64_t count;
    if (read(lock_timer, &count, sizeof count) > 0)
        io_review_locks();
    lock_acquire(&requests_lock);
    bool more = false;
    for (const struct io_request *request = newest; request && !more; request = request->older)
        more = request->operation.kind == IO_LOCK;
    lock_watched = more && watch_descriptor(lock_timer, EPOLLIN, watch);
    lock_release(&requests_lock);
}

/* Under the lock. */
static bool watch_locks(void)
{
    static struct watch watch = {.ready = look_at_locks};
    static const struct itimerspec interval = {{.tv_nsec = LOCK_INTERVAL_NS}, {.tv_nsec = LOCK_INTERVAL_NS}};
    if (lock_watched)
        return true;
    if (lock_timer < 0)
        lock_timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (lock_timer < 0 || timerfd_settime(lock_timer, 0, &interval, NULL))
        return false;
    return lock_watched = watch_descriptor(lock_timer, EPOLLIN, &watch);
}

/* Under the lock. */
static NTSTATUS add(struct io_request *request)
{
    struct file *file = request->file;
    if (!ensure_queue(file))
        return STATUS_NO_MEMORY;
    if (file->queue->closed)
        return STATUS_FILE_CLOSED;
    link_request(request);
    if (request->operation.kind == IO_LOCK ? watch_locks() : watch_queue(file->queue))
        return STATUS_PENDING;
    unlink_request(request);
    return STATUS_INSUFFICIENT_RESOURCES;
}

static NTSTATUS enqueue(struct file *file, const struct io_operation *operation, const struct io_end *end)
{
    struct io_request *request = malloc(sizeof *request);
    if (!request)
        return STATUS_NO_MEMORY;
    *request = (struct io_request){.file = file, .operation = *operation, .end = *end};
    lock_acquire(&requests_lock);
    NTSTATUS status = add(request);
    if (status == STATUS_PENDING) {
        object_retain(file);
        object_retain(&end->thread->object);
    } else {
        free(request);
    }
    lock_release(&requests_lock);
    return status;
}

static void prepare_memory(const struct io_operation *operation)
{
    if (operation->kind != IO_READ_PARTS && operation->kind != IO_WRITE_PARTS)
        vm_prepare(operation->buffer, operation->length, operation->kind != IO_WRITE);
    vm_prepare((void *)operation->input, operation->input_size, false);
}

NTSTATUS io_run(struct file *file, struct io_operation *operation, const struct io_notice *notice)
{
    struct io_end end;
    NTSTATUS status = begin(file, notice, &end);
    if (status)
        return status;
    if (file_is_synchronous(file)) {
        status = perform(file, operation);
    } else {
        prepare_memory(operation);
        if (file->pipe && operation->kind != IO_LISTEN)
            pipe_settle(file);
        status = STATUS_PENDING;
        if (!has_pending(file, direction_of(operation)))
            status = attempt(file, operation);
        if (status == STATUS_PENDING)
            status = enqueue(file, operation, &end);
        if (file->pipe)
            pipe_stir_peer(file);
    }
    return status == STATUS_PENDING ? status : end_at_once(file, &end, status, operation->done);
}

NTSTATUS io_run_and_wait(struct file *file, struct io_operation *operation)
{
    if (file_is_synchronous(file))
        return perform(file, operation);
    IO_STATUS_BLOCK io = {.Status = STATUS_PENDING};
    struct io_notice notice = {.status = &io};
    NTSTATUS status = io_run(file, operation, &notice);
    if (status != STATUS_PENDING)
        return status;
    /* Other operations signal the file too. */
    while (waitable_reset(&file->waitable), __atomic_load_n(&io.Status, __ATOMIC_ACQUIRE) == STATUS_PENDING)
        wait_single(&file->waitable, false, NULL);
    waitable_set(&file->waitable);
    operation->done = io.Information;
    return io.Status;
}

static NTSTATUS control_by_operation(struct file *file, struct io_operation *operation,
                                     const struct io_notice *notice, ULONG *used)
{
    NTSTATUS status = notice ? io_run(file, operation, notice) : io_run_and_wait(file, operation);
    *used = operation->done;
    return status;
}

NTSTATUS io_control(struct file *file, ULONG code, const void *input, ULONG input_size, void *output,
                    ULONG output_size, const struct io_notice *notice, ULONG *used)
{
    struct io_operation operation = {.offset = FILE_AT_POSITION};
    struct io_end end;
    switch (code) {
    case FSCTL_PIPE_LISTEN:
        operation.kind = IO_LISTEN;
        return control_by_operation(file, &operation, notice, used);
    case FSCTL_PIPE_TRANSCEIVE:
        operation.kind = IO_TRANSACT;
        operation.input = input;
        operation.input_size = input_size;
        operation.buffer = output;
        operation.length = output_size;
        return control_by_operation(file, &operation, notice, used);
    }
    NTSTATUS status = notice ? begin(file, notice, &end) : STATUS_SUCCESS;
    if (status)
        return status;
    status = file_control(file, code, input, input_size, output, output_size, used);
    return notice ? end_at_once(file, &end, status, *used) : status;
}

/* Cancelling and closing */

static bool cancel_matching(const struct file *file, const struct thread *thread,
                            const IO_STATUS_BLOCK *status, NTSTATUS reason)
{
    struct io_request *ended = NULL, *older;
    if (!__atomic_load_n(&newest, __ATOMIC_ACQUIRE))
        return false;
    lock_acquire(&requests_lock);
    for (struct io_request *request = newest; request; request = older) {
        older = request->older;
        if ((file && request->file != file) || (thread && request->end.thread != thread) ||
            (status && request->end.status != status))
            continue;
        request->operation.done = 0;
        end_request(request, reason, &ended);
    }
    lock_release(&requests_lock);
    release_all(ended);
    return ended;
}

bool io_cancel(struct file *file, const struct thread *thread, const IO_STATUS_BLOCK *status)
{
    return cancel_matching(file, thread, status, STATUS_CANCELLED);
}

void io_cancel_thread(const struct thread *thread)
{
    cancel_matching(NULL, thread, NULL, STATUS_CANCELLED);
}

bool io_is_pending(const struct thread *thread)
{
    bool found = false;
    lock_acquire(&requests_lock);
    for (const struct io_request *request = newest; request && !found; request = request->older)
        found = request->end.thread == thread;
    lock_release(&requests_lock);
    return found;
}

void io_review(struct file *file)
{
    struct io_request *ended = NULL;
    if (!__atomic_load_n(&file->queue, __ATOMIC_ACQUIRE))
        return;
    lock_acquire(&requests_lock);
    review(file->queue, &ended);
    lock_release(&requests_lock);
    release_all(ended);
}

void io_review_locks(void)
{
    struct io_request *ended = NULL, *newer;
    if (!__atomic_load_n(&newest, __ATOMIC_ACQUIRE))
        return;
    lock_acquire(&requests_lock);
    struct io_request *request = newest;
    while (request && request->older)
        request = request->older;
    for (; request; request = newer) {
        newer = request->newer;
        if (request->operation.kind != IO_LOCK)
            continue;
        NTSTATUS status = attempt(request->file, &request->operation);
        if (status != STATUS_PENDING)
            end_request(request, status, &ended);
    }
    lock_release(&requests_lock);
    release_all(ended);
}

void io_close(struct file *file)
{
    if (!file->queue)
        return;
    lock_acquire(&requests_lock);
    file->queue->closed = true;
    lock_release(&requests_lock);
    cancel_matching(file, NULL, NULL, file->pipe ? STATUS_PIPE_BROKEN : STATUS_CANCELLED);
}

void io_forget_descriptor(struct file *file)
{
    if (!file->queue)
        return;
    watch_forget(file->descriptor);
    __atomic_store_n(&file->queue->watched_for, 0, __ATOMIC_RELEASE);
}

static void free_queue(struct watch *watch)
{
    free(CONTAINING_RECORD(watch, struct io_queue, watch));
}

void io_destroy(struct file *file)
{
    if (!file->queue)
        return;
    lock_acquire(&requests_lock);
    file->queue->file = NULL;
    lock_release(&requests_lock);
    watch_forget(file->descriptor);
    watch_retire(&file->queue->watch, free_queue);
}
