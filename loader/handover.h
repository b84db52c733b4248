/* An i386 program needs an i386 process: litewin-load becomes its i386 sibling. */
#ifndef LOADER_HANDOVER_H
#define LOADER_HANDOVER_H

#include <litewin/windows.h>
#include "loader/pe.h"

/* Where litewin's DLLs for this architecture are, from where this executable lies itself; NULL if that is no
 * place where litewin is built or installed. */
const char *handover_system_directory(void);

/* What a command line that runs a program for that machine in the same way as this one begins with: the
 * loader and its options. Ends with NULL; NULL without memory. */
EXPORTED char *const *handover_command(uint16_t machine);

/* Runs the sibling for the image's machine with the same command line. Returns only if it cannot. */
void handover(const struct pe_image *image, char **arguments);

#endif
