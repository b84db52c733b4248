# apisets.exe imports from an API set by its name, as Microsoft's libraries make programs do.

win_dll_folder := apisets
define win_apisets_rules
$(win_out)/$1/apisets/synch.a: tests/win/apisets/synch.def
	@mkdir -p $$(@D)
	$$(Q)$(if $(filter i386,$1),,sed 's/@[0-9]*$$$$//' $$< >$$@.def && )$(mingw_$1)dlltool -k -d $(if $(filter i386,$1),$$<,$$@.def) -l $$@
$(win_out)/$1/apisets/apisets.exe: tests/win/apisets/apisets.c $(win_out)/$1/apisets/synch.a tests/win/check.h
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$(filter-out %.h,$$^)
win_results += $(win_out)/$1/apisets/apisets.exe
endef
$(foreach a,$(ARCHES),$(eval $(call win_apisets_rules,$a)))
