# resources.exe, with resources of several types, names and languages.

define win_resources_rules
$(win_out)/$1/resources/resources.exe: tests/win/resources/resources.c tests/win/resources/resources.rc tests/win/check.h
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)windres -O coff -o $$(@D)/resources.res.o tests/win/resources/resources.rc
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$< $$(@D)/resources.res.o
win_results += $(win_out)/$1/resources/resources.exe
endef
$(foreach a,$(ARCHES),$(eval $(call win_resources_rules,$a)))
