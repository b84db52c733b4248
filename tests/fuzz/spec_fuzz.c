/* uses: genthunks/parser.c genthunks/lexer.c genthunks/spec.c genthunks/types.c genthunks/arena.c
 * genthunks/diagnostics.c genthunks/shape.c genthunks/stub.c genthunks/stub_x86_64.c genthunks/stub_i386.c
 * genthunks/bind.c genthunks/def.c genthunks/stamp.c genthunks/list.c */

/* Any bytes as a .spec file: read as 32 and as 16 bits, resolved for both architectures, and written by every
 * emitter if they are valid. */
#include "genthunks/emit.h"
#include "genthunks/parser.h"

static FILE *nowhere;

static void emit_all(const struct module *module)
{
    emit_list(module, nowhere);
    struct diagnostics diagnostics = {nowhere, "fuzz.spec", 0};
    if (!module_check_buildable(module, &diagnostics))
        return;
    emit_stub(module, nowhere);
    emit_bind(module, nowhere);
    emit_def(module, nowhere);
    emit_stamp(module, nowhere);
}

static void read_as(const uint8_t *bytes, size_t size, bool win16)
{
    struct arena arena = {0};
    struct spec spec = {.arena = &arena, .file = "fuzz.spec"};
    struct diagnostics diagnostics = {nowhere, "fuzz.spec", 0};
    struct module module;
    if (parse_spec(&spec, (const char *)bytes, size, win16, &diagnostics) && !win16)
        for (enum arch arch = ARCH_X86_64; arch <= ARCH_I386; arch++)
            if (module_resolve(&module, &spec, arch, "fuzz.dll", &diagnostics))
                emit_all(&module);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    read_as(bytes, size, false);
    read_as(bytes, size, true);
    return 0;
}
