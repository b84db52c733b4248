/* The process: its parameters block and its end. */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include "kernel/teb.h"
#include "kernel/wait.h"

/* RTL_USER_PROCESS_PARAMETERS, which MinGW-w64's headers leave mostly unnamed. */
struct process_parameters {
    ULONG MaximumLength;
    ULONG Length;
    ULONG Flags; /* 1: normalized, i.e. its strings are addresses */
    ULONG DebugFlags;
    HANDLE ConsoleHandle;
    ULONG ConsoleFlags;
    HANDLE StandardInput;
    HANDLE StandardOutput;
    HANDLE StandardError;
    struct {
        UNICODE_STRING DosPath;
        HANDLE Handle;
    } CurrentDirectory;
    UNICODE_STRING DllPath;
    UNICODE_STRING ImagePathName;
    UNICODE_STRING CommandLine;
    WCHAR *Environment;
    ULONG StartingX, StartingY, CountX, CountY, CountCharsX, CountCharsY;
    ULONG FillAttribute;
    ULONG WindowFlags;
    ULONG ShowWindowFlags;
    UNICODE_STRING WindowTitle;
    UNICODE_STRING DesktopInfo;
    UNICODE_STRING ShellInfo;
    UNICODE_STRING RuntimeData;
    BYTE DriveLetterDirectories[32 * TEB_OFFSET(24, 16)];
    SIZE_T EnvironmentSize;
    SIZE_T EnvironmentVersion;
};

TEB_ASSERT(process_parameters, StandardInput, 0x20, 0x18);
TEB_ASSERT(process_parameters, CurrentDirectory, 0x38, 0x24);
TEB_ASSERT(process_parameters, ImagePathName, 0x60, 0x38);
TEB_ASSERT(process_parameters, CommandLine, 0x70, 0x40);
TEB_ASSERT(process_parameters, Environment, 0x80, 0x48);
TEB_ASSERT(process_parameters, ShowWindowFlags, 0xa8, 0x6c);
TEB_ASSERT(process_parameters, EnvironmentSize, 0x3f0, 0x290);

EXPORTED extern struct process_parameters process_parameters;

/* What handles to a process name. */
struct process {
    struct waitable object;
    DWORD id;
};

EXPORTED extern const struct object_type process_type;
EXPORTED extern struct process process_self;

/* Makes this process what GetCurrentProcess() names. */
void process_initialize(void);

/* Copies the current directory to the process parameters, where some programs look for it. */
EXPORTED NTSTATUS process_note_current_directory(void);

/* How many processors the process may run on. */
EXPORTED unsigned process_count_processors(void);

/* The Linux exit status for a Windows exit code: its low 8 bits, but never 0 for a failure. */
EXPORTED int process_exit_status(uint32_t code);

/* Ends the process at once, with no further code of the program run. */
EXPORTED _Noreturn void process_terminate(uint32_t code);

/* All 32 bits of the exit code are written there, in decimal, when the process ends. */
void process_set_exit_code_file(const char *path);

/* What a process started by litewin runs before process_terminate for an orderly ExitProcess: the
 * DLLs' detach routines. The loader registers it. */
EXPORTED extern void (*process_on_exit)(void);
EXPORTED _Noreturn void process_exit(uint32_t code);

#endif
