/* Gdb and --gdbserver: litewin-load becomes a debugger that starts it again. */
#ifndef LOADER_DEBUG_H
#define LOADER_DEBUG_H

/* Returns only if that is impossible, with the reason. `arguments` are the whole command line. */
const char *debug_program(char **arguments, const char *host_path);

#endif
