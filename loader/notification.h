/* Tells those who want to know of DLLs that come and go. */
#ifndef LOADER_NOTIFICATION_H
#define LOADER_NOTIFICATION_H

#include "loader/module.h"

enum { NOTIFICATION_LOADED = 1, NOTIFICATION_UNLOADED = 2 };

/* LDR_DLL_LOADED_NOTIFICATION_DATA, and the same of a DLL that is unloaded. */
struct notification {
    ULONG Flags;
    const UNICODE_STRING *FullDllName, *BaseDllName;
    void *DllBase;
    ULONG SizeOfImage;
};

typedef void(GUEST_STDCALL *notification_function)(ULONG reason, const struct notification *data,
                                                   void *context);

/* Who was registered first is told first. */
EXPORTED NTSTATUS notification_register(notification_function function, void *context, void **cookie);
/* STATUS_DLL_NOT_FOUND where nobody has that cookie. */
EXPORTED NTSTATUS notification_unregister(void *cookie);

/* Under the loader lock. */
void notification_send(const struct module *module, ULONG reason);

#endif
