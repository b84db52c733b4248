/* Starts a Windows program in this process, or shows what it is made of. */
#ifndef LOADER_START_H
#define LOADER_START_H

/* Exit statuses of litewin-load itself, as shells use them. */
#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND  127

/* Does what the command line's options ask for with the program; returns an exit status. A program that
 * was started does not return. `arguments` is litewin-load's own command line, `program` the part of it
 * that names the program and its arguments. */
int start_program(char **arguments, char **program, char **environment);

#endif
