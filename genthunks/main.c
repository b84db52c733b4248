/* genthunks: turns a .spec file into the two sides of a DLL. */
#include "emit.h"
#include "parser.h"
#include "verify.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    bool has_arch, check, win16, list, print_base;
    enum arch arch;
    const char *dll, *stub, *bind, *def, *stamp, *verify;
};

static const char usage[] =
    "usage: genthunks --arch=x86_64|i386 [--dll=NAME] OUTPUT... SPEC\n"
    "       genthunks --check [--win16] SPEC...\n"
    "outputs:\n"
    "  --stub=FILE.S      assembly of the DLL\n"
    "  --bind=FILE.c      source of the backing's binding table\n"
    "  --def=FILE.def     module definition for dlltool --kill-at\n"
    "  --stamp=FILE       content of the DLL's .litewin section\n"
    "  --verify=FILE.so   no output: checks that the backing has what the .spec declares\n"
    "  --list             table of the exports, on standard output\n"
    "  --print-base       preferred address of the DLL, on standard output\n";

enum option_code {
    OPT_ARCH = 1,
    OPT_DLL,
    OPT_STUB,
    OPT_BIND,
    OPT_DEF,
    OPT_STAMP,
    OPT_VERIFY,
    OPT_LIST,
    OPT_PRINT_BASE,
    OPT_CHECK,
    OPT_WIN16,
    OPT_HELP
};

static const struct option long_options[] = {
    {"arch", required_argument, NULL, OPT_ARCH},
    {"dll", required_argument, NULL, OPT_DLL},
    {"stub", required_argument, NULL, OPT_STUB},
    {"bind", required_argument, NULL, OPT_BIND},
    {"def", required_argument, NULL, OPT_DEF},
    {"stamp", required_argument, NULL, OPT_STAMP},
    {"verify", required_argument, NULL, OPT_VERIFY},
    {"list", no_argument, NULL, OPT_LIST},
    {"print-base", no_argument, NULL, OPT_PRINT_BASE},
    {"check", no_argument, NULL, OPT_CHECK},
    {"win16", no_argument, NULL, OPT_WIN16},
    {"help", no_argument, NULL, OPT_HELP},
    {0},
};

static void wrong_usage(const char *message)
{
    fprintf(stderr, "genthunks: %s\n%s", message, usage);
    exit(1);
}

static void set_arch(struct options *options, const char *name)
{
    options->has_arch = true;
    if (!strcmp(name, "x86_64"))
        options->arch = ARCH_X86_64;
    else if (!strcmp(name, "i386"))
        options->arch = ARCH_I386;
    else
        wrong_usage("unknown architecture, expected x86_64 or i386");
}

static void parse_options(int argc, char **argv, struct options *options)
{
    int code;
    while ((code = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch ((enum option_code)code) {
        case OPT_ARCH:
            set_arch(options, optarg);
            break;
        case OPT_DLL:
            options->dll = optarg;
            break;
        case OPT_STUB:
            options->stub = optarg;
            break;
        case OPT_BIND:
            options->bind = optarg;
            break;
        case OPT_DEF:
            options->def = optarg;
            break;
        case OPT_STAMP:
            options->stamp = optarg;
            break;
        case OPT_VERIFY:
            options->verify = optarg;
            break;
        case OPT_LIST:
            options->list = true;
            break;
        case OPT_PRINT_BASE:
            options->print_base = true;
            break;
        case OPT_CHECK:
            options->check = true;
            break;
        case OPT_WIN16:
            options->win16 = true;
            break;
        case OPT_HELP:
            fputs(usage, stdout);
            exit(0);
        default:
            fputs(usage, stderr);
            exit(1);
        }
    }
    if (optind == argc)
        wrong_usage("no .spec file");
    if (!options->check && !options->has_arch)
        wrong_usage("no --arch");
    if (!options->check && optind + 1 != argc)
        wrong_usage("more than one .spec file");
    if (options->win16 && !options->check)
        wrong_usage("--win16 without --check: 16-bit files are only parsed");
}

static bool read_file(struct arena *arena, const char *path, const char **bytes, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *content = NULL;
    FILE *copy = file ? open_memstream(&content, size) : NULL;
    bool fine = copy;
    char block[16384];
    size_t got;
    while (fine && (got = fread(block, 1, sizeof block, file)) > 0)
        fine = fwrite(block, 1, got, copy) == got;
    fine = fine && !ferror(file);
    if (!fine)
        fprintf(stderr, "%s: cannot read: %s\n", path, strerror(errno));
    if (copy)
        fclose(copy);
    if (file)
        fclose(file);
    if (fine)
        *bytes = arena_string(arena, content, *size);
    free(content);
    return fine;
}

static bool load_spec(struct spec *spec, struct arena *arena, const char *path, bool win16,
                      struct diagnostics *diagnostics)
{
    const char *bytes;
    size_t size;
    *spec = (struct spec){.arena = arena, .file = path};
    *diagnostics = (struct diagnostics){stderr, path, 0};
    return read_file(arena, path, &bytes, &size) && parse_spec(spec, bytes, size, win16, diagnostics);
}

static bool write_output(const char *path, void (*emit)(const struct module *, FILE *),
                         const struct module *module)
{
    if (!path)
        return true;
    FILE *file = fopen(path, "wb");
    bool fine = file;
    if (file) {
        emit(module, file);
        fine = !ferror(file);
        fine &= !fclose(file);
    }
    if (!fine) {
        fprintf(stderr, "%s: cannot write: %s\n", path, strerror(errno));
        unlink(path);
    }
    return fine;
}

/* A 32-bit file must make sense on both architectures; a 16-bit one is only parsed. */
static bool check_file(const char *path, bool win16)
{
    struct arena arena = {0};
    struct spec spec;
    struct module module;
    struct diagnostics diagnostics;
    bool fine = load_spec(&spec, &arena, path, win16, &diagnostics);
    const char *dll = dll_name_of_spec(&arena, path);
    if (fine && !win16)
        fine = module_resolve(&module, &spec, ARCH_X86_64, dll, &diagnostics) &&
               module_resolve(&module, &spec, ARCH_I386, dll, &diagnostics);
    arena_free(&arena);
    return fine;
}

static bool generate(const struct options *options, const char *path)
{
    struct arena arena = {0};
    struct spec spec;
    struct module module;
    struct diagnostics diagnostics;
    bool fine = load_spec(&spec, &arena, path, false, &diagnostics);
    const char *dll = options->dll ? options->dll : dll_name_of_spec(&arena, path);
    fine = fine && module_resolve(&module, &spec, options->arch, dll, &diagnostics);
    bool builds = options->stub || options->bind || options->def || options->stamp || options->verify;
    fine = fine && (!builds || module_check_buildable(&module, &diagnostics));
    if (fine && options->verify)
        fine = verify_backing(&module, options->verify, &diagnostics);
    fine = fine && write_output(options->stub, emit_stub, &module) &&
           write_output(options->bind, emit_bind, &module) && write_output(options->def, emit_def, &module) &&
           write_output(options->stamp, emit_stamp, &module);
    if (fine && options->list)
        emit_list(&module, stdout);
    arena_free(&arena);
    return fine;
}

static bool print_base(const struct options *options, const char *path)
{
    struct arena arena = {0};
    const char *dll = options->dll ? options->dll : dll_name_of_spec(&arena, path);
    printf("0x%llx\n", (unsigned long long)preferred_base(options->arch, dll));
    arena_free(&arena);
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    bool fine = true;
    parse_options(argc, argv, &options);
    if (options.check)
        for (int i = optind; i < argc; i++)
            fine &= check_file(argv[i], options.win16);
    else if (options.print_base)
        fine = print_base(&options, argv[optind]);
    else
        fine = generate(&options, argv[optind]);
    if (fflush(stdout) || ferror(stdout))
        fine = false;
    return fine ? 0 : 1;
}
