/* Identities of users and groups, as values. */
#include "dlls/kernel32/error.h"

/* One that begins as if it were more than this is none. */
#define MOST_SUB_AUTHORITIES 15

BOOL WINAPI IsValidSid(PSID sid)
{
    const SID *identity = sid;
    return identity && identity->Revision == SID_REVISION &&
           identity->SubAuthorityCount <= MOST_SUB_AUTHORITIES;
}

DWORD WINAPI GetSidLengthRequired(UCHAR count)
{
    return offsetof(SID, SubAuthority) + count * sizeof(DWORD);
}

DWORD WINAPI GetLengthSid(PSID sid)
{
    return GetSidLengthRequired(((const SID *)sid)->SubAuthorityCount);
}

BOOL WINAPI CopySid(DWORD size, PSID target, PSID source)
{
    DWORD length = GetLengthSid(source);
    if (size < length) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    memcpy(target, source, length);
    return TRUE;
}

BOOL WINAPI EqualSid(PSID a, PSID b)
{
    SetLastError(ERROR_SUCCESS);
    return ((const SID *)a)->SubAuthorityCount == ((const SID *)b)->SubAuthorityCount &&
           !memcmp(a, b, GetLengthSid(a));
}

PDWORD WINAPI GetSidSubAuthority(PSID sid, DWORD index)
{
    return &((SID *)sid)->SubAuthority[index];
}

PUCHAR WINAPI GetSidSubAuthorityCount(PSID sid)
{
    return &((SID *)sid)->SubAuthorityCount;
}

PSID_IDENTIFIER_AUTHORITY WINAPI GetSidIdentifierAuthority(PSID sid)
{
    return &((SID *)sid)->IdentifierAuthority;
}

BOOL WINAPI InitializeSid(PSID sid, PSID_IDENTIFIER_AUTHORITY authority, BYTE count)
{
    SID *identity = sid;
    if (count > MOST_SUB_AUTHORITIES) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    identity->Revision = SID_REVISION;
    identity->SubAuthorityCount = count;
    identity->IdentifierAuthority = *authority;
    return TRUE;
}

BOOL WINAPI AllocateAndInitializeSid(PSID_IDENTIFIER_AUTHORITY authority, BYTE count, DWORD part0,
                                     DWORD part1, DWORD part2, DWORD part3, DWORD part4, DWORD part5,
                                     DWORD part6, DWORD part7, PSID *result)
{
    const DWORD parts[] = {part0, part1, part2, part3, part4, part5, part6, part7};
    if (count > ARRAYSIZE(parts)) {
        SetLastError(ERROR_INVALID_SID);
        return FALSE;
    }
    SID *sid = HeapAlloc(GetProcessHeap(), 0, GetSidLengthRequired(count));
    if (!sid) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return FALSE;
    }
    InitializeSid(sid, authority, count);
    memcpy(sid->SubAuthority, parts, count * sizeof *parts);
    *result = sid;
    return TRUE;
}

PVOID WINAPI FreeSid(PSID sid)
{
    HeapFree(GetProcessHeap(), 0, sid);
    return NULL;
}
