#include <pthread.h>
#include <stdlib.h>
#include "dlls/ntdll/vectored.h"

/* A handler stays in its list, though removed, until no thread runs it: so a walk over the list may call
 * handlers without the lock and find its way on from where it was. */
struct vectored_handler {
    struct vectored_handler *next;
    PVECTORED_EXCEPTION_HANDLER function;
    uint32_t references; /* the registration, and each call that is under way */
    bool removed;
};

struct vectored_list {
    struct vectored_handler *first;
};

static struct vectored_list exception_handlers, continue_handlers;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *add_handler(struct vectored_list *list, bool first, PVECTORED_EXCEPTION_HANDLER function)
{
    struct vectored_handler *handler = malloc(sizeof *handler);
    if (!handler)
        return NULL;
    *handler = (struct vectored_handler){.function = function, .references = 1};
    pthread_mutex_lock(&lock);
    struct vectored_handler **link = &list->first;
    while (!first && *link)
        link = &(*link)->next;
    handler->next = *link;
    __atomic_store_n(link, handler, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&lock);
    return handler;
}

/* Under the lock. */
static void release_handler(struct vectored_list *list, struct vectored_handler *handler)
{
    if (--handler->references)
        return;
    struct vectored_handler **link = &list->first;
    while (*link != handler)
        link = &(*link)->next;
    *link = handler->next;
    free(handler);
}

static ULONG remove_handler(struct vectored_list *list, const void *handle)
{
    pthread_mutex_lock(&lock);
    struct vectored_handler *handler = list->first;
    while (handler && (handler != handle || handler->removed))
        handler = handler->next;
    if (handler) {
        handler->removed = true;
        release_handler(list, handler);
    }
    pthread_mutex_unlock(&lock);
    return handler != NULL;
}

static bool call_handlers(struct vectored_list *list, EXCEPTION_RECORD *record, CONTEXT *context)
{
    if (!__atomic_load_n(&list->first, __ATOMIC_ACQUIRE))
        return false;
    EXCEPTION_POINTERS pointers = {record, context};
    bool resume = false;
    pthread_mutex_lock(&lock);
    struct vectored_handler *handler = list->first;
    while (handler && !resume) {
        if (handler->removed) {
            handler = handler->next;
            continue;
        }
        handler->references++;
        pthread_mutex_unlock(&lock);
        resume = handler->function(&pointers) == EXCEPTION_CONTINUE_EXECUTION;
        pthread_mutex_lock(&lock);
        struct vectored_handler *next = handler->next;
        release_handler(list, handler);
        handler = next;
    }
    pthread_mutex_unlock(&lock);
    return resume;
}

bool vectored_call_exception_handlers(EXCEPTION_RECORD *record, CONTEXT *context)
{
    return call_handlers(&exception_handlers, record, context);
}

void vectored_call_continue_handlers(EXCEPTION_RECORD *record, CONTEXT *context)
{
    call_handlers(&continue_handlers, record, context);
}

PVOID RtlAddVectoredExceptionHandler(ULONG first, PVECTORED_EXCEPTION_HANDLER handler)
{
    return add_handler(&exception_handlers, first != 0, handler);
}

ULONG RtlRemoveVectoredExceptionHandler(PVOID handle)
{
    return remove_handler(&exception_handlers, handle);
}

PVOID RtlAddVectoredContinueHandler(ULONG first, PVECTORED_EXCEPTION_HANDLER handler)
{
    return add_handler(&continue_handlers, first != 0, handler);
}

ULONG RtlRemoveVectoredContinueHandler(PVOID handle)
{
    return remove_handler(&continue_handlers, handle);
}
