/* Searching the names of pipes as if they were files in a directory. */
#ifndef KERNEL32_FIND_PIPE_H
#define KERNEL32_FIND_PIPE_H

#include <litewin/windows.h>

struct found_pipes;

/* The names of this moment that match a pattern, which is UTF-8. */
NTSTATUS find_pipes_open(const char *pattern, struct found_pipes **found);
bool find_pipes_next(struct found_pipes *found, WIN32_FIND_DATAW *data);
void find_pipes_close(struct found_pipes *found);

#endif
