#include <dlfcn.h>
#include <stdio.h>
#include "loader/backing.h"
#include "loader/missing.h"
#include "loader/search.h"
#include "loader/trace/trace.h"
#include "kernel/vm.h"

static NTSTATUS fail(struct load_failure *failure, const char *format, const char *detail)
{
    snprintf(failure->reason, sizeof failure->reason, format, detail);
    return failure->status = STATUS_INVALID_IMAGE_FORMAT;
}

static void *open_library(const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", search_system_directory(), name);
    return dlopen(path, RTLD_LAZY | RTLD_LOCAL);
}

void backing_open_floors(void)
{
    /* One that is missing is reported when a DLL is found to need it. */
    open_library("ntdll.so");
    open_library("kernel32.so");
}

static const struct litewin_backing *open_backing(const struct litewin_stamp *stamp,
                                                  struct load_failure *failure)
{
    void *library = open_library(stamp->backing);
    if (!library) {
        fail(failure, "its backing cannot be loaded (`make dlls` builds it): %s", dlerror());
        return NULL;
    }
    const struct litewin_backing *backing = dlsym(library, LITEWIN_BACKING_SYMBOL);
    if (!backing)
        fail(failure, "its backing %s holds no table of functions: rebuild it with `make dlls`",
             stamp->backing);
    return backing;
}

static const char *mismatch(const struct litewin_stamp *stamp, const struct litewin_backing *backing)
{
    if (backing->abi_version != LITEWIN_ABI_VERSION)
        return "its backing is of another ABI version than this litewin-load";
    if (stamp->spec_hash != backing->spec_hash || stamp->export_count != backing->export_count)
        return "the DLL and its backing were made from different .spec files";
    return NULL;
}

/* Stores the address of each datum that lives in the DLL where the backing expects it. */
static bool bind_externs(struct module *module, const struct litewin_backing *backing)
{
    for (uint32_t i = 0; i < backing->extern_count; i++) {
        struct pe_export datum = pe_find_export_by_ordinal(&module->exports, backing->externs[i].ordinal);
        if (datum.kind != PE_EXPORT_ADDRESS)
            return false;
        *backing->externs[i].address = (char *)module->entry.DllBase + datum.rva;
    }
    return true;
}

/* What has its code in the stub goes through its slot while it is traced, as other -direct exports do: it
 * begins with the same jump then. */
static void write_jump(uint8_t *entry, const litewin_function *slot)
{
    struct __attribute__((packed)) {
        uint8_t code[2];
        uint32_t operand;
    } jump = {{0xFF, 0x25}, (uint32_t)(uintptr_t)slot};
    if (sizeof(void *) == 8)
        jump.operand -= (uint32_t)(uintptr_t)(entry + sizeof jump);
    memcpy(entry, &jump, sizeof jump);
}

static bool send_through_slots(const struct module *module, const struct litewin_backing *backing,
                               const struct litewin_binding *binding)
{
    char *base = module->entry.DllBase;
    struct pe_section code;
    if (!pe_find_section(&module->image, ".text", &code) ||
        !NT_SUCCESS(vm_protect(base + code.rva, code.virtual_size, PAGE_READWRITE, NULL)))
        return false;
    for (uint32_t i = 0; i < backing->direct_count; i++) {
        uint32_t index = backing->direct[i];
        struct pe_export export =
            pe_find_export_by_ordinal(&module->exports, backing->exports[index].ordinal);
        if (binding->direct[i] != backing->functions[index] && export.kind == PE_EXPORT_ADDRESS)
            write_jump((uint8_t *)base + export.rva, &binding->direct[i]);
    }
    return NT_SUCCESS(vm_protect(base + code.rva, code.virtual_size, PAGE_EXECUTE_READ, NULL));
}

static bool bind_functions(struct module *module, const struct litewin_backing *backing)
{
    struct pe_section section;
    size_t size = sizeof(struct litewin_binding) + backing->direct_count * sizeof(litewin_function);
    if (!pe_find_section(&module->image, LITEWIN_BINDING_SECTION, &section) || section.virtual_size < size)
        return false;
    struct litewin_binding *binding = (void *)((char *)module->entry.DllBase + section.rva);
    const litewin_function *functions =
        trace_is_on ? trace_functions(backing, module->host_path) : backing->functions;
    binding->functions = functions;
    binding->not_implemented = missing_export;
    for (uint32_t i = 0; i < backing->direct_count; i++)
        binding->direct[i] = functions[backing->direct[i]];
    return functions == backing->functions || !backing->direct_count ||
           send_through_slots(module, backing, binding);
}

const struct litewin_backing *backing_find(const struct pe_image *image, struct load_failure *failure)
{
    struct litewin_stamp stamp;
    struct pe_error error;
    enum pe_result stamped = pe_stamp(image, &stamp, &error);
    if (stamped == PE_NONE)
        return NULL;
    if (stamped == PE_BAD) {
        fail(failure, "its stamp is damaged: %s", error.message);
        return NULL;
    }
    if (stamp.abi_version != LITEWIN_ABI_VERSION) {
        fail(failure, "%s: rebuild it with `make dlls`",
             "the DLL is of another ABI version than this litewin-load");
        return NULL;
    }
    const struct litewin_backing *backing = open_backing(&stamp, failure);
    const char *difference = backing ? mismatch(&stamp, backing) : NULL;
    if (difference) {
        fail(failure, "%s: rebuild them with `make dlls`", difference);
        return NULL;
    }
    return backing;
}

NTSTATUS backing_bind(struct module *module, struct load_failure *failure)
{
    const struct litewin_backing *backing = backing_find(&module->image, failure);
    if (!backing)
        return failure->status;
    if (!bind_externs(module, backing) || !bind_functions(module, backing))
        return fail(failure, "%s: rebuild it with `make dlls`", "the DLL lacks what its backing binds to");
    module->backing = backing;
    if (backing->attach)
        backing->attach(module->entry.DllBase);
    return STATUS_SUCCESS;
}

void backing_replace(const struct module *module, uint32_t index, litewin_function function)
{
    const struct litewin_backing *backing = module->backing;
    struct pe_section section;
    if (!pe_find_section(&module->image, LITEWIN_BINDING_SECTION, &section))
        return;
    struct litewin_binding *binding = (void *)((char *)module->entry.DllBase + section.rva);
    /* The tracer has a copy of the table, which can be written, unless memory was short. */
    if (binding->functions == backing->functions)
        return;
    ((litewin_function *)binding->functions)[index] = function;
    for (uint32_t i = 0; i < backing->direct_count; i++)
        if (backing->direct[i] == index)
            binding->direct[i] = function;
}
