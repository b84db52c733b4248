/* What handles stand for. */
#ifndef LOADER_TRACE_HANDLES_H
#define LOADER_TRACE_HANDLES_H

#include "loader/trace/text.h"

/* 0x44 file "C:\\a.txt", 0x48 event, 0x4c thread 1234; only the number where there is no such handle. */
void handles_put(struct trace_text *text, HANDLE handle);

#endif
