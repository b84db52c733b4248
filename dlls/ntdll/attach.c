#include "dlls/ntdll/activation.h"
#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/fls.h"
#include "dlls/ntdll/peb_lock.h"
#include "dlls/ntdll/suspend.h"
#include "dlls/ntdll/virtual.h"
#include "dlls/ntdll/walk.h"
#include "kernel/process_memory.h"
#include "loader/crash/crash.h"
#include "loader/initialize.h"
#include "loader/load.h"

/* What ntdll has registered with the floors below before any Windows code runs. */
void litewin_attach(void *image_base)
{
    exception_initialize();
    fls_initialize();
    peb_lock_initialize();
    suspend_initialize();
    load_set_redirection(activation_redirect);
    activation_follow_modules();
    initialize_set_catch(exception_catch);
    process_find_mapped_name = virtual_mapped_name;
    crash_set_unwinder(walk_leave_frame);
}
