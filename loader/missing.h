/* Functions that a program imports and nobody has: calling one says so. */
#ifndef LOADER_MISSING_H
#define LOADER_MISSING_H

#include <litewin/windows.h>

/* An address for the import table of a module; NULL if there is no memory. The strings are copied. A
 * NULL name stands for an import by ordinal. */
void *missing_import(const char *dll, const char *name, uint32_t ordinal);

/* What a stub calls for an export that its .spec lists as `stub`. */
void missing_export(void *image_base, uint32_t index);

/* Raises EXCEPTION_WINE_STUB, 0x80000100. Exception dispatch registers it. */
EXPORTED extern void (*missing_raise)(const char *dll, const char *function);

#endif
