/* The loader's calls that kernel32's are made of; MinGW-w64's headers lack them. */
#ifndef DLLS_NTDLL_LDR_H
#define DLLS_NTDLL_LDR_H

#include <litewin/windows.h>

typedef struct _DELAYLOAD_PROC_DESCRIPTOR {
    ULONG ImportDescribedByName;
    union {
        LPCSTR Name;
        ULONG Ordinal;
    } Description;
} DELAYLOAD_PROC_DESCRIPTOR;

typedef struct _DELAYLOAD_INFO {
    ULONG Size;
    const IMAGE_DELAYLOAD_DESCRIPTOR *DelayloadDescriptor;
    IMAGE_THUNK_DATA *ThunkAddress;
    LPCSTR TargetDllName;
    DELAYLOAD_PROC_DESCRIPTOR TargetApiDescriptor;
    void *TargetModuleBase;
    void *Unused;
    ULONG LastError;
} DELAYLOAD_INFO;

typedef void *(GUEST_STDCALL *PDELAYLOAD_FAILURE_DLL_CALLBACK)(ULONG reason, DELAYLOAD_INFO *information);
typedef void *(GUEST_STDCALL *PDELAYLOAD_FAILURE_SYSTEM_ROUTINE)(LPCSTR dll, LPCSTR function);

EXPORTED NTSTATUS LdrDisableThreadCalloutsForDll(HMODULE handle);

#endif
