/* All modules of the process, as native programs ask for them. MinGW-w64's headers lack these prototypes. */
#include "kernel/process.h"
#include "loader/module.h"

typedef void(GUEST_STDCALL *module_visitor)(const struct loader_entry *entry, void *context, BOOLEAN *stop);

/* RTL_PROCESS_MODULE_INFORMATION */
struct module_information {
    void *Section, *MappedBase, *ImageBase;
    ULONG ImageSize;
    ULONG Flags;
    USHORT LoadOrderIndex, InitOrderIndex;
    USHORT LoadCount;
    USHORT OffsetToFileName;
    char FullPathName[256];
};

/* RTL_PROCESS_MODULES */
struct module_list {
    ULONG NumberOfModules;
    struct module_information Modules[];
};

NTSTATUS WINAPI LdrEnumerateLoadedModules(ULONG flags, module_visitor visit, void *context)
{
    struct module *module;
    BOOLEAN stop = FALSE;
    if (flags || !visit)
        return STATUS_INVALID_PARAMETER;
    loader_lock();
    for (uint32_t i = 0; !stop && (module = module_in_load_order(i)); i++)
        visit(&module->entry, context, &stop);
    loader_unlock();
    return STATUS_SUCCESS;
}

/* The first DLL has 1; 0 is for the program, and what has not been initialized yet. */
static USHORT initialization_order(const struct module *module)
{
    const LIST_ENTRY *list = &process_environment.Ldr->InInitializationOrderModuleList;
    USHORT order = 1;
    for (const LIST_ENTRY *link = list->Flink; link != list; link = link->Flink, order++)
        if (link == &module->entry.InInitializationOrderLinks)
            return order;
    return 0;
}

static void describe(const struct module *module, USHORT load_order, struct module_information *information)
{
    *information = (struct module_information){
        .ImageBase = module->entry.DllBase,
        .ImageSize = module->entry.SizeOfImage,
        .Flags = module->entry.Flags,
        .LoadOrderIndex = load_order,
        .InitOrderIndex = initialization_order(module),
        .LoadCount = (USHORT)module->node.LoadCount,
    };
    ANSI_STRING path = {.Buffer = information->FullPathName,
                        .MaximumLength = sizeof information->FullPathName};
    RtlUnicodeStringToAnsiString(&path, &module->entry.FullDllName, FALSE);
    const char *name = strrchr(information->FullPathName, '\\');
    information->OffsetToFileName = name ? name + 1 - information->FullPathName : 0;
}

static size_t list_size(size_t count)
{
    return sizeof(struct module_list) + count * sizeof(struct module_information);
}

/* A list that is too small gets as many as have room. */
NTSTATUS WINAPI LdrQueryProcessModuleInformation(struct module_list *list, ULONG size, ULONG *needed)
{
    struct module *module;
    ULONG count = 0;
    if (size < list_size(0))
        return STATUS_INFO_LENGTH_MISMATCH;
    list->NumberOfModules = 0;
    loader_lock();
    for (; (module = module_in_load_order(count)); count++) {
        if (size < list_size(count + 1))
            continue;
        describe(module, count, &list->Modules[count]);
        list->NumberOfModules++;
    }
    loader_unlock();
    if (needed)
        *needed = list_size(count);
    return size < list_size(count) ? STATUS_INFO_LENGTH_MISMATCH : STATUS_SUCCESS;
}
