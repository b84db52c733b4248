/* Counted strings: STRING and UNICODE_STRING. */
#include "dlls/ntdll/string.h"
#include "dlls/ntdll/heap.h"
#include "kernel/teb.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

/* Longest strings whose sizes, with a NUL, fit into 16 bits. */
#define LONGEST_NARROW (UINT16_MAX - 1)
#define LONGEST_WIDE   (UINT16_MAX / sizeof(WCHAR) - 1)

static void *allocate(size_t size)
{
    return RtlAllocateHeap(process_environment.ProcessHeap, 0, size);
}

static void release(void *memory)
{
    RtlFreeHeap(process_environment.ProcessHeap, 0, memory);
}

static size_t units_of(const UNICODE_STRING *string)
{
    return string->Length / sizeof(WCHAR);
}

/* Making */

NTSTATUS NTAPI RtlInitStringEx(PSTRING string, PCSZ source)
{
    size_t length = source ? strlen(source) : 0;
    if (length > LONGEST_NARROW)
        return STATUS_NAME_TOO_LONG;
    *string = (STRING){.Length = length, .MaximumLength = source ? length + 1 : 0, .Buffer = (char *)source};
    return STATUS_SUCCESS;
}

/* A string that is too long is cut, where there is no status to tell of it. */
void NTAPI RtlInitString(PSTRING string, PCSZ source)
{
    if (RtlInitStringEx(string, source))
        *string = (STRING){.Length = LONGEST_NARROW, .MaximumLength = UINT16_MAX, .Buffer = (char *)source};
}

NTSTATUS NTAPI RtlInitAnsiStringEx(PANSI_STRING string, PCSZ source)
{
    return RtlInitStringEx(string, source);
}

void NTAPI RtlInitAnsiString(PANSI_STRING string, PCSZ source)
{
    RtlInitString(string, source);
}

NTSTATUS NTAPI RtlInitUnicodeStringEx(PUNICODE_STRING string, PCWSTR source)
{
    size_t length = source ? utf16_length(source) : 0;
    if (length > LONGEST_WIDE)
        return STATUS_NAME_TOO_LONG;
    *string = (UNICODE_STRING){
        .Length = length * sizeof *source,
        .MaximumLength = source ? (length + 1) * sizeof *source : 0,
        .Buffer = (WCHAR *)source,
    };
    return STATUS_SUCCESS;
}

void NTAPI RtlInitUnicodeString(PUNICODE_STRING string, PCWSTR source)
{
    if (RtlInitUnicodeStringEx(string, source))
        *string = (UNICODE_STRING){
            .Length = LONGEST_WIDE * sizeof *source,
            .MaximumLength = (LONGEST_WIDE + 1) * sizeof *source,
            .Buffer = (WCHAR *)source,
        };
}

BOOLEAN NTAPI RtlCreateUnicodeString(PUNICODE_STRING string, PCWSTR source)
{
    size_t size = (utf16_length(source) + 1) * sizeof *source;
    WCHAR *buffer = size <= UINT16_MAX ? allocate(size) : NULL;
    if (!buffer)
        return FALSE;
    memcpy(buffer, source, size);
    *string = (UNICODE_STRING){.Length = size - sizeof *source, .MaximumLength = size, .Buffer = buffer};
    return TRUE;
}

BOOLEAN NTAPI RtlCreateUnicodeStringFromAsciiz(PUNICODE_STRING string, LPCSTR source)
{
    ANSI_STRING ansi;
    return !RtlInitAnsiStringEx(&ansi, source) && !RtlAnsiStringToUnicodeString(string, &ansi, TRUE);
}

#define DUPLICATE_WITH_NUL   1 /* RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE */
#define DUPLICATE_EVEN_EMPTY 2 /* RTL_DUPLICATE_UNICODE_STRING_ALLOCATE_NULL_STRING */

NTSTATUS NTAPI RtlDuplicateUnicodeString(ULONG flags, PCUNICODE_STRING source, PUNICODE_STRING string)
{
    bool terminate = flags & DUPLICATE_WITH_NUL;
    if (!source || !string || source->Length > source->MaximumLength ||
        flags & ~(DUPLICATE_WITH_NUL | DUPLICATE_EVEN_EMPTY) || (flags & DUPLICATE_EVEN_EMPTY && !terminate))
        return STATUS_INVALID_PARAMETER;
    if (!source->Length && !(flags & DUPLICATE_EVEN_EMPTY)) {
        *string = (UNICODE_STRING){0};
        return STATUS_SUCCESS;
    }
    size_t size = source->Length + (terminate ? sizeof(WCHAR) : 0);
    WCHAR *buffer = allocate(size);
    if (!buffer)
        return STATUS_NO_MEMORY;
    memcpy(buffer, source->Buffer, source->Length);
    if (terminate)
        buffer[units_of(source)] = 0;
    *string = (UNICODE_STRING){.Length = source->Length, .MaximumLength = size, .Buffer = buffer};
    return STATUS_SUCCESS;
}

/* Unmaking */

void NTAPI RtlFreeUnicodeString(PUNICODE_STRING string)
{
    if (string->Buffer)
        release(string->Buffer);
    *string = (UNICODE_STRING){0};
}

void NTAPI RtlFreeAnsiString(PANSI_STRING string)
{
    if (string->Buffer)
        release(string->Buffer);
    *string = (ANSI_STRING){0};
}

void NTAPI RtlFreeOemString(POEM_STRING string)
{
    RtlFreeAnsiString(string);
}

void NTAPI RtlEraseUnicodeString(PUNICODE_STRING string)
{
    if (string->Buffer)
        memset(string->Buffer, 0, string->MaximumLength);
    string->Length = 0;
}

/* Copying */

void NTAPI RtlCopyString(PSTRING target, const STRING *source)
{
    target->Length = 0;
    if (!source)
        return;
    target->Length = source->Length < target->MaximumLength ? source->Length : target->MaximumLength;
    memcpy(target->Buffer, source->Buffer, target->Length);
}

void NTAPI RtlCopyUnicodeString(PUNICODE_STRING target, PCUNICODE_STRING source)
{
    target->Length = 0;
    if (!source)
        return;
    target->Length = source->Length < target->MaximumLength ? source->Length : target->MaximumLength;
    memcpy(target->Buffer, source->Buffer, target->Length);
    if (target->Length < target->MaximumLength)
        target->Buffer[units_of(target)] = 0;
}

static NTSTATUS append(UNICODE_STRING *target, const WCHAR *source, size_t size)
{
    if (target->Length + size > target->MaximumLength)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy((char *)target->Buffer + target->Length, source, size);
    target->Length += size;
    if (target->Length + sizeof *source <= target->MaximumLength)
        target->Buffer[units_of(target)] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAppendUnicodeStringToString(PUNICODE_STRING target, PCUNICODE_STRING source)
{
    return source->Length ? append(target, source->Buffer, source->Length) : STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING target, PCWSTR source)
{
    return source ? append(target, source, utf16_length(source) * sizeof *source) : STATUS_SUCCESS;
}

/* Comparing */

LONG NTAPI RtlCompareUnicodeStrings(const WCHAR *a, SIZE_T a_length, const WCHAR *b, SIZE_T b_length,
                                    BOOLEAN ignore_case)
{
    if (ignore_case)
        return upcase_compare(a, a_length, b, b_length);
    size_t common = a_length < b_length ? a_length : b_length;
    for (size_t i = 0; i < common; i++)
        if (a[i] != b[i])
            return a[i] - b[i];
    return (LONG)(a_length - b_length);
}

LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING a, PCUNICODE_STRING b, BOOLEAN ignore_case)
{
    return RtlCompareUnicodeStrings(a->Buffer, units_of(a), b->Buffer, units_of(b), ignore_case);
}

BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING a, PCUNICODE_STRING b, BOOLEAN ignore_case)
{
    if (a->Length != b->Length)
        return FALSE;
    return ignore_case ? upcase_equal(a->Buffer, units_of(a), b->Buffer, units_of(b))
                       : !memcmp(a->Buffer, b->Buffer, a->Length);
}

BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING prefix, PCUNICODE_STRING string, BOOLEAN ignore_case)
{
    UNICODE_STRING start = {.Length = prefix->Length, .Buffer = string->Buffer};
    return prefix->Length <= string->Length && RtlEqualUnicodeString(prefix, &start, ignore_case);
}

CHAR NTAPI RtlUpperChar(CHAR character)
{
    return character >= 'a' && character <= 'z' ? character - 32 : character;
}

LONG NTAPI RtlCompareString(const STRING *a, const STRING *b, BOOLEAN ignore_case)
{
    size_t common = a->Length < b->Length ? a->Length : b->Length;
    for (size_t i = 0; i < common; i++) {
        unsigned char first = a->Buffer[i], second = b->Buffer[i];
        if (ignore_case) {
            first = RtlUpperChar(first);
            second = RtlUpperChar(second);
        }
        if (first != second)
            return first - second;
    }
    return a->Length - b->Length;
}

BOOLEAN NTAPI RtlEqualString(const STRING *a, const STRING *b, BOOLEAN ignore_case)
{
    return a->Length == b->Length && !RtlCompareString(a, b, ignore_case);
}

#define HASH_DEFAULT 0
#define HASH_X65599  1

NTSTATUS NTAPI RtlHashUnicodeString(PCUNICODE_STRING string, BOOLEAN ignore_case, ULONG algorithm,
                                    PULONG hash)
{
    if (!string || !hash || (algorithm != HASH_DEFAULT && algorithm != HASH_X65599))
        return STATUS_INVALID_PARAMETER;
    ULONG value = 0;
    for (size_t i = 0; i < units_of(string); i++)
        value = value * 65599 + (ignore_case ? upcase(string->Buffer[i]) : string->Buffer[i]);
    *hash = value;
    return STATUS_SUCCESS;
}

/* Case */

WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR unit)
{
    return upcase(unit);
}

WCHAR NTAPI RtlDowncaseUnicodeChar(WCHAR unit)
{
    return downcase(unit);
}

/* Readies the target of a conversion: its buffer, if it is to be allocated, and its room. */
static NTSTATUS ready_wide(UNICODE_STRING *target, size_t units, BOOLEAN allocated)
{
    if (units > LONGEST_WIDE)
        return STATUS_INVALID_PARAMETER_2;
    if (allocated) {
        target->MaximumLength = (units + 1) * sizeof(WCHAR);
        target->Buffer = allocate(target->MaximumLength);
        if (!target->Buffer)
            return STATUS_NO_MEMORY;
    } else if (units * sizeof(WCHAR) > target->MaximumLength) {
        return STATUS_BUFFER_OVERFLOW;
    }
    target->Length = units * sizeof(WCHAR);
    if (target->Length + sizeof(WCHAR) <= target->MaximumLength)
        target->Buffer[units] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlUpcaseUnicodeString(PUNICODE_STRING target, PCUNICODE_STRING source, BOOLEAN allocated)
{
    NTSTATUS status = ready_wide(target, units_of(source), allocated);
    for (size_t i = 0; !status && i < units_of(source); i++)
        target->Buffer[i] = upcase(source->Buffer[i]);
    return status;
}

NTSTATUS NTAPI RtlDowncaseUnicodeString(PUNICODE_STRING target, PCUNICODE_STRING source, BOOLEAN allocated)
{
    NTSTATUS status = ready_wide(target, units_of(source), allocated);
    for (size_t i = 0; !status && i < units_of(source); i++)
        target->Buffer[i] = downcase(source->Buffer[i]);
    return status;
}

/* Between the two kinds; the ANSI code page is UTF-8 */

NTSTATUS NTAPI RtlAnsiStringToUnicodeString(PUNICODE_STRING target, PCANSI_STRING source, BOOLEAN allocated)
{
    size_t units = utf16_from_utf8(NULL, 0, source->Buffer, source->Length, UTF_REPLACE);
    NTSTATUS status = ready_wide(target, units, allocated);
    if (!status)
        utf16_from_utf8(target->Buffer, units, source->Buffer, source->Length, UTF_REPLACE);
    return status;
}

NTSTATUS NTAPI RtlUnicodeStringToAnsiString(PANSI_STRING target, PCUNICODE_STRING source, BOOLEAN allocated)
{
    size_t size = utf8_from_utf16(NULL, 0, source->Buffer, units_of(source), UTF_REPLACE);
    if (size > LONGEST_NARROW)
        return STATUS_INVALID_PARAMETER_2;
    if (allocated) {
        target->MaximumLength = size + 1;
        target->Buffer = allocate(size + 1);
        if (!target->Buffer)
            return STATUS_NO_MEMORY;
    } else if (size >= target->MaximumLength) {
        return STATUS_BUFFER_OVERFLOW;
    }
    utf8_from_utf16(target->Buffer, size, source->Buffer, units_of(source), UTF_REPLACE);
    target->Buffer[size] = '\0';
    target->Length = size;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlOemStringToUnicodeString(PUNICODE_STRING target, PCANSI_STRING source, BOOLEAN allocated)
{
    return RtlAnsiStringToUnicodeString(target, source, allocated);
}

NTSTATUS NTAPI RtlUnicodeStringToOemString(POEM_STRING target, PCUNICODE_STRING source, BOOLEAN allocated)
{
    return RtlUnicodeStringToAnsiString(target, source, allocated);
}

ULONG NTAPI RtlAnsiStringToUnicodeSize(const STRING *source)
{
    return (utf16_from_utf8(NULL, 0, source->Buffer, source->Length, UTF_REPLACE) + 1) * sizeof(WCHAR);
}

ULONG NTAPI RtlUnicodeStringToAnsiSize(const UNICODE_STRING *source)
{
    return utf8_from_utf16(NULL, 0, source->Buffer, units_of(source), UTF_REPLACE) + 1;
}
