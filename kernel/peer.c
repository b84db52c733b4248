#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <unistd.h>
#include "kernel/host_process.h"
#include "kernel/lock.h"
#include "kernel/peer.h"
#include "kernel/watch.h"

/* One that is alive, as far as this process has been told. */
struct watched_peer {
    struct watch watch;
    struct peer peer;
    int descriptor; /* a pidfd */
    void (*ended)(const struct peer *peer);
    struct watched_peer *next;
};

static struct lock peers_lock;
static struct watched_peer *peers;

const struct peer *peer_self(void)
{
    static struct peer self;
    static struct lock lock;
    lock_acquire(&lock);
    if (!self.id)
        self = (struct peer){.id = getpid(), .start = host_process_start(getpid())};
    lock_release(&lock);
    return &self;
}

static void unlink_peer(struct watched_peer *peer)
{
    lock_acquire(&peers_lock);
    struct watched_peer **link = &peers;
    while (*link != peer)
        link = &(*link)->next;
    *link = peer->next;
    lock_release(&peers_lock);
}

static void peer_has_ended(struct watch *watch)
{
    struct watched_peer *peer = CONTAINING_RECORD(watch, struct watched_peer, watch);
    unlink_peer(peer);
    peer->ended(&peer->peer);
    close(peer->descriptor);
    free(peer);
}

/* Under the lock. The process's start is read when nothing can take its id any more. */
static struct watched_peer *begin_to_watch(const struct peer *peer, void (*ended)(const struct peer *))
{
    struct watched_peer *watched = malloc(sizeof *watched);
    if (!watched)
        return NULL;
    *watched = (struct watched_peer){
        .watch = {.ready = peer_has_ended},
        .peer = *peer,
        .descriptor = pidfd_open(peer->id, 0),
        .ended = ended,
        .next = peers,
    };
    if (watched->descriptor >= 0 && host_process_start(peer->id) == peer->start &&
        watch_descriptor(watched->descriptor, EPOLLIN, &watched->watch))
        return peers = watched;
    if (watched->descriptor >= 0)
        close(watched->descriptor);
    free(watched);
    return NULL;
}

/* While a thread of the process is left, it may still use what it owns. */
static bool is_alive(const struct watched_peer *watched)
{
    struct pollfd state = {.fd = watched->descriptor, .events = POLLIN};
    return poll(&state, 1, 0) == 0;
}

bool peer_watch(const struct peer *peer, void (*ended)(const struct peer *))
{
    lock_acquire(&peers_lock);
    struct watched_peer *watched = peers;
    while (watched && !peer_equal(&watched->peer, peer))
        watched = watched->next;
    if (!watched)
        watched = begin_to_watch(peer, ended);
    bool alive = watched ? is_alive(watched)
                         : host_process_start(peer->id) == peer->start && !host_thread_has_ended(peer->id);
    lock_release(&peers_lock);
    return alive;
}
