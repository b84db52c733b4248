#include <stdlib.h>

#include "dlls/ntdll/manifest.h"
#include "dlls/ntdll/manifest_xml.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

#define COMPATIBILITY_ELEMENT_MAXIMUM_VERSION_TESTED ((ACTCTX_COMPATIBILITY_ELEMENT_TYPE)3)

/* Memory */

struct arena_block {
    struct arena_block *next;
    char bytes[] __attribute__((aligned(16)));
};

void *arena_take(struct arena *arena, size_t size)
{
    struct arena_block *block = calloc(1, sizeof *block + size);
    if (!block)
        return NULL;
    block->next = arena->last;
    arena->last = block;
    return block->bytes;
}

void arena_free(struct arena *arena)
{
    for (struct arena_block *block = arena->last, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    arena->last = NULL;
}

struct parser {
    struct xml_reader reader;
    struct arena *arena;
    struct manifest *manifest;
    struct manifest_file *file; /* the <file> that is being read */
    struct manifest_item *item; /* the class that is being read */
};

/* NULL where memory is short or the text is bad. */
static const WCHAR *take_text(struct parser *parser, struct xml_text text)
{
    char *bytes = malloc(text.length + 1);
    WCHAR *wide = NULL;
    size_t size = bytes ? xml_decode(text, bytes, text.length) : SIZE_MAX;
    size_t length = size == SIZE_MAX ? UTF_INVALID : utf16_from_utf8(NULL, 0, bytes, size, UTF_STRICT);
    if (length != UTF_INVALID)
        wide = arena_take(parser->arena, (length + 1) * sizeof *wide);
    if (wide)
        utf16_from_utf8(wide, length, bytes, size, UTF_STRICT);
    free(bytes);
    return wide;
}

/* Puts a new element at the end of a list. */
#define APPEND(list, element)              \
    do {                                   \
        __typeof__(list) *link_ = &(list); \
        while (*link_)                     \
            link_ = &(*link_)->next;       \
        *link_ = (element);                \
    } while (0)

/* Values */

static bool parse_hexadecimal(const WCHAR **text, unsigned digits, uint32_t *value)
{
    *value = 0;
    for (; digits > 0; digits--, ++*text) {
        WCHAR c = upcase(**text);
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F')))
            return false;
        *value = *value << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'A' + 10);
    }
    return true;
}

bool manifest_guid(const WCHAR *text, GUID *guid)
{
    uint32_t part;
    if (*text++ != '{' || !parse_hexadecimal(&text, 8, &part))
        return false;
    guid->Data1 = part;
    for (unsigned i = 0; i < 2; i++) {
        if (*text++ != '-' || !parse_hexadecimal(&text, 4, &part))
            return false;
        *(i == 0 ? &guid->Data2 : &guid->Data3) = part;
    }
    for (unsigned i = 0; i < 8; i++) {
        if ((i == 0 || i == 2) && *text++ != '-')
            return false;
        if (!parse_hexadecimal(&text, 2, &part))
            return false;
        guid->Data4[i] = part;
    }
    return text[0] == '}' && !text[1];
}

/* One to four numbers. */
static bool parse_version(struct xml_text text, USHORT version[4])
{
    unsigned count = 0;
    for (size_t i = 0; i <= text.length && count < 4; i++, count++) {
        uint32_t number = 0;
        size_t first = i;
        for (; i < text.length && text.start[i] >= '0' && text.start[i] <= '9'; i++)
            if ((number = number * 10 + (text.start[i] - '0')) > 0xffff)
                return false;
        if (i == first || (i < text.length && text.start[i] != '.'))
            return false;
        version[count] = number;
        if (i == text.length)
            return true;
    }
    return false;
}

static bool equals_any_case(struct xml_text text, const char *string)
{
    return strlen(string) == text.length && !strncasecmp(text.start, string, text.length);
}

static const struct xml_text *find_attribute(const struct parser *parser, const char *name)
{
    for (unsigned i = 0; i < parser->reader.attribute_count; i++) {
        const struct xml_attribute *attribute = &parser->reader.attributes[i];
        if (!attribute->name.prefixed && xml_equals(attribute->name.local, name))
            return &attribute->value;
    }
    return NULL;
}

/* Elements */

#define ASSEMBLY      "urn:schemas-microsoft-com:asm.v"
#define COMPATIBILITY "urn:schemas-microsoft-com:compatibility.v1"
#define WINRT         "urn:schemas-microsoft-com:winrt.v1"

static bool is_assembly_space(struct xml_text space)
{
    return space.length == sizeof ASSEMBLY && !memcmp(space.start, ASSEMBLY, sizeof ASSEMBLY - 1) &&
           space.start[space.length - 1] >= '1' && space.start[space.length - 1] <= '3';
}

/* A handler reads its element up to and with its end; the attributes are there until it asks for what
 * follows. */
struct handler {
    const char *space, *name; /* ASSEMBLY is any of the three; NULL, any element */
    bool (*read)(struct parser *parser);
};

static bool handles(const struct handler *handler, const struct xml_name *name)
{
    if (!handler->name)
        return true;
    bool in_space = strcmp(handler->space, ASSEMBLY) ? xml_equals(name->space, handler->space)
                                                     : is_assembly_space(name->space);
    return in_space && xml_equals(name->local, handler->name);
}

static bool skip_element(struct parser *parser)
{
    unsigned depth = parser->reader.depth;
    for (;;) {
        enum xml_event event = xml_next(&parser->reader);
        if (event == XML_BAD || event == XML_END)
            return false;
        if (event == XML_CLOSE && parser->reader.depth < depth)
            return true;
    }
}

/* What an assembly may not have, it may not have in its own namespace; others are for others to read. */
static bool read_element(struct parser *parser, const struct handler *handlers, unsigned count, bool strict)
{
    for (unsigned i = 0; i < count; i++)
        if (handles(&handlers[i], &parser->reader.name))
            return handlers[i].read(parser);
    return !(strict && xml_equals(parser->reader.name.space, ASSEMBLY "1")) && skip_element(parser);
}

static bool read_children(struct parser *parser, const struct handler *handlers, unsigned count, bool strict)
{
    for (;;) {
        switch (xml_next(&parser->reader)) {
        case XML_ELEMENT:
            if (!read_element(parser, handlers, count, strict))
                return false;
            break;
        case XML_TEXT:
            break;
        case XML_CLOSE:
            return true;
        default:
            return false;
        }
    }
}

#define READ_CHILDREN(parser, handlers, strict) read_children(parser, handlers, ARRAYSIZE(handlers), strict)

/* The text of an element that has nothing else; NULL if it has, or if there is none. */
static const WCHAR *read_text_element(struct parser *parser)
{
    if (xml_next(&parser->reader) != XML_TEXT)
        return NULL;
    const WCHAR *text = take_text(parser, parser->reader.text);
    return text && xml_next(&parser->reader) == XML_CLOSE ? text : NULL;
}

/* Identities */

static bool take_attribute(struct parser *parser, const char *name, const WCHAR **value)
{
    const struct xml_text *attribute = find_attribute(parser, name);
    return !attribute || (*value = take_text(parser, *attribute));
}

static bool read_identity(struct parser *parser, struct identity *identity)
{
    const struct xml_text *version = find_attribute(parser, "version");
    return take_attribute(parser, "name", &identity->name) &&
           take_attribute(parser, "type", &identity->type) &&
           take_attribute(parser, "processorArchitecture", &identity->architecture) &&
           take_attribute(parser, "publicKeyToken", &identity->key) &&
           take_attribute(parser, "language", &identity->language) && identity->name &&
           (!version || parse_version(*version, identity->version)) && skip_element(parser);
}

static bool read_own_identity(struct parser *parser)
{
    return read_identity(parser, &parser->manifest->identity);
}

/* Dependencies */

static struct dependency *last_dependency(struct parser *parser)
{
    struct dependency *last = parser->manifest->dependencies;
    while (last && last->next)
        last = last->next;
    return last;
}

static bool read_dependent_identity(struct parser *parser)
{
    return read_identity(parser, &last_dependency(parser)->identity);
}

static bool read_dependent_assembly(struct parser *parser)
{
    static const struct handler handlers[] = {{ASSEMBLY, "assemblyIdentity", read_dependent_identity}};
    const struct xml_text *delayed = find_attribute(parser, "allowDelayedBinding");
    struct dependency *dependency = arena_take(parser->arena, sizeof *dependency);
    if (!dependency)
        return false;
    dependency->optional = delayed && xml_equals(*delayed, "true");
    APPEND(parser->manifest->dependencies, dependency);
    return READ_CHILDREN(parser, handlers, false) && dependency->identity.name;
}

static bool read_dependency(struct parser *parser)
{
    static const struct handler handlers[] = {{ASSEMBLY, "dependentAssembly", read_dependent_assembly}};
    const struct xml_text *optional = find_attribute(parser, "optional");
    bool is_optional = optional && xml_equals(*optional, "yes");
    struct dependency *before = last_dependency(parser);
    if (!READ_CHILDREN(parser, handlers, false))
        return false;
    struct dependency *added = before ? before->next : parser->manifest->dependencies;
    for (; added; added = added->next)
        added->optional |= is_optional;
    return true;
}

/* What an assembly offers */

static bool add_attribute(struct parser *parser, const WCHAR *name, const WCHAR *value)
{
    struct item_attribute *attribute = arena_take(parser->arena, sizeof *attribute);
    if (!attribute || !name || !value)
        return false;
    attribute->name = name;
    attribute->value = value;
    APPEND(parser->item->attributes, attribute);
    return true;
}

static bool begin_item(struct parser *parser, enum item_kind kind)
{
    struct manifest_item *item = arena_take(parser->arena, sizeof *item);
    if (!item)
        return false;
    item->kind = kind;
    item->file = parser->file;
    APPEND(parser->manifest->items, item);
    parser->item = item;
    for (unsigned i = 0; i < parser->reader.attribute_count; i++) {
        const struct xml_attribute *attribute = &parser->reader.attributes[i];
        if (!add_attribute(parser, take_text(parser, attribute->name.local),
                           take_text(parser, attribute->value)))
            return false;
    }
    return true;
}

const WCHAR *manifest_value(const struct manifest_item *item, const WCHAR *name)
{
    size_t length = utf16_length(name);
    for (const struct item_attribute *attribute = item->attributes; attribute; attribute = attribute->next)
        if (utf16_length(attribute->name) == length && !memcmp(attribute->name, name, length * sizeof *name))
            return attribute->value;
    return NULL;
}

static bool has_guid(const struct manifest_item *item, const WCHAR *name)
{
    GUID guid;
    const WCHAR *value = manifest_value(item, name);
    return value && manifest_guid(value, &guid);
}

static bool read_window_class(struct parser *parser)
{
    return begin_item(parser, ITEM_WINDOW_CLASS) && (parser->item->text = read_text_element(parser));
}

static bool read_progid(struct parser *parser)
{
    return add_attribute(parser, MANIFEST_INNER_PROGID, read_text_element(parser));
}

static bool read_class(struct parser *parser, enum item_kind kind)
{
    static const struct handler handlers[] = {{ASSEMBLY, "progid", read_progid}};
    return begin_item(parser, kind) && has_guid(parser->item, L"clsid") &&
           READ_CHILDREN(parser, handlers, false);
}

static bool read_com_class(struct parser *parser)
{
    return read_class(parser, ITEM_COM_CLASS);
}

static bool read_clr_class(struct parser *parser)
{
    return read_class(parser, ITEM_CLR_CLASS);
}

static bool read_clr_surrogate(struct parser *parser)
{
    return read_class(parser, ITEM_CLR_SURROGATE);
}

static bool read_proxy_stub(struct parser *parser)
{
    return begin_item(parser, ITEM_PROXY_STUB) && has_guid(parser->item, L"iid") && skip_element(parser);
}

static bool read_external_proxy_stub(struct parser *parser)
{
    return begin_item(parser, ITEM_EXTERNAL_PROXY_STUB) && has_guid(parser->item, L"iid") &&
           skip_element(parser);
}

static bool read_type_library(struct parser *parser)
{
    return begin_item(parser, ITEM_TYPE_LIBRARY) && has_guid(parser->item, L"tlbid") && skip_element(parser);
}

static bool read_activatable_class(struct parser *parser)
{
    return begin_item(parser, ITEM_ACTIVATABLE_CLASS) && manifest_value(parser->item, L"name") &&
           skip_element(parser);
}

static bool has_good_hash(const struct parser *parser)
{
    const struct xml_text *hash = find_attribute(parser, "hash"), *kind = find_attribute(parser, "hashalg");
    return !hash || (kind && !equals_any_case(*kind, "SHA1")) || hash->length == 40;
}

static bool read_file(struct parser *parser)
{
    static const struct handler handlers[] = {
        {ASSEMBLY, "windowClass", read_window_class},         {ASSEMBLY, "comClass", read_com_class},
        {ASSEMBLY, "comInterfaceProxyStub", read_proxy_stub}, {ASSEMBLY, "typelib", read_type_library},
        {WINRT, "activatableClass", read_activatable_class},
    };
    struct manifest_file *file = arena_take(parser->arena, sizeof *file);
    if (!file || !take_attribute(parser, "name", &file->name) || !file->name || !*file->name ||
        !has_good_hash(parser))
        return false;
    APPEND(parser->manifest->files, file);
    parser->file = file;
    bool good = READ_CHILDREN(parser, handlers, true);
    parser->file = NULL;
    return good;
}

/* What a program asks for */

static bool read_execution_level(struct parser *parser)
{
    static const struct {
        const char *name;
        ACTCTX_REQUESTED_RUN_LEVEL level;
    } levels[] = {
        {"asInvoker", ACTCTX_RUN_LEVEL_AS_INVOKER},
        {"highestAvailable", ACTCTX_RUN_LEVEL_HIGHEST_AVAILABLE},
        {"requireAdministrator", ACTCTX_RUN_LEVEL_REQUIRE_ADMIN},
    };
    struct manifest *manifest = parser->manifest;
    const struct xml_text *level = find_attribute(parser, "level"),
                          *access = find_attribute(parser, "uiAccess");
    if (!level || manifest->has_run_level)
        return false;
    for (unsigned i = 0; i < ARRAYSIZE(levels) && !manifest->has_run_level; i++)
        if (equals_any_case(*level, levels[i].name)) {
            manifest->has_run_level = true;
            manifest->run_level = levels[i].level;
        }
    manifest->ui_access = access && equals_any_case(*access, "true");
    if (access && !manifest->ui_access && !equals_any_case(*access, "false"))
        return false;
    return manifest->has_run_level && skip_element(parser);
}

static bool read_privileges(struct parser *parser)
{
    static const struct handler handlers[] = {{ASSEMBLY, "requestedExecutionLevel", read_execution_level}};
    return READ_CHILDREN(parser, handlers, false);
}

static bool read_security(struct parser *parser)
{
    static const struct handler handlers[] = {{ASSEMBLY, "requestedPrivileges", read_privileges}};
    return READ_CHILDREN(parser, handlers, false);
}

static bool read_trust(struct parser *parser)
{
    static const struct handler handlers[] = {{ASSEMBLY, "security", read_security}};
    return READ_CHILDREN(parser, handlers, false);
}

static struct compatibility *add_compatibility(struct parser *parser, ACTCTX_COMPATIBILITY_ELEMENT_TYPE type)
{
    struct compatibility *element = arena_take(parser->arena, sizeof *element);
    if (!element)
        return NULL;
    element->type = type;
    APPEND(parser->manifest->compatibility, element);
    return element;
}

static bool read_supported_system(struct parser *parser)
{
    struct compatibility *element = add_compatibility(parser, ACTCTX_COMPATIBILITY_ELEMENT_TYPE_OS);
    const struct xml_text *id = find_attribute(parser, "Id");
    const WCHAR *text = id ? take_text(parser, *id) : NULL;
    return element && text && manifest_guid(text, &element->id) && skip_element(parser);
}

static bool read_tested_version(struct parser *parser)
{
    struct compatibility *element = add_compatibility(parser, COMPATIBILITY_ELEMENT_MAXIMUM_VERSION_TESTED);
    const struct xml_text *id = find_attribute(parser, "Id");
    USHORT version[4] = {0};
    if (!element || !id || !parse_version(*id, version))
        return false;
    for (unsigned i = 0; i < ARRAYSIZE(version); i++)
        element->version = element->version << 16 | version[i];
    return skip_element(parser);
}

static bool read_compatible_application(struct parser *parser)
{
    static const struct handler handlers[] = {
        {COMPATIBILITY, "supportedOS", read_supported_system},
        {COMPATIBILITY, "maxversiontested", read_tested_version},
    };
    return READ_CHILDREN(parser, handlers, false);
}

static bool read_compatibility(struct parser *parser)
{
    static const struct handler handlers[] = {{COMPATIBILITY, "application", read_compatible_application}};
    return READ_CHILDREN(parser, handlers, false);
}

/* An element of any name: its text is the value. One with elements inside is no setting. */
static bool read_setting(struct parser *parser)
{
    struct setting *setting = arena_take(parser->arena, sizeof *setting);
    unsigned depth = parser->reader.depth;
    if (!setting)
        return false;
    setting->space = take_text(parser, parser->reader.name.space);
    setting->name = take_text(parser, parser->reader.name.local);
    for (;;) {
        switch (xml_next(&parser->reader)) {
        case XML_TEXT:
            if (parser->reader.depth == depth && !(setting->value = take_text(parser, parser->reader.text)))
                return false;
            break;
        case XML_ELEMENT:
            break;
        case XML_CLOSE:
            if (parser->reader.depth >= depth)
                break;
            if (setting->space && setting->name && setting->value)
                APPEND(parser->manifest->settings, setting);
            return true;
        default:
            return false;
        }
    }
}

/* Whether in the assembly's namespace or in the settings' own, which many manifests make the default there.
 */
static bool read_windows_settings(struct parser *parser)
{
    static const struct handler handlers[] = {{NULL, NULL, read_setting}};
    return READ_CHILDREN(parser, handlers, false);
}

static bool read_application(struct parser *parser)
{
    static const struct handler handlers[] = {
        {ASSEMBLY, "windowsSettings", read_windows_settings},
        {"http://schemas.microsoft.com/SMI/2005/WindowsSettings", "windowsSettings", read_windows_settings},
        {"http://schemas.microsoft.com/SMI/2016/WindowsSettings", "windowsSettings", read_windows_settings},
    };
    return READ_CHILDREN(parser, handlers, false);
}

/* The whole */

static bool has_good_attributes(const struct parser *parser)
{
    const struct xml_text *version = find_attribute(parser, "manifestVersion");
    for (unsigned i = 0; i < parser->reader.attribute_count; i++) {
        const struct xml_name *name = &parser->reader.attributes[i].name;
        if (!name->prefixed && !xml_equals(name->local, "manifestVersion") &&
            !xml_equals(name->local, "copyright"))
            return false;
    }
    return version && xml_equals(*version, "1.0");
}

static bool read_assembly(struct parser *parser)
{
    static const struct handler handlers[] = {
        {ASSEMBLY, "assemblyIdentity", read_own_identity},
        {ASSEMBLY, "dependency", read_dependency},
        {ASSEMBLY, "file", read_file},
        {ASSEMBLY, "clrClass", read_clr_class},
        {ASSEMBLY, "clrSurrogate", read_clr_surrogate},
        {ASSEMBLY, "comInterfaceExternalProxyStub", read_external_proxy_stub},
        {ASSEMBLY, "trustInfo", read_trust},
        {ASSEMBLY, "application", read_application},
        {ASSEMBLY, "description", skip_element},
        {ASSEMBLY, "noInherit", skip_element},
        {ASSEMBLY, "noInheritable", skip_element},
        {COMPATIBILITY, "compatibility", read_compatibility},
    };
    return has_good_attributes(parser) && READ_CHILDREN(parser, handlers, true);
}

static bool read_document(struct parser *parser)
{
    static const struct handler root = {ASSEMBLY, "assembly", read_assembly};
    return xml_next(&parser->reader) == XML_ELEMENT && handles(&root, &parser->reader.name) &&
           read_assembly(parser) && xml_next(&parser->reader) == XML_END;
}

static bool parse_utf8(struct manifest *manifest, struct arena *arena, const char *bytes, size_t size)
{
    struct parser *parser = calloc(1, sizeof *parser);
    if (!parser)
        return false;
    parser->arena = arena;
    parser->manifest = manifest;
    xml_open(&parser->reader, bytes, size);
    bool good = read_document(parser);
    free(parser);
    return good;
}

static bool parse_utf16(struct manifest *manifest, struct arena *arena, const uint8_t *bytes, size_t size,
                        bool swap)
{
    size_t length = size / sizeof(WCHAR);
    WCHAR *units = malloc(size + 1);
    char *narrow = malloc(3 * length + 1);
    bool good = units && narrow;
    for (size_t i = 0; good && i < length; i++)
        units[i] = swap ? bytes[2 * i] << 8 | bytes[2 * i + 1] : bytes[2 * i] | bytes[2 * i + 1] << 8;
    /* Some end with a terminator. */
    while (good && length && !units[length - 1])
        length--;
    size_t narrow_size = good ? utf8_from_utf16(narrow, 3 * length, units, length, UTF_STRICT) : UTF_INVALID;
    good = narrow_size != UTF_INVALID && parse_utf8(manifest, arena, narrow, narrow_size);
    free(units);
    free(narrow);
    return good;
}

NTSTATUS manifest_parse(struct manifest *manifest, struct arena *arena, const void *bytes, size_t size)
{
    const uint8_t *start = bytes;
    bool good;
    *manifest = (struct manifest){0};
    if (size >= 2 && start[0] == 0xff && start[1] == 0xfe)
        good = parse_utf16(manifest, arena, start, size, false);
    else if (size >= 2 && start[0] == 0xfe && start[1] == 0xff)
        good = parse_utf16(manifest, arena, start, size, true);
    else
        good = parse_utf8(manifest, arena, bytes, size);
    return good ? STATUS_SUCCESS : STATUS_SXS_CANT_GEN_ACTCTX;
}
