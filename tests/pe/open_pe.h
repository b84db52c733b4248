/* Opens what build_pe built, from buffers of the exact size, so that AddressSanitizer sees every
 * access past their ends. */
#ifndef TESTS_PE_OPEN_PE_H
#define TESTS_PE_OPEN_PE_H

#include "loader/pe.h"
#include "tests/pe/build_pe.h"

struct opened_pe {
    struct pe_image image;
    struct pe_error error;
    uint8_t *file;
    uint8_t *mapping; /* NULL before open_mapped */
};

bool open_file(struct opened_pe *opened, const struct pe_build *build);

/* Opens the file, lays it out as a loader does, and opens the mapping in its place. */
bool open_mapped(struct opened_pe *opened, const struct pe_build *build);

/* Also after a failure to open. */
void close_pe(struct opened_pe *opened);

#endif
