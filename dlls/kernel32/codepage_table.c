/* The tables of code pages, which the C library's converters fill. */
#include <iconv.h>
#include <stdlib.h>
#include "dlls/kernel32/codepage.h"
#include "kernel/lock.h"

static const struct {
    uint16_t page;
    char name[14];
    BYTE lead_ranges[4];
} pages[] = {
    {437, "IBM437", {0}},
    {737, "CP737", {0}},
    {775, "CP775", {0}},
    {850, "IBM850", {0}},
    {852, "IBM852", {0}},
    {855, "IBM855", {0}},
    {857, "IBM857", {0}},
    {860, "IBM860", {0}},
    {861, "IBM861", {0}},
    {862, "IBM862", {0}},
    {863, "IBM863", {0}},
    {864, "IBM864", {0}},
    {865, "IBM865", {0}},
    {866, "IBM866", {0}},
    {869, "IBM869", {0}},
    {874, "WINDOWS-874", {0}},
    {932, "CP932", {0x81, 0x9f, 0xe0, 0xfc}},
    {936, "GBK", {0x81, 0xfe}},
    {949, "UHC", {0x81, 0xfe}},
    {950, "BIG5", {0x81, 0xfe}},
    {1250, "CP1250", {0}},
    {1251, "CP1251", {0}},
    {1252, "CP1252", {0}},
    {1253, "CP1253", {0}},
    {1254, "CP1254", {0}},
    {1255, "CP1255", {0}},
    {1256, "CP1256", {0}},
    {1257, "CP1257", {0}},
    {1258, "CP1258", {0}},
    {10000, "MACINTOSH", {0}},
    {20127, "ASCII", {0}},
    {20866, "KOI8-R", {0}},
    {21866, "KOI8-U", {0}},
    {28591, "ISO-8859-1", {0}},
    {28592, "ISO-8859-2", {0}},
    {28593, "ISO-8859-3", {0}},
    {28594, "ISO-8859-4", {0}},
    {28595, "ISO-8859-5", {0}},
    {28596, "ISO-8859-6", {0}},
    {28597, "ISO-8859-7", {0}},
    {28598, "ISO-8859-8", {0}},
    {28599, "ISO-8859-9", {0}},
    {28603, "ISO-8859-13", {0}},
    {28605, "ISO-8859-15", {0}},
};

static struct codepage_table *tables[ARRAYSIZE(pages)];
static struct lock tables_lock;

/* The one unit that a character's bytes stand for, or 0. */
static WCHAR decode(iconv_t converter, const char *bytes, size_t size)
{
    uint16_t unit;
    char *in = (char *)bytes, *out = (char *)&unit;
    size_t out_left = sizeof unit;
    iconv(converter, NULL, NULL, NULL, NULL);
    if (iconv(converter, &in, &size, &out, &out_left) == (size_t)-1 || size || out_left)
        return 0;
    return unit;
}

bool codepage_is_lead(const struct codepage_table *table, unsigned char byte)
{
    for (const BYTE *range = table->lead_ranges; range[0]; range += 2)
        if (byte >= range[0] && byte <= range[1])
            return true;
    return false;
}

/* A byte that the page leaves undefined stands for the control character of the same number. */
static void fill_single(struct codepage_table *table, iconv_t converter)
{
    for (int byte = 0; byte < 256; byte++) {
        char source = (char)byte;
        if (codepage_is_lead(table, byte))
            continue;
        WCHAR unit = decode(converter, &source, 1);
        table->wide[byte] = unit ? unit : byte;
        if (!table->narrow[table->wide[byte]])
            table->narrow[table->wide[byte]] = byte;
    }
    /* ASCII is the same in both directions, whatever else shares a character with it. */
    for (int byte = 0; byte < 128; byte++)
        table->narrow[byte] = byte;
}

static bool fill_pairs(struct codepage_table *table, iconv_t converter)
{
    table->pairs = calloc(65536, sizeof *table->pairs);
    if (!table->pairs)
        return false;
    for (int pair = 0x8100; pair < 0x10000; pair++) {
        char source[2] = {(char)(pair >> 8), (char)pair};
        if (!codepage_is_lead(table, pair >> 8))
            continue;
        WCHAR unit = decode(converter, source, 2);
        table->pairs[pair] = unit;
        if (unit && !table->narrow[unit])
            table->narrow[unit] = pair;
    }
    return true;
}

static void free_table(struct codepage_table *table)
{
    free(table->pairs);
    free(table);
}

static struct codepage_table *make_table(size_t index)
{
    iconv_t converter = iconv_open("UTF-16LE", pages[index].name);
    if (converter == (iconv_t)-1)
        return NULL;
    struct codepage_table *table = calloc(1, sizeof *table);
    if (table) {
        table->page = pages[index].page;
        memcpy(table->lead_ranges, pages[index].lead_ranges, sizeof pages[index].lead_ranges);
        fill_single(table, converter);
        if (table->lead_ranges[0] && !fill_pairs(table, converter)) {
            free_table(table);
            table = NULL;
        }
    }
    iconv_close(converter);
    return table;
}

const struct codepage_table *codepage_table(UINT page)
{
    for (size_t i = 0; i < ARRAYSIZE(pages); i++) {
        if (pages[i].page != page)
            continue;
        lock_acquire(&tables_lock);
        if (!tables[i])
            tables[i] = make_table(i);
        const struct codepage_table *table = tables[i];
        lock_release(&tables_lock);
        return table;
    }
    return NULL;
}

UINT codepage_number(size_t index)
{
    return index < ARRAYSIZE(pages) ? pages[index].page : 0;
}
