#include "loader/trace/filter.h"
#include <stdlib.h>
#include <string.h>

const char filter_categories[] =
    "file_io,console_io,memory,threading,synchronization,environment,process,registry,"
    "dll,network,exception,string,time";

enum { LONGEST_CATEGORY = 32 };

static const char **patterns;
static unsigned pattern_count;
static bool any_positive;
static const char *categories; /* "," before and after each */

void filter_add_pattern(const char *pattern)
{
    const char **list = realloc(patterns, (pattern_count + 1) * sizeof *list);
    if (!list)
        abort();
    patterns = list;
    patterns[pattern_count++] = pattern;
    any_positive |= *pattern != '!';
}

/* Whether the list, which has commas between its words, has that word. */
static bool has_word(const char *list, const char *word, size_t length)
{
    for (;; list++) {
        size_t here = strcspn(list, ",");
        if (here == length && !memcmp(list, word, length))
            return true;
        list += here;
        if (!*list)
            return false;
    }
}

const char *filter_add_categories(const char *list)
{
    static char unknown[LONGEST_CATEGORY];
    for (const char *word = list;; word++) {
        size_t length = strcspn(word, ",");
        if (!has_word(filter_categories, word, length)) {
            if (length >= sizeof unknown)
                length = sizeof unknown - 1;
            memcpy(unknown, word, length);
            unknown[length] = '\0';
            return unknown;
        }
        word += length;
        if (!*word)
            break;
    }
    char *all = malloc((categories ? strlen(categories) + 1 : 0) + strlen(list) + 1);
    if (!all)
        abort();
    *all = '\0';
    if (categories)
        strcat(strcpy(all, categories), ",");
    categories = strcat(all, list);
    return NULL;
}

/* `?` is one character and `*` any number of them. */
static bool is_like(const char *text, const char *pattern, size_t length)
{
    const char *retry_text = NULL, *retry_pattern = NULL, *end = pattern + length;
    while (*text) {
        if (pattern < end && *pattern == '*') {
            retry_pattern = ++pattern;
            retry_text = text;
        } else if (pattern < end && (*pattern == '?' || *pattern == *text)) {
            pattern++;
            text++;
        } else if (retry_pattern) {
            pattern = retry_pattern;
            text = ++retry_text;
        } else {
            return false;
        }
    }
    while (pattern < end && *pattern == '*')
        pattern++;
    return pattern == end;
}

static bool pattern_matches(const char *pattern, const char *dll, const char *name)
{
    const char *separator = strchr(pattern, '!');
    if (separator) {
        size_t length = separator - pattern;
        if (length > 4 && !memcmp(separator - 4, ".dll", 4))
            length -= 4;
        if (!is_like(dll, pattern, length))
            return false;
        pattern = separator + 1;
    }
    return is_like(name, pattern, strlen(pattern));
}

bool filter_matches(const char *dll, const char *name, const char *category)
{
    bool wanted = !any_positive;
    if (categories && !has_word(categories, category, strlen(category)))
        return false;
    for (unsigned i = 0; i < pattern_count; i++) {
        bool excludes = *patterns[i] == '!';
        if (!pattern_matches(patterns[i] + excludes, dll, name))
            continue;
        if (excludes)
            return false;
        wanted = true;
    }
    return wanted;
}
