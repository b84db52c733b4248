#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "loader/tls.h"

typedef void(GUEST_STDCALL *tls_callback)(void *module, DWORD reason, void *reserved);

/* A thread's array of pointers to its copies, by module index. Compiled code reads it without a lock, so
 * an array that became too small is kept until its thread ends. */
struct tls_array {
    struct tls_array *outgrown;
    uint32_t capacity;
    void *blocks[];
};

/* Guards the table and every thread's array. Not the loader lock, since starting a thread needs none
 * of that. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct module **tls_modules; /* by index; NULL: free */
static uint32_t tls_index_count;

static struct tls_array *array_of(struct thread *thread)
{
    return thread->loader;
}

static bool grow_array(struct thread *thread)
{
    struct tls_array *old = array_of(thread);
    uint32_t capacity = old ? old->capacity * 2 : 8;
    if (capacity < tls_index_count)
        capacity = tls_index_count;
    struct tls_array *array = calloc(1, sizeof *array + capacity * sizeof *array->blocks);
    if (!array)
        return false;
    array->outgrown = old;
    array->capacity = capacity;
    if (old)
        memcpy(array->blocks, old->blocks, old->capacity * sizeof *old->blocks);
    thread->loader = array;
    __atomic_store_n(&thread->teb.ThreadLocalStoragePointer, array->blocks, __ATOMIC_RELEASE);
    return true;
}

static bool add_block(struct thread *thread, const struct module *module)
{
    struct tls_array *array = array_of(thread);
    if ((!array || module->tls_index >= array->capacity) && !grow_array(thread))
        return false;
    array = array_of(thread);
    if (array->blocks[module->tls_index])
        return true;
    const struct pe_tls *tls = &module->tls;
    size_t alignment = tls->alignment < 16 ? 16 : tls->alignment;
    uint64_t size = (uint64_t)tls->template_size + tls->zero_fill;
    if (size > PTRDIFF_MAX - 2 * alignment)
        return false;
    /* A module may have a directory for its callbacks' sake alone. */
    char *block = aligned_alloc(alignment, (size / alignment + 1) * alignment);
    if (!block)
        return false;
    memcpy(block, (char *)module->entry.DllBase + tls->template_rva, tls->template_size);
    memset(block + tls->template_size, 0, tls->zero_fill);
    __atomic_store_n(&array->blocks[module->tls_index], block, __ATOMIC_RELEASE);
    return true;
}

bool tls_prepare_thread(struct thread *thread)
{
    bool complete = true;
    pthread_mutex_lock(&lock);
    for (uint32_t i = 0; i < tls_index_count; i++) {
        if (tls_modules[i])
            complete &= add_block(thread, tls_modules[i]);
    }
    pthread_mutex_unlock(&lock);
    return complete;
}

void tls_discard_thread(struct thread *thread)
{
    struct tls_array *array = array_of(thread);
    if (array) {
        for (uint32_t i = 0; i < array->capacity; i++)
            free(array->blocks[i]);
    }
    while (array) {
        struct tls_array *outgrown = array->outgrown;
        free(array);
        array = outgrown;
    }
    thread->loader = NULL;
    thread->teb.ThreadLocalStoragePointer = NULL;
}

/* Modules */

struct addition {
    const struct module *module;
    bool complete;
};

static void add_to_thread(struct thread *thread, void *context)
{
    struct addition *addition = context;
    addition->complete &= add_block(thread, addition->module);
}

static void remove_from_thread(struct thread *thread, void *context)
{
    const struct module *module = context;
    struct tls_array *array = array_of(thread);
    if (array && module->tls_index < array->capacity) {
        free(array->blocks[module->tls_index]);
        array->blocks[module->tls_index] = NULL;
    }
}

static bool take_index(struct module *module)
{
    uint32_t index = 0;
    while (index < tls_index_count && tls_modules[index])
        index++;
    if (index == tls_index_count) {
        struct module **more = realloc(tls_modules, (index + 1) * sizeof *more);
        if (!more)
            return false;
        tls_modules = more;
        tls_index_count++;
    }
    tls_modules[index] = module;
    module->tls_index = index;
    module->has_tls = true;
    return true;
}

static NTSTATUS out_of_memory(struct load_failure *failure)
{
    snprintf(failure->reason, sizeof failure->reason, "no memory for its thread-local data");
    return failure->status = STATUS_NO_MEMORY;
}

NTSTATUS tls_add_module(struct module *module, struct load_failure *failure)
{
    struct pe_error error;
    enum pe_result result = pe_tls(&module->image, &module->tls, &error);
    if (result == PE_NONE)
        return STATUS_SUCCESS;
    if (result == PE_BAD) {
        snprintf(failure->reason, sizeof failure->reason, "its TLS directory is damaged: %s", error.message);
        return failure->status = STATUS_INVALID_IMAGE_FORMAT;
    }
    struct addition addition = {module, true};
    pthread_mutex_lock(&lock);
    if (take_index(module)) {
        memcpy((char *)module->entry.DllBase + module->tls.index_rva, &module->tls_index,
               sizeof module->tls_index);
        thread_for_each(add_to_thread, &addition);
    } else {
        addition.complete = false;
    }
    pthread_mutex_unlock(&lock);
    return addition.complete ? STATUS_SUCCESS : out_of_memory(failure);
}

void tls_remove_module(struct module *module)
{
    if (!module->has_tls)
        return;
    pthread_mutex_lock(&lock);
    thread_for_each(remove_from_thread, module);
    tls_modules[module->tls_index] = NULL;
    module->has_tls = false;
    pthread_mutex_unlock(&lock);
}

void tls_call_callbacks(struct module *module, DWORD reason)
{
    struct pe_error error;
    uint32_t rva;
    if (!module->has_tls || !module->tls.callbacks_rva)
        return;
    for (uint32_t i = 0; pe_tls_callback(&module->image, &module->tls, i, &rva, &error) == PE_FOUND; i++) {
        char *base = module->entry.DllBase;
        suspend_checkpoint();
        ((tls_callback)(base + rva))(base, reason, NULL);
    }
}
