/* The fourth format of exception tables: the same facts in fewer bytes. Numbers are compressed, offsets from
 * the image are not, and what is not there takes no place. */
#include "dlls/msvcrt/cxx_tables.h"

enum function_flags {
    IS_HANDLER = 0x01, /* describes the code of a catch block */
    IS_SEPARATED = 0x02,
    HAS_OPTIMIZER_FLAGS = 0x04,
    HAS_UNWINDS = 0x08,
    HAS_TRIES = 0x10,
    SYNCHRONOUS = 0x20,
    NO_EXCEPTIONS = 0x40,
};

enum handler_flags {
    HAS_QUALIFIERS = 0x01,
    HAS_TYPE = 0x02,
    HAS_OBJECT = 0x04,
    CONTINUATIONS_ARE_IN_IMAGE = 0x08, /* rather than in the function */
    CONTINUATION_COUNT_SHIFT = 4,
    CONTINUATION_COUNT_MASK = 3,
};

/* The lowest bits say how many bytes a number has: 0 one, 01 two, 011 three, 0111 four, 1111 five, in which
 * it stands behind the first. */
static uint32_t read_number(const uint8_t **cursor)
{
    const uint8_t *bytes = *cursor;
    unsigned ones = __builtin_ctz(~(unsigned)bytes[0] | 0x10), length = ones + 1;
    uint32_t number = 0;
    *cursor += length;
    if (length == 5) {
        memcpy(&number, bytes + 1, sizeof number);
        return number;
    }
    for (unsigned i = 0; i < length; i++)
        number |= (uint32_t)bytes[i] << 8 * i;
    return number >> length;
}

static uint32_t read_offset(const uint8_t **cursor)
{
    uint32_t offset;
    memcpy(&offset, *cursor, sizeof offset);
    *cursor += sizeof offset;
    return offset;
}

/* Unwind entries */

/* An entry names the next one by its distance in bytes; its number is found by counting from the first on.
 * The last have a distance to in front of it. */
struct unwind_entry {
    uint32_t distance;
    enum cxx_action action;
    uint32_t code, object;
};

static struct unwind_entry read_unwind_entry(const uint8_t **cursor)
{
    static const enum cxx_action actions[] = {CXX_NOTHING, CXX_DESTROY, CXX_DESTROY_POINTED,
                                              CXX_CALL_FUNCLET};
    uint32_t number = read_number(cursor);
    struct unwind_entry entry = {.distance = number >> 2, .action = actions[number & 3]};
    if (entry.action != CXX_NOTHING)
        entry.code = read_offset(cursor);
    if (entry.action == CXX_DESTROY || entry.action == CXX_DESTROY_POINTED)
        entry.object = read_number(cursor);
    return entry;
}

static int state_of_entry(const uint8_t *first, const uint8_t *entry)
{
    int state = 0;
    for (const uint8_t *cursor = first; cursor < entry; state++)
        read_unwind_entry(&cursor);
    return state;
}

static struct cxx_unwind read_unwind(const struct cxx_function *function, int state)
{
    const uint8_t *cursor = function->unwinds, *start = cursor;
    struct unwind_entry entry = read_unwind_entry(&cursor);
    for (int i = 0; i < state; i++) {
        start = cursor;
        entry = read_unwind_entry(&cursor);
    }
    bool is_last = !entry.distance || entry.distance > (uintptr_t)(start - function->unwinds);
    return (struct cxx_unwind){
        .next_state = is_last ? CXX_NO_STATE : state_of_entry(function->unwinds, start - entry.distance),
        .action = entry.action,
        .code = cxx_at(function->base, entry.code),
        .object = entry.object,
    };
}

/* Try blocks */

static struct cxx_try read_try(const struct cxx_function *function, uint32_t index)
{
    const uint8_t *cursor = function->tries;
    struct cxx_try block = {0};
    for (uint32_t i = 0; i <= index; i++) {
        block.low = (int)read_number(&cursor);
        block.high = (int)read_number(&cursor);
        block.handler_high = (int)read_number(&cursor);
        block.handlers = cxx_at(function->base, read_offset(&cursor));
    }
    block.handler_count = block.handlers ? read_number(&block.handlers) : 0;
    return block;
}

static void read_continuations(const struct cxx_function *function, struct cxx_handler *handler,
                               uint8_t flags, const uint8_t **cursor)
{
    handler->continuation_count = flags >> CONTINUATION_COUNT_SHIFT & CONTINUATION_COUNT_MASK;
    for (uint32_t i = 0; i < handler->continuation_count; i++) {
        uintptr_t address = flags & CONTINUATIONS_ARE_IN_IMAGE ? function->base + read_offset(cursor)
                                                               : function->start + read_number(cursor);
        handler->continuations[i & 1] = address;
    }
}

static struct cxx_handler read_handler(const struct cxx_function *function, const uint8_t **cursor)
{
    struct cxx_handler handler = {0};
    uint8_t flags = *(*cursor)++;
    if (flags & HAS_QUALIFIERS)
        handler.qualifiers = read_number(cursor);
    if (flags & HAS_TYPE)
        handler.type = cxx_at(function->base, read_offset(cursor));
    if (flags & HAS_OBJECT)
        handler.object = (int32_t)read_number(cursor);
    handler.code = cxx_at(function->base, read_offset(cursor));
    read_continuations(function, &handler, flags, cursor);
    return handler;
}

/* Addresses */

/* Each address is given by its distance from the one before, each state plus 1. */
static int state_at(const struct cxx_function *function, uintptr_t address)
{
    const uint8_t *cursor = function->addresses;
    int state = CXX_NO_STATE;
    if (!cursor)
        return state;
    uintptr_t at = function->start;
    for (uint32_t count = read_number(&cursor); count; count--) {
        at += read_number(&cursor);
        if (address < at)
            break;
        state = (int)read_number(&cursor) - 1;
    }
    return state;
}

static const struct cxx_format format = {
    .unwind = read_unwind,
    .try_block = read_try,
    .next_handler = read_handler,
    .state_at = state_at,
};

/* Functions */

/* A function whose code is in several places has a list of addresses for each. */
static const uint8_t *find_segment(const struct cxx_function *function, const uint8_t *segments)
{
    uint32_t count = read_number(&segments);
    for (uint32_t i = 0; i < count; i++) {
        uintptr_t start = function->base + read_offset(&segments);
        uint32_t addresses = read_offset(&segments);
        if (start == function->start)
            return cxx_at(function->base, addresses);
    }
    return NULL;
}

void cxx_read_tables4(struct cxx_function *function, const void *tables, uintptr_t base, uintptr_t start)
{
    const uint8_t *cursor = tables;
    uint8_t flags = *cursor++;
    *function = (struct cxx_function){
        .format = &format,
        .base = base,
        .synchronous = flags & SYNCHRONOUS,
        .no_exceptions = flags & NO_EXCEPTIONS,
        .start = start,
        .is_handler = flags & IS_HANDLER,
    };
    if (flags & HAS_OPTIMIZER_FLAGS)
        read_number(&cursor);
    if (flags & HAS_UNWINDS) {
        function->unwinds = cxx_at(base, read_offset(&cursor));
        function->state_count = (int)read_number(&function->unwinds);
    }
    if (flags & HAS_TRIES) {
        function->tries = cxx_at(base, read_offset(&cursor));
        function->try_count = read_number(&function->tries);
    }
    const uint8_t *addresses = cxx_at(base, read_offset(&cursor));
    function->addresses = flags & IS_SEPARATED ? find_segment(function, addresses) : addresses;
    if (flags & IS_HANDLER)
        function->frame_home = read_number(&cursor);
}
