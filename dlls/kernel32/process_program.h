/* Which program a call of CreateProcess means. */
#ifndef KERNEL32_PROCESS_PROGRAM_H
#define KERNEL32_PROCESS_PROGRAM_H

#include <litewin/windows.h>

/* Finds the program by its name, or where that is NULL by the command line. `host_path`, of PATH_MAX bytes,
 * becomes its absolute path. `quoted` is 0, or the length of the command line's beginning that is the name
 * of a program with blanks in it, and which must have quotes to be understood by the program. */
NTSTATUS process_find_program(const WCHAR *application, const WCHAR *command_line, char *host_path,
                              size_t *quoted);

#endif
