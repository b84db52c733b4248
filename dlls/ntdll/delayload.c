/* Imports that are resolved when they are first called. */
#include <stdio.h>
#include <stdlib.h>
#include "dlls/ntdll/ldr.h"
#include "kernel/utf.h"
#include "kernel/vm.h"
#include "loader/load.h"

/* What a delay-load hook is told of; the names are the C runtime's. */
enum { FAILED_TO_LOAD = 3, FAILED_TO_FIND = 4 };

struct delayed {
    struct module *parent;
    const IMAGE_DELAYLOAD_DESCRIPTOR *descriptor;
    const char *dll;
    IMAGE_THUNK_DATA *slot;
    const char *name; /* or NULL, and */
    WORD ordinal;
    HMODULE *handle;
};

static void *at(const struct delayed *delayed, DWORD rva)
{
    return (char *)delayed->parent->entry.DllBase + rva;
}

static void find_import(struct delayed *delayed)
{
    const IMAGE_DELAYLOAD_DESCRIPTOR *descriptor = delayed->descriptor;
    const IMAGE_THUNK_DATA *slots = at(delayed, descriptor->ImportAddressTableRVA);
    const IMAGE_THUNK_DATA *names = at(delayed, descriptor->ImportNameTableRVA);
    const IMAGE_THUNK_DATA *name = names + (delayed->slot - slots);
    delayed->dll = at(delayed, descriptor->DllNameRVA);
    delayed->handle = at(delayed, descriptor->ModuleHandleRVA);
    delayed->ordinal = IMAGE_ORDINAL(name->u1.Ordinal);
    if (!IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal))
        delayed->name = ((IMAGE_IMPORT_BY_NAME *)at(delayed, (DWORD)name->u1.AddressOfData))->Name;
}

/* Linkers put the slots where only the loader is meant to write. */
static NTSTATUS write_slot(void *slot, const void *value)
{
    DWORD old;
    MEMORY_BASIC_INFORMATION region;
    const DWORD writable = PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
    NTSTATUS status = vm_query(slot, &region);
    bool protected = !status && !(region.Protect & writable);
    if (protected)
        status = vm_protect(slot, sizeof value, PAGE_READWRITE, &old);
    if (status)
        return status;
    memcpy(slot, &value, sizeof value);
    return protected ? vm_protect(slot, sizeof value, old, NULL) : STATUS_SUCCESS;
}

/* The DLL stays as long as the module that needs it. */
static NTSTATUS load_target(struct delayed *delayed, struct module **target)
{
    WCHAR name[MAX_PATH];
    const struct search search = {0};
    *target = *delayed->handle ? module_from_handle(*delayed->handle) : NULL;
    if (*target)
        return STATUS_SUCCESS;
    size_t length = utf16_from_utf8(name, ARRAYSIZE(name), delayed->dll, strlen(delayed->dll), UTF_REPLACE);
    if (length > ARRAYSIZE(name))
        return STATUS_DLL_NOT_FOUND;
    NTSTATUS status = load_library_for(delayed->parent, name, length, &search, target);
    return status ? status : write_slot(delayed->handle, module_handle(*target));
}

static void *report_failure(const struct delayed *delayed, const struct module *target, NTSTATUS status,
                            PDELAYLOAD_FAILURE_DLL_CALLBACK dll_hook,
                            PDELAYLOAD_FAILURE_SYSTEM_ROUTINE system_hook)
{
    DELAYLOAD_INFO information = {
        .Size = sizeof information,
        .DelayloadDescriptor = delayed->descriptor,
        .ThunkAddress = delayed->slot,
        .TargetDllName = delayed->dll,
        .TargetApiDescriptor.ImportDescribedByName = delayed->name != NULL,
        .TargetModuleBase = target ? target->entry.DllBase : NULL,
        .LastError = RtlNtStatusToDosError(status),
    };
    if (delayed->name)
        information.TargetApiDescriptor.Description.Name = delayed->name;
    else
        information.TargetApiDescriptor.Description.Ordinal = delayed->ordinal;
    void *replacement = dll_hook ? dll_hook(target ? FAILED_TO_FIND : FAILED_TO_LOAD, &information) : NULL;
    if (replacement || !system_hook)
        return replacement;
    return system_hook(delayed->dll,
                       delayed->name ? delayed->name : (const char *)(uintptr_t)delayed->ordinal);
}

void *WINAPI LdrResolveDelayLoadedAPI(void *base, const IMAGE_DELAYLOAD_DESCRIPTOR *descriptor,
                                      PDELAYLOAD_FAILURE_DLL_CALLBACK dll_hook,
                                      PDELAYLOAD_FAILURE_SYSTEM_ROUTINE system_hook, IMAGE_THUNK_DATA *slot,
                                      ULONG flags)
{
    struct delayed delayed = {.parent = module_from_handle(base), .descriptor = descriptor, .slot = slot};
    struct module *target = NULL;
    void *address;
    if (!delayed.parent)
        return NULL;
    find_import(&delayed);
    NTSTATUS status = load_target(&delayed, &target);
    if (!status)
        status = load_get_procedure(target, delayed.name, delayed.ordinal, &address);
    if (status)
        return report_failure(&delayed, target, status, dll_hook, system_hook);
    write_slot(slot, address);
    return address;
}
