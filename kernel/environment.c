#include <pthread.h>
#include <stdlib.h>
#include "kernel/environment.h"
#include "kernel/process.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The block, its units in use with the final NUL, and the room it has. */
static WCHAR *block;
static size_t used, capacity;

void environment_lock(void)
{
    pthread_mutex_lock(&lock);
}

void environment_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

const WCHAR *environment_block(size_t *length)
{
    *length = used;
    return block;
}

/* A leading '=' belongs to the name. */
static size_t name_length_of(const WCHAR *variable)
{
    size_t length = 1;
    while (variable[length] && variable[length] != '=')
        length++;
    return length;
}

/* The offset of the variable of that name, or of the first one that sorts after it. */
static size_t find(const WCHAR *name, size_t length, bool *found)
{
    size_t offset = 0;
    *found = false;
    while (offset < used && block[offset]) {
        const WCHAR *variable = block + offset;
        int order = upcase_compare(variable, name_length_of(variable), name, length);
        if (order >= 0) {
            *found = order == 0;
            break;
        }
        offset += utf16_length(variable) + 1;
    }
    return offset;
}

const WCHAR *environment_get(const WCHAR *name, size_t name_length, size_t *value_length)
{
    bool found;
    size_t offset = find(name, name_length, &found);
    if (!found || !name_length)
        return NULL;
    const WCHAR *value = block + offset + name_length_of(block + offset) + 1;
    *value_length = utf16_length(value);
    return value;
}

static bool reserve(size_t units)
{
    if (units <= capacity)
        return true;
    size_t larger = units > capacity * 2 ? units : capacity * 2;
    WCHAR *more = realloc(block, larger * sizeof *more);
    if (!more)
        return false;
    block = more;
    capacity = larger;
    return true;
}

static void publish(void)
{
    process_parameters.Environment = block;
    process_parameters.EnvironmentSize = used * sizeof *block;
}

void environment_adopt(WCHAR *sorted, size_t length)
{
    environment_lock();
    free(block);
    block = sorted;
    used = capacity = length;
    publish();
    environment_unlock();
}

/* Makes `wanted` units of room at `offset`, where `present` are. */
static bool resize_at(size_t offset, size_t present, size_t wanted)
{
    if (!reserve(used - present + wanted))
        return false;
    memmove(block + offset + wanted, block + offset + present, (used - offset - present) * sizeof *block);
    used += wanted - present;
    return true;
}

static NTSTATUS set_locked(const WCHAR *name, size_t name_length, const WCHAR *value, size_t value_length)
{
    bool found;
    size_t offset = find(name, name_length, &found);
    size_t present = found ? utf16_length(block + offset) + 1 : 0;
    if (!value && !found)
        return STATUS_VARIABLE_NOT_FOUND;
    size_t wanted = value ? name_length + 1 + value_length + 1 : 0;
    if (!resize_at(offset, present, wanted))
        return STATUS_NO_MEMORY;
    if (value) {
        WCHAR *variable = block + offset;
        /* A variable keeps the spelling of the name that it was made with. */
        if (!found)
            memcpy(variable, name, name_length * sizeof *name);
        variable[name_length] = '=';
        memcpy(variable + name_length + 1, value, value_length * sizeof *value);
        variable[name_length + 1 + value_length] = 0;
    }
    publish();
    return STATUS_SUCCESS;
}

NTSTATUS environment_set(const WCHAR *name, size_t name_length, const WCHAR *value, size_t value_length)
{
    if (!name_length)
        return STATUS_INVALID_PARAMETER;
    for (size_t i = 1; i < name_length; i++) {
        if (name[i] == '=')
            return STATUS_INVALID_PARAMETER;
    }
    environment_lock();
    NTSTATUS status = set_locked(name, name_length, value, value_length);
    environment_unlock();
    return status;
}

NTSTATUS environment_replace(const WCHAR *from)
{
    environment_lock();
    NTSTATUS status = reserve(1) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    if (!status) {
        block[0] = 0;
        used = 1;
    }
    while (!status && *from) {
        size_t length = utf16_length(from), name_length = name_length_of(from);
        if (name_length >= length + 1 || !from[name_length])
            status = STATUS_INVALID_PARAMETER;
        else
            status = set_locked(from, name_length, from + name_length + 1, length - name_length - 1);
        from += length + 1;
    }
    environment_unlock();
    return status;
}
