# The Windows test programs, each built for both architectures:
#
#   tests/win/NAME.c or .cpp          $(win_out)/ARCH/NAME.exe            checks itself (check.h)
#   tests/win/helpers/NAME.c or .S    $(win_out)/ARCH/helpers/NAME.exe    run by the scripted cases (cases.py)
#   tests/win/FOLDER/build.mk         $(win_out)/ARCH/FOLDER/             FOLDER.exe and the DLLs that it needs
#
# The top Makefile includes this file; it sets BUILD, ARCHES, Q and mingw_ARCH, the prefix of the compiler's name.

win_out    := $(BUILD)/tests/win
win_cflags := -O1 -g -Wall -Wextra -Wno-missing-field-initializers -Werror -D_WIN32_WINNT=0x0A00 -D__USE_MINGW_ANSI_STDIO=0 -Itests/win
win_headers := $(wildcard tests/win/*.h)
win_c      := -std=gnu11 $(win_cflags)
win_cpp    := -std=gnu++17 $(win_cflags)

win_programs := $(basename $(notdir $(wildcard tests/win/*.c tests/win/*.cpp)))
win_special  := needs_dll needs_export stamped uses_stamped
win_helpers  := $(filter-out $(win_special),$(basename $(notdir $(wildcard tests/win/helpers/*.c))))
win_folders  := $(notdir $(patsubst %/build.mk,%,$(wildcard tests/win/*/build.mk)))
win_results   = $(foreach a,$(ARCHES),$(win_programs:%=$(win_out)/$a/%.exe) $(win_helpers:%=$(win_out)/$a/helpers/%.exe))

# $(call win_dll,ARCH,NAME,SOURCE,FLAGS,LIBRARIES): a DLL without the C library, in $(win_dll_folder); LIBRARIES are
# other DLLs or import libraries of that folder.
define win_dll
$(win_out)/$1/$(win_dll_folder)/$2.dll: tests/win/$(win_dll_folder)/$3 $(patsubst %,$(win_out)/$1/$(win_dll_folder)/%,$5)
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc $(win_c) -shared -nostdlib -Wl,-e,dll_entry -o $$@ $4 $$^ -lkernel32
win_results += $(win_out)/$1/$(win_dll_folder)/$2.dll
endef

# $(call win_import,ARCH,NAME,FLAGS): an import library made of a list of exports, for DLLs that need each other
# or what no DLL has; -l makes an ordinary one, -y one of delayed imports.
define win_import
$(win_out)/$1/$(win_dll_folder)/$2.a: tests/win/$(win_dll_folder)/$2.def
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)dlltool -d $$< $3 $$@
endef

# Flags of single programs, by name.
win_flags_cpp     := -static
win_flags_cpp_exceptions := -static
win_flags_fibers  := -static
# Otherwise the compiler answers some of the calls itself.
win_flags_strings := -fno-builtin
win_flags_conventions := -fno-builtin -fno-omit-frame-pointer
win_flags_runtime := -fno-builtin -Wno-infinite-recursion
win_flags_seh_stack := -Wno-infinite-recursion
# A 64-bit program always has the mark.
win_flags_large_addresses = $(if $(findstring /i386/,$@),-Xlinker --large-address-aware)
win_flags_terminate := -lsynchronization
win_flags_naked   := -nostdlib -Wl,-e,entry
win_flags_registry_native := -lntdll
win_flags_remote_handles := -lpsapi
win_flags_small_dlls := -lwinmm -lbcrypt -luserenv -lpsapi -lws2_32 -loleaut32
win_flags_shell_dlls := -lshlwapi -lshell32 -lcomctl32 -lole32 -luuid
win_flags_lock_storm := -lsynchronization
win_flags_locks   := -lsynchronization
win_flags_path_cch := -lpathcch
win_flags_ucrt    := -D_UCRT -nodefaultlibs -lmingw32 -lmoldname -lmingwex -lucrt -lkernel32 -lgcc

define win_rules
$(win_out)/$1/%.exe: tests/win/%.c $(win_headers)
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$< $$(win_flags_$$(notdir $$*))
$(win_out)/$1/%.exe: tests/win/%.cpp $(win_headers)
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)g++ $(win_cpp) -o $$@ $$< $$(win_flags_$$(notdir $$*))
endef
$(foreach a,$(ARCHES),$(eval $(call win_rules,$a)))

$(foreach a,$(ARCHES),$(win_out)/$a/large_addresses.exe): tests/win/addresses.c

include $(win_folders:%=tests/win/%/build.mk)

# A program that is no more must not be run.
win_stale := $(filter-out $(win_results),$(wildcard $(ARCHES:%=$(win_out)/%/*.exe)))
$(if $(win_stale),$(shell rm -f $(win_stale)))

.PHONY: win-programs
win-programs: $(win_results)
