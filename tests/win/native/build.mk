# native.exe with DLLs that Debian ships, zlib1.dll and libwinpthread-1.dll, beside it. It is built only where
# both are installed.

win_native_x86_64 := $(addprefix /usr/x86_64-w64-mingw32/lib/,zlib1.dll libwinpthread-1.dll)
win_native_i386   := $(addprefix /usr/i686-w64-mingw32/lib/,zlib1.dll libwinpthread-1.dll)

define win_native_rules
$(win_out)/$1/native/native.exe: tests/win/native/native.c tests/win/check.h
	@mkdir -p $$(@D)
	$$(Q)cp $(win_native_$1) $$(@D)
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$< $$(@D)/zlib1.dll
win_results += $(win_out)/$1/native/native.exe
endef
$(foreach a,$(ARCHES),$(if $(filter-out $(words $(wildcard $(win_native_$a))),2),,$(eval $(call win_native_rules,$a))))
