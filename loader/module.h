/* Modules: the program and its DLLs, as loaded. */
#ifndef LOADER_MODULE_H
#define LOADER_MODULE_H

#include <sys/types.h>
#include "kernel/teb.h"
#include "loader/pe.h"
#include <litewin/binding.h>

/* LDR_DDAG_NODE: a module's place in the graph of what needs what. The two lists are rings of dependencies,
 * of which `last` is the newest; NULL: there is none. */
struct loader_node {
    LIST_ENTRY Modules;
    void *ServiceTagList;
    LONG LoadCount;                /* explicit loads, and modules that need this one; or NODE_PINNED */
    ULONG LoadWhileUnloadingCount; /* 0, as are ServiceTagList, LowestLink and those behind State */
    ULONG LowestLink;
    SINGLE_LIST_ENTRY *last_dependency;
    SINGLE_LIST_ENTRY *last_dependent;
    LONG State;
    SINGLE_LIST_ENTRY CondenseLink;
    ULONG PreorderNumber;
};

enum { NODE_READY_TO_INITIALIZE = 7, NODE_INITIALIZING = 8, NODE_READY = 9 };

/* A module that stays to the end. */
enum { NODE_PINNED = -1 };

/* LDR_DATA_TABLE_ENTRY, as programs find it in the PEB's lists. */
struct loader_entry {
    LIST_ENTRY InLoadOrderLinks;
    LIST_ENTRY InMemoryOrderLinks;
    LIST_ENTRY InInitializationOrderLinks;
    void *DllBase;
    void *EntryPoint;
    ULONG SizeOfImage;
    UNICODE_STRING FullDllName;
    UNICODE_STRING BaseDllName;
    ULONG Flags;
    USHORT LoadCount;
    USHORT TlsIndex;
    LIST_ENTRY HashLinks;
    ULONG TimeDateStamp;
    void *EntryPointActivationContext;
    void *Lock;
    struct loader_node *DdagNode;
    LIST_ENTRY NodeModuleLink;
    void *LoadContext;
    void *ParentDllBase;
    void *SwitchBackContext;
    void *IndexNodes[6];
    void *OriginalBase;
    LARGE_INTEGER LoadTime;
    ULONG BaseNameHashValue;
    ULONG LoadReason;
};

/* Of an entry's Flags. */
enum {
    ENTRY_IMAGE_DLL = 0x4,
    ENTRY_PROCESSED = 0x4000,
    ENTRY_NO_THREAD_CALLS = 0x40000, /* DisableThreadLibraryCalls */
    ENTRY_ATTACH_CALLED = 0x80000,
};

enum module_state {
    MODULE_LOADED,       /* mapped and linked to what it imports */
    MODULE_INITIALIZING, /* its DllMain is running, or is due once the modules it imports are ready */
    MODULE_READY,
};

struct module {
    struct loader_entry entry;
    struct pe_image image;
    struct pe_exports exports;
    const struct litewin_backing *backing; /* litewin's own DLLs only */
    char *host_path;
    dev_t device;
    ino_t inode;
    enum module_state state;
    uint32_t load_count; /* explicit loads; a module that others import lives as long as they do */
    bool announced;      /* those who want to know have been told of it */
    bool marked;         /* for the search of what nothing refers to any more */
    bool unresolved;     /* DONT_RESOLVE_DLL_REFERENCES: nothing of it runs */
    bool everywhere; /* ntdll and kernel32: they come first, stay to the end, and are nobody's dependency */
    struct loader_node node;
    struct pe_tls tls;
    bool has_tls;
    uint32_t tls_index;
};

/* Why a load failed, for a person who reads it and for the program's last error. */
struct load_failure {
    NTSTATUS status;
    char dll[128];                  /* the DLL that is missing or broken */
    const struct module *needed_by; /* NULL: the program asked for it by itself */
    char reason[256];               /* "" where the DLL was not found */
};

/* Held while modules come and go and while DllMain and TLS callbacks run; recursive. */
EXPORTED void loader_lock(void);
EXPORTED bool loader_try_lock(void);
EXPORTED void loader_unlock(void);
EXPORTED bool loader_lock_is_mine(void);

/* The program itself. */
EXPORTED extern struct module *program_module;

static inline bool module_is_pinned(const struct module *module)
{
    return module->node.LoadCount == NODE_PINNED;
}

static inline HMODULE module_handle(const struct module *module)
{
    return module->entry.DllBase;
}

/* NULL where no module begins at, or contains, that address. Any thread, no lock needed. */
EXPORTED struct module *module_from_handle(HMODULE handle);
EXPORTED struct module *module_from_address(const void *address);

/* By base name ("kernel32.dll", any case; without extension ".dll" is meant) or by full path. */
EXPORTED struct module *module_find_named(const WCHAR *name, size_t length);
/* The same, and by any other path of the same file. */
EXPORTED struct module *module_find_loaded(const WCHAR *name, size_t length);

/* Windows' own order: 0 is the program. NULL past the last. Under the loader lock. */
EXPORTED struct module *module_in_load_order(uint32_t number);

/* The module's own list node to and fro. */
static inline struct module *module_from_load_link(LIST_ENTRY *link)
{
    return (struct module *)((char *)link - offsetof(struct loader_entry, InLoadOrderLinks));
}

/* Puts a mapped, named module in every list and table; takes it out again. */
bool module_register(struct module *module);
void module_unregister(struct module *module);

/* Its DllMain is about to run: the last list of the PEB has the modules in that order. */
void module_set_initialized(struct module *module);
LIST_ENTRY *module_initialization_list(void);

/* Same file as one that is loaded, under whatever name. */
struct module *module_find_file(dev_t device, ino_t inode);

/* All of these are false when memory is short. */
bool module_add_dependency(struct module *module, struct module *dependency);
void module_remove_dependencies(struct module *module);
/* What the module needs, in the order in which it became known: NULL for the first, and NULL behind the last.
 */
struct dependency;
struct dependency *module_next_dependency(const struct module *module, const struct dependency *before);
struct module *module_of_dependency(const struct dependency *dependency);

/* Of explicit loads and of modules that need it, unless it is pinned. */
void module_change_count(struct module *module, int change);

bool module_set_names(struct module *module, const char *host_path);
void module_free(struct module *module);

void modules_initialize_lists(void);

#endif
