/* Which exports are traced. */
#ifndef LOADER_TRACE_FILTER_H
#define LOADER_TRACE_FILTER_H

#include <stdbool.h>

/* A pattern of names, `Nt*File` or `dll!name`, with * and ?; one that begins with ! excludes. */
void filter_add_pattern(const char *pattern);

/* Categories with commas between. Returns NULL, or the first that there is not. */
const char *filter_add_categories(const char *list);

/* Every category, with commas between. */
extern const char filter_categories[];

/* `dll` is in lower case and without ".dll". */
bool filter_matches(const char *dll, const char *name, const char *category);

#endif
