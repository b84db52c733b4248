/* GetLocaleInfo: how dates, numbers and money are written in English (United States), as Windows has it. */
#include <stdio.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/locale.h"
#include "kernel/utf.h"

/* Texts in UTF-8. The kind of a value tells whether LOCALE_RETURN_NUMBER may ask for it. */
enum value_kind { TEXT, DECIMAL, HEXADECIMAL };

static const struct value {
    uint16_t type;
    uint8_t kind;
    char text[29];
} english_values[] = {
    {LOCALE_ILANGUAGE, HEXADECIMAL, "0409"},
    {LOCALE_SLOCALIZEDDISPLAYNAME, TEXT, "English (United States)"},
    {LOCALE_SABBREVLANGNAME, TEXT, "ENU"},
    {LOCALE_SNATIVELANGNAME, TEXT, "English"},
    {LOCALE_ICOUNTRY, DECIMAL, "1"},
    {LOCALE_SLOCALIZEDCOUNTRYNAME, TEXT, "United States"},
    {LOCALE_SABBREVCTRYNAME, TEXT, "USA"},
    {LOCALE_SNATIVECTRYNAME, TEXT, "United States"},
    {LOCALE_IDEFAULTLANGUAGE, HEXADECIMAL, "0409"},
    {LOCALE_IDEFAULTCOUNTRY, DECIMAL, "1"},
    {LOCALE_SLIST, TEXT, ","},
    {LOCALE_IMEASURE, DECIMAL, "1"},
    {LOCALE_SDECIMAL, TEXT, "."},
    {LOCALE_STHOUSAND, TEXT, ","},
    {LOCALE_SGROUPING, TEXT, "3;0"},
    {LOCALE_IDIGITS, DECIMAL, "2"},
    {LOCALE_ILZERO, DECIMAL, "1"},
    {LOCALE_SNATIVEDIGITS, TEXT, "0123456789"},
    {LOCALE_SCURRENCY, TEXT, "$"},
    {LOCALE_SINTLSYMBOL, TEXT, "USD"},
    {LOCALE_SMONDECIMALSEP, TEXT, "."},
    {LOCALE_SMONTHOUSANDSEP, TEXT, ","},
    {LOCALE_SMONGROUPING, TEXT, "3;0"},
    {LOCALE_ICURRDIGITS, DECIMAL, "2"},
    {LOCALE_IINTLCURRDIGITS, DECIMAL, "2"},
    {LOCALE_ICURRENCY, DECIMAL, "0"},
    {LOCALE_INEGCURR, DECIMAL, "0"},
    {LOCALE_SDATE, TEXT, "/"},
    {LOCALE_STIME, TEXT, ":"},
    {LOCALE_SSHORTDATE, TEXT, "M/d/yyyy"},
    {LOCALE_SLONGDATE, TEXT, "dddd, MMMM d, yyyy"},
    {LOCALE_IDATE, DECIMAL, "0"},
    {LOCALE_ILDATE, DECIMAL, "0"},
    {LOCALE_ITIME, DECIMAL, "0"},
    {LOCALE_ICENTURY, DECIMAL, "1"},
    {LOCALE_ITLZERO, DECIMAL, "0"},
    {LOCALE_IDAYLZERO, DECIMAL, "0"},
    {LOCALE_IMONLZERO, DECIMAL, "0"},
    {LOCALE_S1159, TEXT, "AM"},
    {LOCALE_S2359, TEXT, "PM"},
    {LOCALE_SPOSITIVESIGN, TEXT, ""},
    {LOCALE_SNEGATIVESIGN, TEXT, "-"},
    {LOCALE_IPOSSIGNPOSN, DECIMAL, "3"},
    {LOCALE_INEGSIGNPOSN, DECIMAL, "0"},
    {LOCALE_IPOSSYMPRECEDES, DECIMAL, "1"},
    {LOCALE_IPOSSEPBYSPACE, DECIMAL, "0"},
    {LOCALE_INEGSYMPRECEDES, DECIMAL, "1"},
    {LOCALE_INEGSEPBYSPACE, DECIMAL, "0"},
    {LOCALE_SISO639LANGNAME, TEXT, "en"},
    {LOCALE_SISO3166CTRYNAME, TEXT, "US"},
    {LOCALE_IGEOID, DECIMAL, "244"},
    {LOCALE_SNAME, TEXT, "en-US"},
    {LOCALE_SDURATION, TEXT, "h:mm:ss"},
    {LOCALE_SKEYBOARDSTOINSTALL, TEXT, "0409:00000409"},
    {LOCALE_SISO639LANGNAME2, TEXT, "eng"},
    {LOCALE_SISO3166CTRYNAME2, TEXT, "USA"},
    {LOCALE_SNAN, TEXT, "NaN"},
    {LOCALE_SPOSINFINITY, TEXT, "\xe2\x88\x9e"},
    {LOCALE_SNEGINFINITY, TEXT, "-\xe2\x88\x9e"},
    {LOCALE_SSCRIPTS, TEXT, "Latn;"},
    {LOCALE_SPARENT, TEXT, "en"},
    {LOCALE_SCONSOLEFALLBACKNAME, TEXT, "en-US"},
    {LOCALE_SENGLISHDISPLAYNAME, TEXT, "English (United States)"},
    {LOCALE_SNATIVEDISPLAYNAME, TEXT, "English (United States)"},
    {LOCALE_IREADINGLAYOUT, DECIMAL, "0"},
    {LOCALE_INEUTRAL, DECIMAL, "0"},
    {LOCALE_INEGATIVEPERCENT, DECIMAL, "1"},
    {LOCALE_IPOSITIVEPERCENT, DECIMAL, "1"},
    {LOCALE_SPERCENT, TEXT, "%"},
    {LOCALE_SPERMILLE, TEXT, "\xe2\x80\xb0"},
    {LOCALE_SMONTHDAY, TEXT, "MMMM d"},
    {LOCALE_SSHORTTIME, TEXT, "h:mm tt"},
    {LOCALE_SSORTLOCALE, TEXT, "en-US"},
    {LOCALE_SENGLANGUAGE, TEXT, "English"},
    {LOCALE_SENGCOUNTRY, TEXT, "United States"},
    {LOCALE_STIMEFORMAT, TEXT, "h:mm:ss tt"},
    {LOCALE_ITIMEMARKPOSN, DECIMAL, "0"},
    {LOCALE_SYEARMONTH, TEXT, "MMMM yyyy"},
    {LOCALE_SENGCURRNAME, TEXT, "US Dollar"},
    {LOCALE_SNATIVECURRNAME, TEXT, "US Dollar"},
    {LOCALE_ICALENDARTYPE, DECIMAL, "1"},
    {LOCALE_IPAPERSIZE, DECIMAL, "1"},
    {LOCALE_IOPTIONALCALENDAR, DECIMAL, "0"},
    {LOCALE_IFIRSTDAYOFWEEK, DECIMAL, "6"},
    {LOCALE_IFIRSTWEEKOFYEAR, DECIMAL, "0"},
    {LOCALE_SMONTHNAME13, TEXT, ""},
    {LOCALE_SABBREVMONTHNAME13, TEXT, ""},
    {LOCALE_INEGNUMBER, DECIMAL, "1"},
    {LOCALE_IDEFAULTMACCODEPAGE, DECIMAL, "10000"},
    {LOCALE_IDEFAULTEBCDICCODEPAGE, DECIMAL, "037"},
    {LOCALE_SSORTNAME, TEXT, "Default"},
    {LOCALE_IDIGITSUBSTITUTION, DECIMAL, "1"},
};

/* Where the invariant locale is different. */
static const struct value invariant_values[] = {
    {LOCALE_ILANGUAGE, HEXADECIMAL, "007f"},
    {LOCALE_SLOCALIZEDDISPLAYNAME, TEXT, "Invariant Language"},
    {LOCALE_SABBREVLANGNAME, TEXT, "IVL"},
    {LOCALE_SNATIVELANGNAME, TEXT, "Invariant Language"},
    {LOCALE_SLOCALIZEDCOUNTRYNAME, TEXT, "Invariant Country"},
    {LOCALE_SABBREVCTRYNAME, TEXT, "IVC"},
    {LOCALE_SNATIVECTRYNAME, TEXT, "Invariant Country"},
    {LOCALE_IDEFAULTLANGUAGE, HEXADECIMAL, "0409"},
    {LOCALE_IMEASURE, DECIMAL, "0"},
    {LOCALE_SCURRENCY, TEXT, "\xc2\xa4"},
    {LOCALE_SINTLSYMBOL, TEXT, "XDR"},
    {LOCALE_SSHORTDATE, TEXT, "MM/dd/yyyy"},
    {LOCALE_SLONGDATE, TEXT, "dddd, dd MMMM yyyy"},
    {LOCALE_ILDATE, DECIMAL, "1"},
    {LOCALE_ITIME, DECIMAL, "1"},
    {LOCALE_ITLZERO, DECIMAL, "1"},
    {LOCALE_IDAYLZERO, DECIMAL, "1"},
    {LOCALE_IMONLZERO, DECIMAL, "1"},
    {LOCALE_SPOSITIVESIGN, TEXT, "+"},
    {LOCALE_SISO639LANGNAME, TEXT, "iv"},
    {LOCALE_SISO3166CTRYNAME, TEXT, "IV"},
    {LOCALE_SNAME, TEXT, ""},
    {LOCALE_SPARENT, TEXT, ""},
    {LOCALE_SENGLISHDISPLAYNAME, TEXT, "Invariant Language"},
    {LOCALE_SNATIVEDISPLAYNAME, TEXT, "Invariant Language"},
    {LOCALE_SMONTHDAY, TEXT, "MMMM dd"},
    {LOCALE_SSHORTTIME, TEXT, "HH:mm"},
    {LOCALE_SENGLANGUAGE, TEXT, "Invariant Language"},
    {LOCALE_SENGCOUNTRY, TEXT, "Invariant Country"},
    {LOCALE_STIMEFORMAT, TEXT, "HH:mm:ss"},
    {LOCALE_SYEARMONTH, TEXT, "yyyy MMMM"},
    {LOCALE_SENGCURRNAME, TEXT, "International Monetary Fund"},
    {LOCALE_IPAPERSIZE, DECIMAL, "9"},
};

static const char days[][10] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
static const char months[][10] = {"January", "February", "March",     "April",   "May",      "June",
                                  "July",    "August",   "September", "October", "November", "December"};

static const struct value *find_value(const struct value *values, size_t count, LCTYPE type)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i].type == type)
            return &values[i];
    }
    return NULL;
}

/* Names of days and months: whole, or their first letters. */
static bool take_name(LCTYPE type, struct value *value)
{
    static const struct {
        LCTYPE first;
        unsigned count, letters;
        const char (*names)[10];
    } ranges[] = {
        {LOCALE_SDAYNAME1, ARRAYSIZE(days), 9, days},
        {LOCALE_SABBREVDAYNAME1, ARRAYSIZE(days), 3, days},
        {LOCALE_SSHORTESTDAYNAME1, ARRAYSIZE(days), 2, days},
        {LOCALE_SMONTHNAME1, ARRAYSIZE(months), 9, months},
        {LOCALE_SABBREVMONTHNAME1, ARRAYSIZE(months), 3, months},
    };
    for (size_t i = 0; i < ARRAYSIZE(ranges); i++) {
        if (type - ranges[i].first < ranges[i].count) {
            value->kind = TEXT;
            snprintf(value->text, sizeof value->text, "%.*s", (int)ranges[i].letters,
                     ranges[i].names[type - ranges[i].first]);
            return true;
        }
    }
    return false;
}

/* What the process's code pages are is not the locale's to say twice. */
static bool take_code_page(LCTYPE type, struct value *value)
{
    if (type != LOCALE_IDEFAULTANSICODEPAGE && type != LOCALE_IDEFAULTCODEPAGE)
        return false;
    value->kind = DECIMAL;
    snprintf(value->text, sizeof value->text, "%u",
             type == LOCALE_IDEFAULTANSICODEPAGE ? GetACP() : GetOEMCP());
    return true;
}

static bool take_value(LCID locale, LCTYPE type, struct value *value)
{
    const struct value *found = NULL;
    if (locale == LOCALE_INVARIANT)
        found = find_value(invariant_values, ARRAYSIZE(invariant_values), type);
    if (!found)
        found = find_value(english_values, ARRAYSIZE(english_values), type);
    if (found)
        *value = *found;
    return found || take_name(type, value) || take_code_page(type, value);
}

const WCHAR *locale_string(LCID locale, LCTYPE type, WCHAR buffer[LOCALE_LONGEST + 1])
{
    struct value value;
    if (!take_value(locale, type, &value))
        return NULL;
    buffer[utf16_from_utf8(buffer, LOCALE_LONGEST, value.text, strlen(value.text), UTF_STRICT)] = 0;
    return buffer;
}

/* The functions */

#define MODIFIERS                                                                                      \
    (LOCALE_NOUSEROVERRIDE | LOCALE_USE_CP_ACP | LOCALE_RETURN_NUMBER | LOCALE_RETURN_GENITIVE_NAMES | \
     LOCALE_ALLOW_NEUTRAL_NAMES)

static int fail(DWORD error)
{
    SetLastError(error);
    return 0;
}

static DWORD number_of(const struct value *value)
{
    DWORD number = 0;
    for (const char *c = value->text; *c; c++)
        number = number * (value->kind == HEXADECIMAL ? 16 : 10) + (*c > '9' ? *c - 'a' + 10 : *c - '0');
    return number;
}

/* Which characters a font for the language has, in the form of a LOCALESIGNATURE. */
static int return_signature(WCHAR *buffer, int size)
{
    static const WCHAR signature[] = {3, 0, 0, 0, 0, 0, 0, 0x8000, 1, 0, 0, 0x8000, 0x19f, 0, 0, 0};
    return locale_return(signature, ARRAYSIZE(signature), buffer, size);
}

static int get_info(LCID locale, LCTYPE type, WCHAR *buffer, int size)
{
    struct value value;
    WCHAR text[LOCALE_LONGEST + 1];
    if (size < 0 || (size && !buffer))
        return fail(ERROR_INVALID_PARAMETER);
    if (!locale)
        return 0;
    if ((type & ~(LCTYPE)MODIFIERS) == LOCALE_FONTSIGNATURE)
        return return_signature(buffer, size);
    if (!take_value(locale, type & ~(LCTYPE)MODIFIERS, &value))
        return fail(ERROR_INVALID_FLAGS);
    if (type & LOCALE_RETURN_NUMBER) {
        DWORD number = number_of(&value);
        if (value.kind == TEXT)
            return fail(ERROR_INVALID_FLAGS);
        return locale_return((WCHAR *)&number, sizeof number / sizeof(WCHAR), buffer, size);
    }
    size_t length = utf16_from_utf8(text, LOCALE_LONGEST, value.text, strlen(value.text), UTF_STRICT);
    text[length] = 0;
    return locale_return(text, length + 1, buffer, size);
}

int WINAPI GetLocaleInfoW(LCID locale, LCTYPE type, LPWSTR buffer, int size)
{
    return get_info(locale_resolve(locale), type, buffer, size);
}

int WINAPI GetLocaleInfoEx(LPCWSTR locale, LCTYPE type, LPWSTR buffer, int size)
{
    return get_info(locale_resolve_name(locale), type, buffer, size);
}

/* Numbers and signatures are bytes here, too. */
static int return_bytes(const WCHAR *units, int count, char *buffer, int size)
{
    int bytes = count * (int)sizeof *units;
    if (size && size < bytes)
        return fail(ERROR_INSUFFICIENT_BUFFER);
    if (size)
        memcpy(buffer, units, bytes);
    return bytes;
}

int WINAPI GetLocaleInfoA(LCID locale, LCTYPE type, LPSTR buffer, int size)
{
    WCHAR wide[LOCALE_LONGEST + 1];
    if (size < 0 || (size && !buffer))
        return fail(ERROR_INVALID_PARAMETER);
    int length = GetLocaleInfoW(locale, type, wide, ARRAYSIZE(wide));
    if (!length)
        return 0;
    if (type & LOCALE_RETURN_NUMBER || (type & ~(LCTYPE)MODIFIERS) == LOCALE_FONTSIGNATURE)
        return return_bytes(wide, length, buffer, size);
    return locale_return_ansi(wide, length, buffer, size);
}
