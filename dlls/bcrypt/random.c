#include "kernel/random.h"
#include "kernel/upcase.h"
#include <bcrypt.h>

/* Pseudo handles that need no opening, and the one algorithm that can be opened. Programs treat all of them
 * as opaque, and there is nothing to keep about a generator that belongs to the system. */
#define RNG_PSEUDO_HANDLE ((BCRYPT_ALG_HANDLE)0x81)
static const ULONG opened_generator = 0x474e5252;

static bool is_opened(BCRYPT_ALG_HANDLE algorithm)
{
    return algorithm == (BCRYPT_ALG_HANDLE)&opened_generator;
}

static bool is_name(const WCHAR *name, const WCHAR *wanted)
{
    return upcase_equal(name, lstrlenW(name), wanted, lstrlenW(wanted));
}

static bool is_generator(const WCHAR *name)
{
    return is_name(name, BCRYPT_RNG_ALGORITHM) || is_name(name, BCRYPT_RNG_FIPS186_DSA_ALGORITHM) ||
           is_name(name, BCRYPT_RNG_DUAL_EC_ALGORITHM);
}

NTSTATUS WINAPI BCryptOpenAlgorithmProvider(BCRYPT_ALG_HANDLE *algorithm, LPCWSTR name,
                                            LPCWSTR implementation, ULONG flags)
{
    const ULONG known = BCRYPT_PROV_DISPATCH | BCRYPT_ALG_HANDLE_HMAC_FLAG;
    if (!algorithm || !name || (flags & ~known))
        return STATUS_INVALID_PARAMETER;
    if (!is_generator(name) || (implementation && !is_name(implementation, MS_PRIMITIVE_PROVIDER)))
        return STATUS_NOT_FOUND;
    *algorithm = (BCRYPT_ALG_HANDLE)&opened_generator;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI BCryptCloseAlgorithmProvider(BCRYPT_ALG_HANDLE algorithm, ULONG flags)
{
    return is_opened(algorithm) ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

NTSTATUS WINAPI BCryptGenRandom(BCRYPT_ALG_HANDLE algorithm, PUCHAR buffer, ULONG size, ULONG flags)
{
    if (flags & ~(ULONG)(BCRYPT_RNG_USE_ENTROPY_IN_BUFFER | BCRYPT_USE_SYSTEM_PREFERRED_RNG))
        return STATUS_INVALID_PARAMETER;
    if (flags & BCRYPT_USE_SYSTEM_PREFERRED_RNG) {
        if (algorithm)
            return STATUS_INVALID_PARAMETER;
    } else if (algorithm != RNG_PSEUDO_HANDLE && !is_opened(algorithm)) {
        return STATUS_INVALID_HANDLE;
    }
    if (!buffer)
        return STATUS_INVALID_PARAMETER;
    return random_fill(buffer, size) ? STATUS_SUCCESS : STATUS_ACCESS_VIOLATION;
}
