#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include "kernel/utf.h"
#include "loader/module.h"
#include "loader/place.h"

void place_describe(const void *address, char *text, size_t size)
{
    const struct module *module = module_from_address(address);
    struct dl_find_object object;
    if (module) {
        char name[256];
        const UNICODE_STRING *wide = &module->entry.BaseDllName;
        size_t length =
            utf8_from_utf16(name, sizeof name - 1, wide->Buffer, wide->Length / sizeof(WCHAR), UTF_REPLACE);
        name[length < sizeof name ? length : sizeof name - 1] = '\0';
        snprintf(text, size, "%s+%#zx", name, (char *)address - (char *)module->entry.DllBase);
    } else if (!_dl_find_object((void *)address, &object)) {
        const char *path = object.dlfo_link_map->l_name, *slash = strrchr(path, '/');
        snprintf(text, size, "%s+%#zx", *path ? (slash ? slash + 1 : path) : "litewin-load",
                 (uintptr_t)address - object.dlfo_link_map->l_addr);
    } else {
        snprintf(text, size, "%p", address);
    }
}
