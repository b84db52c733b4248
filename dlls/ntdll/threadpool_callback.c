#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/sync.h"
#include "dlls/ntdll/threadpool.h"
#include "kernel/event.h"
#include "kernel/mutex.h"
#include "kernel/semaphore.h"
#include "loader/load.h"

/* What a callback can ask for about itself. Each is done once, the last that was asked for. */

void WINAPI TpCallbackLeaveCriticalSectionOnCompletion(TP_CALLBACK_INSTANCE *instance,
                                                       RTL_CRITICAL_SECTION *section)
{
    instance->section = section;
}

void WINAPI TpCallbackReleaseMutexOnCompletion(TP_CALLBACK_INSTANCE *instance, HANDLE mutex)
{
    instance->mutex = mutex;
}

void WINAPI TpCallbackReleaseSemaphoreOnCompletion(TP_CALLBACK_INSTANCE *instance, HANDLE semaphore,
                                                   ULONG count)
{
    instance->semaphore = semaphore;
    instance->semaphore_count = count;
}

void WINAPI TpCallbackSetEventOnCompletion(TP_CALLBACK_INSTANCE *instance, HANDLE event)
{
    instance->event = event;
}

void WINAPI TpCallbackUnloadDllOnCompletion(TP_CALLBACK_INSTANCE *instance, HMODULE library)
{
    instance->library = library;
}

/* Success if there is a thread for others' callbacks, or there may be one when it is needed. */
NTSTATUS WINAPI TpCallbackMayRunLong(TP_CALLBACK_INSTANCE *instance)
{
    TP_POOL *pool = instance->object->pool;
    struct pool_worker *worker = NULL;
    if (!instance->is_worker)
        return STATUS_TOO_MANY_THREADS;
    lock_acquire(&pool->lock);
    bool is_possible = instance->is_long || pool->idle || pool->workers < pool->maximum;
    if (is_possible && !instance->is_long) {
        instance->is_long = true;
        pool->running_long++;
        worker = pool_find_worker(pool);
    }
    lock_release(&pool->lock);
    pool_call_worker(worker);
    return is_possible ? STATUS_SUCCESS : STATUS_TOO_MANY_THREADS;
}

static void raise_unless(NTSTATUS status, NTSTATUS exception)
{
    if (!NT_SUCCESS(status))
        RtlRaiseStatus(exception);
}

/* What cannot be done raises an exception, as on Windows, since nobody is left who could be told. */
void pool_instance_complete(TP_CALLBACK_INSTANCE *instance)
{
    if (instance->section)
        RtlLeaveCriticalSection(instance->section);
    if (instance->mutex)
        raise_unless(mutex_release(instance->mutex, NULL),
                     STATUS_THREADPOOL_RELEASE_MUTEX_ON_COMPLETION_FAILED);
    if (instance->semaphore)
        raise_unless(semaphore_release(instance->semaphore, instance->semaphore_count, NULL),
                     STATUS_THREADPOOL_RELEASE_SEMAPHORE_ON_COMPLETION_FAILED);
    if (instance->event)
        raise_unless(event_set(instance->event, NULL), STATUS_THREADPOOL_SET_EVENT_ON_COMPLETION_FAILED);
}

void pool_instance_free_library(TP_CALLBACK_INSTANCE *instance)
{
    if (!instance->library)
        return;
    struct module *module = module_from_handle(instance->library);
    raise_unless(module ? load_free_library(module) : STATUS_DLL_NOT_FOUND,
                 STATUS_THREADPOOL_FREE_LIBRARY_ON_COMPLETION_FAILED);
}
