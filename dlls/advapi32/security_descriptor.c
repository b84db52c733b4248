#include "dlls/kernel32/error.h"

/* Security descriptors and access control lists as a program makes them. Nothing here is kept from anybody by
 * one. */

static NTSTATUS check_absolute(const SECURITY_DESCRIPTOR *descriptor)
{
    if (descriptor->Revision != SECURITY_DESCRIPTOR_REVISION)
        return STATUS_UNKNOWN_REVISION;
    return descriptor->Control & SE_SELF_RELATIVE ? STATUS_INVALID_SECURITY_DESCR : STATUS_SUCCESS;
}

BOOL WINAPI InitializeSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, DWORD revision)
{
    if (revision != SECURITY_DESCRIPTOR_REVISION)
        return set_last_status(STATUS_UNKNOWN_REVISION);
    *(SECURITY_DESCRIPTOR *)descriptor = (SECURITY_DESCRIPTOR){.Revision = revision};
    return TRUE;
}

BOOL WINAPI SetSecurityDescriptorDacl(PSECURITY_DESCRIPTOR pointer, BOOL present, PACL list, BOOL defaulted)
{
    SECURITY_DESCRIPTOR *descriptor = pointer;
    NTSTATUS status = check_absolute(descriptor);
    if (!NT_SUCCESS(status))
        return set_last_status(status);
    descriptor->Control &= ~(SE_DACL_PRESENT | SE_DACL_DEFAULTED);
    if (present) {
        descriptor->Control |= SE_DACL_PRESENT | (defaulted ? SE_DACL_DEFAULTED : 0);
        descriptor->Dacl = list;
    }
    return TRUE;
}

/* A self-relative descriptor has offsets in the place of pointers. */
static PACL dacl_of(SECURITY_DESCRIPTOR *descriptor)
{
    if (!(descriptor->Control & SE_SELF_RELATIVE))
        return descriptor->Dacl;
    DWORD offset = ((SECURITY_DESCRIPTOR_RELATIVE *)descriptor)->Dacl;
    return offset ? (PACL)((char *)descriptor + offset) : NULL;
}

BOOL WINAPI GetSecurityDescriptorDacl(PSECURITY_DESCRIPTOR pointer, LPBOOL present, PACL *list,
                                      LPBOOL defaulted)
{
    SECURITY_DESCRIPTOR *descriptor = pointer;
    if (descriptor->Revision != SECURITY_DESCRIPTOR_REVISION)
        return set_last_status(STATUS_UNKNOWN_REVISION);
    *present = (descriptor->Control & SE_DACL_PRESENT) != 0;
    if (*present) {
        *list = dacl_of(descriptor);
        *defaulted = (descriptor->Control & SE_DACL_DEFAULTED) != 0;
    }
    return TRUE;
}

BOOL WINAPI IsValidSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor)
{
    if (((SECURITY_DESCRIPTOR *)descriptor)->Revision == SECURITY_DESCRIPTOR_REVISION)
        return TRUE;
    return set_last_status(STATUS_INVALID_SECURITY_DESCR);
}

BOOL WINAPI InitializeAcl(PACL list, DWORD size, DWORD revision)
{
    if (size < sizeof *list)
        return set_last_status(STATUS_BUFFER_TOO_SMALL);
    if (revision < MIN_ACL_REVISION || revision > MAX_ACL_REVISION || size > 0xFFFF)
        return set_last_status(STATUS_INVALID_PARAMETER);
    *list = (ACL){.AclRevision = revision, .AclSize = size & ~3u};
    return TRUE;
}
