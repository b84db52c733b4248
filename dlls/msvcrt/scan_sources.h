/* The scanf family's ways: from streams, and from text that ends at its NUL or after `length` characters. */
#ifndef MSVCRT_SCAN_SOURCES_H
#define MSVCRT_SCAN_SOURCES_H

#include "dlls/msvcrt/scan.h"
#include "dlls/msvcrt/stream.h"

/* All return the number of arguments that were set, or -1. */
EXPORTED int scan_stream(struct crt_file *file, unsigned options, const char *format,
                         guest_va_list arguments);
EXPORTED int scan_wide_stream(struct crt_file *file, unsigned options, const WCHAR *format,
                              guest_va_list arguments);
EXPORTED int scan_text(const char *text, size_t length, unsigned options, const char *format,
                       guest_va_list arguments);
EXPORTED int scan_wide_text(const WCHAR *text, size_t length, unsigned options, const WCHAR *format,
                            guest_va_list arguments);

#endif
