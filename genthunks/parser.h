/* Reads a .spec file: winebuild's grammar, and litewin's additions to it. */
#ifndef GENTHUNKS_PARSER_H
#define GENTHUNKS_PARSER_H

#include "spec.h"

/* Fills in `spec`, whose arena and file are set. Errors go to `diagnostics`, as many as there are;
 * false if there was any. */
bool parse_spec(struct spec *spec, const char *bytes, size_t size, bool win16,
                struct diagnostics *diagnostics);

#endif
