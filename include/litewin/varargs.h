/* The variable arguments of a Windows function: its va_list is a plain pointer to argument slots. */
#ifndef LITEWIN_VARARGS_H
#define LITEWIN_VARARGS_H

#include <stdint.h>
#include <string.h>

typedef char *guest_va_list;

/* Every argument takes whole slots: one on x86-64, as many as its size needs on i386. */
#define GUEST_SLOT sizeof(void *)

static inline uint32_t guest_va_int(guest_va_list *arguments)
{
    uint32_t value;
    memcpy(&value, *arguments, sizeof value);
    *arguments += GUEST_SLOT;
    return value;
}

static inline uint64_t guest_va_int64(guest_va_list *arguments)
{
    uint64_t value;
    memcpy(&value, *arguments, sizeof value);
    *arguments += sizeof value;
    return value;
}

static inline void *guest_va_pointer(guest_va_list *arguments)
{
    void *value;
    memcpy(&value, *arguments, sizeof value);
    *arguments += GUEST_SLOT;
    return value;
}

static inline double guest_va_double(guest_va_list *arguments)
{
    double value;
    memcpy(&value, *arguments, sizeof value);
    *arguments += sizeof value;
    return value;
}

#endif
