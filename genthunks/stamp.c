#include "emit.h"

#include <string.h>

void emit_stamp(const struct module *module, FILE *out)
{
    struct litewin_stamp stamp = {
        .magic = LITEWIN_STAMP_MAGIC,
        .abi_version = LITEWIN_ABI_VERSION,
        .export_count = module->export_count,
        .spec_hash = module->spec->hash,
    };
    memcpy(stamp.backing, module->backing, strlen(module->backing));
    fwrite(&stamp, sizeof stamp, 1, out);
}
