#include <stdlib.h>
#include "loader/notification.h"
#include "kernel/thread.h"

/* Under the loader lock. One that is unregistered while others are told stays until that is over. */
static struct observer {
    struct observer *next;
    notification_function function; /* NULL: unregistered */
    void *context;
} * observers;

static unsigned sending;

NTSTATUS notification_register(notification_function function, void *context, void **cookie)
{
    struct observer *observer = malloc(sizeof *observer), **last = &observers;
    if (!observer)
        return STATUS_NO_MEMORY;
    *observer = (struct observer){.function = function, .context = context};
    loader_lock();
    while (*last)
        last = &(*last)->next;
    *last = observer;
    loader_unlock();
    *cookie = observer;
    return STATUS_SUCCESS;
}

static void forget_unregistered(void)
{
    for (struct observer **place = &observers; *place;) {
        struct observer *observer = *place;
        if (observer->function) {
            place = &observer->next;
        } else {
            *place = observer->next;
            free(observer);
        }
    }
}

NTSTATUS notification_unregister(void *cookie)
{
    loader_lock();
    struct observer *observer = observers;
    while (observer && (observer != cookie || !observer->function))
        observer = observer->next;
    if (observer)
        observer->function = NULL;
    if (!sending)
        forget_unregistered();
    loader_unlock();
    return observer ? STATUS_SUCCESS : STATUS_DLL_NOT_FOUND;
}

void notification_send(const struct module *module, ULONG reason)
{
    const struct notification data = {
        .FullDllName = &module->entry.FullDllName,
        .BaseDllName = &module->entry.BaseDllName,
        .DllBase = module->entry.DllBase,
        .SizeOfImage = module->entry.SizeOfImage,
    };
    if (!observers)
        return;
    sending++;
    for (const struct observer *observer = observers; observer; observer = observer->next) {
        if (!observer->function)
            continue;
        suspend_checkpoint();
        observer->function(reason, &data, observer->context);
    }
    if (--sending == 0)
        forget_unregistered();
}
