#include "loader/initialize.h"
#include "loader/load.h"
#include "loader/tls.h"
#include "loader/trace/trace.h"
#include "kernel/process.h"
#include "kernel/thread.h"

typedef BOOL(GUEST_STDCALL *dll_main)(HMODULE module, DWORD reason, void *reserved);

/* TLS callbacks come before DllMain whenever both are called, at the end too. */

/* DllMain's last argument tells a load and a free from the start and the end of the process. */
static void *const by_process = (void *)1;
static bool process_started;
static const struct module *refused_at_start;

static void set_state(struct module *module, enum module_state state)
{
    static const LONG nodes[] = {
        [MODULE_LOADED] = NODE_READY_TO_INITIALIZE,
        [MODULE_INITIALIZING] = NODE_INITIALIZING,
        [MODULE_READY] = NODE_READY,
    };
    module->state = state;
    module->node.State = nodes[state];
    if (state == MODULE_READY)
        module->entry.Flags |= ENTRY_PROCESSED | ENTRY_ATTACH_CALLED;
}

static BOOL call_dll_main(struct module *module, DWORD reason, void *reserved)
{
    /* litewin's own DLLs have nothing to do there. */
    if (!module->entry.EntryPoint || module == program_module || module->backing)
        return TRUE;
    suspend_checkpoint();
    return ((dll_main)module->entry.EntryPoint)(module_handle(module), reason, reserved);
}

static initialize_catch call_and_catch;

void initialize_set_catch(initialize_catch function)
{
    call_and_catch = function;
}

struct dll_call {
    struct module *module;
    void *reserved;
    BOOL accepted;
};

static void GUEST_CDECL run_detach(void *argument)
{
    const struct dll_call *call = argument;
    tls_call_callbacks(call->module, DLL_PROCESS_DETACH);
    call_dll_main(call->module, DLL_PROCESS_DETACH, call->reserved);
}

/* An exception there changes nothing. */
static void detach(struct module *module, void *reserved)
{
    struct dll_call call = {.module = module, .reserved = reserved};
    set_state(module, MODULE_LOADED);
    ULONG_PTR cookie = load_enter_module(module);
    call_and_catch(run_detach, &call);
    load_leave_module(cookie);
}

static void GUEST_CDECL run_attach(void *argument)
{
    struct dll_call *call = argument;
    tls_call_callbacks(call->module, DLL_PROCESS_ATTACH);
    set_state(call->module, MODULE_READY);
    call->accepted = call_dll_main(call->module, DLL_PROCESS_ATTACH, call->reserved);
}

/* At start the process ends with a refusal, or an exception, and nothing more is run. */
static NTSTATUS attach_at_start(struct dll_call *call)
{
    run_attach(call);
    if (call->accepted)
        return STATUS_SUCCESS;
    refused_at_start = call->module;
    return STATUS_DLL_INIT_FAILED;
}

static NTSTATUS attach(struct module *module)
{
    struct dll_call call = {.module = module, .reserved = process_started ? NULL : by_process};
    /* The program has a place of its own: it comes after all DLLs, and goes after them too. */
    if (module != program_module)
        module_set_initialized(module);
    ULONG_PTR cookie = load_enter_module(module);
    NTSTATUS code = process_started ? (NTSTATUS)call_and_catch(run_attach, &call) : attach_at_start(&call);
    load_leave_module(cookie);
    if (call.accepted || !process_started)
        return code;
    detach(module, NULL);
    return NT_SUCCESS(code) ? STATUS_DLL_INIT_FAILED : code;
}

NTSTATUS initialize_module(struct module *module)
{
    if (module->state != MODULE_LOADED || module->unresolved)
        return STATUS_SUCCESS;
    set_state(module, MODULE_INITIALIZING);
    NTSTATUS status = STATUS_SUCCESS;
    struct dependency *dependency = NULL;
    while (!status && (dependency = module_next_dependency(module, dependency)))
        status = initialize_module(module_of_dependency(dependency));
    if (status) {
        set_state(module, MODULE_LOADED);
        return status;
    }
    return attach(module);
}

NTSTATUS initialize_program(const struct module **refused)
{
    NTSTATUS status = STATUS_SUCCESS;
    struct module *module;
    loader_lock();
    for (uint32_t i = 0; !status && (module = module_in_load_order(i)); i++) {
        if (module->everywhere)
            status = initialize_module(module);
    }
    if (!status)
        status = initialize_module(program_module);
    process_started = true;
    *refused = refused_at_start;
    loader_unlock();
    return status;
}

/* Detaching */

static struct module *module_from_initialization_link(LIST_ENTRY *link)
{
    return (struct module *)((char *)link - offsetof(struct loader_entry, InInitializationOrderLinks));
}

/* The module that was attached last of those that are unmarked and still attached. */
static struct module *last_unmarked(void)
{
    LIST_ENTRY *list = module_initialization_list();
    for (LIST_ENTRY *link = list->Blink; link != list; link = link->Blink) {
        struct module *module = module_from_initialization_link(link);
        if (!module->marked && module->state == MODULE_READY)
            return module;
    }
    return NULL;
}

bool initialize_detach_unmarked(void)
{
    struct module *module = last_unmarked();
    if (module)
        detach(module, NULL);
    return module != NULL;
}

/* Threads */

static void notify_thread(struct module *module, DWORD reason)
{
    if (module->state != MODULE_READY || module->entry.Flags & ENTRY_NO_THREAD_CALLS)
        return;
    ULONG_PTR cookie = load_enter_module(module);
    tls_call_callbacks(module, reason);
    call_dll_main(module, reason, NULL);
    load_leave_module(cookie);
}

static void attach_thread_to_modules(void)
{
    LIST_ENTRY *list = module_initialization_list();
    for (LIST_ENTRY *link = list->Flink; link != list; link = link->Flink)
        notify_thread(module_from_initialization_link(link), DLL_THREAD_ATTACH);
    notify_thread(program_module, DLL_THREAD_ATTACH);
}

/* A thread that another process has started in this one, whose first thread is still suspended, does what
 * that would have done. */
static void initialize_by_first_thread(void)
{
    const struct module *refused;
    NTSTATUS status = initialize_program(&refused);
    if (status)
        process_terminate(status);
}

static void thread_attached(struct thread *thread)
{
    if (trace_is_on)
        trace_thread_started(thread);
    loader_lock();
    if (process_started)
        attach_thread_to_modules();
    else
        initialize_by_first_thread();
    loader_unlock();
}

static void thread_detached(struct thread *thread)
{
    loader_lock();
    LIST_ENTRY *list = module_initialization_list();
    for (LIST_ENTRY *link = list->Blink; link != list; link = link->Blink)
        notify_thread(module_from_initialization_link(link), DLL_THREAD_DETACH);
    notify_thread(program_module, DLL_THREAD_DETACH);
    loader_unlock();
}

/* The end */

static void detach_all(void)
{
    LIST_ENTRY *list = module_initialization_list();
    process_environment.Ldr->ShutdownInProgress = TRUE;
    for (LIST_ENTRY *link = list->Blink; link != list; link = link->Blink) {
        struct module *module = module_from_initialization_link(link);
        if (module->state == MODULE_READY)
            detach(module, by_process);
    }
    if (program_module->state == MODULE_READY)
        detach(program_module, by_process);
}

/* A DllMain that ends the process, while it is ending, goes straight to the end. */
static void process_ending(void)
{
    static bool ending;
    loader_lock();
    if (!ending) {
        ending = true;
        detach_all();
    }
    loader_unlock();
}

/* A thread that was terminated inside DllMain must not keep all others from starting, as it would on Windows.
 */
static void thread_abandoned(DWORD exit_code)
{
    if (trace_is_on)
        trace_thread_ended(exit_code);
    while (loader_lock_is_mine())
        loader_unlock();
}

void initialize_register_hooks(void)
{
    static const struct thread_hooks hooks = {
        .prepare = tls_prepare_thread,
        .attach = thread_attached,
        .detach = thread_detached,
        .abandon = thread_abandoned,
        .discard = tls_discard_thread,
    };
    thread_set_hooks(&hooks);
    process_on_exit = process_ending;
}
