/* What kind of program a file is, for whoever wants to start it. */
#ifndef LOADER_PROGRAM_H
#define LOADER_PROGRAM_H

#include <litewin/windows.h>

enum program_kind {
    PROGRAM_WINDOWS,
    PROGRAM_HOST,  /* Linux runs it: ELF, or a script that names its interpreter */
    PROGRAM_BATCH, /* a file for the command interpreter, by its name */
};

/* `machine` becomes a Windows program's. STATUS_INVALID_IMAGE_FORMAT for what is no program, or for no known
 * machine. */
EXPORTED NTSTATUS program_identify(const char *host_path, enum program_kind *kind, uint16_t *machine);

#endif
