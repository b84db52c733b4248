#include "kernel/registry_replay.h"
#include "kernel/registry_view.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

/* Below HKLM\Software: what 32-bit programs share with others. */
static const WCHAR shared_keys[][64] = {
    L"Classes",
    L"Clients",
    L"Microsoft\\COM3",
    L"Microsoft\\Cryptography\\Calais\\Current",
    L"Microsoft\\Cryptography\\Calais\\Readers",
    L"Microsoft\\Cryptography\\Services",
    L"Microsoft\\CTF\\SystemShared",
    L"Microsoft\\CTF\\TIP",
    L"Microsoft\\DFS",
    L"Microsoft\\Driver Signing",
    L"Microsoft\\EnterpriseCertificates",
    L"Microsoft\\EventSystem",
    L"Microsoft\\MSMQ",
    L"Microsoft\\Non-Driver Signing",
    L"Microsoft\\Notepad\\DefaultFonts",
    L"Microsoft\\OLE",
    L"Microsoft\\RAS",
    L"Microsoft\\RPC",
    L"Microsoft\\Shared Tools\\MSInfo",
    L"Microsoft\\SystemCertificates",
    L"Microsoft\\TermServLicensing",
    L"Microsoft\\Transaction Server",
    L"Microsoft\\Windows\\CurrentVersion\\App Paths",
    L"Microsoft\\Windows\\CurrentVersion\\Control Panel\\Cursors\\Schemes",
    L"Microsoft\\Windows\\CurrentVersion\\Explorer\\AutoplayHandlers",
    L"Microsoft\\Windows\\CurrentVersion\\Explorer\\DriveIcons",
    L"Microsoft\\Windows\\CurrentVersion\\Explorer\\KindMap",
    L"Microsoft\\Windows\\CurrentVersion\\Group Policy",
    L"Microsoft\\Windows\\CurrentVersion\\Policies",
    L"Microsoft\\Windows\\CurrentVersion\\PreviewHandlers",
    L"Microsoft\\Windows\\CurrentVersion\\Setup",
    L"Microsoft\\Windows\\CurrentVersion\\Telephony\\Locations",
    L"Microsoft\\Windows NT\\CurrentVersion\\Console",
    L"Microsoft\\Windows NT\\CurrentVersion\\FontDpi",
    L"Microsoft\\Windows NT\\CurrentVersion\\FontLink",
    L"Microsoft\\Windows NT\\CurrentVersion\\FontMapper",
    L"Microsoft\\Windows NT\\CurrentVersion\\Fonts",
    L"Microsoft\\Windows NT\\CurrentVersion\\FontSubstitutes",
    L"Microsoft\\Windows NT\\CurrentVersion\\Gre_Initialize",
    L"Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options",
    L"Microsoft\\Windows NT\\CurrentVersion\\Language Pack",
    L"Microsoft\\Windows NT\\CurrentVersion\\NetworkCards",
    L"Microsoft\\Windows NT\\CurrentVersion\\Perflib",
    L"Microsoft\\Windows NT\\CurrentVersion\\Ports",
    L"Microsoft\\Windows NT\\CurrentVersion\\Print",
    L"Microsoft\\Windows NT\\CurrentVersion\\ProfileList",
    L"Microsoft\\Windows NT\\CurrentVersion\\Time Zones",
    L"Policies",
    L"RegisteredApplications",
};

/* Below Classes: what they do not. */
static const WCHAR separate_classes[][16] = {L"CLSID", L"DirectShow", L"Interface", L"Media Type",
                                             L"MediaFoundation"};

#define OTHER_KEYS L"Wow6432Node"

bool registry_sees_32bit(ACCESS_MASK access)
{
    if (access & (KEY_WOW64_64KEY | KEY_WOW64_32KEY))
        return access & KEY_WOW64_32KEY;
    return sizeof(void *) == 4;
}

/* Names of a path */

static bool is(const struct registry_path *path, size_t index, const WCHAR *text)
{
    return index < path->count &&
           upcase_equal(path->names[index].at, path->names[index].length, text, utf16_length(text));
}

static void insert(struct registry_path *path, size_t index, const WCHAR *text)
{
    memmove(path->names + index + 1, path->names + index, (path->count - index) * sizeof path->names[0]);
    path->names[index] = (struct registry_name){text, utf16_length(text)};
    path->count++;
}

static void take(struct registry_path *path, size_t index)
{
    path->count--;
    memmove(path->names + index, path->names + index + 1, (path->count - index) * sizeof path->names[0]);
}

/* Whether the names from `index` on begin with those of `key`. */
static bool begins_with(const struct registry_path *path, size_t index, const WCHAR *key)
{
    while (*key) {
        size_t length = 0;
        while (key[length] && key[length] != '\\')
            length++;
        if (index >= path->count ||
            !upcase_equal(path->names[index].at, path->names[index].length, key, length))
            return false;
        key += length + (key[length] != 0);
        index++;
    }
    return true;
}

static bool is_shared(const struct registry_path *path, size_t index)
{
    for (size_t i = 0; i < ARRAYSIZE(shared_keys); i++)
        if (begins_with(path, index, shared_keys[i]))
            return true;
    return false;
}

/* Views */

/* Where the names below Classes begin; 0: it is no path of that kind. */
static size_t below_classes(const struct registry_path *path)
{
    if (begins_with(path, 0, L"Machine\\Software\\Classes"))
        return 3;
    return is(path, 0, L"User") && begins_with(path, 2, L"Software\\Classes") ? 4 : 0;
}

static void separate_class(struct registry_path *path, size_t given)
{
    size_t below = below_classes(path);
    for (size_t i = 0; below && given <= below && i < ARRAYSIZE(separate_classes); i++) {
        if (is(path, below, separate_classes[i])) {
            insert(path, below, OTHER_KEYS);
            return;
        }
    }
}

/* A handle has decided about the `given` names that lead to its key. */
static void apply_view(struct registry_path *path, size_t given, bool sees_32bit)
{
    const size_t below = 2;
    if (begins_with(path, 0, L"Machine\\Software")) {
        if (is(path, below, OTHER_KEYS)) {
            if (is_shared(path, below + 1)) {
                take(path, below);
                sees_32bit = true;
                given = 0;
            }
        } else if (sees_32bit && given < below && !is_shared(path, below)) {
            insert(path, below, OTHER_KEYS);
        }
    }
    if (sees_32bit)
        separate_class(path, given);
}

/* Paths */

static void add_names_of_key(struct registry_path *path, const struct registry_key *key)
{
    for (const struct registry_key *step = key; step->parent; step = step->parent)
        path->count++;
    size_t place = path->count;
    for (const struct registry_key *step = key; step->parent; step = step->parent)
        path->names[--place] = (struct registry_name){step->name, step->name_length};
}

static NTSTATUS add_names(struct registry_path *path, const WCHAR *text, size_t length)
{
    for (size_t begin = 0, at; begin < length; begin = at + 1) {
        at = begin;
        while (at < length && text[at] != '\\')
            at++;
        /* More separators are as good as one. */
        if (at == begin)
            continue;
        if (at - begin > REGISTRY_KEY_NAME_UNITS || path->count >= REGISTRY_DEPTH)
            return STATUS_INVALID_PARAMETER;
        path->names[path->count++] = (struct registry_name){text + begin, at - begin};
    }
    return STATUS_SUCCESS;
}

NTSTATUS registry_path_make(struct registry_path *path, const struct registry_key *key, const WCHAR *text,
                            size_t length, bool sees_32bit)
{
    static const WCHAR root[] = L"\\Registry";
    const size_t root_length = ARRAYSIZE(root) - 1;
    path->count = 0;
    if (key) {
        if (length && text[0] == '\\')
            return STATUS_OBJECT_PATH_SYNTAX_BAD;
        add_names_of_key(path, key);
    } else {
        if (!length || text[0] != '\\')
            return STATUS_OBJECT_PATH_SYNTAX_BAD;
        if (length < root_length || !upcase_equal(text, root_length, root, root_length) ||
            (length > root_length && text[root_length] != '\\'))
            return STATUS_OBJECT_NAME_NOT_FOUND;
        text += root_length;
        length -= root_length;
    }
    size_t given = path->count;
    NTSTATUS status = add_names(path, text, length);
    if (NT_SUCCESS(status))
        apply_view(path, given, sees_32bit);
    return status;
}

struct registry_key *registry_path_walk(const struct registry_path *path, struct registry_key *root,
                                        struct registry_key **found, size_t *left)
{
    *found = root;
    for (size_t i = 0; i < path->count; i++) {
        struct registry_key *child = registry_key_find(*found, path->names[i].at, path->names[i].length);
        if (!child) {
            *left = path->count - i;
            return NULL;
        }
        *found = child;
    }
    *left = 0;
    return *found;
}

/* Classes */

bool registry_path_is_user_class(const struct registry_path *path)
{
    return below_classes(path) == 4;
}

bool registry_path_to_other_classes(struct registry_path *path)
{
    size_t below = below_classes(path);
    if (below == 3) {
        path->names[0] = (struct registry_name){L"User", 4};
        insert(path, 1, REGISTRY_USER_SID);
    } else if (below == 4) {
        take(path, 1);
        path->names[0] = (struct registry_name){L"Machine", 7};
    }
    return below != 0;
}
