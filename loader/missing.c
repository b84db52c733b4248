#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "loader/missing.h"
#include "loader/module.h"
#include "kernel/process.h"
#include "kernel/vm.h"

#define THUNK_SIZE       32
#define BLOCK_SIZE       0x10000
#define THUNKS_PER_BLOCK (BLOCK_SIZE / THUNK_SIZE)

static struct missing_function {
    char *dll;
    char *name;
    uint32_t ordinal;
} * missing;
static uint32_t missing_count;
static uint8_t *block; /* where the thunk of the last number that is a multiple of THUNKS_PER_BLOCK is */

void (*missing_raise)(const char *dll, const char *function);

extern void missing_import_entry(void);
__attribute__((used, visibility("hidden"))) void missing_import_called(uint32_t number);

static void say_not_implemented(const char *dll, const char *function)
{
    dprintf(STDERR_FILENO, "litewin: %s!%s is not implemented\n", dll, function);
    if (missing_raise)
        missing_raise(dll, function);
    process_terminate(0x80000100);
}

void missing_import_called(uint32_t number)
{
    char ordinal[16];
    /* Another thread that loads a DLL may be moving the table. */
    loader_lock();
    const struct missing_function function = missing[number];
    loader_unlock();
    snprintf(ordinal, sizeof ordinal, "#%u", function.ordinal);
    say_not_implemented(function.dll, function.name ? function.name : ordinal);
}

void missing_export(void *image_base, uint32_t index)
{
    const struct module *module = module_from_handle(image_base);
    const struct litewin_export *export = &module->backing->exports[index];
    const char *name = module->backing->strings + export->name;
    char dll[256], ordinal[16];
    const UNICODE_STRING *base_name = &module->entry.BaseDllName;
    size_t length = base_name->Length / sizeof(WCHAR);
    for (size_t i = 0; i <= length; i++)
        dll[i] = i < length ? (char)base_name->Buffer[i] : '\0';
    snprintf(ordinal, sizeof ordinal, "#%u", export->ordinal);
    say_not_implemented(dll, *name ? name : ordinal);
}

/* mov $number, %eax; mov $missing_import_entry, %REG; jmp *%REG */
static void write_thunk(uint8_t *code, uint32_t number)
{
    uintptr_t target = (uintptr_t)missing_import_entry;
    *code++ = 0xb8;
    memcpy(code, &number, sizeof number);
    code += sizeof number;
#ifdef __x86_64__
    *code++ = 0x49; /* movabs $target, %r11 */
    *code++ = 0xbb;
    memcpy(code, &target, sizeof target);
    memcpy(code + sizeof target, "\x41\xff\xe3", 3);
#else
    *code++ = 0xb9; /* movl $target, %ecx */
    memcpy(code, &target, sizeof target);
    memcpy(code + sizeof target, "\xff\xe1", 2);
#endif
}

/* A block is written whole before any of it is used, so that no page is ever both writable and
 * executable. */
static bool add_block(void)
{
    void *memory = NULL;
    SIZE_T size = BLOCK_SIZE;
    if (vm_allocate(&memory, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL))
        return false;
    for (uint32_t i = 0; i < THUNKS_PER_BLOCK; i++)
        write_thunk((uint8_t *)memory + i * THUNK_SIZE, missing_count + i);
    block = memory;
    return !vm_protect(memory, size, PAGE_EXECUTE_READ, NULL);
}

void *missing_import(const char *dll, const char *name, uint32_t ordinal)
{
    if (missing_count % THUNKS_PER_BLOCK == 0) {
        struct missing_function *more =
            realloc(missing, (missing_count + THUNKS_PER_BLOCK) * sizeof *missing);
        if (!more)
            return NULL;
        missing = more;
        if (!add_block())
            return NULL;
    }
    struct missing_function *function = &missing[missing_count];
    function->dll = strdup(dll);
    function->name = name ? strdup(name) : NULL;
    function->ordinal = ordinal;
    if (!function->dll || (name && !function->name))
        return NULL;
    return block + missing_count++ % THUNKS_PER_BLOCK * THUNK_SIZE;
}
