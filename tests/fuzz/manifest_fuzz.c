/* uses: dlls/ntdll/manifest.c dlls/ntdll/manifest_xml.c kernel/utf.c kernel/upcase.c */
/* Any bytes as a manifest. What is read of a good one is all there. */
#include <stdlib.h>
#include "dlls/ntdll/manifest.h"
#include "kernel/utf.h"

static void touch(const WCHAR *text)
{
    if (text && utf16_length(text) == SIZE_MAX)
        abort();
}

static void touch_all(const struct manifest *manifest)
{
    touch(manifest->identity.name);
    for (const struct manifest_file *file = manifest->files; file; file = file->next)
        touch(file->name);
    for (const struct manifest_item *item = manifest->items; item; item = item->next) {
        touch(item->text);
        for (const struct item_attribute *attribute = item->attributes; attribute;
             attribute = attribute->next) {
            touch(attribute->name);
            touch(attribute->value);
        }
    }
    for (const struct dependency *dependency = manifest->dependencies; dependency;
         dependency = dependency->next)
        touch(dependency->identity.name);
    for (const struct setting *setting = manifest->settings; setting; setting = setting->next)
        touch(setting->value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct manifest manifest;
    struct arena arena = {0};
    if (manifest_parse(&manifest, &arena, bytes, size) == STATUS_SUCCESS)
        touch_all(&manifest);
    arena_free(&arena);
    return 0;
}
