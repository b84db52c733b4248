/* Crash reports: what a person is told of an exception that nobody handles.
 *
 * A report is made in a process that may be broken in any way. It runs on a stack of its own, allocates
 * nothing, and is made in parts: a part that faults, raises an exception or waits for what will not come is
 * given up, and the report goes on with the next one. Nothing of this is touched before something crashes. */
#ifndef LOADER_CRASH_CRASH_H
#define LOADER_CRASH_CRASH_H

#include <litewin/windows.h>

/* Takes the options. Returns NULL, or what is wrong with them. */
const char *crash_configure(void);

/* Whoever knows frames, above this floor: turns the context of a frame, Windows' or Linux', into that of its
 * caller. The instruction pointer becomes 0 where the stack ends. The innermost frame may have stopped
 * anywhere. */
EXPORTED void crash_set_unwinder(void (*leave_frame)(CONTEXT *context, bool innermost));

/* Reports on the calling thread's exception, as the options have it. */
EXPORTED void crash_report(const EXCEPTION_RECORD *record, const CONTEXT *context);

/* The same of a program that is about to end itself, which is no exception: "pure virtual function call". */
EXPORTED void crash_report_end(const char *why);

/* Writes a minidump over an empty file, of the calling thread at that context; `source` has what else it is
 * to tell. False if it could not be written. */
struct minidump_source;
EXPORTED bool crash_write_dump(int file, const struct minidump_source *source);

/* Where a thread is in the program: of one that is inside of Windows, where it has called that. */
struct thread;
EXPORTED NTSTATUS crash_get_context(struct thread *thread, CONTEXT *context);

/* For programs that look at stacks themselves; both survive what they may meet there. Leaves the context's
 * frame as the unwinder does. */
EXPORTED void crash_walk(CONTEXT *context, bool innermost);
/* Has `use` see what is known of the address, whose strings are good for that long. */
struct symbol;
EXPORTED void crash_look_up(uintptr_t address, void (*use)(const struct symbol *symbol, void *argument),
                            void *argument);

/* For whoever gets an exception, before anything else is done about it: if it happened in a report that the
 * calling thread is making, does not return; the report goes on with its next part. */
EXPORTED void crash_recover(void);

#endif
