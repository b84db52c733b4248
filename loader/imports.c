#include <stdio.h>
#include "loader/imports.h"
#include "loader/missing.h"

static NTSTATUS fail(struct load_failure *failure, const struct pe_error *error)
{
    snprintf(failure->reason, sizeof failure->reason, "its import table is damaged: %s (at 0x%llx)",
             error->message, (unsigned long long)error->offset);
    return failure->status = STATUS_INVALID_IMAGE_FORMAT;
}

static NTSTATUS resolve_function(struct module *module, struct module *dll,
                                 const struct pe_import_dll *imports, const struct pe_import *import)
{
    void *address;
    uint32_t hint = import->name ? import->hint : PE_NO_HINT;
    NTSTATUS status = load_find_export(dll, import->name, import->ordinal, hint, &address);
    if (status)
        address = missing_import(imports->name, import->name, import->ordinal);
    if (!address)
        return STATUS_NO_MEMORY;
    memcpy((char *)module->entry.DllBase + import->slot_rva, &address, sizeof address);
    return STATUS_SUCCESS;
}

static NTSTATUS resolve_dll(struct module *module, struct pe_import_dll *imports, const struct search *search,
                            struct load_failure *failure)
{
    struct module *dll;
    struct pe_import import;
    struct pe_error error;
    enum pe_result more;
    NTSTATUS status = load_dependency(module, imports->name, search, &dll, failure);
    while (!status && (more = pe_next_import(imports, &import, &error)) != PE_NONE)
        status = more == PE_BAD ? fail(failure, &error) : resolve_function(module, dll, imports, &import);
    return status;
}

NTSTATUS imports_resolve(struct module *module, const struct search *search, struct load_failure *failure)
{
    struct pe_import_cursor cursor;
    struct pe_import_dll imports;
    struct pe_error error;
    enum pe_result more;
    NTSTATUS status = STATUS_SUCCESS;
    pe_imports_begin(&module->image, &cursor);
    while (!status && (more = pe_next_import_dll(&cursor, &imports, &error)) != PE_NONE)
        status = more == PE_BAD ? fail(failure, &error) : resolve_dll(module, &imports, search, failure);
    return status;
}
