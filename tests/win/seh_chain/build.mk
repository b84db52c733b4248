# What only i386 has: a chain of handlers that the program keeps on its stack.

$(win_out)/i386/seh_chain/seh_chain.exe: tests/win/seh_chain/seh_chain.c tests/win/check.h
	@mkdir -p $(@D)
	$(Q)$(mingw_i386)gcc $(win_c) -o $@ $<
win_results += $(win_out)/i386/seh_chain/seh_chain.exe
