/* The printf family's ways: formatted text to streams and to memory. */
#ifndef MSVCRT_PRINT_H
#define MSVCRT_PRINT_H

#include "dlls/msvcrt/format.h"
#include "dlls/msvcrt/stream.h"

/* What msvcrt.dll's functions format with. */
unsigned print_options(void);

/* Additional options of some. */
#define PRINT_SECURE FORMAT_NO_COUNT_OUTPUT

/* The current locale's part in formatting. */
struct format_locale print_locale(void);

/* All return the number of characters that the format makes, or -1 with errno. */
EXPORTED int print_to_stream(struct crt_file *file, unsigned options, const char *format,
                             guest_va_list arguments);
EXPORTED int print_wide_to_stream(struct crt_file *file, unsigned options, const WCHAR *format,
                                  guest_va_list arguments);

#define PRINT_UNLIMITED SIZE_MAX

/* Into `size` characters, with a NUL after the text where there is room for one. What is too much is counted
 * and dropped. */
EXPORTED int print_to_memory(char *buffer, size_t size, unsigned options, const char *format,
                             guest_va_list arguments);
EXPORTED int print_wide_to_memory(WCHAR *buffer, size_t size, unsigned options, const WCHAR *format,
                                  guest_va_list arguments);

#endif
