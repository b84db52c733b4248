/* Cryptographic service providers, as far as programs use them without keys: for random numbers. */
#include <stdlib.h>
#include "dlls/kernel32/error.h"
#include "kernel/lock.h"
#include "kernel/random.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"
#include <wincrypt.h>

struct provider {
    struct provider *next;
    unsigned references;
};

static struct lock lock;
static struct provider *providers;

static BOOL fail(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

/* The type of the provider of that name, 0 if there is none. */
static DWORD type_of(const WCHAR *name)
{
    static const struct {
        WCHAR name[64];
        DWORD type;
    } known[] = {
        {MS_DEF_PROV_W, PROV_RSA_FULL},
        {MS_ENHANCED_PROV_W, PROV_RSA_FULL},
        {MS_STRONG_PROV_W, PROV_RSA_FULL},
        {MS_ENH_RSA_AES_PROV_W, PROV_RSA_AES},
    };
    for (size_t i = 0; i < ARRAYSIZE(known); i++) {
        if (upcase_equal(name, utf16_length(name), known[i].name, utf16_length(known[i].name)))
            return known[i].type;
    }
    return 0;
}

static DWORD check_provider(const WCHAR *name, DWORD type)
{
    if (!type || type > 999)
        return NTE_BAD_PROV_TYPE;
    if (!name || !*name)
        return type == PROV_RSA_FULL || type == PROV_RSA_AES ? 0 : NTE_PROV_TYPE_NOT_DEF;
    DWORD expected = type_of(name);
    return !expected ? NTE_KEYSET_NOT_DEF : expected != type ? NTE_PROV_TYPE_NO_MATCH : 0;
}

/* There are no containers of keys, and none can be made. */
static DWORD check_use(const WCHAR *container, DWORD flags)
{
    const DWORD known =
        CRYPT_VERIFYCONTEXT | CRYPT_NEWKEYSET | CRYPT_DELETEKEYSET | CRYPT_MACHINE_KEYSET | CRYPT_SILENT;
    if (flags & ~known)
        return NTE_BAD_FLAGS;
    if (!(flags & CRYPT_VERIFYCONTEXT))
        return flags & CRYPT_NEWKEYSET ? NTE_PERM : NTE_BAD_KEYSET;
    return container && *container ? NTE_BAD_FLAGS : 0;
}

static BOOL open_provider(HCRYPTPROV *handle)
{
    struct provider *provider = malloc(sizeof *provider);
    if (!provider)
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    provider->references = 1;
    lock_acquire(&lock);
    provider->next = providers;
    providers = provider;
    lock_release(&lock);
    *handle = (HCRYPTPROV)provider;
    return TRUE;
}

BOOL WINAPI CryptAcquireContextW(HCRYPTPROV *handle, LPCWSTR container, LPCWSTR name, DWORD type, DWORD flags)
{
    if (!handle)
        return fail(ERROR_INVALID_PARAMETER);
    *handle = 0;
    DWORD error = check_provider(name, type);
    if (!error)
        error = check_use(container, flags);
    return error ? fail(error) : open_provider(handle);
}

/* NULL for NULL, too. */
static WCHAR *widen(const char *text)
{
    int length = text ? MultiByteToWideChar(CP_ACP, 0, text, -1, NULL, 0) : 0;
    WCHAR *wide = length ? malloc(length * sizeof *wide) : NULL;
    if (wide)
        MultiByteToWideChar(CP_ACP, 0, text, -1, wide, length);
    return wide;
}

BOOL WINAPI CryptAcquireContextA(HCRYPTPROV *handle, LPCSTR container, LPCSTR name, DWORD type, DWORD flags)
{
    WCHAR *wide_container = widen(container), *wide_name = widen(name);
    BOOL result = (container && !wide_container) || (name && !wide_name)
                      ? fail(ERROR_NOT_ENOUGH_MEMORY)
                      : CryptAcquireContextW(handle, wide_container, wide_name, type, flags);
    free(wide_container);
    free(wide_name);
    return result;
}

/* The pointer that leads to the provider; called with the lock held. NULL if the handle is none. */
static struct provider **find(HCRYPTPROV handle)
{
    struct provider **at = &providers;
    while (*at && *at != (struct provider *)handle)
        at = &(*at)->next;
    return *at ? at : NULL;
}

/* Adds to the references of a provider, which goes with the last of them. */
static bool count(HCRYPTPROV handle, int change)
{
    lock_acquire(&lock);
    struct provider **at = find(handle), *last = NULL;
    if (at && !((*at)->references += change)) {
        last = *at;
        *at = last->next;
    }
    lock_release(&lock);
    free(last);
    return at || fail(ERROR_INVALID_PARAMETER);
}

BOOL WINAPI CryptContextAddRef(HCRYPTPROV handle, DWORD *reserved, DWORD flags)
{
    return reserved || flags ? fail(ERROR_INVALID_PARAMETER) : count(handle, 1);
}

/* Releases the provider even where it complains about the flags. */
BOOL WINAPI CryptReleaseContext(HCRYPTPROV handle, DWORD flags)
{
    return count(handle, -1) && (!flags || fail(NTE_BAD_FLAGS));
}

BOOL WINAPI CryptGenRandom(HCRYPTPROV handle, DWORD size, BYTE *buffer)
{
    lock_acquire(&lock);
    bool is_open = find(handle);
    lock_release(&lock);
    if (!is_open || !buffer)
        return fail(ERROR_INVALID_PARAMETER);
    return random_fill(buffer, size) || fail(NTE_FAIL);
}
