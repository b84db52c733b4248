#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/fls.h"
#include "dlls/ntdll/peb_lock.h"
#include "dlls/ntdll/suspend.h"

/* What ntdll has registered with the floors below before any Windows code runs. */
void litewin_attach(void *image_base)
{
    exception_initialize();
    fls_initialize();
    peb_lock_initialize();
    suspend_initialize();
}
