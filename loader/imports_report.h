/* Imports: what a program needs, and whether it is there. Nothing of the program is run. */
#ifndef LOADER_IMPORTS_REPORT_H
#define LOADER_IMPORTS_REPORT_H

#include <stdbool.h>
#include <stdio.h>

/* Prints every DLL that the program needs, directly or through others, where it was found, and each function
 * wanted of it: implemented, stub or missing. Returns 0, or 1 if anything is missing. */
int imports_report(FILE *out, const char *host_path);

#endif
