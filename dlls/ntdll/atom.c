#include <stdlib.h>
#include "dlls/ntdll/atom.h"
#include "kernel/lock.h"
#include "kernel/upcase.h"

enum { SIGNATURE = 0x6d6f7441 /* "Atom" */, DEFAULT_BUCKETS = 37, MOST_ENTRIES = 0x10000 - FIRST_NAMED_ATOM };

struct entry {
    struct entry *next; /* in the bucket */
    RTL_ATOM atom;
    bool pinned;
    uint32_t references;
    size_t length;
    WCHAR name[];
};

struct rtl_atom_table {
    uint32_t signature; /* where programs may look for it */
    struct lock lock;
    uint32_t capacity; /* of `entries` */
    uint32_t free;     /* every entry below is in use */
    struct entry **entries;
    uint32_t bucket_count;
    struct entry *buckets[];
};

static RTL_ATOM_TABLE global_table;

/* Names */

/* A counted name, or a number in its place. */
struct atom_name {
    const WCHAR *characters;
    size_t length;
    bool is_number;
    RTL_ATOM number;
};

static bool is_number_pointer(const WCHAR *name)
{
    return (ULONG_PTR)name <= 0xFFFF;
}

/* "#1234" is the number 1234; one that is too large is 0, like all that is not valid. */
static void parse_number(struct atom_name *name)
{
    uint32_t number = 0;
    for (size_t i = 1; i < name->length; i++) {
        if (name->characters[i] < '0' || name->characters[i] > '9')
            return;
        number = number < FIRST_NAMED_ATOM ? number * 10 + (name->characters[i] - '0') : number;
    }
    name->is_number = true;
    name->number = number < FIRST_NAMED_ATOM ? number : 0;
}

static NTSTATUS parse_name(struct atom_name *name, const WCHAR *characters, size_t length)
{
    *name = (struct atom_name){.characters = characters, .length = length};
    if (is_number_pointer(characters)) {
        name->is_number = true;
        name->number = (ULONG_PTR)characters < FIRST_NAMED_ATOM ? (ULONG_PTR)characters : 0;
    } else if (length == 0) {
        return STATUS_OBJECT_NAME_INVALID;
    } else if (length > ATOM_NAME_MAX) {
        return STATUS_INVALID_PARAMETER;
    } else if (characters[0] == '#') {
        parse_number(name);
    }
    return name->is_number && name->number == 0 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

/* The length is of no interest beyond what is too long. */
static size_t name_length(const WCHAR *name)
{
    size_t length = 0;
    while (!is_number_pointer(name) && length <= ATOM_NAME_MAX && name[length])
        length++;
    return length;
}

/* Entries, under the table's lock */

static struct entry **bucket_of(RTL_ATOM_TABLE table, const struct atom_name *name)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < name->length; i++)
        hash = (hash ^ upcase(name->characters[i])) * 16777619u;
    return &table->buckets[hash % table->bucket_count];
}

static struct entry *find(RTL_ATOM_TABLE table, const struct atom_name *name)
{
    struct entry *entry = *bucket_of(table, name);
    while (entry && !upcase_equal(entry->name, entry->length, name->characters, name->length))
        entry = entry->next;
    return entry;
}

static struct entry *entry_of(RTL_ATOM_TABLE table, RTL_ATOM atom)
{
    uint32_t index = atom - FIRST_NAMED_ATOM;
    return index < table->capacity ? table->entries[index] : NULL;
}

static bool ensure_free_entry(RTL_ATOM_TABLE table)
{
    while (table->free < table->capacity && table->entries[table->free])
        table->free++;
    if (table->free < table->capacity)
        return true;
    uint32_t capacity = table->capacity ? 2 * table->capacity : 64;
    struct entry **entries =
        capacity <= MOST_ENTRIES ? realloc(table->entries, capacity * sizeof *entries) : NULL;
    if (!entries)
        return false;
    memset(entries + table->capacity, 0, (capacity - table->capacity) * sizeof *entries);
    table->entries = entries;
    table->capacity = capacity;
    return true;
}

static struct entry *add(RTL_ATOM_TABLE table, const struct atom_name *name)
{
    struct entry *entry = malloc(sizeof *entry + (name->length + 1) * sizeof(WCHAR));
    if (!entry || !ensure_free_entry(table)) {
        free(entry);
        return NULL;
    }
    struct entry **bucket = bucket_of(table, name);
    *entry = (struct entry){
        .next = *bucket,
        .atom = FIRST_NAMED_ATOM + table->free,
        .length = name->length,
    };
    memcpy(entry->name, name->characters, name->length * sizeof(WCHAR));
    entry->name[name->length] = 0;
    *bucket = table->entries[table->free] = entry;
    return entry;
}

static void discard(RTL_ATOM_TABLE table, struct entry *entry)
{
    const struct atom_name name = {.characters = entry->name, .length = entry->length};
    struct entry **link = bucket_of(table, &name);
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    uint32_t index = entry->atom - FIRST_NAMED_ATOM;
    table->entries[index] = NULL;
    table->free = min(table->free, index);
    free(entry);
}

static void empty(RTL_ATOM_TABLE table, bool pinned_too)
{
    for (uint32_t i = 0; i < table->capacity; i++)
        if (table->entries[i] && (pinned_too || !table->entries[i]->pinned))
            discard(table, table->entries[i]);
}

/* Tables */

/* A table that is there already stays. */
NTSTATUS WINAPI RtlCreateAtomTable(ULONG buckets, RTL_ATOM_TABLE *table)
{
    if (*table)
        return STATUS_SUCCESS;
    if (buckets <= 1)
        buckets = DEFAULT_BUCKETS;
    RTL_ATOM_TABLE created =
        buckets <= MOST_ENTRIES ? calloc(1, sizeof *created + buckets * sizeof *created->buckets) : NULL;
    if (!created)
        return STATUS_NO_MEMORY;
    created->signature = SIGNATURE;
    created->bucket_count = buckets;
    *table = created;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlDestroyAtomTable(RTL_ATOM_TABLE table)
{
    if (!table || table->signature != SIGNATURE)
        return STATUS_INVALID_PARAMETER;
    empty(table, true);
    table->signature = 0;
    free(table->entries);
    free(table);
    return STATUS_SUCCESS;
}

static NTSTATUS lock_table(RTL_ATOM_TABLE table)
{
    if (!table || table->signature != SIGNATURE)
        return STATUS_INVALID_PARAMETER;
    lock_acquire(&table->lock);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlEmptyAtomTable(RTL_ATOM_TABLE table, BOOLEAN pinned_too)
{
    NTSTATUS status = lock_table(table);
    if (!NT_SUCCESS(status))
        return status;
    empty(table, pinned_too);
    lock_release(&table->lock);
    return STATUS_SUCCESS;
}

/* The atom of a name; where it is not there, it is added if `adding` says so. */
static NTSTATUS find_or_add(RTL_ATOM_TABLE table, const WCHAR *characters, size_t length, bool adding,
                            RTL_ATOM *atom)
{
    struct atom_name name;
    NTSTATUS status = parse_name(&name, characters, length);
    if (!NT_SUCCESS(status))
        return status;
    struct entry *entry = NULL;
    if (!name.is_number) {
        status = lock_table(table);
        if (!NT_SUCCESS(status))
            return status;
        entry = find(table, &name);
        if (!entry && adding)
            entry = add(table, &name);
        if (entry && adding && !entry->pinned)
            entry->references++;
        lock_release(&table->lock);
        if (!entry)
            return adding ? STATUS_NO_MEMORY : STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if (atom)
        *atom = entry ? entry->atom : name.number;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlAddAtomToAtomTable(RTL_ATOM_TABLE table, const WCHAR *name, RTL_ATOM *atom)
{
    return find_or_add(table, name, name_length(name), true, atom);
}

NTSTATUS WINAPI RtlLookupAtomInAtomTable(RTL_ATOM_TABLE table, const WCHAR *name, RTL_ATOM *atom)
{
    return find_or_add(table, name, name_length(name), false, atom);
}

NTSTATUS WINAPI RtlDeleteAtomFromAtomTable(RTL_ATOM_TABLE table, RTL_ATOM atom)
{
    if (atom < FIRST_NAMED_ATOM)
        return STATUS_SUCCESS;
    NTSTATUS status = lock_table(table);
    if (!NT_SUCCESS(status))
        return status;
    struct entry *entry = entry_of(table, atom);
    if (!entry)
        status = STATUS_INVALID_HANDLE;
    else if (entry->pinned)
        status = STATUS_WAS_LOCKED;
    else if (--entry->references == 0)
        discard(table, entry);
    lock_release(&table->lock);
    return status;
}

NTSTATUS WINAPI RtlPinAtomInAtomTable(RTL_ATOM_TABLE table, RTL_ATOM atom)
{
    if (atom < FIRST_NAMED_ATOM)
        return STATUS_SUCCESS;
    NTSTATUS status = lock_table(table);
    if (!NT_SUCCESS(status))
        return status;
    struct entry *entry = entry_of(table, atom);
    if (entry)
        entry->pinned = true;
    lock_release(&table->lock);
    return entry ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

/* What a query returns of an atom. */
struct description {
    ULONG references, pins;
    size_t length;
    WCHAR name[ATOM_NAME_MAX + 1];
};

static void describe_number(struct description *description, RTL_ATOM atom)
{
    WCHAR digits[5];
    int count = 0;
    for (unsigned rest = atom; rest; rest /= 10)
        digits[count++] = '0' + rest % 10;
    *description = (struct description){.references = 1, .pins = 1, .length = count + 1, .name = {'#'}};
    for (int i = 1; count > 0; i++)
        description->name[i] = digits[--count];
}

static NTSTATUS describe(RTL_ATOM_TABLE table, RTL_ATOM atom, struct description *description)
{
    if (atom == 0)
        return STATUS_INVALID_PARAMETER;
    if (atom < FIRST_NAMED_ATOM) {
        describe_number(description, atom);
        return STATUS_SUCCESS;
    }
    NTSTATUS status = lock_table(table);
    if (!NT_SUCCESS(status))
        return status;
    const struct entry *entry = entry_of(table, atom);
    if (entry) {
        description->references = entry->references;
        description->pins = entry->pinned;
        description->length = entry->length;
        memcpy(description->name, entry->name, (entry->length + 1) * sizeof(WCHAR));
    }
    lock_release(&table->lock);
    return entry ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

static NTSTATUS return_name(const struct description *description, WCHAR *name, ULONG *size)
{
    size_t room = *size / sizeof(WCHAR);
    *size = description->length * sizeof(WCHAR);
    if (room <= 1)
        return STATUS_BUFFER_TOO_SMALL;
    size_t length = min(description->length, room - 1);
    memcpy(name, description->name, length * sizeof(WCHAR));
    name[length] = 0;
    *size = length * sizeof(WCHAR);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlQueryAtomInAtomTable(RTL_ATOM_TABLE table, RTL_ATOM atom, ULONG *references, ULONG *pins,
                                        WCHAR *name, ULONG *size)
{
    struct description description;
    NTSTATUS status = describe(table, atom, &description);
    if (!NT_SUCCESS(status))
        return status;
    if (references)
        *references = description.references;
    if (pins)
        *pins = description.pins;
    return name && size ? return_name(&description, name, size) : STATUS_SUCCESS;
}

/* The global table */

static NTSTATUS ensure_global_table(void)
{
    static struct lock creation;
    lock_acquire(&creation);
    NTSTATUS status = RtlCreateAtomTable(0, &global_table);
    lock_release(&creation);
    return status;
}

NTSTATUS WINAPI NtAddAtom(const WCHAR *name, ULONG size, RTL_ATOM *atom)
{
    NTSTATUS status = ensure_global_table();
    return NT_SUCCESS(status) ? find_or_add(global_table, name, size / sizeof(WCHAR), true, atom) : status;
}

NTSTATUS WINAPI NtFindAtom(const WCHAR *name, ULONG size, RTL_ATOM *atom)
{
    NTSTATUS status = ensure_global_table();
    return NT_SUCCESS(status) ? find_or_add(global_table, name, size / sizeof(WCHAR), false, atom) : status;
}

NTSTATUS WINAPI NtDeleteAtom(RTL_ATOM atom)
{
    NTSTATUS status = ensure_global_table();
    return NT_SUCCESS(status) ? RtlDeleteAtomFromAtomTable(global_table, atom) : status;
}

/* Windows' ATOM_BASIC_INFORMATION. */
struct basic_information {
    USHORT references, pins, name_size;
    WCHAR name[1];
};

NTSTATUS WINAPI NtQueryInformationAtom(RTL_ATOM atom, ULONG class, void *buffer, ULONG size, ULONG *returned)
{
    enum { BASIC_INFORMATION = 0 };
    struct basic_information *information = buffer;
    struct description description;
    if (class != BASIC_INFORMATION)
        return STATUS_INVALID_INFO_CLASS;
    if (size < sizeof *information)
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status = ensure_global_table();
    if (NT_SUCCESS(status))
        status = describe(global_table, atom, &description);
    if (!NT_SUCCESS(status))
        return status;
    ULONG name_size = size - offsetof(struct basic_information, name);
    status = return_name(&description, information->name, &name_size);
    information->references = description.references;
    information->pins = description.pins;
    information->name_size = name_size;
    if (returned)
        *returned = offsetof(struct basic_information, name) + name_size + sizeof(WCHAR);
    return status;
}
