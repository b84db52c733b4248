#include <sys/mman.h>

#include "kernel/handle.h"
#include "kernel/lock.h"
#include "kernel/thread.h"

/* A slot's word holds the object's address below COUNT_SHIFT and, above it, how many references have
 * been taken through this slot. Finding an object and taking a reference is then one atomic addition,
 * which cannot race with a close: whoever exchanges the word gets the count along with the address.
 * References are released on the object as always, so to keep its own count from reaching zero too
 * early, a handle puts HANDLE_SHARE into it, which is more than the slot's count can hold; closing takes
 * the difference out again. */
#define COUNT_SHIFT  48
#define COUNT_ONE    ((uint64_t)1 << COUNT_SHIFT)
#define ADDRESS_MASK (COUNT_ONE - 1)
#define HANDLE_SHARE ((uint64_t)0x10000)
/* From here on, a slot's count is moved into its object. */
#define COUNT_FULL 0x8000

#define CHUNK_SLOTS 4096
#define CHUNKS      4096

struct slot {
    uint64_t word __attribute__((aligned(8))); /* atomic; address 0: the slot is free */
    union {
        uint32_t access;
        uint32_t next_free; /* number of the next free slot, 0 for none */
    };
    uint32_t attributes;
};

/* Slots never move and are never given back, so a stale handle can always be looked at. Slot 0 is not
 * used: its handle would be NULL. */
static struct slot first_chunk[CHUNK_SLOTS];
static struct slot *later_chunks[CHUNKS]; /* atomic; the first is not in here */
static struct lock growth;
static uint32_t used_slots = 1; /* atomic: slots below it have been in use */

/* The list of free slots: the number of the first, and a count of changes against the ABA problem. */
static uint64_t free_slots __attribute__((aligned(8)));

struct object *handle_current_process;

#define PSEUDO_PROCESS ((HANDLE)(LONG_PTR)-1)
#define PSEUDO_THREAD  ((HANDLE)(LONG_PTR)-2)

bool handle_is_pseudo(HANDLE handle)
{
    return handle == PSEUDO_PROCESS || handle == PSEUDO_THREAD;
}

static struct slot *slot_at(uint32_t number)
{
    struct slot *chunk = first_chunk;
    if (number >= CHUNK_SLOTS)
        chunk = __atomic_load_n(&later_chunks[number / CHUNK_SLOTS], __ATOMIC_ACQUIRE);
    return &chunk[number % CHUNK_SLOTS];
}

static HANDLE handle_from_slot(uint32_t number)
{
    return (HANDLE)((ULONG_PTR)number * 4);
}

/* Windows ignores a handle's two low bits, which programs may use as tags. */
static struct slot *slot_from_handle(HANDLE handle)
{
    ULONG_PTR number = (ULONG_PTR)handle / 4;
    return number < __atomic_load_n(&used_slots, __ATOMIC_ACQUIRE) ? slot_at(number) : NULL;
}

static struct object *object_of(uint64_t word)
{
    return (struct object *)(uintptr_t)(word & ADDRESS_MASK);
}

static bool ensure_chunk(uint32_t number)
{
    if (number == 0 || __atomic_load_n(&later_chunks[number], __ATOMIC_RELAXED))
        return true;
    lock_acquire(&growth);
    if (!later_chunks[number]) {
        void *memory =
            mmap(NULL, sizeof first_chunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory != MAP_FAILED)
            __atomic_store_n(&later_chunks[number], memory, __ATOMIC_RELEASE);
    }
    bool present = later_chunks[number] != NULL;
    lock_release(&growth);
    return present;
}

/* Returns 0 when the table is full. */
static uint32_t take_unused_slot(void)
{
    uint32_t number = __atomic_load_n(&used_slots, __ATOMIC_RELAXED);
    do {
        if (number >= CHUNK_SLOTS * CHUNKS || !ensure_chunk(number / CHUNK_SLOTS))
            return 0;
    } while (!__atomic_compare_exchange_n(&used_slots, &number, number + 1, true, __ATOMIC_RELEASE,
                                          __ATOMIC_RELAXED));
    return number;
}

static uint64_t list_head(uint64_t previous, uint32_t first)
{
    return ((previous >> 32) + 1) << 32 | first;
}

static uint32_t take_slot(void)
{
    uint64_t head = __atomic_load_n(&free_slots, __ATOMIC_ACQUIRE);
    while ((uint32_t)head) {
        uint32_t next = __atomic_load_n(&slot_at((uint32_t)head)->next_free, __ATOMIC_RELAXED);
        if (__atomic_compare_exchange_n(&free_slots, &head, list_head(head, next), true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_ACQUIRE))
            return (uint32_t)head;
    }
    return take_unused_slot();
}

static void free_slot(uint32_t number)
{
    struct slot *slot = slot_at(number);
    uint64_t head = __atomic_load_n(&free_slots, __ATOMIC_RELAXED);
    do
        __atomic_store_n(&slot->next_free, (uint32_t)head, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&free_slots, &head, list_head(head, number), true, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED));
}

ACCESS_MASK handle_map_access(const struct object_type *type, ACCESS_MASK access)
{
    static const ACCESS_MASK generic = GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL;
    ACCESS_MASK granted = access & ~(generic | MAXIMUM_ALLOWED);
    if (access & GENERIC_READ)
        granted |= type->access.GenericRead;
    if (access & GENERIC_WRITE)
        granted |= type->access.GenericWrite;
    if (access & GENERIC_EXECUTE)
        granted |= type->access.GenericExecute;
    if (access & (GENERIC_ALL | MAXIMUM_ALLOWED))
        granted |= type->access.GenericAll;
    return granted;
}

static void fill_slot(struct slot *slot, struct object *object, ACCESS_MASK access, ULONG attributes)
{
    __atomic_store_n(&slot->access, handle_map_access(object->type, access), __ATOMIC_RELAXED);
    __atomic_store_n(&slot->attributes, attributes & (OBJ_INHERIT | OBJ_PROTECT_CLOSE), __ATOMIC_RELAXED);
    __atomic_fetch_add(&object->references, HANDLE_SHARE, __ATOMIC_RELAXED);
    if (object->type->handle_opened)
        object->type->handle_opened(object);
    __atomic_store_n(&slot->word, (uintptr_t)object, __ATOMIC_RELEASE);
}

NTSTATUS handle_create(struct object *object, ACCESS_MASK access, ULONG attributes, HANDLE *handle)
{
    uint32_t number = take_slot();
    if (!number)
        return STATUS_INSUFFICIENT_RESOURCES;
    fill_slot(slot_at(number), object, access, attributes);
    *handle = handle_from_slot(number);
    return STATUS_SUCCESS;
}

NTSTATUS handle_create_as(struct object *object, ACCESS_MASK access, ULONG attributes, HANDLE handle)
{
    ULONG_PTR number = (ULONG_PTR)handle / 4;
    if (number < used_slots || number >= CHUNK_SLOTS * CHUNKS)
        return STATUS_INVALID_PARAMETER;
    uint32_t taken;
    while ((taken = take_unused_slot()) && taken < number)
        free_slot(taken);
    if (!taken)
        return STATUS_INSUFFICIENT_RESOURCES;
    fill_slot(slot_at(taken), object, access, attributes);
    return STATUS_SUCCESS;
}

/* Moves the count out of a slot before it overflows. The caller holds a reference, so whatever becomes of
 * the slot meanwhile, the object lives; and a word that is equal again means the same again. */
static void move_count(struct slot *slot, struct object *object)
{
    uint64_t word = __atomic_load_n(&slot->word, __ATOMIC_RELAXED), count = 0;
    do {
        __atomic_fetch_sub(&object->references, count, __ATOMIC_RELAXED);
        count = word >> COUNT_SHIFT;
        if (object_of(word) != object || count < COUNT_FULL)
            return;
        __atomic_fetch_add(&object->references, count, __ATOMIC_RELAXED);
    } while (!__atomic_compare_exchange_n(&slot->word, &word, word & ADDRESS_MASK, false, __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
}

static struct object *reference_slot(struct slot *slot)
{
    /* A look first, so that a stale handle does not keep on counting in a free slot. If the slot is freed
     * right after, the count that goes there is overwritten by its next use. */
    if (!object_of(__atomic_load_n(&slot->word, __ATOMIC_RELAXED)))
        return NULL;
    uint64_t word = solo_add_64(&slot->word, COUNT_ONE);
    struct object *object = object_of(word);
    if (object && word >> COUNT_SHIFT > COUNT_FULL)
        move_count(slot, object);
    return object;
}

static struct object *reference_pseudo(HANDLE handle)
{
    struct object *object =
        handle == PSEUDO_PROCESS ? handle_current_process : &thread_current()->object.object;
    return object ? object_retain(object) : NULL;
}

static NTSTATUS reference_any(HANDLE handle, struct object **object, ACCESS_MASK *access, ULONG *attributes)
{
    if (handle_is_pseudo(handle)) {
        *object = reference_pseudo(handle);
        if (!*object)
            return STATUS_INVALID_HANDLE;
        *access = (*object)->type->access.GenericAll;
        *attributes = 0;
        return STATUS_SUCCESS;
    }
    struct slot *slot = slot_from_handle(handle);
    *object = slot ? reference_slot(slot) : NULL;
    if (!*object)
        return STATUS_INVALID_HANDLE;
    *access = __atomic_load_n(&slot->access, __ATOMIC_RELAXED);
    *attributes = __atomic_load_n(&slot->attributes, __ATOMIC_RELAXED);
    return STATUS_SUCCESS;
}

NTSTATUS handle_reference(HANDLE handle, const struct object_type *type, ACCESS_MASK access, void *object)
{
    struct object *found;
    ACCESS_MASK granted;
    ULONG attributes;
    NTSTATUS status = reference_any(handle, &found, &granted, &attributes);
    if (!NT_SUCCESS(status))
        return status;
    if (type && found->type != type)
        status = STATUS_OBJECT_TYPE_MISMATCH;
    else if (access & ~granted)
        status = STATUS_ACCESS_DENIED;
    if (!NT_SUCCESS(status)) {
        object_release(found);
        return status;
    }
    memcpy(object, &found, sizeof found);
    return STATUS_SUCCESS;
}

NTSTATUS handle_close(HANDLE handle)
{
    if (handle_is_pseudo(handle))
        return STATUS_SUCCESS;
    struct slot *slot = slot_from_handle(handle);
    if (!slot || !object_of(__atomic_load_n(&slot->word, __ATOMIC_RELAXED)))
        return STATUS_INVALID_HANDLE;
    if (__atomic_load_n(&slot->attributes, __ATOMIC_RELAXED) & OBJ_PROTECT_CLOSE)
        return STATUS_HANDLE_NOT_CLOSABLE;
    uint64_t word = __atomic_exchange_n(&slot->word, 0, __ATOMIC_ACQUIRE);
    struct object *object = object_of(word);
    if (!object)
        return STATUS_INVALID_HANDLE;
    free_slot((ULONG_PTR)handle / 4);
    if (object->type->handle_closed)
        object->type->handle_closed(object);
    uint64_t share = HANDLE_SHARE - (word >> COUNT_SHIFT);
    if (__atomic_fetch_sub(&object->references, share, __ATOMIC_ACQ_REL) == share)
        object_destroy(object);
    return STATUS_SUCCESS;
}

NTSTATUS handle_duplicate(HANDLE source, ACCESS_MASK access, ULONG attributes, ULONG options, HANDLE *handle)
{
    static const ULONG same_attributes = 4;
    struct object *object;
    ACCESS_MASK granted;
    ULONG present;
    NTSTATUS status = reference_any(source, &object, &granted, &present);
    if (!NT_SUCCESS(status))
        return status;
    if (handle)
        status = handle_create(object, options & DUPLICATE_SAME_ACCESS ? granted : access,
                               options & same_attributes ? present : attributes, handle);
    object_release(object);
    /* The source is closed whether or not the duplication worked. */
    if (options & DUPLICATE_CLOSE_SOURCE)
        handle_close(source);
    return status;
}

NTSTATUS handle_query(HANDLE handle, ACCESS_MASK *access, ULONG *attributes)
{
    struct object *object;
    NTSTATUS status = reference_any(handle, &object, access, attributes);
    if (NT_SUCCESS(status))
        object_release(object);
    return status;
}

NTSTATUS handle_set_attributes(HANDLE handle, ULONG mask, ULONG attributes)
{
    struct slot *slot = handle_is_pseudo(handle) ? NULL : slot_from_handle(handle);
    if (!slot || !object_of(__atomic_load_n(&slot->word, __ATOMIC_ACQUIRE)))
        return STATUS_INVALID_HANDLE;
    uint32_t old = __atomic_load_n(&slot->attributes, __ATOMIC_RELAXED), new;
    do
        new = (old & ~mask) | (attributes & mask);
    while (
        !__atomic_compare_exchange_n(&slot->attributes, &old, new, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return STATUS_SUCCESS;
}

void handle_for_each(bool (*visit)(HANDLE, struct object *, ACCESS_MASK, ULONG, void *), void *context)
{
    uint32_t end = __atomic_load_n(&used_slots, __ATOMIC_ACQUIRE);
    bool more = true;
    for (uint32_t number = 1; more && number < end; number++) {
        struct slot *slot = slot_at(number);
        struct object *object = reference_slot(slot);
        if (object) {
            more = visit(handle_from_slot(number), object, slot->access, slot->attributes, context);
            object_release(object);
        }
    }
}

ULONG handle_count(void)
{
    uint32_t end = __atomic_load_n(&used_slots, __ATOMIC_ACQUIRE);
    ULONG count = 0;
    for (uint32_t number = 1; number < end; number++)
        count += object_of(__atomic_load_n(&slot_at(number)->word, __ATOMIC_RELAXED)) != NULL;
    return count;
}
