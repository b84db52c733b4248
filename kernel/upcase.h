/* Upper case as file names, environment variables and object names are compared: one UTF-16 unit
 * for one, the same in every locale. */
#ifndef KERNEL_UPCASE_H
#define KERNEL_UPCASE_H

#include <litewin/windows.h>

/* For units beyond ASCII. */
EXPORTED WCHAR upcase_lookup(WCHAR unit);

static inline WCHAR upcase(WCHAR unit)
{
    if (unit < 0x80)
        return unit >= 'a' && unit <= 'z' ? unit - 32 : unit;
    return upcase_lookup(unit);
}

/* What has the unit as its upper case; the unit itself if nothing has. */
EXPORTED WCHAR downcase(WCHAR unit);

/* Whether two names are the same but for case. */
EXPORTED bool upcase_equal(const WCHAR *a, size_t a_length, const WCHAR *b, size_t b_length);

/* Less than 0, 0 or more than 0, by upper-cased units. */
EXPORTED int upcase_compare(const WCHAR *a, size_t a_length, const WCHAR *b, size_t b_length);

#endif
