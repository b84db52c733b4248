/* Exit functions: the program's, and tables of them, of which each DLL has its own. */
#include "dlls/msvcrt/exit.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/crt_errno.h"
#include "kernel/lock.h"

/* _onexit_table_t, whose contents are the runtime's affair. */
struct onexit_table {
    exit_function *first, *last, *end;
};

typedef void(GUEST_STDCALL *tls_callback)(void *module, DWORD reason, void *reserved);

static struct lock lock;
static struct onexit_table quick_exit_functions;
static tls_callback thread_local_callback;

int ucrt_initialize_onexit_table(struct onexit_table *table)
{
    if (!table)
        return -1;
    if (table->first == table->end)
        *table = (struct onexit_table){0};
    return 0;
}

static bool grow(struct onexit_table *table)
{
    size_t count = table->last - table->first, capacity = count ? count * 2 : 32;
    exit_function *larger = table->first
                                ? HeapReAlloc(GetProcessHeap(), 0, table->first, capacity * sizeof *larger)
                                : HeapAlloc(GetProcessHeap(), 0, capacity * sizeof *larger);
    if (larger)
        *table = (struct onexit_table){larger, larger + count, larger + capacity};
    return larger != NULL;
}

int ucrt_register_onexit_function(struct onexit_table *table, exit_function function)
{
    if (!table)
        return -1;
    lock_acquire(&lock);
    bool room = table->last != table->end || grow(table);
    if (room)
        *table->last++ = function;
    lock_release(&lock);
    return room ? 0 : -1;
}

static exit_function take_last(struct onexit_table *table)
{
    lock_acquire(&lock);
    exit_function function = table->last > table->first ? *--table->last : NULL;
    lock_release(&lock);
    return function;
}

/* Last registered, first called; one that registers another has that called next. */
int ucrt_execute_onexit_table(struct onexit_table *table)
{
    exit_function function;
    if (!table)
        return -1;
    while ((function = take_last(table)) != NULL)
        function();
    if (table->first)
        HeapFree(GetProcessHeap(), 0, table->first);
    *table = (struct onexit_table){0};
    return 0;
}

int ucrt_crt_atexit(exit_function function)
{
    return crt_onexit(function) ? 0 : -1;
}

int ucrt_crt_at_quick_exit(exit_function function)
{
    return ucrt_register_onexit_function(&quick_exit_functions, function);
}

void ucrt_quick_exit(int code)
{
    ucrt_execute_onexit_table(&quick_exit_functions);
    crt_exit_now(code);
}

static void destroy_thread_locals(void)
{
    tls_callback callback = __atomic_exchange_n(&thread_local_callback, NULL, __ATOMIC_ACQ_REL);
    if (callback)
        callback(NULL, DLL_PROCESS_DETACH, NULL);
}

/* The callback destroys the thread-local objects of the thread that ends the program, before all static ones.
 * There is one for a program. */
void ucrt_register_thread_local_exe_atexit_callback(tls_callback callback)
{
    tls_callback none = NULL;
    if (!__atomic_compare_exchange_n(&thread_local_callback, &none, callback, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE))
        crt_abort();
    crt_before_exit = destroy_thread_locals;
}

#define FATAL_PARAMETER ((NTSTATUS)0xC0000417) /* STATUS_INVALID_CRUNTIME_PARAMETER */

void ucrt_invoke_watson(const WCHAR *expression, const WCHAR *function, const WCHAR *file, unsigned line,
                        uintptr_t reserved)
{
    TerminateProcess(GetCurrentProcess(), FATAL_PARAMETER);
}

void ucrt_invalid_parameter_noinfo(void)
{
    crt_invalid_parameter(CRT_EINVAL);
}

void ucrt_invalid_parameter_noinfo_noreturn(void)
{
    crt_invalid_parameter(CRT_EINVAL);
    ucrt_invoke_watson(NULL, NULL, NULL, 0, 0);
}
