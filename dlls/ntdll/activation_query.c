/* What can be asked of an activation context. */
#include <stdio.h>
#include "dlls/ntdll/activation.h"
#include "kernel/peek.h"
#include "kernel/utf.h"
#include "loader/module.h"

#define VALID_FLAGS                                                              \
    (QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX | QUERY_ACTCTX_FLAG_ACTCTX_IS_HMODULE | \
     QUERY_ACTCTX_FLAG_ACTCTX_IS_ADDRESS | QUERY_ACTCTX_FLAG_NO_ADDREF)

/* COMPATIBILITY_CONTEXT_ELEMENT with what Windows 10 has added. */
struct compatibility_element {
    GUID id;
    ACTCTX_COMPATIBILITY_ELEMENT_TYPE type;
    GUEST_UINT64 version;
};

struct compatibility_information {
    DWORD count;
    struct compatibility_element elements[];
};

/* Where the answer goes. */
struct answer {
    void *buffer;
    SIZE_T size;
    SIZE_T *needed; /* never NULL */
    WCHAR *strings; /* where the next string goes */
};

static bool has_room(struct answer *answer, SIZE_T needed, SIZE_T before_strings)
{
    *answer->needed = needed;
    answer->strings = (WCHAR *)((char *)answer->buffer + before_strings);
    return answer->buffer && answer->size >= needed;
}

static SIZE_T room_of(const WCHAR *string)
{
    return string ? (utf16_length(string) + 1) * sizeof *string : 0;
}

static const WCHAR *put(struct answer *answer, const WCHAR *string)
{
    if (!string)
        return NULL;
    WCHAR *copy = answer->strings;
    memcpy(copy, string, room_of(string));
    answer->strings += room_of(string) / sizeof *string;
    return copy;
}

static const struct activation_assembly *find_assembly(const struct activation_context *context, ULONG index)
{
    const struct activation_assembly *assembly = context->assemblies;
    while (assembly && index-- > 0)
        assembly = assembly->next;
    return assembly;
}

/* The classes */

static NTSTATUS tell_basic(struct activation_context *context, bool is_default, ULONG flags,
                           struct answer *answer)
{
    ACTIVATION_CONTEXT_BASIC_INFORMATION *information = answer->buffer;
    if (!has_room(answer, sizeof *information, 0))
        return STATUS_BUFFER_TOO_SMALL;
    *information = (ACTIVATION_CONTEXT_BASIC_INFORMATION){.hActCtx = is_default ? NULL : context};
    if (!is_default && !(flags & QUERY_ACTCTX_FLAG_NO_ADDREF))
        activation_retain(context);
    return STATUS_SUCCESS;
}

static NTSTATUS tell_details(const struct activation_context *context, struct answer *answer)
{
    ACTIVATION_CONTEXT_DETAILED_INFORMATION *information = answer->buffer;
    const struct activation_assembly *root = context->assemblies;
    const WCHAR *path = root ? root->manifest_path : NULL,
                *directory = root ? context->program_directory : NULL;
    if (!has_room(answer, sizeof *information + room_of(path) + room_of(directory), sizeof *information))
        return STATUS_BUFFER_TOO_SMALL;
    *information = (ACTIVATION_CONTEXT_DETAILED_INFORMATION){0};
    if (!root)
        return STATUS_SUCCESS;
    information->ulFormatVersion = 1;
    information->ulAssemblyCount = context->assembly_count;
    information->ulRootManifestPathType = ACTIVATION_CONTEXT_PATH_TYPE_WIN32_FILE;
    information->ulRootManifestPathChars = utf16_length(path);
    information->ulRootConfigurationPathType = ACTIVATION_CONTEXT_PATH_TYPE_NONE;
    information->ulAppDirPathType = ACTIVATION_CONTEXT_PATH_TYPE_WIN32_FILE;
    information->ulAppDirPathChars = utf16_length(directory);
    information->lpRootManifestPath = put(answer, path);
    information->lpAppDirPath = put(answer, directory);
    return STATUS_SUCCESS;
}

struct text {
    WCHAR units[1024];
    size_t length;
};

static void append(struct text *text, const WCHAR *string)
{
    while (*string && text->length < ARRAYSIZE(text->units) - 1)
        text->units[text->length++] = *string++;
    text->units[text->length] = 0;
}

static void append_attribute(struct text *text, const WCHAR *name, const WCHAR *value)
{
    if (!value)
        return;
    append(text, L",");
    append(text, name);
    append(text, L"=\"");
    append(text, value);
    append(text, L"\"");
}

/* NAME,language="..",processorArchitecture="..", and so on, in the order of the alphabet. */
static void encode_identity(const struct identity *identity, struct text *text)
{
    char digits[32];
    WCHAR version[32];
    int length = snprintf(digits, sizeof digits, "%u.%u.%u.%u", identity->version[0], identity->version[1],
                          identity->version[2], identity->version[3]);
    utf16_from_utf8(version, ARRAYSIZE(version), digits, length + 1, UTF_REPLACE);
    text->length = 0;
    append(text, identity->name ? identity->name : L"");
    append_attribute(text, L"language", identity->language);
    append_attribute(text, L"processorArchitecture", identity->architecture);
    append_attribute(text, L"publicKeyToken", identity->key);
    append_attribute(text, L"type", identity->type);
    append_attribute(text, L"version", version);
}

static ULONG count_files(const struct manifest *manifest)
{
    ULONG count = 0;
    for (const struct manifest_file *file = manifest->files; file; file = file->next)
        count++;
    return count;
}

/* Assemblies are counted from 1 here. */
static NTSTATUS tell_assembly(const struct activation_context *context, const ULONG *index,
                              struct answer *answer)
{
    ACTIVATION_CONTEXT_ASSEMBLY_DETAILED_INFORMATION *information = answer->buffer;
    const struct activation_assembly *assembly = index && *index ? find_assembly(context, *index - 1) : NULL;
    struct text identity;
    if (!assembly)
        return STATUS_INVALID_PARAMETER;
    encode_identity(&assembly->manifest.identity, &identity);
    SIZE_T needed = sizeof *information + room_of(identity.units) + room_of(assembly->manifest_path) +
                    room_of(assembly->directory);
    if (!has_room(answer, needed, sizeof *information))
        return STATUS_BUFFER_TOO_SMALL;
    *information = (ACTIVATION_CONTEXT_ASSEMBLY_DETAILED_INFORMATION){
        .ulEncodedAssemblyIdentityLength = identity.length * sizeof(WCHAR),
        .ulManifestPathType = ACTIVATION_CONTEXT_PATH_TYPE_WIN32_FILE,
        .ulManifestPathLength = room_of(assembly->manifest_path) - sizeof(WCHAR),
        .ulPolicyPathType = ACTIVATION_CONTEXT_PATH_TYPE_NONE,
        .ulManifestVersionMajor = 1,
        .ulAssemblyDirectoryNameLength =
            assembly->directory ? room_of(assembly->directory) - sizeof(WCHAR) : 0,
        .ulFileCount = count_files(&assembly->manifest),
    };
    information->lpAssemblyEncodedAssemblyIdentity = put(answer, identity.units);
    information->lpAssemblyManifestPath = put(answer, assembly->manifest_path);
    information->lpAssemblyDirectoryName = put(answer, assembly->directory);
    return STATUS_SUCCESS;
}

/* Assemblies and their files are counted from 0 here, and no length is returned with the answer. */
static NTSTATUS tell_file(const struct activation_context *context,
                          const ACTIVATION_CONTEXT_QUERY_INDEX *index, struct answer *answer)
{
    ASSEMBLY_FILE_DETAILED_INFORMATION *information = answer->buffer;
    const struct activation_assembly *assembly =
        index ? find_assembly(context, index->ulAssemblyIndex) : NULL;
    const struct manifest_file *file = assembly ? assembly->manifest.files : NULL;
    for (ULONG i = 0; file && i < index->ulFileIndexInAssembly; i++)
        file = file->next;
    if (!file)
        return STATUS_INVALID_PARAMETER;
    if (!has_room(answer, sizeof *information + room_of(file->name), sizeof *information))
        return STATUS_BUFFER_TOO_SMALL;
    *information = (ASSEMBLY_FILE_DETAILED_INFORMATION){
        .ulFlags = 2,
        .ulFilenameLength = room_of(file->name) - sizeof(WCHAR),
    };
    information->lpFileName = put(answer, file->name);
    *answer->needed = 0;
    return STATUS_SUCCESS;
}

static NTSTATUS tell_run_level(const struct activation_context *context, struct answer *answer)
{
    ACTIVATION_CONTEXT_RUN_LEVEL_INFORMATION *information = answer->buffer;
    const struct activation_assembly *root = context->assemblies;
    if (!has_room(answer, sizeof *information, 0))
        return STATUS_BUFFER_TOO_SMALL;
    *information = (ACTIVATION_CONTEXT_RUN_LEVEL_INFORMATION){0};
    if (root) {
        information->RunLevel = root->manifest.run_level;
        information->UiAccess = root->manifest.ui_access;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS tell_compatibility(const struct activation_context *context, struct answer *answer)
{
    struct compatibility_information *information = answer->buffer;
    const struct activation_assembly *root = context->assemblies;
    const struct compatibility *first = root ? root->manifest.compatibility : NULL, *element;
    DWORD count = 0;
    for (element = first; element; element = element->next)
        count++;
    if (!has_room(answer, sizeof *information + count * sizeof *information->elements, 0))
        return STATUS_BUFFER_TOO_SMALL;
    information->count = count;
    struct compatibility_element *to = information->elements;
    for (element = first; element; element = element->next)
        *to++ = (struct compatibility_element){element->id, element->type, element->version};
    return STATUS_SUCCESS;
}

/* Calls */

/* The context that is asked for, with a reference; `is_default` says that it is the process's own. */
static struct activation_context *find_context(ULONG flags, HANDLE handle, bool *is_default)
{
    struct activation_context *context = NULL;
    *is_default = false;
    if (flags & QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX)
        context = handle ? NULL : activation_current();
    else if (flags & (QUERY_ACTCTX_FLAG_ACTCTX_IS_HMODULE | QUERY_ACTCTX_FLAG_ACTCTX_IS_ADDRESS))
        handle = module_from_address(handle) == program_module ? NULL : handle;
    else
        context = activation_from_handle(handle);
    if (context)
        activation_retain(context);
    if (context || handle)
        return context;
    *is_default = true;
    context = activation_default();
    if (context)
        activation_retain(context);
    return context;
}

static bool is_one_of(ULONG flags, ULONG among)
{
    flags &= among;
    return !(flags & (flags - 1));
}

static NTSTATUS tell(struct activation_context *context, bool is_default, ULONG flags, const void *instance,
                     ULONG class, struct answer *answer)
{
    switch (class) {
    case ActivationContextBasicInformation:
        return tell_basic(context, is_default, flags, answer);
    case ActivationContextDetailedInformation:
        return tell_details(context, answer);
    case AssemblyDetailedInformationInActivationContext:
        return tell_assembly(context, instance, answer);
    case FileInformationInAssemblyOfAssemblyInActivationContext:
        return tell_file(context, instance, answer);
    case RunlevelInformationInActivationContext:
        return tell_run_level(context, answer);
    default:
        return tell_compatibility(context, answer);
    }
}

NTSTATUS NTAPI RtlQueryInformationActivationContext(ULONG flags, HANDLE handle, void *instance, ULONG class,
                                                    void *buffer, SIZE_T size, SIZE_T *needed)
{
    SIZE_T unwanted;
    bool is_default;
    struct answer answer = {.buffer = buffer, .size = size, .needed = needed ? needed : &unwanted};
    *answer.needed = 0;
    if (flags & ~VALID_FLAGS || !is_one_of(flags, VALID_FLAGS & ~QUERY_ACTCTX_FLAG_NO_ADDREF) ||
        class < ActivationContextBasicInformation || class > CompatibilityInformationInActivationContext ||
        (!buffer && !needed))
        return STATUS_INVALID_PARAMETER;
    struct activation_context *context = find_context(flags, handle, &is_default);
    if (!context)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = tell(context, is_default, flags, instance, class, &answer);
    activation_release(context);
    return status;
}

/* Settings */

static bool same(const WCHAR *a, const WCHAR *b)
{
    size_t length = utf16_length(a);
    return utf16_length(b) == length && !memcmp(a, b, length * sizeof *a);
}

static bool is_known_space(const WCHAR *space)
{
    static const WCHAR *const known[] = {
        L"http://schemas.microsoft.com/SMI/2005/WindowsSettings",
        L"http://schemas.microsoft.com/SMI/2011/WindowsSettings",
        L"http://schemas.microsoft.com/SMI/2013/WindowsSettings",
        L"http://schemas.microsoft.com/SMI/2014/WindowsSettings",
        L"http://schemas.microsoft.com/SMI/2016/WindowsSettings",
        L"http://schemas.microsoft.com/SMI/2017/WindowsSettings",
        L"http://schemas.microsoft.com/SMI/2019/WindowsSettings",
        L"http://schemas.microsoft.com/SMI/2020/WindowsSettings",
    };
    for (unsigned i = 0; i < ARRAYSIZE(known); i++)
        if (same(space, known[i]))
            return true;
    return false;
}

static const struct setting *find_setting(const struct activation_context *context, const WCHAR *space,
                                          const WCHAR *name)
{
    const struct setting *setting = context->assemblies ? context->assemblies->manifest.settings : NULL;
    while (setting && !(same(setting->space, space) && same(setting->name, name)))
        setting = setting->next;
    return setting;
}

/* Lengths are in units. The terminator is written even where there is room for all but that, as on Windows.
 */
static NTSTATUS give_setting(const struct setting *setting, WCHAR *buffer, SIZE_T size, SIZE_T *needed)
{
    size_t length = utf16_length(setting->value);
    if (needed)
        *needed = length + 1;
    if (size < length || !buffer)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(buffer, setting->value, (length + 1) * sizeof *buffer);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlQueryActivationContextApplicationSettings(ULONG flags, HANDLE handle, const WCHAR *space,
                                                            const WCHAR *name, WCHAR *buffer, SIZE_T size,
                                                            SIZE_T *needed)
{
    bool is_default;
    if (flags || !name || (space && !is_known_space(space)))
        return STATUS_INVALID_PARAMETER;
    struct activation_context *context = find_context(0, handle, &is_default);
    if (!context)
        return STATUS_INVALID_PARAMETER;
    if (!space)
        space = L"http://schemas.microsoft.com/SMI/2005/WindowsSettings";
    const struct setting *setting = find_setting(context, space, name);
    NTSTATUS status = setting ? give_setting(setting, buffer, size, needed) : STATUS_SXS_KEY_NOT_FOUND;
    activation_release(context);
    return status;
}
