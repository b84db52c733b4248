/* What assemblies offer to COM: classes, interfaces, type libraries and surrogates, by their GUIDs, and
 * classes by the names that programs have for them. */
#include <stdio.h>
#include "dlls/ntdll/activation_section.h"
#include "kernel/upcase.h"

/* Values */

static bool same(const WCHAR *a, size_t a_length, const WCHAR *b)
{
    return upcase_equal(a, a_length, b, utf16_length(b));
}

static GUID guid_of(const struct manifest_item *item, const WCHAR *attribute)
{
    GUID guid = {0};
    const WCHAR *value = manifest_value(item, attribute);
    if (value && !manifest_guid(value, &guid))
        guid = (GUID){0};
    return guid;
}

static ULONG number_of(const WCHAR *text)
{
    ULONG number = 0;
    for (; text && *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (*text - '0');
    return number;
}

struct flag {
    const WCHAR *name;
    ULONG value;
};

/* A list with commas. */
static ULONG parse_flags(const WCHAR *text, const struct flag *flags, unsigned count)
{
    ULONG value = 0;
    while (text && *text) {
        size_t length = 0;
        while (text[length] && text[length] != ',')
            length++;
        for (unsigned i = 0; i < count; i++)
            value |= same(text, length, flags[i].name) ? flags[i].value : 0;
        text += length + (text[length] == ',');
    }
    return value;
}

static ULONG parse_misc_status(const WCHAR *text)
{
    static const struct flag flags[] = {
        {L"recomposeonresize", 0x1},     {L"onlyiconic", 0x2},
        {L"insertnotreplace", 0x4},      {L"static", 0x8},
        {L"cantlinkinside", 0x10},       {L"canlinkbyole1", 0x20},
        {L"islinkobject", 0x40},         {L"insideout", 0x80},
        {L"activatewhenvisible", 0x100}, {L"renderingisdeviceindependent", 0x200},
        {L"invisibleatruntime", 0x400},  {L"alwaysrun", 0x800},
        {L"actslikebutton", 0x1000},     {L"actslikelabel", 0x2000},
        {L"nouiactivate", 0x4000},       {L"alignable", 0x8000},
        {L"simpleframe", 0x10000},       {L"setclientsitefirst", 0x20000},
        {L"imemode", 0x40000},           {L"ignoreactivatewhenvisible", 0x80000},
        {L"wantstomenumerge", 0x100000}, {L"supportsmultilevelundo", 0x200000},
    };
    return parse_flags(text, flags, ARRAYSIZE(flags));
}

static ULONG parse_threading_model(const WCHAR *text)
{
    static const struct flag models[] = {
        {L"Apartment", 1},
        {L"Free", 2},
        {L"Both", 4},
        {L"Neutral", 5},
    };
    enum { NO_MODEL = 3 };
    ULONG model = parse_flags(text, models, ARRAYSIZE(models));
    return model ? model : NO_MODEL;
}

/* Classes */

/* A class has a second GUID that no other has, by which its names lead to it. */
static GUID alias_of(const struct manifest_item *item)
{
    GUID alias = guid_of(item, L"clsid");
    alias.Data1 ^= 0x6c697465;
    alias.Data2 ^= 0x7769;
    alias.Data3 ^= 0x6e00;
    return alias;
}

/* ACTIVATION_CONTEXT_DATA_COM_SERVER_REDIRECTION. */
struct class_data {
    ULONG size, flags, model;
    GUID clsid, alias, clsid_again, tlbid;
    ULONG module_length, module_offset; /* from the section's beginning */
    ULONG progid_length, progid_offset; /* this and the next from here */
    ULONG clr_length, clr_offset;
    ULONG misc_status, misc_content, misc_thumbnail, misc_icon, misc_print;
};

/* ACTIVATION_CONTEXT_DATA_COM_SERVER_REDIRECTION_SHIM. */
struct clr_data {
    ULONG size, flags, type;
    ULONG module_length, module_offset; /* from the section's beginning */
    ULONG name_length, name_offset;     /* this and the next from here */
    ULONG version_length, version_offset;
    ULONG reserved[2];
};

enum { SHIM_OF_CLR_CLASS = 2 };

static void put_misc_status(const struct manifest_item *item, struct class_data *data)
{
    const struct {
        const WCHAR *attribute;
        ULONG *value;
    } known[] = {
        {L"miscStatus", &data->misc_status},         {L"miscStatusIcon", &data->misc_icon},
        {L"miscStatusContent", &data->misc_content}, {L"miscStatusThumbnail", &data->misc_thumbnail},
        {L"miscStatusDocPrint", &data->misc_print},
    };
    for (unsigned i = 0; i < ARRAYSIZE(known); i++) {
        const WCHAR *value = manifest_value(item, known[i].attribute);
        if (!value)
            continue;
        *known[i].value = parse_misc_status(value);
        data->flags |= 0x100u << i;
    }
}

static ULONG with_terminator(const WCHAR *string)
{
    return section_bytes(string) + sizeof *string;
}

static void put_clr(struct activation_section *section, const struct section_entry *entry, size_t offset,
                    size_t module_offset)
{
    const WCHAR *name = manifest_value(entry->item, L"name"),
                *version = manifest_value(entry->item, L"runtimeVersion");
    name = name ? name : L"";
    version = version ? version : L"";
    const struct clr_data data = {
        .size = sizeof data,
        .type = SHIM_OF_CLR_CLASS,
        .module_length = section_bytes(L"mscoree.dll"),
        .module_offset = module_offset,
        .name_length = section_bytes(name),
        .name_offset = sizeof data,
        .version_length = section_bytes(version),
        .version_offset = sizeof data + with_terminator(name),
    };
    *(struct clr_data *)section_at(section, offset) = data;
    section_put_string(section, offset + data.name_offset, name);
    section_put_string(section, offset + data.version_offset, version);
}

static ULONG clr_length(const struct manifest_item *item)
{
    const WCHAR *name = manifest_value(item, L"name"), *version = manifest_value(item, L"runtimeVersion");
    if (item->kind != ITEM_CLR_CLASS)
        return 0;
    return sizeof(struct clr_data) + with_terminator(name ? name : L"") +
           with_terminator(version ? version : L"");
}

static ULONG make_class(struct activation_section *section, const struct section_entry *entry, size_t *offset)
{
    const struct manifest_item *item = entry->item;
    const WCHAR *module = item->kind == ITEM_CLR_CLASS ? L"MSCOREE.DLL" : item->file->name;
    const WCHAR *progid = manifest_value(item, L"progid");
    size_t module_offset = section_add_string(section, module), clr_module_offset = 0;
    if (item->kind == ITEM_CLR_CLASS)
        clr_module_offset = section_add_string(section, L"mscoree.dll");
    struct class_data data = {
        .size = sizeof data,
        .model = parse_threading_model(manifest_value(item, L"threadingModel")),
        .clsid = guid_of(item, L"clsid"),
        .alias = alias_of(item),
        .clsid_again = guid_of(item, L"clsid"),
        .tlbid = guid_of(item, L"tlbid"),
        .module_length = section_bytes(module),
        .module_offset = module_offset,
        .clr_length = clr_length(item),
    };
    put_misc_status(item, &data);
    data.clr_offset = data.clr_length ? sizeof data : 0;
    if (progid) {
        data.progid_length = section_bytes(progid);
        data.progid_offset = sizeof data + data.clr_length;
    }
    ULONG length = sizeof data + data.clr_length + (progid ? with_terminator(progid) : 0);
    *offset = section_add(section, length);
    if (section->failed)
        return 0;
    *(struct class_data *)section_at(section, *offset) = data;
    if (data.clr_length)
        put_clr(section, entry, *offset + data.clr_offset, clr_module_offset);
    if (progid)
        section_put_string(section, *offset + data.progid_offset, progid);
    return length;
}

/* Interfaces */

/* ACTIVATION_CONTEXT_DATA_COM_INTERFACE_REDIRECTION. */
struct interface_data {
    ULONG size, flags;
    GUID stub;
    ULONG method_count;
    GUID tlbid, base;
    ULONG name_length, name_offset;
};

enum { HAS_METHOD_COUNT = 1, HAS_BASE = 2 };

/* An interface's stub is the interface itself, unless another is named for one whose stub is in no file. */
static ULONG make_interface(struct activation_section *section, const struct section_entry *entry,
                            size_t *offset)
{
    const struct manifest_item *item = entry->item;
    const WCHAR *name = manifest_value(item, L"name"), *methods = manifest_value(item, L"numMethods");
    bool has_stub = item->kind == ITEM_EXTERNAL_PROXY_STUB && manifest_value(item, L"proxyStubClsid32");
    name = name ? name : L"";
    const struct interface_data data = {
        .size = sizeof data,
        .flags = (methods ? HAS_METHOD_COUNT : 0) | (manifest_value(item, L"baseInterface") ? HAS_BASE : 0),
        .stub = guid_of(item, has_stub ? L"proxyStubClsid32" : L"iid"),
        .method_count = number_of(methods),
        .tlbid = guid_of(item, L"tlbid"),
        .base = guid_of(item, L"baseInterface"),
        .name_length = section_bytes(name),
        .name_offset = sizeof data,
    };
    ULONG length = sizeof data + with_terminator(name);
    *offset = section_add(section, length);
    if (section->failed)
        return 0;
    *(struct interface_data *)section_at(section, *offset) = data;
    section_put_string(section, *offset + data.name_offset, name);
    return length;
}

/* Type libraries */

/* ACTIVATION_CONTEXT_DATA_COM_TYPE_LIBRARY_REDIRECTION. */
struct library_data {
    ULONG size, flags;
    ULONG name_length, name_offset; /* from the section's beginning */
    USHORT language, library_flags;
    ULONG help_length, help_offset; /* from here */
    USHORT major, minor;
};

static ULONG make_library(struct activation_section *section, const struct section_entry *entry,
                          size_t *offset)
{
    static const struct flag flags[] = {
        {L"restricted", 1}, {L"control", 2}, {L"hidden", 4}, {L"hasdiskimage", 8}};
    const struct manifest_item *item = entry->item;
    const WCHAR *help = manifest_value(item, L"helpdir"), *version = manifest_value(item, L"version");
    const WCHAR *minor = version;
    while (minor && *minor && *minor++ != '.')
        ;
    help = help ? help : L"";
    const struct library_data data = {
        .size = sizeof data,
        .name_length = section_bytes(item->file->name),
        .name_offset = section_add_string(section, item->file->name),
        .library_flags = parse_flags(manifest_value(item, L"flags"), flags, ARRAYSIZE(flags)),
        .help_length = section_bytes(help),
        .help_offset = sizeof data,
        .major = number_of(version),
        .minor = number_of(minor),
    };
    ULONG length = sizeof data + with_terminator(help);
    *offset = section_add(section, length);
    if (section->failed)
        return 0;
    *(struct library_data *)section_at(section, *offset) = data;
    section_put_string(section, *offset + data.help_offset, help);
    return length;
}

/* Surrogates */

/* ACTIVATION_CONTEXT_DATA_CLR_SURROGATE. */
struct surrogate_data {
    ULONG size, flags;
    GUID clsid;
    ULONG version_offset, version_length, name_offset, name_length;
};

static ULONG make_surrogate(struct activation_section *section, const struct section_entry *entry,
                            size_t *offset)
{
    const WCHAR *name = manifest_value(entry->item, L"name"),
                *version = manifest_value(entry->item, L"runtimeVersion");
    name = name ? name : L"";
    version = version ? version : L"";
    const struct surrogate_data data = {
        .size = sizeof data,
        .clsid = guid_of(entry->item, L"clsid"),
        .version_offset = sizeof data,
        .version_length = section_bytes(version),
        .name_offset = sizeof data + with_terminator(version),
        .name_length = section_bytes(name),
    };
    ULONG length = sizeof data + with_terminator(version) + with_terminator(name);
    *offset = section_add(section, length);
    if (section->failed)
        return 0;
    *(struct surrogate_data *)section_at(section, *offset) = data;
    section_put_string(section, *offset + data.version_offset, version);
    section_put_string(section, *offset + data.name_offset, name);
    return length;
}

/* Sections */

typedef ULONG item_visitor(struct activation_section *section, ULONG number, struct section_entry *entry);

static ULONG for_each_item(const struct activation_context *context, struct activation_section *section,
                           item_visitor *visit)
{
    struct section_entry entry = {.assembly = context->assemblies, .roster = 1};
    ULONG count = 0;
    for (; entry.assembly; entry.assembly = entry.assembly->next, entry.roster++)
        for (entry.item = entry.assembly->manifest.items; entry.item; entry.item = entry.item->next)
            count += visit(section, count, &entry);
    return count;
}

static ULONG put(struct activation_section *section, ULONG number, struct section_entry *entry, GUID key,
                 section_maker *make)
{
    entry->guid = key;
    if (section)
        section_put_entry(section, true, number, entry, make);
    return 1;
}

static bool is_class(const struct manifest_item *item)
{
    return (item->kind == ITEM_COM_CLASS && item->file) || item->kind == ITEM_CLR_CLASS;
}

static ULONG visit_class(struct activation_section *section, ULONG number, struct section_entry *entry)
{
    if (!is_class(entry->item))
        return 0;
    put(section, number, entry, guid_of(entry->item, L"clsid"), make_class);
    const GUID alias = alias_of(entry->item);
    if (section)
        section_put_alias(section, number + 1, &alias);
    return 2;
}

static ULONG visit_interface(struct activation_section *section, ULONG number, struct section_entry *entry)
{
    if (entry->item->kind != ITEM_PROXY_STUB && entry->item->kind != ITEM_EXTERNAL_PROXY_STUB)
        return 0;
    return put(section, number, entry, guid_of(entry->item, L"iid"), make_interface);
}

static ULONG visit_library(struct activation_section *section, ULONG number, struct section_entry *entry)
{
    if (entry->item->kind != ITEM_TYPE_LIBRARY)
        return 0;
    return put(section, number, entry, guid_of(entry->item, L"tlbid"), make_library);
}

static ULONG visit_surrogate(struct activation_section *section, ULONG number, struct section_entry *entry)
{
    if (entry->item->kind != ITEM_CLR_SURROGATE)
        return 0;
    return put(section, number, entry, guid_of(entry->item, L"clsid"), make_surrogate);
}

static ULONG walk_classes(const struct activation_context *context, struct activation_section *section)
{
    return for_each_item(context, section, visit_class);
}

static ULONG walk_interfaces(const struct activation_context *context, struct activation_section *section)
{
    return for_each_item(context, section, visit_interface);
}

static ULONG walk_libraries(const struct activation_context *context, struct activation_section *section)
{
    return for_each_item(context, section, visit_library);
}

static ULONG walk_surrogates(const struct activation_context *context, struct activation_section *section)
{
    return for_each_item(context, section, visit_surrogate);
}

section_walker *section_by_guid(ULONG section)
{
    switch (section) {
    case ACTIVATION_CONTEXT_SECTION_COM_SERVER_REDIRECTION:
        return walk_classes;
    case ACTIVATION_CONTEXT_SECTION_COM_INTERFACE_REDIRECTION:
        return walk_interfaces;
    case ACTIVATION_CONTEXT_SECTION_COM_TYPE_LIBRARY_REDIRECTION:
        return walk_libraries;
    case ACTIVATION_CONTEXT_SECTION_CLR_SURROGATES:
        return walk_surrogates;
    default:
        return NULL;
    }
}

/* Names of classes */

/* ACTIVATION_CONTEXT_DATA_COM_PROGID_REDIRECTION. */
struct progid_data {
    ULONG size, flags, clsid_offset; /* from the section's beginning */
};

static ULONG make_progid(struct activation_section *section, const struct section_entry *entry,
                         size_t *offset)
{
    size_t guid_offset = section_add(section, sizeof(GUID));
    *offset = section_add(section, sizeof(struct progid_data));
    if (section->failed)
        return 0;
    *(GUID *)section_at(section, guid_offset) = alias_of(entry->item);
    *(struct progid_data *)section_at(section, *offset) = (struct progid_data){
        .size = sizeof(struct progid_data),
        .clsid_offset = guid_offset,
    };
    return sizeof(struct progid_data);
}

static ULONG visit_progids(struct activation_section *section, ULONG number, struct section_entry *entry)
{
    ULONG count = 0;
    if (!is_class(entry->item))
        return 0;
    for (const struct item_attribute *attribute = entry->item->attributes; attribute;
         attribute = attribute->next) {
        size_t length = utf16_length(attribute->name);
        if (!same(attribute->name, length, L"progid") &&
            !same(attribute->name, length, MANIFEST_INNER_PROGID))
            continue;
        entry->name = attribute->value;
        if (section)
            section_put_entry(section, false, number + count, entry, make_progid);
        count++;
    }
    return count;
}

ULONG section_walk_progids(const struct activation_context *context, struct activation_section *section)
{
    return for_each_item(context, section, visit_progids);
}
