# search.exe and copies of one DLL that tell from each other which of them was found.

win_dll_folder := search
define win_search_rules
$(call win_dll,$1,where1,where.c,-DWHERE=1)
$(call win_dll,$1,where2,where.c,-DWHERE=2)
$(call win_dll,$1,where3,where.c,-DWHERE=3)
$(call win_import,$1,where,-l)
$(call win_dll,$1,needs_where,needs_where.c,,where.a)
$(win_out)/$1/search/search.exe: tests/win/search/search.c tests/win/check.h
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$<
win_results += $(win_out)/$1/search/search.exe $(win_out)/$1/search/needs_where.dll
endef
$(foreach a,$(ARCHES),$(eval $(call win_search_rules,$a)))
