# versions.exe, with a version resource.

define win_versions_rules
$(win_out)/$1/versions/versions.exe: tests/win/versions/versions.c tests/win/versions/versions.rc tests/win/check.h
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)windres -O coff -o $$(@D)/versions.res.o tests/win/versions/versions.rc
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$< $$(@D)/versions.res.o -lversion
win_results += $(win_out)/$1/versions/versions.exe
endef
$(foreach a,$(ARCHES),$(eval $(call win_versions_rules,$a)))
