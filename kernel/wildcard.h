/* File name patterns: *, ? and what DOS made of them. */
#ifndef KERNEL_WILDCARD_H
#define KERNEL_WILDCARD_H

#include <litewin/windows.h>

/* NT's own wildcards, which Win32's become so that they keep DOS's meaning. */
#define WILDCARD_DOS_STAR L'<' /* any characters up to the last dot */
#define WILDCARD_DOS_QM   L'>' /* any character, or none before a dot and at the end */
#define WILDCARD_DOS_DOT  L'"' /* a dot, or the end */

/* Rewrites a Win32 pattern into NT's wildcards, in place; returns its new length. `*.*` is `*`. */
EXPORTED size_t wildcard_from_win32(WCHAR *pattern, size_t length);

EXPORTED bool wildcard_present(const WCHAR *pattern, size_t length);

/* FsRtlIsNameInExpression, without regard to case. */
EXPORTED bool wildcard_match(const WCHAR *pattern, size_t pattern_length, const WCHAR *name,
                             size_t name_length);

#endif
