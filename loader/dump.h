/* litewin-load --dump: what a PE image holds, as text. */
#ifndef LITEWIN_LOADER_DUMP_H
#define LITEWIN_LOADER_DUMP_H

#include <stdio.h>

struct pe_image;

/* Writes headers, sections, directories, relocations, imports, exports, TLS, load configuration and
 * litewin's stamp. A part that is malformed is reported in its place. Returns 0, or 1 if there was
 * such a part. */
int dump_image(FILE *out, const struct pe_image *image);

#endif
