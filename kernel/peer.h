/* Processes that own something that others wait for: whether they are alive, and telling when they end. */
#ifndef KERNEL_PEER_H
#define KERNEL_PEER_H

#include <litewin/windows.h>

/* A process among all that ever were: ids are used again. */
struct peer {
    uint32_t id, start;
};

const struct peer *peer_self(void);

static inline bool peer_equal(const struct peer *first, const struct peer *second)
{
    return first->id == second->id && first->start == second->start;
}

/* Whether the process is alive; if it is, `ended` is called when it has ended, in a thread that must not be
 * kept. There is one such function for all calls. */
bool peer_watch(const struct peer *peer, void (*ended)(const struct peer *peer));

#endif
