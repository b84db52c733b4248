/* What the files of the path translator share. */
#ifndef KERNEL_PATH_INTERNAL_H
#define KERNEL_PATH_INTERNAL_H

#include "kernel/path.h"

bool path_is_letter(WCHAR unit);
/* Whether `text` is the ASCII `word` but for case. */
bool path_is_word(const WCHAR *text, size_t length, const char *word);

/* A drive's host directory without a final slash, so that the root is "". NULL if there is no such drive. */
const char *path_drive_prefix(WCHAR letter);

/* Recognizes a place at the start of `path`, which is what follows "C:". Returns how much of the path the
 * place takes, 0 if there is none. */
size_t path_find_place(const WCHAR *path, size_t length, const char **directory, size_t *directory_length);

/* How much of a host path leads to C:\Windows\System32; 0 if it is not below that. */
size_t path_system_prefix(const char *host);

#endif
