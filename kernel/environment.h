/* The process's environment, as Windows keeps it: one block of NAME=VALUE strings, sorted without
 * regard to case, with an empty string at its end. */
#ifndef KERNEL_ENVIRONMENT_H
#define KERNEL_ENVIRONMENT_H

#include <litewin/windows.h>

/* Makes the block from Linux's environment: PATH and the directories in it become Windows paths, and
 * what every Windows process has (SystemRoot, TEMP, OS, ...) is added where it is missing. */
NTSTATUS environment_initialize(char **host_environment);

/* Makes a sorted block, which malloc gave, the environment. `length` counts its final NUL. */
void environment_adopt(WCHAR *block, size_t length);

/* Changes hold this lock; so does a reader that uses pointers into the block. */
EXPORTED void environment_lock(void);
EXPORTED void environment_unlock(void);

/* Under the lock. The block's length counts its final NUL. */
EXPORTED const WCHAR *environment_block(size_t *length);

/* Under the lock: NULL where there is no such variable. The value is NUL-terminated. */
EXPORTED const WCHAR *environment_get(const WCHAR *name, size_t name_length, size_t *value_length);

/* A NULL value removes the variable: STATUS_VARIABLE_NOT_FOUND where there is none. A name may begin
 * with '=' (the current directories of drives) and hold none after that. Takes the lock itself. */
EXPORTED NTSTATUS environment_set(const WCHAR *name, size_t name_length, const WCHAR *value,
                                  size_t value_length);

/* Another block in the same form becomes the environment. */
EXPORTED NTSTATUS environment_replace(const WCHAR *block);

/* The environment as a Linux program wants it, its paths translated back; ends with NULL. The array
 * and each string are the caller's to free. */
EXPORTED char **environment_to_host(void);
/* The same for any block. */
char **environment_block_to_host(const WCHAR *block);

/* A list of directories such as PATH: "/usr/bin:/bin" and "C:\\usr\\bin;C:\\bin". Both return the length
 * of the whole result, which was written as far as there was room. */
size_t environment_paths_from_host(WCHAR *to, size_t room, const char *list);
size_t environment_paths_to_host(char *to, size_t room, const WCHAR *list, size_t length);

/* The directory of the user who runs this process, whatever the environment says by now: its length, and
 * as much of it as there is room for. */
EXPORTED size_t environment_profile(WCHAR *to, size_t room);

#endif
