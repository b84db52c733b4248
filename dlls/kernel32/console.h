/* What the console functions share. */
#ifndef KERNEL32_CONSOLE_H
#define KERNEL32_CONSOLE_H

#include "dlls/kernel32/files.h"

/* The terminal behind a handle, to be released. NULL, with the last error set, if it is none. */
struct file *console_terminal(HANDLE handle, ACCESS_MASK access);

/* Writes characters, putting together a surrogate pair that comes in two calls. */
NTSTATUS console_write(struct file *terminal, const WCHAR *text, DWORD length);

/* What SetConsoleMode was last given for input. */
DWORD console_input_mode(void);

/* What has been read and not been taken, under console_input_lock */

void console_input_lock(void);
void console_input_unlock(void);
/* Reads what there is, and if there is nothing, waits for more unless `wait` is false. */
NTSTATUS console_input_fill(struct file *terminal, bool wait);
/* The bytes at hand; the next ones after console_input_skip. */
const char *console_input_bytes(size_t *count);
void console_input_skip(size_t count);
/* Puts bytes behind those at hand, as if they had been typed. */
void console_input_append(const char *bytes, size_t count);

#endif
