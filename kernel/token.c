#include "kernel/token.h"

/* It lives as long as the process: its creator's reference is never given back. */
static void token_destroy(struct object *object)
{
    (void)object;
}

const struct object_type token_type = {
    .name = "Token",
    .destroy = token_destroy,
    .access = {.GenericRead = TOKEN_READ,
               .GenericWrite = TOKEN_WRITE,
               .GenericExecute = TOKEN_EXECUTE,
               .GenericAll = TOKEN_ALL_ACCESS},
};

static struct object process_token = {.type = &token_type, .references = 1};

struct object *token_of_process(void)
{
    return object_retain(&process_token);
}
