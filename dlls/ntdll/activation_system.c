/* Which Windows the program says that it knows, by which GetVersion decides which one to tell of. */
#include "dlls/ntdll/activation.h"
#include "dlls/ntdll/manifest_xml.h"

static const struct {
    const char *id;
    ULONG first; /* of the id as a GUID */
    enum activation_system system;
} systems[] = {
    {"{e2011457-1546-43c5-a5fe-008deee3d3f0}", 0xe2011457, SYSTEM_VISTA},
    {"{35138b9a-5d96-4fbd-8e2d-a2440225f93a}", 0x35138b9a, SYSTEM_7},
    {"{4a2f28e3-53b9-4441-ba9c-d69d4a4a6e38}", 0x4a2f28e3, SYSTEM_8},
    {"{1f676c76-80e1-4239-95bb-83d0f6d0da78}", 0x1f676c76, SYSTEM_8_1},
    {"{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}", 0x8e0f7a12, SYSTEM_10},
};

static enum activation_system system_of_id(struct xml_text id)
{
    for (unsigned i = 0; i < ARRAYSIZE(systems); i++)
        if (id.length == strlen(systems[i].id) && !strncasecmp(id.start, systems[i].id, id.length))
            return systems[i].system;
    return SYSTEM_UNKNOWN;
}

/* The C library asks for the version at every program's start, so that the manifest is only looked through
 * here: nothing of it is kept. */
static enum activation_system look_through(const char *bytes, size_t size)
{
    enum activation_system latest = SYSTEM_UNKNOWN;
    struct xml_reader reader;
    enum xml_event event;
    xml_open(&reader, bytes, size);
    while ((event = xml_next(&reader)) > XML_END)
        for (unsigned i = 0; event == XML_ELEMENT && i < reader.attribute_count; i++)
            if (xml_equals(reader.name.local, "supportedOS") &&
                xml_equals(reader.attributes[i].name.local, "Id"))
                latest = max(latest, system_of_id(reader.attributes[i].value));
    return event == XML_END ? latest : SYSTEM_UNKNOWN;
}

/* Of a manifest in UTF-16, or in a file of its own. */
static enum activation_system look_at_context(void)
{
    enum activation_system latest = SYSTEM_UNKNOWN;
    const struct activation_context *context = activation_default();
    if (!context || !context->assemblies)
        return latest;
    const struct compatibility *element = context->assemblies->manifest.compatibility;
    for (; element; element = element->next)
        for (unsigned i = 0; i < ARRAYSIZE(systems); i++)
            if (element->type == ACTCTX_COMPATIBILITY_ELEMENT_TYPE_OS &&
                element->id.Data1 == systems[i].first)
                latest = max(latest, systems[i].system);
    return latest;
}

static enum activation_system find_system(void)
{
    const void *bytes = NULL;
    size_t size = 0;
    enum manifest_place place = activation_program_manifest(&bytes, &size);
    if (place == MANIFEST_NOWHERE)
        return SYSTEM_UNKNOWN;
    bool is_utf8 = place == MANIFEST_IN_PROGRAM && size && *(const uint8_t *)bytes < 0xfe;
    return is_utf8 ? look_through(bytes, size) : look_at_context();
}

enum activation_system activation_supported_system(void)
{
    static int known = -1; /* atomic; two threads find the same */
    int system = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (system < 0) {
        system = find_system();
        __atomic_store_n(&known, system, __ATOMIC_RELAXED);
    }
    return system;
}
