/* Paths as text, of either width: included with UNIT, the type of a character, and NAME(x), which makes a
 * function's name of x. Nothing here asks whether a file is there. */

static UNIT *NAME(end_of)(UNIT *text)
{
    while (*text)
        text++;
    return text;
}

static UNIT *NAME(last_part)(const UNIT *path)
{
    const UNIT *part = path;
    for (; *path; path++) {
        if ((*path == '\\' || *path == '/' || *path == ':') && path[1] && path[1] != '\\' && path[1] != '/')
            part = path + 1;
    }
    return (UNIT *)part;
}

/* A dot in the last part, with no blank behind it; the end where there is none. */
UNIT *WINAPI NAME(PathFindExtension)(const UNIT *path)
{
    const UNIT *dot = NULL;
    if (!path)
        return NULL;
    for (; *path; path++) {
        if (*path == '\\' || *path == ' ')
            dot = NULL;
        else if (*path == '.')
            dot = path;
    }
    return (UNIT *)(dot ? dot : path);
}

UNIT *WINAPI NAME(PathFindFileName)(const UNIT *path)
{
    return path ? NAME(last_part)(path) : NULL;
}

BOOL WINAPI NAME(PathIsRelative)(const UNIT *path)
{
    return !path || !*path || (*path != '\\' && path[1] != ':');
}

void WINAPI NAME(PathRemoveExtension)(UNIT *path)
{
    if (path)
        *NAME(PathFindExtension)(path) = 0;
}

/* NULL where there is no room. */
UNIT *WINAPI NAME(PathAddBackslash)(UNIT *path)
{
    UNIT *end = path ? NAME(end_of)(path) : NULL;
    if (!end || end - path >= MAX_PATH - 1)
        return NULL;
    if (end == path || end[-1] == '\\')
        return end;
    end[0] = '\\';
    end[1] = 0;
    return end + 1;
}

/* A backslash that says the root stays. Where the last unit is. */
UNIT *WINAPI NAME(PathRemoveBackslash)(UNIT *path)
{
    UNIT *end = path ? NAME(end_of)(path) : NULL;
    if (!end || end == path)
        return end;
    bool is_root = end - path == 1 || (end - path == 3 && path[1] == ':');
    if (end[-1] == '\\' && !is_root)
        end[-1] = 0;
    return end - 1;
}

/* Cuts the last part off, and the backslash before it unless that is the root. */
BOOL WINAPI NAME(PathRemoveFileSpec)(UNIT *path)
{
    UNIT *cut = path, *at = path;
    if (!path)
        return FALSE;
    if (*at == '\\')
        cut = ++at;
    if (*at == '\\')
        cut = ++at;
    while (*at) {
        if (*at == '\\') {
            cut = at;
        } else if (*at == ':') {
            cut = ++at;
            if (*at == '\\')
                cut++;
        }
        if (!*at)
            break;
        at++;
    }
    if (!*cut)
        return FALSE;
    *cut = 0;
    return TRUE;
}

void WINAPI NAME(PathStripPath)(UNIT *path)
{
    if (!path)
        return;
    UNIT *part = NAME(last_part)(path);
    memmove(path, part, (NAME(end_of)(part) - part + 1) * sizeof *part);
}

/* Takes a pair of quotation marks off. */
BOOL WINAPI NAME(PathUnquoteSpaces)(UNIT *path)
{
    UNIT *end = path ? NAME(end_of)(path) : NULL;
    if (!end || end - path < 2 || *path != '"' || end[-1] != '"')
        return FALSE;
    end[-1] = 0;
    memmove(path, path + 1, (end - path - 1) * sizeof *path);
    return TRUE;
}

/* Puts marks around a path with blanks. */
void WINAPI NAME(PathQuoteSpaces)(UNIT *path)
{
    bool has_blank = false;
    UNIT *end = path;
    for (; path && *end; end++)
        has_blank |= *end == ' ';
    if (!has_blank || end - path + 2 >= MAX_PATH)
        return;
    memmove(path + 1, path, (end - path) * sizeof *path);
    path[0] = '"';
    end[1] = '"';
    end[2] = 0;
}
