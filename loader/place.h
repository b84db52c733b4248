/* Addresses for people. */
#ifndef LOADER_PLACE_H
#define LOADER_PLACE_H

#include <litewin/windows.h>

/* "prog.exe+0x1234", "kernel32.so+0x5678", or the bare address. */
EXPORTED void place_describe(const void *address, char *text, size_t size);

#endif
