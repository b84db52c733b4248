#include <sys/random.h>
#include "kernel/random.h"

/* Linux returns less than it was asked for when a signal comes while it fills a large buffer. */
bool random_fill(void *buffer, size_t size)
{
    for (char *to = buffer; size;) {
        ssize_t filled = getrandom(to, size, 0);
        if (filled < 0 && errno != EINTR)
            return false;
        if (filled > 0) {
            to += filled;
            size -= filled;
        }
    }
    return true;
}
