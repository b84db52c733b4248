/* Resources of modules and of files that are mapped as data. */
#include <stdlib.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/utf.h"
#include "loader/resource.h"

/* Names: a string, or a number in the place of the pointer */

static bool widen_name(struct wide *wide, const char *name)
{
    wide->text = (WCHAR *)name;
    return IS_INTRESOURCE(name) || wide_from_ansi(wide, name);
}

static void free_name(struct wide *wide)
{
    if (!IS_INTRESOURCE(wide->text))
        wide_free(wide);
}

/* Finding */

static BOOL fail(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

static bool open_root(HMODULE module, struct pe_image *image, struct resource_directory *root)
{
    NTSTATUS status = resource_image(module, image);
    if (!status)
        status = resource_root(image, root);
    return set_last_status(status);
}

static bool open_type(HMODULE module, const WCHAR *type, struct pe_image *image,
                      struct resource_directory *names)
{
    struct resource_directory root;
    struct resource_entry entry;
    if (!open_root(module, image, &root))
        return false;
    return (resource_find(&root, type, &entry) && resource_open(&entry, image, names)) ||
           fail(ERROR_RESOURCE_TYPE_NOT_FOUND);
}

static bool open_name(HMODULE module, const WCHAR *type, const WCHAR *name, struct pe_image *image,
                      struct resource_directory *languages)
{
    struct resource_directory names;
    struct resource_entry entry;
    if (!open_type(module, type, image, &names))
        return false;
    return (resource_find(&names, name, &entry) && resource_open(&entry, image, languages)) ||
           fail(ERROR_RESOURCE_NAME_NOT_FOUND);
}

static bool find_language(const struct resource_directory *languages, WORD language,
                          struct resource_entry *entry)
{
    return resource_find(languages, MAKEINTRESOURCEW(language), entry);
}

/* A language stands for itself, then for what its speakers have in common, then for what is no language's.
 * Who asks for no language in particular gets the user's, or else any. */
static bool choose_language(const struct resource_directory *languages, WORD wanted,
                            struct resource_entry *entry)
{
    if (find_language(languages, wanted, entry) ||
        find_language(languages, MAKELANGID(PRIMARYLANGID(wanted), SUBLANG_NEUTRAL), entry) ||
        find_language(languages, MAKELANGID(LANG_NEUTRAL, SUBLANG_NEUTRAL), entry))
        return true;
    if (PRIMARYLANGID(wanted) != LANG_NEUTRAL)
        return false;
    LANGID own = GetUserDefaultLangID();
    return find_language(languages, own, entry) ||
           find_language(languages, MAKELANGID(PRIMARYLANGID(own), SUBLANG_NEUTRAL), entry) ||
           (languages->count && resource_entry(languages, 0, entry));
}

HRSRC WINAPI FindResourceExW(HMODULE module, LPCWSTR type, LPCWSTR name, WORD language)
{
    struct pe_image image;
    struct resource_directory languages;
    struct resource_entry entry;
    if (!open_name(module, type, name, &image, &languages))
        return NULL;
    const void *leaf = NULL;
    if (choose_language(&languages, language, &entry))
        leaf = resource_leaf(&image, &entry);
    if (!leaf)
        SetLastError(ERROR_RESOURCE_LANG_NOT_FOUND);
    return (HRSRC)leaf;
}

HRSRC WINAPI FindResourceW(HMODULE module, LPCWSTR name, LPCWSTR type)
{
    return FindResourceExW(module, type, name, MAKELANGID(LANG_NEUTRAL, SUBLANG_NEUTRAL));
}

HRSRC WINAPI FindResourceExA(HMODULE module, LPCSTR type, LPCSTR name, WORD language)
{
    struct wide wide_type, wide_name;
    HRSRC resource = NULL;
    if (!widen_name(&wide_type, type))
        return NULL;
    if (widen_name(&wide_name, name)) {
        resource = FindResourceExW(module, wide_type.text, wide_name.text, language);
        free_name(&wide_name);
    }
    free_name(&wide_type);
    return resource;
}

HRSRC WINAPI FindResourceA(HMODULE module, LPCSTR name, LPCSTR type)
{
    return FindResourceExA(module, type, name, MAKELANGID(LANG_NEUTRAL, SUBLANG_NEUTRAL));
}

/* The data */

HGLOBAL WINAPI LoadResource(HMODULE module, HRSRC resource)
{
    struct pe_image image;
    if (!resource) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!set_last_status(resource_image(module, &image)))
        return NULL;
    const void *data = resource_data(&image, (const IMAGE_RESOURCE_DATA_ENTRY *)resource);
    if (!data)
        SetLastError(ERROR_RESOURCE_DATA_NOT_FOUND);
    return (HGLOBAL)data;
}

LPVOID WINAPI LockResource(HGLOBAL data)
{
    return data;
}

DWORD WINAPI SizeofResource(HMODULE module, HRSRC resource)
{
    if (resource)
        return ((const IMAGE_RESOURCE_DATA_ENTRY *)resource)->Size;
    SetLastError(ERROR_INVALID_PARAMETER);
    return 0;
}

/* There is nothing to free: a resource lives as long as its module. The result of 0 is success here. */
BOOL WINAPI FreeResource(HGLOBAL data)
{
    return FALSE;
}

/* Enumeration: the W functions hand on what is there, the A functions convert */

/* Who is told of what. */
struct listener {
    HMODULE module;
    const WCHAR *type, *name;          /* as the program gave them to a W function */
    const char *type_ansi, *name_ansi; /* and to an A function, which has the wide ones as well */
    bool is_ansi;
    union {
        ENUMRESTYPEPROCW type;
        ENUMRESTYPEPROCA type_ansi;
        ENUMRESNAMEPROCW name;
        ENUMRESNAMEPROCA name_ansi;
        ENUMRESLANGPROCW language;
        ENUMRESLANGPROCA language_ansi;
    } call;
    LONG_PTR parameter;
};

/* A name in memory that the caller frees unless it is a number; NULL without memory. */
static void *copy_name(const struct listener *listener, const struct resource_entry *entry)
{
    if (!entry->name)
        return MAKEINTRESOURCEW(entry->number);
    if (listener->is_ansi) {
        char *text = calloc(3 * entry->length + 1, 1);
        if (text)
            utf8_from_utf16(text, 3 * entry->length, entry->name, entry->length, UTF_REPLACE);
        return text;
    }
    WCHAR *text = calloc(entry->length + 1, sizeof *text);
    if (text)
        memcpy(text, entry->name, entry->length * sizeof *text);
    return text;
}

/* Calls back for each entry until the program has had enough. */
static BOOL list(const struct resource_directory *directory, const struct listener *listener,
                 BOOL (*tell)(const struct listener *listener, const struct resource_entry *entry,
                              void *name))
{
    for (uint32_t i = 0; i < directory->count; i++) {
        struct resource_entry entry;
        if (!resource_entry(directory, i, &entry))
            continue;
        void *name = copy_name(listener, &entry);
        if (!name && entry.name)
            return fail(ERROR_NOT_ENOUGH_MEMORY);
        BOOL more = tell(listener, &entry, name);
        if (!IS_INTRESOURCE(name))
            free(name);
        if (!more)
            return fail(ERROR_RESOURCE_ENUM_USER_STOP);
    }
    return TRUE;
}

static BOOL tell_type(const struct listener *to, const struct resource_entry *entry, void *name)
{
    return to->is_ansi ? to->call.type_ansi(to->module, name, to->parameter)
                       : to->call.type(to->module, name, to->parameter);
}

static BOOL tell_name(const struct listener *to, const struct resource_entry *entry, void *name)
{
    return to->is_ansi ? to->call.name_ansi(to->module, to->type_ansi, name, to->parameter)
                       : to->call.name(to->module, to->type, name, to->parameter);
}

static BOOL tell_language(const struct listener *to, const struct resource_entry *entry, void *name)
{
    WORD language = entry->number;
    return to->is_ansi
               ? to->call.language_ansi(to->module, to->type_ansi, to->name_ansi, language, to->parameter)
               : to->call.language(to->module, to->type, to->name, language, to->parameter);
}

static BOOL list_types(const struct listener *listener)
{
    struct pe_image image;
    struct resource_directory root;
    return open_root(listener->module, &image, &root) && list(&root, listener, tell_type);
}

static BOOL list_names(const struct listener *listener)
{
    struct pe_image image;
    struct resource_directory names;
    return open_type(listener->module, listener->type, &image, &names) && list(&names, listener, tell_name);
}

static BOOL list_languages(const struct listener *listener)
{
    struct pe_image image;
    struct resource_directory languages;
    return open_name(listener->module, listener->type, listener->name, &image, &languages) &&
           list(&languages, listener, tell_language);
}

BOOL WINAPI EnumResourceTypesW(HMODULE module, ENUMRESTYPEPROCW callback, LONG_PTR parameter)
{
    return list_types(&(struct listener){.module = module, .call.type = callback, .parameter = parameter});
}

BOOL WINAPI EnumResourceTypesA(HMODULE module, ENUMRESTYPEPROCA callback, LONG_PTR parameter)
{
    return list_types(&(struct listener){
        .module = module, .is_ansi = true, .call.type_ansi = callback, .parameter = parameter});
}

BOOL WINAPI EnumResourceNamesW(HMODULE module, LPCWSTR type, ENUMRESNAMEPROCW callback, LONG_PTR parameter)
{
    return list_names(
        &(struct listener){.module = module, .type = type, .call.name = callback, .parameter = parameter});
}

BOOL WINAPI EnumResourceNamesA(HMODULE module, LPCSTR type, ENUMRESNAMEPROCA callback, LONG_PTR parameter)
{
    struct wide wide;
    if (!widen_name(&wide, type))
        return FALSE;
    BOOL result = list_names(&(struct listener){.module = module,
                                                .type = wide.text,
                                                .type_ansi = type,
                                                .is_ansi = true,
                                                .call.name_ansi = callback,
                                                .parameter = parameter});
    free_name(&wide);
    return result;
}

BOOL WINAPI EnumResourceLanguagesW(HMODULE module, LPCWSTR type, LPCWSTR name, ENUMRESLANGPROCW callback,
                                   LONG_PTR parameter)
{
    return list_languages(&(struct listener){
        .module = module, .type = type, .name = name, .call.language = callback, .parameter = parameter});
}

BOOL WINAPI EnumResourceLanguagesA(HMODULE module, LPCSTR type, LPCSTR name, ENUMRESLANGPROCA callback,
                                   LONG_PTR parameter)
{
    struct wide wide_type, wide_name;
    BOOL result = FALSE;
    if (!widen_name(&wide_type, type))
        return FALSE;
    if (widen_name(&wide_name, name)) {
        result = list_languages(&(struct listener){.module = module,
                                                   .type = wide_type.text,
                                                   .name = wide_name.text,
                                                   .type_ansi = type,
                                                   .name_ansi = name,
                                                   .is_ansi = true,
                                                   .call.language_ansi = callback,
                                                   .parameter = parameter});
        free_name(&wide_name);
    }
    free_name(&wide_type);
    return result;
}
