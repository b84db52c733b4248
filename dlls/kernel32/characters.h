/* Classes and case of single characters, and the order of strings. */
#ifndef KERNEL32_CHARACTERS_H
#define KERNEL32_CHARACTERS_H

#include <litewin/windows.h>

/* CT_CTYPE1, 2 or 3. */
WORD character_type(DWORD kind, WCHAR unit);

/* The simple mapping, where the one to upper case leads back. */
WCHAR character_to_lower(WCHAR unit);

/* Collation.c */

/* Flags of CompareString that this order knows. */
#define COLLATION_FLAGS                                                                                    \
    (NORM_IGNORECASE | NORM_IGNORENONSPACE | NORM_IGNORESYMBOLS | NORM_IGNOREKANATYPE | NORM_IGNOREWIDTH | \
     NORM_LINGUISTIC_CASING | LINGUISTIC_IGNORECASE | LINGUISTIC_IGNOREDIACRITIC | SORT_STRINGSORT)

/* Less than 0, 0 or more than 0. */
int collation_compare(const WCHAR *a, size_t a_length, const WCHAR *b, size_t b_length, DWORD flags);
/* Writes as much of the key as there is room for, and returns the length of all of it. Keys compare as bytes
 * as their strings do. */
size_t collation_key(const WCHAR *text, size_t length, DWORD flags, uint8_t *key, size_t room);

#endif
