/* The loader's calls that kernel32's are made of; MinGW-w64's headers lack them. */
#ifndef DLLS_NTDLL_LDR_H
#define DLLS_NTDLL_LDR_H

#include <litewin/windows.h>

EXPORTED NTSTATUS LdrDisableThreadCalloutsForDll(HMODULE handle);

#endif
