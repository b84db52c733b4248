"""gdb's side of litewin: one file a subject."""
