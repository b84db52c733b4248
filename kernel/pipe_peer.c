/* Both ends of a named pipe in one process: what is done at one end shows at the other before the call
 * returns, as on Windows, and not only when the thread of pending operations has come to it. */
#include "kernel/io_request.h"
#include "kernel/pipe_internal.h"

static struct lock peers_lock;
static struct pipe_end *servers;

void pipe_add_server(struct file *file)
{
    lock_acquire(&peers_lock);
    file->pipe->next_server = servers;
    servers = file->pipe;
    lock_release(&peers_lock);
}

/* Under the lock. */
static void remove_server(const struct pipe_end *end)
{
    struct pipe_end **place = &servers;
    while (*place && *place != end)
        place = &(*place)->next_server;
    if (*place)
        *place = end->next_server;
}

/* Under the lock, which an end takes before it goes: it may have lost its last reference already. */
static struct file *retain_living(struct file *file)
{
    uint64_t references = __atomic_load_n(&file->object.references, __ATOMIC_RELAXED);
    while (references)
        if (__atomic_compare_exchange_n(&file->object.references, &references, references + 1, true,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            return file;
    return NULL;
}

static void review_and_release(struct file *file)
{
    if (file) {
        io_review(file);
        object_release(file);
    }
}

void pipe_leave_names(void)
{
    uint32_t expected = LOCK_FREE;
    if (!servers || !__atomic_compare_exchange_n(&peers_lock.word, &expected, LOCK_HELD, false,
                                                 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    for (struct pipe_end *end = servers; end; end = end->next_server)
        if (end->owns_instance)
            pipe_name_free_instance(&end->name, end->instance);
}

void pipe_join(struct file *client)
{
    const struct pipe_end *end = client->pipe;
    lock_acquire(&peers_lock);
    struct pipe_end *server = servers;
    while (server && (server->name.hash != end->name.hash || server->instance != end->instance ||
                      server->serial != end->serial))
        server = server->next_server;
    if (server) {
        client->pipe->peer = server->file;
        server->peer = client;
    }
    lock_release(&peers_lock);
    pipe_stir_peer(client);
}

struct file *pipe_part(struct file *file, bool is_gone)
{
    struct pipe_end *end = file->pipe;
    lock_acquire(&peers_lock);
    struct file *peer = end->peer;
    if (peer) {
        peer->pipe->peer = end->peer = NULL;
        peer = retain_living(peer);
    }
    if (is_gone)
        remove_server(end);
    lock_release(&peers_lock);
    return peer;
}

void pipe_stir_peer(struct file *file)
{
    if (!__atomic_load_n(&file->pipe->peer, __ATOMIC_RELAXED))
        return;
    lock_acquire(&peers_lock);
    struct file *peer = file->pipe->peer;
    if (peer && !__atomic_load_n(&peer->queue, __ATOMIC_ACQUIRE))
        peer = NULL;
    if (peer)
        peer = retain_living(peer);
    lock_release(&peers_lock);
    review_and_release(peer);
}
