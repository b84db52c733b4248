/* The version resource of a file. */
#include <stdlib.h>
#include "dlls/kernel32/error.h"
#include "dlls/version/block.h"

struct resource {
    HMODULE module;
    const struct block *block;
    DWORD size;
};

/* Who asks about a file that is no image learns that it has no resources. */
static bool open_module(const WCHAR *file, struct resource *resource)
{
    resource->module = LoadLibraryExW(file, NULL, LOAD_LIBRARY_AS_DATAFILE);
    if (resource->module)
        return true;
    DWORD error = GetLastError();
    if (error == ERROR_MOD_NOT_FOUND || !*file)
        SetLastError(ERROR_FILE_NOT_FOUND);
    else if (error == ERROR_BAD_EXE_FORMAT)
        SetLastError(ERROR_RESOURCE_DATA_NOT_FOUND);
    return false;
}

static bool find_block(struct resource *resource)
{
    HRSRC found = FindResourceW(resource->module, MAKEINTRESOURCEW(VS_VERSION_INFO), (LPCWSTR)RT_VERSION);
    HGLOBAL loaded = found ? LoadResource(resource->module, found) : NULL;
    if (!loaded)
        return false;
    resource->block = LockResource(loaded);
    resource->size = SizeofResource(resource->module, found);
    if (resource->size < sizeof *resource->block || resource->block->length > resource->size ||
        resource->block->length < sizeof *resource->block) {
        SetLastError(ERROR_RESOURCE_DATA_NOT_FOUND);
        return false;
    }
    resource->size = resource->block->length;
    return true;
}

static bool open_resource(const WCHAR *file, struct resource *resource)
{
    if (!file) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return false;
    }
    if (!open_module(file, resource))
        return false;
    if (find_block(resource))
        return true;
    FreeLibrary(resource->module);
    return false;
}

/* The flags choose between a file and its translations, of which there are none here. */
DWORD WINAPI GetFileVersionInfoSizeExW(DWORD flags, LPCWSTR file, LPDWORD zeroed)
{
    struct resource resource;
    if (zeroed)
        *zeroed = 0;
    if (!open_resource(file, &resource))
        return 0;
    FreeLibrary(resource.module);
    return size_with_room(resource.size);
}

/* What there is no room for is cut off, and room for conversions is kept all the same. */
static void copy(const struct resource *resource, DWORD size, struct block *data)
{
    size_t length = resource->size;
    while (size_with_room(length) > size)
        length = length > sizeof(DWORD) ? (length - 1) & -sizeof(DWORD) : 0;
    memcpy(data, resource->block, length);
    memset((char *)data + length, 0, size - length);
    if (length >= sizeof *data)
        data->length = length;
}

BOOL WINAPI GetFileVersionInfoExW(DWORD flags, LPCWSTR file, DWORD ignored, DWORD size, LPVOID data)
{
    struct resource resource;
    if (!data) {
        SetLastError(ERROR_INVALID_DATA);
        return FALSE;
    }
    if (!open_resource(file, &resource))
        return FALSE;
    BOOL fits = size >= size_with_room(sizeof(struct block));
    if (fits)
        copy(&resource, size, data);
    else
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
    FreeLibrary(resource.module);
    return fits;
}

DWORD WINAPI GetFileVersionInfoSizeW(LPCWSTR file, LPDWORD zeroed)
{
    return GetFileVersionInfoSizeExW(FILE_VER_GET_LOCALISED, file, zeroed);
}

BOOL WINAPI GetFileVersionInfoW(LPCWSTR file, DWORD ignored, DWORD size, LPVOID data)
{
    return GetFileVersionInfoExW(FILE_VER_GET_LOCALISED, file, ignored, size, data);
}

/* NULL, with the last error set, for no name and for one that cannot be converted. */
static WCHAR *widen(const char *file)
{
    int length = file ? MultiByteToWideChar(CP_ACP, 0, file, -1, NULL, 0) : 0;
    WCHAR *wide = length ? malloc(length * sizeof *wide) : NULL;
    if (wide)
        MultiByteToWideChar(CP_ACP, 0, file, -1, wide, length);
    else
        SetLastError(length ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INVALID_PARAMETER);
    return wide;
}

DWORD WINAPI GetFileVersionInfoSizeExA(DWORD flags, LPCSTR file, LPDWORD zeroed)
{
    WCHAR *wide = widen(file);
    if (zeroed)
        *zeroed = 0;
    DWORD size = wide ? GetFileVersionInfoSizeExW(flags, wide, zeroed) : 0;
    free(wide);
    return size;
}

BOOL WINAPI GetFileVersionInfoExA(DWORD flags, LPCSTR file, DWORD ignored, DWORD size, LPVOID data)
{
    WCHAR *wide = widen(file);
    BOOL result = wide && GetFileVersionInfoExW(flags, wide, ignored, size, data);
    free(wide);
    return result;
}

DWORD WINAPI GetFileVersionInfoSizeA(LPCSTR file, LPDWORD zeroed)
{
    return GetFileVersionInfoSizeExA(FILE_VER_GET_LOCALISED, file, zeroed);
}

BOOL WINAPI GetFileVersionInfoA(LPCSTR file, DWORD ignored, DWORD size, LPVOID data)
{
    return GetFileVersionInfoExA(FILE_VER_GET_LOCALISED, file, ignored, size, data);
}
