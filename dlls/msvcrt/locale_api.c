/* kernel32's locale functions with a code page for narrow text: what other parts of Microsoft's runtimes
 * call. */
#include <stdlib.h>
#include <litewin/windows.h>

static UINT code_page_or_ansi(int code_page)
{
    return code_page ? (UINT)code_page : CP_ACP;
}

/* A copy in memory that the caller frees. `length` counts as the caller's did; -1 takes the NUL along. */
static WCHAR *widen(int code_page, const char *text, int *length)
{
    int needed = MultiByteToWideChar(code_page_or_ansi(code_page), 0, text, *length, NULL, 0);
    WCHAR *wide = needed ? malloc(needed * sizeof *wide) : NULL;
    if (wide)
        *length = MultiByteToWideChar(code_page_or_ansi(code_page), 0, text, *length, wide, needed);
    return wide;
}

int crt_compare_string_w(LCID locale, DWORD flags, const WCHAR *a, int a_length, const WCHAR *b, int b_length,
                         int code_page)
{
    return CompareStringW(locale, flags, a, a_length, b, b_length);
}

int crt_compare_string_a(LCID locale, DWORD flags, const char *a, int a_length, const char *b, int b_length,
                         int code_page)
{
    WCHAR *wide_a = widen(code_page, a, &a_length), *wide_b = widen(code_page, b, &b_length);
    int order = wide_a && wide_b ? CompareStringW(locale, flags, wide_a, a_length, wide_b, b_length) : 0;
    free(wide_a);
    free(wide_b);
    return order;
}

int crt_lc_map_string_w(LCID locale, DWORD flags, const WCHAR *source, int length, WCHAR *target, int size,
                        int code_page)
{
    return LCMapStringW(locale, flags, source, length, target, size);
}

/* A sort key is bytes already; all else becomes text of the code page. */
int crt_lc_map_string_a(LCID locale, DWORD flags, const char *source, int length, char *target, int size,
                        int code_page, BOOL report_errors)
{
    WCHAR *wide = widen(code_page, source, &length);
    if (!wide)
        return 0;
    if (flags & LCMAP_SORTKEY) {
        int result = LCMapStringW(locale, flags, wide, length, (WCHAR *)target, size);
        free(wide);
        return result;
    }
    int mapped_length = LCMapStringW(locale, flags, wide, length, NULL, 0), result = 0;
    WCHAR *mapped = mapped_length ? malloc(mapped_length * sizeof *mapped) : NULL;
    if (mapped && LCMapStringW(locale, flags, wide, length, mapped, mapped_length))
        result = WideCharToMultiByte(code_page_or_ansi(code_page), 0, mapped, mapped_length, target, size,
                                     NULL, NULL);
    free(mapped);
    free(wide);
    return result;
}

BOOL crt_get_string_type_w(void *locale, DWORD kind, const WCHAR *text, int length, WORD *types)
{
    return GetStringTypeW(kind, text, length, types);
}

int crt_get_locale_info_w(LCID locale, LCTYPE type, WCHAR *text, int size, int code_page)
{
    return GetLocaleInfoW(locale, type, text, size);
}
