# What only x86-64 has: unwinding by tables.

$(win_out)/x86_64/seh_unwind/seh_unwind.exe: tests/win/seh_unwind/seh_unwind.c tests/win/check.h
	@mkdir -p $(@D)
	$(Q)$(mingw_x86_64)gcc $(win_c) -o $@ $<
win_results += $(win_out)/x86_64/seh_unwind/seh_unwind.exe
