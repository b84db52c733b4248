/* FindActCtxSection: the active context first, then the process's own. */
#include "dlls/ntdll/activation.h"

#define LEAST_SIZE offsetof(ACTCTX_SECTION_KEYED_DATA, ulAssemblyRosterIndex)

#define VALID_FLAGS                                                                  \
    (FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX | FIND_ACTCTX_SECTION_KEY_RETURN_FLAGS | \
     FIND_ACTCTX_SECTION_KEY_RETURN_ASSEMBLY_METADATA)

/* What is looked for: by one of the two. */
struct key {
    const UNICODE_STRING *name;
    const GUID *guid;
};

static NTSTATUS find_in(struct activation_context *context, ULONG flags, ULONG section, const struct key *key,
                        ACTCTX_SECTION_KEYED_DATA *data)
{
    NTSTATUS status = key->guid ? activation_find_guid(context, section, key->guid, data)
                                : activation_find_string(context, section, key->name, data);
    if (!status && data && flags & FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX) {
        activation_retain(context);
        data->hActCtx = context;
    }
    return status;
}

static NTSTATUS find(ULONG flags, const GUID *extension, ULONG section, const struct key *key,
                     ACTCTX_SECTION_KEYED_DATA *data)
{
    struct activation_context *context = activation_current();
    NTSTATUS status = STATUS_SXS_SECTION_NOT_FOUND;
    if (extension || flags & ~VALID_FLAGS || (data && data->cbSize < LEAST_SIZE))
        return STATUS_INVALID_PARAMETER;
    if (context)
        status = find_in(context, flags, section, key, data);
    if (status != STATUS_SXS_SECTION_NOT_FOUND && status != STATUS_SXS_KEY_NOT_FOUND)
        return status;
    context = activation_default();
    NTSTATUS of_default = context ? find_in(context, flags, section, key, data) : STATUS_NO_MEMORY;
    return of_default == STATUS_SXS_SECTION_NOT_FOUND ? status : of_default;
}

NTSTATUS NTAPI RtlFindActivationContextSectionString(ULONG flags, const GUID *extension, ULONG section,
                                                     const UNICODE_STRING *name,
                                                     ACTCTX_SECTION_KEYED_DATA *data)
{
    if (!name || !name->Buffer)
        return STATUS_INVALID_PARAMETER;
    return find(flags, extension, section, &(struct key){.name = name}, data);
}

NTSTATUS NTAPI RtlFindActivationContextSectionGuid(ULONG flags, const GUID *extension, ULONG section,
                                                   const GUID *guid, ACTCTX_SECTION_KEYED_DATA *data)
{
    if (!guid)
        return STATUS_INVALID_PARAMETER;
    return find(flags, extension, section, &(struct key){.guid = guid}, data);
}
