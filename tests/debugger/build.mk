# What debugger_test.py debugs: a program with debug information, a DLL with it that is relocated, and one without any
# symbols. Without frame pointers nothing could unwind that one's i386 code.

debugger_out   := $(BUILD)/tests/debugger
debugger_flags := -std=gnu11 -O1 -g -Wall -Wextra -Werror -D_WIN32_WINNT=0x0A00

define debugger_rules
$(debugger_out)/$1/debugged.exe: tests/debugger/debugged.c
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc $(debugger_flags) -O0 -o $$@ $$<
$(debugger_out)/$1/plug.dll: tests/debugger/plug.c
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc $(debugger_flags) -shared -Wl,--image-base=$(if $(filter i386,$1),0x400000,0x140000000) -o $$@ $$<
$(debugger_out)/$1/bare.dll: tests/debugger/bare.c
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc $(debugger_flags) $(if $(filter i386,$1),-fno-omit-frame-pointer) -g0 -s -shared -o $$@ $$<
debugger_programs += $(addprefix $(debugger_out)/$1/,debugged.exe plug.dll bare.dll)
endef
$(foreach a,$(ARCHES),$(eval $(call debugger_rules,$a)))

.PHONY: debugger-programs
debugger-programs: $(debugger_programs)
