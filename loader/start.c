#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "loader/crash/crash.h"
#include "loader/debug.h"
#include "loader/dump.h"
#include "loader/handover.h"
#include "loader/image.h"
#include "loader/image_section.h"
#include "loader/imports_report.h"
#include "loader/initialize.h"
#include "loader/load.h"
#include "loader/options.h"
#include "loader/report.h"
#include "loader/start.h"
#include "loader/trace/trace.h"
#include "kernel/cmdline.h"
#include "kernel/environment.h"
#include "kernel/fault.h"
#include "kernel/file.h"
#include "kernel/heap.h"
#include "kernel/path.h"
#include "kernel/process_start.h"
#include "kernel/registry.h"
#include "kernel/remote.h"
#include "kernel/thread.h"
#include "kernel/utf.h"
#include "kernel/vm.h"

#define HIGHEST_SMALL_ADDRESS 0x7fff0000u /* for an i386 program that does not know of more than 2 GiB */

static int complain(int status, const char *program, const char *problem)
{
    fprintf(stderr, "litewin: %s: %s\n", program, problem);
    return status;
}

/* Finding the program */

static bool is_windows_path(const char *name)
{
    return strchr(name, '\\') || (name[0] && name[1] == ':');
}

static bool is_no_directory(const char *host_path)
{
    struct stat status;
    return !stat(host_path, &status) && !S_ISDIR(status.st_mode);
}

static bool find_windows_path(const char *name, const char *extension, char *host_path)
{
    char whole[PATH_MAX];
    WCHAR wide[PATH_MAX];
    size_t size = snprintf(whole, sizeof whole, "%s%s", name, extension);
    if (size >= sizeof whole)
        return false;
    size_t length = utf16_from_utf8(wide, ARRAYSIZE(wide), whole, size, UTF_REPLACE);
    return length <= ARRAYSIZE(wide) && !search_resolve(wide, length, host_path) &&
           is_no_directory(host_path);
}

static bool try_program(const char *directory, const char *name, const char *extension, char *host_path)
{
    int length = snprintf(host_path, PATH_MAX, "%s%s%s%s", directory, *directory ? "/" : "", name, extension);
    return length < PATH_MAX && is_no_directory(host_path) && search_make_absolute(host_path);
}

static bool find_along_path(const char *name, char *host_path)
{
    const char *path = getenv("PATH");
    if (strchr(name, '/') || !path)
        return false;
    char *list = strdup(path);
    bool found = false;
    for (char *rest = list, *directory; !found && (directory = strsep(&rest, ":"));)
        found = *directory && (try_program(directory, name, "", host_path) ||
                               try_program(directory, name, ".exe", host_path));
    free(list);
    return found;
}

static bool find_program(const char *name, char *host_path)
{
    if (try_program("", name, "", host_path) || try_program("", name, ".exe", host_path))
        return true;
    if (is_windows_path(name)
            ? find_windows_path(name, "", host_path) || find_windows_path(name, ".exe", host_path)
            : find_along_path(name, host_path))
        return true;
    /* A directory: whoever opens it says what is wrong. */
    return !access(name, F_OK) && snprintf(host_path, PATH_MAX, "%s", name) < PATH_MAX &&
           search_make_absolute(host_path);
}

/* What the program finds */

static bool set_drives(void)
{
    for (unsigned i = 0; i < options.drives.count; i++) {
        const char *drive = options.drives.words[i];
        char directory[PATH_MAX];
        if (!drive[0] || drive[1] != '=' || !realpath(drive + 2, directory) ||
            path_set_drive(drive[0], strdup(directory))) {
            fprintf(stderr, "litewin: --drive %s: a letter, '=' and a directory that exists are needed\n",
                    drive);
            return false;
        }
    }
    return true;
}

static bool set_places(const char *host_path)
{
    const char *system = handover_system_directory();
    if (!system) {
        fputs("litewin: litewin-load must lie in bin, with its DLLs in lib/litewin beside that\n", stderr);
        return false;
    }
    search_set_system(system);
    path_set_system_directory(system);
    search_set_program(host_path);
    return true;
}

static UNICODE_STRING unicode_string(WCHAR *text, size_t length)
{
    return (UNICODE_STRING){length * sizeof *text, (length + 1) * sizeof *text, text};
}

static bool set_image_path(const char *host_path)
{
    size_t length = path_from_host(host_path, NULL, 0);
    WCHAR *path = malloc((length + 1) * sizeof *path);
    if (!path)
        return false;
    path_from_host(host_path, path, length + 1);
    process_parameters.ImagePathName = unicode_string(path, length);
    return true;
}

/* The command line names the program by its whole Windows path, as a Windows shell does. */
static bool set_command_line(char **program)
{
    const UNICODE_STRING *path = &process_parameters.ImagePathName;
    size_t count = 0, length = path->Length / sizeof(WCHAR);
    while (program[count])
        count++;
    char *name = malloc(3 * length + 1);
    if (!name)
        return false;
    name[utf8_from_utf16(name, 3 * length, path->Buffer, length, UTF_REPLACE)] = '\0';
    program[0] = name;
    WCHAR *line = cmdline_build(count, (const char *const *)program);
    free(name);
    if (!line)
        return false;
    process_parameters.CommandLine = unicode_string(line, utf16_length(line));
    return true;
}

/* For a program that Linux started. */
static bool set_start_parameters(char **program)
{
    static WCHAR desktop[] = L"WinSta0\\Default";
    process_parameters.WindowTitle = process_parameters.ImagePathName;
    process_parameters.DesktopInfo = unicode_string(desktop, ARRAYSIZE(desktop) - 1);
    process_parameters.ShowWindowFlags = SW_SHOWDEFAULT;
    return set_command_line(program);
}

static void set_standard_handle(HANDLE *handle, int descriptor)
{
    if (!*handle)
        *handle = file_standard_handle(descriptor);
}

/* A Windows program that started this one has left a block with everything; Linux gives less. */
static bool set_process_parameters(const char *host_path, char **program, char **environment)
{
    struct process_parameters *parameters = &process_parameters;
    parameters->MaximumLength = parameters->Length = sizeof *parameters;
    parameters->Flags = 1;
    if (!set_image_path(host_path))
        return false;
    bool complete = options.start_block
                        ? !process_start_adopt(atoi(options.start_block))
                        : set_start_parameters(program) && !environment_initialize(environment);
    set_standard_handle(&parameters->StandardInput, 0);
    set_standard_handle(&parameters->StandardOutput, 1);
    set_standard_handle(&parameters->StandardError, 2);
    return complete && !process_note_current_directory();
}

/* What GetVersion tells a program that does not say which Windows it knows: Windows 10 22H2. */
static void set_process_environment(const struct pe_image *image, const char *host_path)
{
    const char *slash = strrchr(host_path, '/');
    struct peb *peb = &process_environment;
    peb->ProcessParameters = &process_parameters;
    peb->ProcessHeap = &heap_process;
    peb->NumberOfProcessors = process_count_processors();
    peb->NtGlobalFlag = registry_global_flag(slash ? slash + 1 : host_path);
    peb->CriticalSectionTimeout.QuadPart = -150 * 10000000ll;
    peb->HeapSegmentReserve = 0x100000;
    peb->HeapSegmentCommit = 0x2000;
    peb->HeapDeCommitTotalFreeThreshold = 0x10000;
    peb->HeapDeCommitFreeBlockThreshold = 0x1000;
    peb->OSMajorVersion = 10;
    peb->OSBuildNumber = 19045;
    peb->OSPlatformId = VER_PLATFORM_WIN32_NT;
    peb->ImageSubsystem = image->subsystem;
    peb->ImageSubsystemMajorVersion = image->subsystem_major;
    peb->ImageSubsystemMinorVersion = image->subsystem_minor;
    peb->ActiveProcessAffinityMask = ((ULONG_PTR)2 << (peb->NumberOfProcessors - 1)) - 1;
    peb->SessionId = 1;
}

/* Running */

/* On the program's own stack. */
static DWORD run(void *unused)
{
    const struct module *refused;
    NTSTATUS status = initialize_program(&refused);
    if (status) {
        report_refusal(program_module, refused);
        process_terminate(status);
    }
    /* The process ends with its last thread, which need not be this one. */
    struct thread *thread = thread_current();
    suspend_begin(thread);
    thread_exit(thread->start(thread->argument));
}

static int load_and_run(const struct image_file *file, const char *host_path)
{
    struct load_failure failure = {0};
    modules_initialize_lists();
    initialize_register_hooks();
    if (load_program(file, host_path, &failure)) {
        if (!program_module)
            return complain(EXIT_CANNOT_RUN, host_path, failure.reason);
        report_load_failure(program_module, &failure);
        return EXIT_CANNOT_RUN;
    }
    process_environment.ImageBaseAddress = program_module->entry.DllBase;
    if (!program_module->entry.EntryPoint)
        return complain(EXIT_CANNOT_RUN, host_path, "it has no entry point");
    thread_current()->start = (thread_start)program_module->entry.EntryPoint;
    thread_current()->argument = &process_environment;
    remote_listen();
    process_start_wait();
    thread_run_on_guest_stack(run, NULL);
    return EXIT_CANNOT_RUN;
}

static int prepare_and_run(const struct image_file *file, const char *host_path, char **program,
                           char **environment)
{
    const struct pe_image *image = &file->image;
    if (!image->is_64bit && !(image->characteristics & IMAGE_FILE_LARGE_ADDRESS_AWARE))
        vm_set_limit(HIGHEST_SMALL_ADDRESS);
    if (!set_places(host_path))
        return EXIT_CANNOT_RUN;
    const char *problem = trace_configure();
    if (problem)
        return complain(EXIT_CANNOT_RUN, "tracing", problem);
    if ((problem = crash_configure()))
        return complain(EXIT_CANNOT_RUN, host_path, problem);
    process_set_exit_code_file(options.exit_code_file);
    fault_initialize();
    image_sections_initialize();
    process_initialize();
    thread_set_default_stack(image->stack_reserve, image->stack_commit);
    set_process_environment(image, host_path);
    heap_apply_global_flags();
    if (thread_adopt_main(image->stack_reserve, image->stack_commit) ||
        !set_process_parameters(host_path, program, environment))
        return complain(EXIT_CANNOT_RUN, host_path, "there is not enough memory");
    return load_and_run(file, host_path);
}

static int dump(const char *host_path, const char *program)
{
    struct pe_image image;
    struct pe_error error = {0};
    struct stat status;
    int fd = open(host_path, O_RDONLY | O_CLOEXEC);
    void *bytes = fd < 0 || fstat(fd, &status) || !status.st_size
                      ? MAP_FAILED
                      : mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return complain(EXIT_CANNOT_RUN, program, "it cannot be read");
    if (!pe_open(&image, bytes, status.st_size, PE_LAYOUT_FILE, &error))
        return complain(EXIT_CANNOT_RUN, program, error.message);
    return dump_image(stdout, &image);
}

static int run_file(const struct image_file *file, const char *host_path, char **arguments, char **program,
                    char **environment)
{
    struct pe_error error;
    if (options.action == ACTION_IMPORTS)
        return set_places(host_path) ? imports_report(stdout, host_path) : EXIT_CANNOT_RUN;
    if (file->image.characteristics & IMAGE_FILE_DLL)
        return complain(EXIT_CANNOT_RUN, program[0], "it is a DLL, not a program");
    if (!pe_check_program(&file->image, &error))
        return complain(EXIT_CANNOT_RUN, program[0], error.message);
    if (options.action == ACTION_DEBUG)
        return complain(EXIT_CANNOT_RUN, *options.debugger, debug_program(arguments, host_path));
    return prepare_and_run(file, host_path, program, environment);
}

int start_program(char **arguments, char **program, char **environment)
{
    char host_path[PATH_MAX];
    struct image_file file;
    struct load_failure failure = {0};
    file_reserve_standard();
    if (!set_drives())
        return EXIT_CANNOT_RUN;
    if (!find_program(program[0], host_path))
        return complain(EXIT_NOT_FOUND, program[0], "there is no such program");
    if (options.action == ACTION_DUMP)
        return dump(host_path, program[0]);
    if (image_open(host_path, &file, &failure))
        return complain(EXIT_CANNOT_RUN, program[0], failure.reason);
    if (file.image.machine != HOST_MACHINE) {
        handover(&file.image, arguments);
        return complain(EXIT_CANNOT_RUN, program[0],
                        "the litewin-load for its architecture cannot be started");
    }
    return run_file(&file, host_path, arguments, program, environment);
}
