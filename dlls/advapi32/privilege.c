#include "kernel/upcase.h"

/* The headers have the names in bytes. */
#define PRIVILEGE(name) L"" name

/* Windows' own numbers for them. */
static const struct privilege {
    WCHAR name[32];
    DWORD number;
} privileges[] = {
    {PRIVILEGE(SE_CREATE_TOKEN_NAME), 2},
    {PRIVILEGE(SE_ASSIGNPRIMARYTOKEN_NAME), 3},
    {PRIVILEGE(SE_LOCK_MEMORY_NAME), 4},
    {PRIVILEGE(SE_INCREASE_QUOTA_NAME), 5},
    {PRIVILEGE(SE_MACHINE_ACCOUNT_NAME), 6},
    {PRIVILEGE(SE_TCB_NAME), 7},
    {PRIVILEGE(SE_SECURITY_NAME), 8},
    {PRIVILEGE(SE_TAKE_OWNERSHIP_NAME), 9},
    {PRIVILEGE(SE_LOAD_DRIVER_NAME), 10},
    {PRIVILEGE(SE_SYSTEM_PROFILE_NAME), 11},
    {PRIVILEGE(SE_SYSTEMTIME_NAME), 12},
    {PRIVILEGE(SE_PROF_SINGLE_PROCESS_NAME), 13},
    {PRIVILEGE(SE_INC_BASE_PRIORITY_NAME), 14},
    {PRIVILEGE(SE_CREATE_PAGEFILE_NAME), 15},
    {PRIVILEGE(SE_CREATE_PERMANENT_NAME), 16},
    {PRIVILEGE(SE_BACKUP_NAME), 17},
    {PRIVILEGE(SE_RESTORE_NAME), 18},
    {PRIVILEGE(SE_SHUTDOWN_NAME), 19},
    {PRIVILEGE(SE_DEBUG_NAME), 20},
    {PRIVILEGE(SE_AUDIT_NAME), 21},
    {PRIVILEGE(SE_SYSTEM_ENVIRONMENT_NAME), 22},
    {PRIVILEGE(SE_CHANGE_NOTIFY_NAME), 23},
    {PRIVILEGE(SE_REMOTE_SHUTDOWN_NAME), 24},
    {PRIVILEGE(SE_UNDOCK_NAME), 25},
    {PRIVILEGE(SE_SYNC_AGENT_NAME), 26},
    {PRIVILEGE(SE_ENABLE_DELEGATION_NAME), 27},
    {PRIVILEGE(SE_MANAGE_VOLUME_NAME), 28},
    {PRIVILEGE(SE_IMPERSONATE_NAME), 29},
    {PRIVILEGE(SE_CREATE_GLOBAL_NAME), 30},
    {PRIVILEGE(SE_TRUSTED_CREDMAN_ACCESS_NAME), 31},
    {PRIVILEGE(SE_RELABEL_NAME), 32},
    {PRIVILEGE(SE_INC_WORKING_SET_NAME), 33},
    {PRIVILEGE(SE_TIME_ZONE_NAME), 34},
    {PRIVILEGE(SE_CREATE_SYMBOLIC_LINK_NAME), 35},
};

/* Only this machine can be asked. */
static BOOL find(const WCHAR *name, size_t length, bool elsewhere, LUID *value)
{
    if (elsewhere) {
        SetLastError(RPC_S_SERVER_UNAVAILABLE);
        return FALSE;
    }
    for (size_t i = 0; i < ARRAYSIZE(privileges); i++) {
        if (upcase_equal(privileges[i].name, lstrlenW(privileges[i].name), name, length)) {
            *value = (LUID){.LowPart = privileges[i].number};
            return TRUE;
        }
    }
    SetLastError(ERROR_NO_SUCH_PRIVILEGE);
    return FALSE;
}

BOOL WINAPI LookupPrivilegeValueW(LPCWSTR system, LPCWSTR name, PLUID value)
{
    return find(name, lstrlenW(name), system && *system, value);
}

/* The names are ASCII: another character is as good as any that is in none of them. */
BOOL WINAPI LookupPrivilegeValueA(LPCSTR system, LPCSTR name, PLUID value)
{
    WCHAR wide[ARRAYSIZE(privileges[0].name)];
    size_t length = strnlen(name, ARRAYSIZE(wide));
    for (size_t i = 0; i < length; i++)
        wide[i] = (unsigned char)name[i] < 0x80 ? name[i] : '?';
    return find(wide, length, system && *system, value);
}
