/* API sets: names such as api-ms-win-core-file-l1-2-0.dll that stand for a DLL. */
#ifndef LOADER_APISET_H
#define LOADER_APISET_H

#include <stdbool.h>
#include <stddef.h>

#include <litewin/windows.h>

/* The DLL that hosts the set of that name, in any case. A name that is no set's, or that of a set that is
 * not known, stands for itself, and false: a program may ship a DLL that is called so. */
bool apiset_resolve(const char *name, char *dll, size_t size);

/* The set's name, in any case, with an extension or without, is known. Names that are longer than this are
 * not. */
#define APISET_NAME_SIZE 80
EXPORTED bool apiset_is_known(const char *name);

/* A set by its exact name: whether Windows knows it, and whether there is a DLL for it.
 * STATUS_INVALID_PARAMETER for a name that no set can have. */
EXPORTED NTSTATUS apiset_query(const char *name, BOOLEAN *in_schema, BOOLEAN *present);

#endif
