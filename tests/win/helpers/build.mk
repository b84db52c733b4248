# Helpers that import what is not there, and one with a DLL that pretends to be litewin's.

win_dll_folder := helpers
define win_helpers_rules
$(call win_import,$1,no_such_dll,-l)
$(call win_import,$1,no_such_export,-l)
$(win_out)/$1/helpers/needs_dll.exe: tests/win/helpers/needs_dll.c $(win_out)/$1/helpers/no_such_dll.a
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$^
$(win_out)/$1/helpers/needs_export.exe: tests/win/helpers/needs_export.c $(win_out)/$1/helpers/no_such_export.a
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$^
$(call win_dll,$1,stamped,stamped.c)
$(win_out)/$1/helpers/uses_stamped.exe: tests/win/helpers/uses_stamped.c $(win_out)/$1/helpers/stamped.dll
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$^
$(win_out)/$1/helpers/wildcards.exe: tests/win/helpers/echo_arguments.c
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc $(win_c) -DWILDCARDS -o $$@ $$^
$(win_out)/$1/helpers/crashes.exe: tests/win/helpers/crashes.c tests/win/helpers/crashes.rc
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)windres -O coff -o $$@.version.o tests/win/helpers/crashes.rc
	$$(Q)$(mingw_$1)gcc $(win_c) -Wl,--build-id -o $$@ $$< $$@.version.o
$(win_out)/$1/helpers/uncaught.exe: tests/win/helpers/uncaught.cpp
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)g++ $(win_cpp) -static -o $$@ $$^
win_results += $(patsubst %,$(win_out)/$1/helpers/%.exe,needs_dll needs_export uses_stamped wildcards uncaught)
endef
$(foreach a,$(ARCHES),$(eval $(call win_helpers_rules,$a)))
