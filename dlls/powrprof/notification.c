#include <litewin/windows.h>

/* MinGW-w64's header does not have these yet. */
DWORD WINAPI PowerRegisterSuspendResumeNotification(DWORD flags, HANDLE recipient, HANDLE *registration);
DWORD WINAPI PowerUnregisterSuspendResumeNotification(HANDLE registration);

/* Linux tells a process nothing when the machine falls asleep. That is what Windows says where there is no
 * notifier, in containers, and what programs are prepared for. */
DWORD WINAPI PowerRegisterSuspendResumeNotification(DWORD flags, HANDLE recipient, HANDLE *registration)
{
    return ERROR_FILE_NOT_FOUND;
}

DWORD WINAPI PowerUnregisterSuspendResumeNotification(HANDLE registration)
{
    return ERROR_INVALID_PARAMETER;
}
