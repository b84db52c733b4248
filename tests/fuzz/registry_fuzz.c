/* uses: kernel/registry_read.c kernel/registry_write.c kernel/registry_tree.c kernel/registry_replay.c kernel/utf.c
 * kernel/upcase.c */
/* Any bytes as a registry file. */
#include <stdlib.h>
#include "kernel/registry_replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct registry_bytes converted = {0};
    bool is_utf16 = registry_text_from_utf16((const char *)bytes, size, &converted);
    struct registry_replay replay = {.root = registry_tree_create()};
    struct registry_reader reader = {
        .at = is_utf16 ? converted.bytes : (const char *)bytes,
        .line = 1,
    };
    struct registry_entry entry;
    enum registry_read read;
    reader.end = reader.at + (is_utf16 ? converted.size : size);
    while ((read = registry_read(&reader, &entry)) != REGISTRY_READ_END)
        if (read == REGISTRY_READ_ENTRY)
            registry_apply(&replay, &entry);
    registry_reader_free(&reader);
    registry_replay_forget_key(&replay);
    registry_tree_free(replay.root);
    free(converted.bytes);
    return 0;
}
