#include "dlls/msvcrt/cxx_tables.h"

#define MAGIC_BITS 0x1fffffffu

enum function_flags {
    SYNCHRONOUS = 1,
    NO_EXCEPTIONS = 4,
};

struct function_table {
    uint32_t magic;
    int32_t state_count;
    uint32_t unwinds;
    uint32_t try_count;
    uint32_t tries;
    uint32_t address_count;
    uint32_t addresses;
#ifdef __x86_64__
    uint32_t unwind_help; /* where in the frame there is memory for a runtime that needs it */
#endif
    uint32_t allowed; /* from CXX_MAGIC_ES on */
    uint32_t flags;   /* from CXX_MAGIC_EHS on */
};

struct unwind_entry {
    int32_t next_state;
    uint32_t action;
};

struct try_entry {
    int32_t low, high, handler_high;
    uint32_t handler_count;
    uint32_t handlers;
};

struct handler_entry {
    uint32_t qualifiers;
    uint32_t type;
    int32_t object;
    uint32_t code;
#ifdef __x86_64__
    uint32_t frame_home;
#endif
};

struct address_entry {
    uint32_t address;
    int32_t state;
};

struct specification {
    uint32_t count;
    uint32_t types;
};

static struct cxx_unwind read_unwind(const struct cxx_function *function, int state)
{
    const struct unwind_entry *entry = (const struct unwind_entry *)function->unwinds + state;
    return (struct cxx_unwind){
        .next_state = entry->next_state,
        .action = entry->action ? CXX_CALL_FUNCLET : CXX_NOTHING,
        .code = cxx_at(function->base, entry->action),
    };
}

static struct cxx_try read_try(const struct cxx_function *function, uint32_t index)
{
    const struct try_entry *entry = (const struct try_entry *)function->tries + index;
    return (struct cxx_try){
        .low = entry->low,
        .high = entry->high,
        .handler_high = entry->handler_high,
        .handler_count = entry->handler_count,
        .handlers = cxx_at(function->base, entry->handlers),
    };
}

static struct cxx_handler read_handler(const struct cxx_function *function, const uint8_t **cursor)
{
    const struct handler_entry *entry = (const struct handler_entry *)*cursor;
    *cursor = (const uint8_t *)(entry + 1);
    return (struct cxx_handler){
        .qualifiers = entry->qualifiers,
        .type = cxx_at(function->base, entry->type),
        .object = entry->object,
        .code = cxx_at(function->base, entry->code),
#ifdef __x86_64__
        .frame_home = entry->frame_home,
#endif
    };
}

#ifdef __x86_64__
static int state_at(const struct cxx_function *function, uintptr_t address)
{
    const struct function_table *table = (const struct function_table *)function->addresses;
    const struct address_entry *entries = cxx_at(function->base, table->addresses);
    uint32_t low = 0, high = table->address_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (address - function->base < entries[middle].address)
            high = middle;
        else
            low = middle + 1;
    }
    return low ? entries[low - 1].state : CXX_NO_STATE;
}
#endif

static const struct cxx_format format = {
    .unwind = read_unwind,
    .try_block = read_try,
    .next_handler = read_handler,
#ifdef __x86_64__
    .state_at = state_at,
#endif
};

static void read_specification(struct cxx_function *function, uint32_t offset)
{
    const struct specification *specification = cxx_at(function->base, offset);
    function->has_specification = specification;
    if (!specification)
        return;
    function->allowed_count = specification->count;
    function->allowed = cxx_at(function->base, specification->types);
}

void cxx_read_tables(struct cxx_function *function, const void *tables, uintptr_t base)
{
    const struct function_table *table = tables;
    uint32_t magic = table->magic & MAGIC_BITS;
    if (magic < CXX_MAGIC || magic > CXX_MAGIC_EHS)
        crt_terminate();
    *function = (struct cxx_function){
        .format = &format,
        .base = base,
        .state_count = table->state_count,
        .try_count = table->try_count,
        .unwinds = cxx_at(base, table->unwinds),
        .tries = cxx_at(base, table->tries),
        .addresses = (const uint8_t *)table,
    };
    if (magic >= CXX_MAGIC_ES)
        read_specification(function, table->allowed);
    if (magic >= CXX_MAGIC_EHS) {
        function->synchronous = table->flags & SYNCHRONOUS;
        function->no_exceptions = table->flags & NO_EXCEPTIONS;
    }
}
