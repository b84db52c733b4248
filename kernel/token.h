/* Access tokens: who a process acts for. Linux decides what the user may do, so that a token holds no
 * privilege of Windows' own. */
#ifndef KERNEL_TOKEN_H
#define KERNEL_TOKEN_H

#include "kernel/object.h"

EXPORTED extern const struct object_type token_type;

/* A new reference to the token of this process. */
EXPORTED struct object *token_of_process(void);

#endif
