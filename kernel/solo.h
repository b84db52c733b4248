/* Atomic operations that need not be atomic while the process has one thread: a third of their time. The C
 * library knows, and says so before the second thread exists. Signal handlers must leave such data alone. */
#ifndef KERNEL_SOLO_H
#define KERNEL_SOLO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/single_threaded.h>

/* Compares and exchanges, with the meaning of acquiring and of releasing a lock. */
static inline bool solo_exchange_if(uint32_t *word, uint32_t from, uint32_t to)
{
    if (__builtin_expect(__libc_single_threaded, 1)) {
        bool equal = *word == from;
        if (equal)
            *word = to;
        return equal;
    }
    return __atomic_compare_exchange_n(word, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Adds, with the meaning of releasing a lock, and returns the sum. */
static inline uint32_t solo_add(uint32_t *word, uint32_t value)
{
    if (__builtin_expect(__libc_single_threaded, 1))
        return *word += value;
    return __atomic_add_fetch(word, value, __ATOMIC_RELEASE);
}

/* The same for 64 bits, with the meaning of acquiring too. */
static inline uint64_t solo_add_64(uint64_t *word, uint64_t value)
{
    if (__builtin_expect(__libc_single_threaded, 1))
        return *word += value;
    return __atomic_add_fetch(word, value, __ATOMIC_ACQ_REL);
}

#endif
