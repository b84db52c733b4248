#include <stdlib.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>
#include "loader/imports_report.h"
#include "loader/apiset.h"
#include "loader/backing.h"
#include "loader/image.h"
#include "loader/search.h"

#define FORWARDER_DEPTH 32

enum verdict {
    VERDICT_IMPLEMENTED,
    VERDICT_STUB,
    VERDICT_MISSING,
};

static const char *const verdicts[] = {"implemented", "stub", "missing"};

/* One DLL, or the program: mapped as a file is. */
struct needed {
    struct needed *next;
    char *name;            /* as the first importer spells it */
    const char *needed_by; /* its file name; NULL for the program */
    char path[PATH_MAX];   /* "" where it was not found */
    char problem[256];     /* why a file that was found is no use */
    struct pe_image image;
    struct pe_exports exports;
    const struct litewin_backing *backing; /* litewin's own */
};

static struct needed *first_needed;
static unsigned totals[3], dll_count;

/* DLLs */

static const char *file_name(const struct needed *dll)
{
    const char *slash = strrchr(dll->path, '/');
    return slash ? slash + 1 : dll->name;
}

static bool map_file(struct needed *dll)
{
    struct image_file file;
    struct load_failure failure = {0};
    struct pe_error error = {0};
    if (image_open(dll->path, &file, &failure)) {
        snprintf(dll->problem, sizeof dll->problem, "%s", failure.reason);
        return false;
    }
    if (file.image.machine != HOST_MACHINE) {
        snprintf(dll->problem, sizeof dll->problem, "it is for another processor architecture");
        image_close(&file);
        return false;
    }
    void *bytes = mmap(NULL, file.status.st_size, PROT_READ, MAP_PRIVATE, file.fd, 0);
    image_close(&file);
    if (bytes == MAP_FAILED || !pe_open(&dll->image, bytes, file.status.st_size, PE_LAYOUT_FILE, &error) ||
        pe_exports_open(&dll->image, &dll->exports, &error) == PE_BAD) {
        snprintf(dll->problem, sizeof dll->problem, "%s",
                 bytes == MAP_FAILED ? strerror(errno) : error.message);
        return false;
    }
    return true;
}

static bool is_builtin(const struct needed *dll)
{
    const char *system = search_system_directory();
    size_t length = strlen(system);
    return !strncmp(dll->path, system, length) && dll->path[length] == '/';
}

static struct needed *find_or_add(const char *name, const char *needed_by)
{
    struct needed **link = &first_needed;
    for (; *link; link = &(*link)->next) {
        if (!strcasecmp((*link)->name, name))
            return *link;
    }
    struct needed *dll = *link = calloc(1, sizeof *dll);
    if (!dll || !(dll->name = strdup(name)))
        abort();
    dll->needed_by = needed_by;
    return dll;
}

/* The DLL that an import names, opened when it is first met. */
static struct needed *need(const char *name, const char *needed_by)
{
    const struct search search = {0};
    struct load_failure failure = {0};
    char host[PATH_MAX];
    apiset_resolve(name, host, sizeof host);
    struct needed *dll = find_or_add(host, needed_by);
    if (*dll->path || *dll->problem)
        return dll;
    if (search_find(&search, host, dll->path)) {
        *dll->path = '\0';
        snprintf(dll->problem, sizeof dll->problem, "not found");
    } else if (map_file(dll) && is_builtin(dll)) {
        dll->backing = backing_find(&dll->image, &failure);
        if (failure.status)
            snprintf(dll->problem, sizeof dll->problem, "%s", failure.reason);
    }
    return dll;
}

/* Functions */

static bool is_stub(const struct needed *dll, uint32_t ordinal)
{
    if (!dll->backing)
        return false;
    for (uint32_t i = 0; i < dll->backing->export_count; i++) {
        if (dll->backing->exports[i].ordinal == ordinal)
            return dll->backing->exports[i].kind == LITEWIN_EXPORT_STUB;
    }
    return false;
}

/* `forwarder` becomes where the export leads on to, for the table. */
static enum verdict judge(struct needed *dll, const char *name, uint32_t ordinal, unsigned depth,
                          const char **forwarder)
{
    if (*dll->problem || depth == FORWARDER_DEPTH)
        return VERDICT_MISSING;
    struct pe_export export = name ? pe_find_export(&dll->exports, name, PE_NO_HINT)
                                   : pe_find_export_by_ordinal(&dll->exports, ordinal);
    if (export.kind == PE_EXPORT_NONE)
        return VERDICT_MISSING;
    if (export.kind == PE_EXPORT_ADDRESS)
        return is_stub(dll, export.ordinal) ? VERDICT_STUB : VERDICT_IMPLEMENTED;
    struct pe_forwarder target;
    char module[PATH_MAX], function[1024];
    const char *unused;
    *forwarder = export.forwarder;
    if (!pe_split_forwarder(export.forwarder, &target))
        return VERDICT_MISSING;
    snprintf(module, sizeof module, "%.*s.dll", (int)target.module_length, target.module);
    snprintf(function, sizeof function, "%s", target.name ? target.name : "");
    return judge(need(module, file_name(dll)), target.name ? function : NULL, target.ordinal, depth + 1,
                 &unused);
}

static void print_function(FILE *out, struct needed *dll, const struct pe_import *import)
{
    const char *forwarder = NULL;
    char ordinal[16];
    snprintf(ordinal, sizeof ordinal, "#%u", import->ordinal);
    enum verdict verdict = judge(dll, import->name, import->ordinal, 0, &forwarder);
    totals[verdict]++;
    fprintf(out, "    %-11s  %s%s%s\n", verdicts[verdict], import->name ? import->name : ordinal,
            forwarder ? " -> " : "", forwarder ? forwarder : "");
}

static void print_dll(FILE *out, const struct needed *dll, bool delayed)
{
    fprintf(out, "  %s%s: ", dll->name, delayed ? " (when first called)" : "");
    if (*dll->problem)
        fprintf(out, "%s%s%s\n", dll->path, *dll->path ? ": " : "", dll->problem);
    else
        fprintf(out, "%s%s\n", dll->path, dll->backing ? " (litewin)" : "");
}

static void print_imports(FILE *out, struct needed *importer, struct pe_import_cursor *cursor)
{
    struct pe_import_dll imports;
    struct pe_import import;
    struct pe_error error;
    enum pe_result more;
    while ((more = pe_next_import_dll(cursor, &imports, &error)) == PE_FOUND) {
        struct needed *dll = need(imports.name, file_name(importer));
        print_dll(out, dll, imports.delayed);
        while ((more = pe_next_import(&imports, &import, &error)) == PE_FOUND)
            print_function(out, dll, &import);
        if (more == PE_BAD)
            break;
    }
    if (more == PE_BAD) {
        fprintf(out, "  the import table is damaged: %s\n", error.message);
        totals[VERDICT_MISSING]++;
    }
}

static void print_image(FILE *out, struct needed *importer)
{
    struct pe_import_cursor cursor;
    if (importer->needed_by)
        fprintf(out, "%s, needed by %s\n", importer->path, importer->needed_by);
    else
        fprintf(out, "%s\n", importer->path);
    pe_imports_begin(&importer->image, &cursor);
    print_imports(out, importer, &cursor);
    pe_delay_imports_begin(&importer->image, &cursor);
    print_imports(out, importer, &cursor);
}

int imports_report(FILE *out, const char *host_path)
{
    struct needed *program = find_or_add(strrchr(host_path, '/') + 1, NULL);
    snprintf(program->path, sizeof program->path, "%s", host_path);
    if (!map_file(program)) {
        fprintf(stderr, "litewin: %s: %s\n", host_path, program->problem);
        return 1;
    }
    backing_open_floors();
    /* The list grows at its end while it is walked. */
    for (struct needed *dll = first_needed; dll; dll = dll->next) {
        bool imports = dll->image.directories[IMAGE_DIRECTORY_ENTRY_IMPORT].rva ||
                       dll->image.directories[IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT].rva;
        if (!*dll->problem && imports)
            print_image(out, dll);
        dll_count++;
    }
    fprintf(out, "%u DLLs; functions: %u implemented, %u stub, %u missing\n", dll_count - 1,
            totals[VERDICT_IMPLEMENTED], totals[VERDICT_STUB], totals[VERDICT_MISSING]);
    bool dll_missing = false;
    for (struct needed *dll = first_needed; dll; dll = dll->next)
        dll_missing |= *dll->problem != '\0';
    return totals[VERDICT_MISSING] || dll_missing;
}
