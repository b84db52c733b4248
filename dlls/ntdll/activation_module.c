/* The contexts of DLLs that bring a manifest for themselves. */
#include "dlls/ntdll/activation.h"
#include "loader/load.h"

/* A DLL is entered first to look for what it imports, and its context is made then. */
static ULONG_PTR enter(struct module *module)
{
    ULONG_PTR cookie;
    if (!module->entry.EntryPointActivationContext && module->state == MODULE_LOADED && !module->announced)
        module->entry.EntryPointActivationContext = activation_of_module(module);
    HANDLE context = module->entry.EntryPointActivationContext;
    return context && NT_SUCCESS(RtlActivateActivationContext(0, context, &cookie)) ? cookie : 0;
}

static void leave(ULONG_PTR cookie)
{
    RtlDeactivateActivationContext(DEACTIVATE_ACTCTX_FLAG_FORCE_EARLY_DEACTIVATION, cookie);
}

static void forget(struct module *module)
{
    struct activation_context *context = module->entry.EntryPointActivationContext;
    if (context)
        activation_release(context);
}

void activation_follow_modules(void)
{
    static const struct load_manifests functions = {.enter = enter, .leave = leave, .forget = forget};
    load_set_manifests(&functions);
}
