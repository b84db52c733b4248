/* Special programs, by name: what the linkers at hand do not make. */
#ifndef TESTS_PE_BUILD_KINDS_H
#define TESTS_PE_BUILD_KINDS_H

#include "tests/pe/build_pe.h"

struct build_kind {
    const char *name;
    const char *description; /* with the exit code of a program that runs */
    void (*build)(struct pe_build *build, uint16_t machine);
};

extern const struct build_kind build_kinds[];
extern const size_t build_kind_count;

const struct build_kind *build_find_kind(const char *name);

#endif
