/* File names in the ANSI code page. */
#ifndef MSVCRT_FILE_NAME_H
#define MSVCRT_FILE_NAME_H

#include <litewin/windows.h>

/* A name as kernel32's wide functions take it. Nearly all fit into `fixed`. */
struct file_name {
    WCHAR *text;
    WCHAR fixed[MAX_PATH];
};

/* False with errno: `name` is NULL (as an invalid parameter), is no text, or there is no memory. */
bool file_name_open(struct file_name *file_name, const char *name);
void file_name_close(struct file_name *file_name);

/* The other way: fills `buffer` and returns the number of bytes with the NUL, or 0 with errno ERANGE where
 * they are more than `size`. */
int file_name_to_ansi(char *buffer, int size, const WCHAR *name);

#endif
