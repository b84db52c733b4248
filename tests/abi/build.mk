# The ABI test: a DLL with functions of all shapes, and a Windows program that calls each.
#
#   $(abi_out)/abitest.spec, .c, program/    generated sources
#   $(library)/ARCH/abitest.dll and .so      the DLL, where the loader finds litewin's own
#   $(abi_out)/ARCH/abitest.exe              the program, which checks itself
#
# The top Makefile includes this file, after its rules for DLLs.

abi_out     := $(BUILD)/tests/abi
abi_sources := $(abi_out)/abitest.spec $(abi_out)/abitest.c $(abi_out)/program/abitest_main.c
abi_entry_x86_64 := start
abi_entry_i386   := _start

$(abi_sources) &: tests/abi/generate.py tests/abi/program_head.c
	$(Q)python3 tests/abi/generate.py $(abi_out)
	@touch $(abi_sources)

define abi_rules
$(call dll_rules,$(abi_out),abitest,$1,$(library)/$1)
$(library)/$1/abitest.so: $(BUILD)/obj/$1/$(abi_out)/abitest.o

$(abi_out)/$1/abitest.exe: $(abi_out)/program/abitest_main.c $(BUILD)/obj/$1/import/libabitest.a
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc -std=gnu11 -O1 -g -Wall -Wextra -Werror -nostdlib -Wl,-e,$(abi_entry_$1) -o $$@ $$^ -lkernel32 -lgcc
endef
$(foreach a,$(ARCHES),$(eval $(call abi_rules,$a)))

.PHONY: abi-programs
abi-programs: $(foreach a,$(ARCHES),$(library)/$a/abitest.dll $(library)/$a/abitest.so $(abi_out)/$a/abitest.exe)
