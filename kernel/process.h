/* Processes: this one, its parameters block and its end, and others. */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include "kernel/lock.h"
#include "kernel/teb.h"
#include "kernel/wait.h"
#include "kernel/watch.h"

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

struct start_block;

/* What a thread writes when it has ended, for other processes. */
struct thread_end {
    uint64_t exit_code;
    uint64_t created, ended, kernel_time, user_time;
};

/* What handles to a thread of another process name; kernel/remote_thread.c. */
struct remote_thread {
    struct waitable object;
    struct process *process; /* retained */
    DWORD id;
    int end;          /* where the thread's end can be read; -1: it is the first thread of a child */
    struct lock lock; /* of what follows */
    bool watched;
    struct watch watch;
    bool ended, exit_code_known;
    struct thread_end last;
    LONG priority; /* atomic: as set or told last, which is what is known of it after its end */
};

/* What handles to a process name. */
struct process {
    struct waitable object;
    struct remote_thread main_thread; /* of a child: what PROCESS_INFORMATION's thread handle names */
    DWORD id;
    int descriptor;            /* a pidfd; -1 for this process */
    bool is_child;             /* of this process, which thus learns how it ended */
    struct start_block *block; /* kernel/process_start.h; NULL unless it is a child that litewin runs */
    bool listens;              /* atomic; kernel/remote_call.c: it serves requests, */
    uint32_t service;          /* and by which thread; atomic, 0 while that is not known */
    struct lock lock;          /* of what follows */
    bool ended;
    bool watched; /* under a lock of its own, as is `watch` */
    struct watch watch;
    bool exit_code_known;
    DWORD exit_code;
    uint64_t created, exited;         /* FILETIMEs, of a child */
    uint64_t kernel_time, user_time;  /* of a child that has ended, in 100 ns */
    struct process *next, **previous; /* among the children */
};

EXPORTED extern const struct object_type process_type;
EXPORTED extern const struct object_type process_thread_type;
EXPORTED extern struct process process_self;

/* Other processes: process_child.c */

/* A process by its id: this one, a child, or any other. The caller owns the reference. */
EXPORTED NTSTATUS process_open(DWORD id, struct process **process);
/* For what can be done in this process alone: STATUS_NOT_SUPPORTED for a handle to another. */
EXPORTED NTSTATUS process_check_current(HANDLE process, ACCESS_MASK access);
/* Looks whether the process has ended by now. */
EXPORTED bool process_has_ended(struct process *process);
/* STILL_ACTIVE while it runs. STATUS_NOT_SUPPORTED for an ended process that is not a child of this one:
 * Linux tells nobody but the parent. */
EXPORTED NTSTATUS process_query_exit_code(struct process *process, DWORD *code);
EXPORTED NTSTATUS process_kill(struct process *process, DWORD code);
/* What its `watch` does for waits. */
int64_t process_watch(struct process *process);

struct process_creation {
    const char *image;           /* a host path */
    char *const *loader;         /* litewin-load with its options; NULL: Linux runs the image itself */
    const WCHAR *command_line;   /* terminated */
    const WCHAR *environment;    /* ends with an empty string; NULL: this process's */
    const char *directory;       /* a host path; NULL: this process's */
    const STARTUPINFOW *startup; /* its strings are not NULL */
    bool inherit;                /* inheritable handles: */
    const HANDLE *handles;       /* all of them if this is NULL, otherwise those of these that are */
    size_t handle_count;
    enum {
        STANDARD_OF_PARENT,
        STANDARD_GIVEN,   /* STARTUPINFO says what they are */
        STANDARD_CONSOLE, /* the terminal, whatever the parent's are */
        STANDARD_HIDDEN,  /* a console that nobody sees */
        STANDARD_NONE,
    } standard;
    bool suspended, new_group, new_session;
};

/* The caller owns a reference to the process and one to its main thread. */
EXPORTED NTSTATUS process_create(const struct process_creation *creation, struct process **process);

/* This process */

/* Makes this process what GetCurrentProcess() names. */
void process_initialize(void);

/* Copies the current directory to the process parameters, where some programs look for it and for its handle.
 * At the process's start, after the handles that it inherits have been made. */
EXPORTED NTSTATUS process_note_current_directory(void);

/* How many processors the process may run on. */
EXPORTED unsigned process_count_processors(void);

/* PROCESS_PRIORITY_CLASS, which MinGW-w64's headers lack. */
enum {
    PROCESS_CLASS_IDLE = 1,
    PROCESS_CLASS_NORMAL,
    PROCESS_CLASS_HIGH,
    PROCESS_CLASS_REALTIME,
    PROCESS_CLASS_BELOW_NORMAL,
    PROCESS_CLASS_ABOVE_NORMAL,
};
EXPORTED uint8_t process_priority_class(void);
EXPORTED uint8_t process_priority_class_of_nice(int nice);
EXPORTED NTSTATUS process_set_priority_class(uint8_t class);
/* What the threads' priorities are relative to. */
EXPORTED LONG process_base_priority_of(uint8_t class);
/* Linux boosts no thread for having waited: this says whether a program has asked for none. */
EXPORTED extern bool process_boost_disabled;

/* The processors that there are; those that the process may use are in the PEB. */
EXPORTED KAFFINITY process_system_affinity(void);
EXPORTED NTSTATUS process_set_affinity(KAFFINITY mask);

/* The Linux exit status for a Windows exit code: its low 8 bits, but never 0 for a failure. */
EXPORTED int process_exit_status(uint32_t code);

/* Ends the process at once, with no further code of the program run. */
EXPORTED _Noreturn void process_terminate(uint32_t code);

/* All 32 bits of the exit code are written there, in decimal, when the process ends. */
void process_set_exit_code_file(const char *path);

/* What a process started by litewin runs before process_terminate for an orderly ExitProcess: the
 * DLLs' detach routines. The loader registers it. */
EXPORTED extern void (*process_on_exit)(void);
/* The last that is called of all, also when the process is ended from within by force. */
EXPORTED extern void (*process_before_end)(uint32_t code);
EXPORTED _Noreturn void process_exit(uint32_t code);
/* Its two steps: after the first, no thread but the calling one runs the program's code, and none can be
 * created; the second calls what is to be called at the end, once. */
EXPORTED void process_end_other_threads(uint32_t code);
EXPORTED void process_shut_down(void);
/* A lock of the program's that process_exit holds during the first step. */
EXPORTED void process_set_exit_lock(void (*acquire)(void), void (*release)(void));
/* True from the beginning of the second step. Nothing is worth freeing then. */
EXPORTED bool process_is_ending(void);
/* True in the thread that has ended the others. A lock that it finds taken may be one that was never given
 * up: then this gets hold of it within a short time, or ends the process at once, as Windows does. */
EXPORTED bool process_is_last_thread(void);
EXPORTED void process_acquire_orphan(bool (*try_lock)(void *lock), void *lock);
bool process_is_closed(void); /* to new threads */

#endif
