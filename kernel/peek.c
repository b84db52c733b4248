#include <signal.h>
#include <ucontext.h>
#include "kernel/fault_internal.h"
#include "kernel/peek.h"

/* In peek_ARCH.S: the instructions that fault, and where it goes on after that. */
extern const char peek_access[], peek_end[], poke_information[], poke_status[], poke_failed[];

bool peek_recover(struct ucontext_t *host)
{
    greg_t *counter = &host->uc_mcontext.gregs[REGISTER_PC];
    if (*counter == (greg_t)peek_access)
        *counter = (greg_t)peek_end;
    else if (*counter == (greg_t)poke_information || *counter == (greg_t)poke_status)
        *counter = (greg_t)poke_failed;
    else
        return false;
    return true;
}

enum { PIECE = 64 };

static bool is_zero(const uint8_t *bytes, size_t unit)
{
    return !bytes[0] && (unit == 1 || !bytes[1]);
}

/* In pieces that do not reach into a page before the string does. */
size_t peek_length(const void *string, size_t unit)
{
    uint8_t piece[PIECE];
    for (const char *at = string;;) {
        size_t size = PIECE - (uintptr_t)at % PIECE;
        size = size < unit ? unit : size - size % unit;
        size_t read = size - peek_copy(piece, at, size);
        for (size_t i = 0; i + unit <= read; i += unit)
            if (is_zero(piece + i, unit))
                return (at + i - (const char *)string) / unit;
        if (read < size)
            return SIZE_MAX;
        at += size;
    }
}
