/* Reads a .spec from a string; errors become a string too. For the tests of genthunks. */
#ifndef GENTHUNKS_HARNESS_H
#define GENTHUNKS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "genthunks/parser.h"

struct harness {
    struct arena arena;
    struct spec spec;
    struct module module;
    struct diagnostics diagnostics;
    char *errors;
    size_t error_size;
};

static inline bool harness_parse(struct harness *harness, const char *text, bool win16)
{
    *harness = (struct harness){.spec.file = "test.spec"};
    harness->spec.arena = &harness->arena;
    harness->diagnostics =
        (struct diagnostics){open_memstream(&harness->errors, &harness->error_size), "t", 0};
    bool fine = parse_spec(&harness->spec, text, strlen(text), win16, &harness->diagnostics);
    fflush(harness->diagnostics.out);
    return fine;
}

static inline bool harness_resolve(struct harness *harness, const char *text, enum arch arch)
{
    if (!harness_parse(harness, text, false))
        print_error("%s", harness->errors);
    assert_string_equal(harness->errors, "");
    bool fine = module_resolve(&harness->module, &harness->spec, arch, "test.dll", &harness->diagnostics);
    fflush(harness->diagnostics.out);
    return fine;
}

static inline void harness_free(struct harness *harness)
{
    fclose(harness->diagnostics.out);
    free(harness->errors);
    arena_free(&harness->arena);
}

static inline const struct export *harness_export(const struct harness *harness, const char *name)
{
    for (uint32_t i = 0; i < harness->module.export_count; i++)
        if (!strcmp(harness->module.exports[i].entry->name, name))
            return &harness->module.exports[i];
    fail_msg("no export %s", name);
    return NULL;
}

#endif
