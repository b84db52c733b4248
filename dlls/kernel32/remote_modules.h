/* The modules of another process, as its loader lists them. */
#ifndef KERNEL32_REMOTE_MODULES_H
#define KERNEL32_REMOTE_MODULES_H

#include <litewin/windows.h>

struct remote_module {
    void *base, *entry_point;
    ULONG size;
    USHORT load_count;
    WCHAR name[MAX_PATH], path[MAX_PATH];
};

/* Calls `visit` for each, in the order of loading, until it returns false. The handle must let this process
 * query and read the other one. STATUS_PARTIAL_COPY for a 64-bit process and a 32-bit caller. */
NTSTATUS remote_modules_read(HANDLE process, bool (*visit)(const struct remote_module *module, void *context),
                             void *context);

#endif
