# gcc has no __try, so clang compiles this one. For i386, clang wants handlers of another C library.

$(win_out)/x86_64/seh_scopes/seh_scopes.exe: tests/win/seh_scopes/seh_scopes.c tests/win/check.h
	@mkdir -p $(@D)
	$(Q)clang --target=x86_64-w64-mingw32 -fms-extensions $(win_c) -c -o $@.o $<
	$(Q)$(mingw_x86_64)gcc -o $@ $@.o
win_results += $(win_out)/x86_64/seh_scopes/seh_scopes.exe
