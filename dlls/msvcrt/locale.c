/* setlocale and localeconv. A locale other than "C" is one of Windows' own, whose data kernel32 has. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include "dlls/msvcrt/ctype.h"
#include "dlls/msvcrt/locale.h"
#include "dlls/msvcrt/lock.h"
#include "dlls/msvcrt/startup.h"

#define NAME_SIZE 128

LCID (*crt_lc_handle)[CRT_LC_COUNT];
UINT *crt_lc_codepage, *crt_lc_collate_cp;
int *crt_mb_cur_max, *crt_setlc_active, *crt_unguarded_readlc_active;

/* What a locale's name stands for. The "C" locale is all zeros. */
struct locale {
    LCID id;
    UINT code_page;
    char name[NAME_SIZE];
};

/* Empty is "C". */
static char category_names[CRT_LC_COUNT][NAME_SIZE];
static struct ctype_tables loaded_ctype;

static const char *const category_labels[CRT_LC_COUNT] = {
    [CRT_LC_COLLATE] = "LC_COLLATE", [CRT_LC_CTYPE] = "LC_CTYPE", [CRT_LC_MONETARY] = "LC_MONETARY",
    [CRT_LC_NUMERIC] = "LC_NUMERIC", [CRT_LC_TIME] = "LC_TIME",
};

void locale_attach(void)
{
    *crt_mb_cur_max = 1;
}

static int locale_text(LCID id, LCTYPE type, char *text, int size)
{
    WCHAR wide[NAME_SIZE];
    if (!GetLocaleInfoW(id, type, wide, NAME_SIZE))
        return 0;
    return WideCharToMultiByte(CP_ACP, 0, wide, -1, text, size, NULL, NULL);
}

static bool locale_text_is(LCID id, LCTYPE type, const char *text)
{
    char own[NAME_SIZE];
    return locale_text(id, type, own, sizeof own) && strcasecmp(own, text) == 0;
}

/* Other names that the runtime knows for American English. */
static bool is_american_alias(const char *language)
{
    static const char aliases[][18] = {"american",
                                       "american english",
                                       "american-english",
                                       "english-american",
                                       "english-us",
                                       "english-usa",
                                       "us",
                                       "usa"};
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (strcasecmp(language, aliases[i]) == 0)
            return true;
    }
    return false;
}

static bool locale_matches(LCID id, const char *language, const char *country)
{
    bool language_matches = !*language || locale_text_is(id, LOCALE_SENGLANGUAGE, language) ||
                            locale_text_is(id, LOCALE_SABBREVLANGNAME, language) ||
                            locale_text_is(id, LOCALE_SNAME, language) ||
                            (LANGIDFROMLCID(id) == 0x409 && is_american_alias(language));
    return language_matches && (!*country || locale_text_is(id, LOCALE_SENGCOUNTRY, country) ||
                                locale_text_is(id, LOCALE_SABBREVCTRYNAME, country));
}

/* The user's locale and American English are those that a program asks for by name. */
static LCID find_locale(const char *language, const char *country)
{
    LCID user = GetUserDefaultLCID(), american = MAKELCID(0x409, SORT_DEFAULT);
    if (locale_matches(user, language, country))
        return user;
    return locale_matches(american, language, country) ? american : 0;
}

static UINT default_code_page(LCID id, LCTYPE type)
{
    char digits[16];
    return locale_text(id, type, digits, sizeof digits) ? (UINT)atoi(digits) : 0;
}

/* 0 for one that the runtime does not take. */
static UINT parse_code_page(LCID id, const char *text)
{
    if (strcasecmp(text, "ACP") == 0 || !*text)
        return default_code_page(id, LOCALE_IDEFAULTANSICODEPAGE);
    if (strcasecmp(text, "OCP") == 0)
        return default_code_page(id, LOCALE_IDEFAULTCODEPAGE);
    UINT code_page = (UINT)atoi(text);
    return code_page && code_page != CP_UTF7 && code_page != CP_UTF8 && IsValidCodePage(code_page) ? code_page
                                                                                                   : 0;
}

static void name_locale(struct locale *locale)
{
    char language[64] = "", country[64] = "";
    locale_text(locale->id, LOCALE_SENGLANGUAGE, language, sizeof language);
    locale_text(locale->id, LOCALE_SENGCOUNTRY, country, sizeof country);
    snprintf(locale->name, sizeof locale->name, "%s_%s.%u", language, country, locale->code_page);
}

/* Takes "language[_country][.code page]" apart. */
static bool resolve_parts(char *name, struct locale *locale)
{
    char *code_page = strchr(name, '.');
    if (code_page)
        *code_page++ = 0;
    char *country = strchr(name, '_');
    if (country)
        *country++ = 0;
    locale->id = find_locale(name, country ? country : "");
    locale->code_page = locale->id ? parse_code_page(locale->id, code_page ? code_page : "") : 0;
    return locale->code_page != 0;
}

static bool resolve(const char *name, struct locale *locale)
{
    char copy[NAME_SIZE];
    *locale = (struct locale){0};
    if (strcmp(name, "C") == 0)
        return true;
    if (!*name) {
        locale->id = GetUserDefaultLCID();
        locale->code_page = GetACP();
    } else if (strlen(name) >= sizeof copy || !resolve_parts(strcpy(copy, name), locale)) {
        return false;
    }
    name_locale(locale);
    return true;
}

static int code_page_bytes(UINT code_page)
{
    CPINFO info;
    return GetCPInfo(code_page, &info) ? (int)info.MaxCharSize : 1;
}

static void use_ctype(const struct locale *locale)
{
    if (locale->code_page) {
        ctype_fill(&loaded_ctype, locale->code_page);
        ctype_use(&loaded_ctype);
    } else {
        ctype_use(NULL);
    }
    *crt_lc_codepage = locale->code_page;
    *crt_mb_cur_max = locale->code_page ? code_page_bytes(locale->code_page) : 1;
}

/* localeconv's strings. */
static struct {
    char text[10][16];
    struct crt_lconv values;
    bool made;
} conventions;

static char *convention_text(int index, LCID id, LCTYPE type, const char *c_text)
{
    char *text = conventions.text[index];
    if (!id || !locale_text(id, type, text, sizeof conventions.text[index]))
        strcpy(text, c_text);
    return text;
}

/* Windows writes "3;2;0", C wants the numbers themselves; a last 0 says that the group before it repeats. */
static char *grouping(int index, LCID id, LCTYPE type)
{
    char source[16], *text = conventions.text[index], *out = text;
    if (id && locale_text(id, type, source, sizeof source)) {
        for (const char *p = source; *p; p++) {
            if (*p > '0' && *p <= '9')
                *out++ = *p - '0';
        }
    }
    *out = 0;
    return text;
}

static char convention_number(LCID id, LCTYPE type)
{
    char digits[16];
    return id && locale_text(id, type, digits, sizeof digits) ? (char)atoi(digits) : CHAR_MAX;
}

static void make_numeric_conventions(LCID id)
{
    struct crt_lconv *values = &conventions.values;
    values->decimal_point = convention_text(0, id, LOCALE_SDECIMAL, ".");
    values->thousands_sep = convention_text(1, id, LOCALE_STHOUSAND, "");
    values->grouping = grouping(2, id, LOCALE_SGROUPING);
}

static void make_monetary_conventions(LCID id)
{
    struct crt_lconv *values = &conventions.values;
    values->int_curr_symbol = convention_text(3, id, LOCALE_SINTLSYMBOL, "");
    values->currency_symbol = convention_text(4, id, LOCALE_SCURRENCY, "");
    values->mon_decimal_point = convention_text(5, id, LOCALE_SMONDECIMALSEP, "");
    values->mon_thousands_sep = convention_text(6, id, LOCALE_SMONTHOUSANDSEP, "");
    values->mon_grouping = grouping(7, id, LOCALE_SMONGROUPING);
    values->positive_sign = convention_text(8, id, LOCALE_SPOSITIVESIGN, "");
    values->negative_sign = convention_text(9, id, LOCALE_SNEGATIVESIGN, "");
    values->int_frac_digits = convention_number(id, LOCALE_IINTLCURRDIGITS);
    values->frac_digits = convention_number(id, LOCALE_ICURRDIGITS);
    values->p_cs_precedes = convention_number(id, LOCALE_IPOSSYMPRECEDES);
    values->p_sep_by_space = convention_number(id, LOCALE_IPOSSEPBYSPACE);
    values->n_cs_precedes = convention_number(id, LOCALE_INEGSYMPRECEDES);
    values->n_sep_by_space = convention_number(id, LOCALE_INEGSEPBYSPACE);
    values->p_sign_posn = convention_number(id, LOCALE_IPOSSIGNPOSN);
    values->n_sign_posn = convention_number(id, LOCALE_INEGSIGNPOSN);
}

struct crt_lconv *crt_localeconv(void)
{
    if (!__atomic_load_n(&conventions.made, __ATOMIC_ACQUIRE)) {
        crt_lock(CRT_LOCK_LOCALE);
        if (!conventions.made) {
            make_numeric_conventions(locale_of(CRT_LC_NUMERIC));
            make_monetary_conventions(locale_of(CRT_LC_MONETARY));
            __atomic_store_n(&conventions.made, true, __ATOMIC_RELEASE);
        }
        crt_unlock(CRT_LOCK_LOCALE);
    }
    return &conventions.values;
}

/* Programs of MinGW call this where char is unsigned: what is unknown becomes 255, CHAR_MAX to them. */
int crt_lconv_init(void)
{
    struct crt_lconv *values = crt_localeconv();
    for (char *number = &values->int_frac_digits; number <= &values->n_sign_posn; number++) {
        if (*number == CHAR_MAX)
            *number = (char)UCHAR_MAX;
    }
    return 0;
}

static void use_locale(int category, const struct locale *locale)
{
    (*crt_lc_handle)[category] = locale->id;
    strcpy(category_names[category], locale->name);
    if (category == CRT_LC_CTYPE)
        use_ctype(locale);
    else if (category == CRT_LC_COLLATE)
        *crt_lc_collate_cp = locale->code_page;
    else if (category == CRT_LC_NUMERIC || category == CRT_LC_MONETARY)
        conventions.made = false;
}

static const char *name_of(int category)
{
    return *category_names[category] ? category_names[category] : "C";
}

/* One name where all categories agree, else each of them with its label. */
static char *all_names(void)
{
    static char text[CRT_LC_COUNT * (NAME_SIZE + 16)];
    size_t length = 0;
    bool same = true;
    for (int category = CRT_LC_COLLATE; category < CRT_LC_COUNT; category++) {
        same &= strcmp(name_of(category), name_of(CRT_LC_COLLATE)) == 0;
        length += sprintf(text + length, "%s%s=%s", length ? ";" : "", category_labels[category],
                          name_of(category));
    }
    return same ? (char *)name_of(CRT_LC_COLLATE) : text;
}

static int labelled_category(const char *text, size_t length)
{
    for (int category = CRT_LC_COLLATE; category < CRT_LC_COUNT; category++) {
        if (strlen(category_labels[category]) == length &&
            memcmp(category_labels[category], text, length) == 0)
            return category;
    }
    return -1;
}

/* Takes all_names' longer form back. Nothing changes unless all of it is understood. */
static bool set_labelled_names(const char *text)
{
    struct locale locales[CRT_LC_COUNT];
    bool given[CRT_LC_COUNT] = {0};
    while (*text) {
        size_t label_length = strcspn(text, "="), name_length;
        int category = labelled_category(text, label_length);
        if (category < 0)
            return false;
        text += label_length + 1;
        name_length = strcspn(text, ";");
        char name[NAME_SIZE];
        if (name_length >= sizeof name)
            return false;
        memcpy(name, text, name_length);
        name[name_length] = 0;
        if (!resolve(name, &locales[category]))
            return false;
        given[category] = true;
        text += name_length + (text[name_length] == ';');
    }
    for (int category = CRT_LC_COLLATE; category < CRT_LC_COUNT; category++) {
        if (given[category])
            use_locale(category, &locales[category]);
    }
    return true;
}

static bool set_names(int category, const char *name)
{
    struct locale locale;
    if (category == CRT_LC_ALL && strncmp(name, "LC_", 3) == 0)
        return set_labelled_names(name);
    if (!resolve(name, &locale))
        return false;
    if (category != CRT_LC_ALL) {
        use_locale(category, &locale);
        return true;
    }
    for (int each = CRT_LC_COLLATE; each < CRT_LC_COUNT; each++)
        use_locale(each, &locale);
    return true;
}

char *crt_setlocale(int category, const char *name)
{
    if (category < CRT_LC_ALL || category >= CRT_LC_COUNT)
        return NULL;
    crt_lock(CRT_LOCK_LOCALE);
    char *result = NULL;
    if (!name || set_names(category, name))
        result = category == CRT_LC_ALL ? all_names() : (char *)name_of(category);
    crt_unlock(CRT_LOCK_LOCALE);
    return result;
}

WCHAR *crt_wsetlocale(int category, const WCHAR *name)
{
    static WCHAR wide[CRT_LC_COUNT * (NAME_SIZE + 16)];
    char narrow[CRT_LC_COUNT * (NAME_SIZE + 16)];
    if (name && !WideCharToMultiByte(CP_ACP, 0, name, -1, narrow, sizeof narrow, NULL, NULL))
        return NULL;
    const char *result = crt_setlocale(category, name ? narrow : NULL);
    if (!result || !MultiByteToWideChar(CP_ACP, 0, result, -1, wide, sizeof wide / sizeof *wide))
        return NULL;
    return wide;
}

UINT crt_lc_codepage_func(void)
{
    return *crt_lc_codepage;
}

UINT crt_lc_collate_cp_func(void)
{
    return *crt_lc_collate_cp;
}

LCID *crt_lc_handle_func(void)
{
    return *crt_lc_handle;
}

int crt_mb_cur_max_func(void)
{
    return *crt_mb_cur_max;
}

int *crt_p_mb_cur_max(void)
{
    return crt_mb_cur_max;
}

/* Counts of threads in setlocale, which programs' own copies of the runtime once read. */
int crt_setlc_active_func(void)
{
    return *crt_setlc_active;
}

int *crt_unguarded_readlc_active_add_func(void)
{
    return crt_unguarded_readlc_active;
}
