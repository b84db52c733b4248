#include <litewin/windows.h>
#include <bcrypt.h>

/* Whether the machine's policy allows validated algorithms only: here nobody can set that. */
NTSTATUS WINAPI BCryptGetFipsAlgorithmMode(BOOLEAN *enabled)
{
    if (!enabled)
        return STATUS_INVALID_PARAMETER;
    *enabled = FALSE;
    return STATUS_SUCCESS;
}
