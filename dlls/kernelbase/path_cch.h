/* The interface of PathCch, since MinGW-w64's header has the flags as long, and not all of them. */
#ifndef KERNELBASE_PATH_CCH_H
#define KERNELBASE_PATH_CCH_H

#include <litewin/windows.h>

#define PATHCCH_MAX_CCH 0x8000

#define STRSAFE_E_INSUFFICIENT_BUFFER HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER)

#define PATHCCH_ALLOW_LONG_PATHS                0x01
#define PATHCCH_FORCE_ENABLE_LONG_NAME_PROCESS  0x02
#define PATHCCH_FORCE_DISABLE_LONG_NAME_PROCESS 0x04
#define PATHCCH_DO_NOT_NORMALIZE_SEGMENTS       0x08
#define PATHCCH_ENSURE_IS_EXTENDED_LENGTH_PATH  0x10
#define PATHCCH_ENSURE_TRAILING_SLASH           0x20

HRESULT WINAPI PathAllocCanonicalize(PCWSTR path, ULONG flags, PWSTR *result);
HRESULT WINAPI PathAllocCombine(PCWSTR first, PCWSTR second, ULONG flags, PWSTR *result);
HRESULT WINAPI PathCchAddBackslash(PWSTR path, size_t size);
HRESULT WINAPI PathCchAddBackslashEx(PWSTR path, size_t size, PWSTR *end, size_t *remaining);
HRESULT WINAPI PathCchAddExtension(PWSTR path, size_t size, PCWSTR extension);
HRESULT WINAPI PathCchAppend(PWSTR path, size_t size, PCWSTR more);
HRESULT WINAPI PathCchAppendEx(PWSTR path, size_t size, PCWSTR more, ULONG flags);
HRESULT WINAPI PathCchCanonicalize(PWSTR target, size_t size, PCWSTR path);
HRESULT WINAPI PathCchCanonicalizeEx(PWSTR target, size_t size, PCWSTR path, ULONG flags);
HRESULT WINAPI PathCchCombine(PWSTR target, size_t size, PCWSTR first, PCWSTR second);
HRESULT WINAPI PathCchCombineEx(PWSTR target, size_t size, PCWSTR first, PCWSTR second, ULONG flags);
HRESULT WINAPI PathCchFindExtension(PCWSTR path, size_t size, PCWSTR *extension);
BOOL WINAPI PathCchIsRoot(PCWSTR path);
HRESULT WINAPI PathCchRemoveBackslash(PWSTR path, size_t size);
HRESULT WINAPI PathCchRemoveBackslashEx(PWSTR path, size_t size, PWSTR *end, size_t *remaining);
HRESULT WINAPI PathCchRemoveExtension(PWSTR path, size_t size);
HRESULT WINAPI PathCchRemoveFileSpec(PWSTR path, size_t size);
HRESULT WINAPI PathCchRenameExtension(PWSTR path, size_t size, PCWSTR extension);
HRESULT WINAPI PathCchSkipRoot(PCWSTR path, PCWSTR *end);
HRESULT WINAPI PathCchStripPrefix(PWSTR path, size_t size);
HRESULT WINAPI PathCchStripToRoot(PWSTR path, size_t size);
BOOL WINAPI PathIsUNCEx(PCWSTR path, PCWSTR *server);

#endif
