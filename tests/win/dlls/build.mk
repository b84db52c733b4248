# dlls.exe and the DLLs whose loading it watches. Each is linked without the C library; journal.dll is where
# they write down what happens to them.

win_dll_folder := dlls
define win_dlls_rules
$(call win_dll,$1,journal,journal.c)
$(call win_dll,$1,second,member.c,-DMARK="'2'" -DVALUE=2 -Dvalue_name=second_value,journal.dll)
$(call win_dll,$1,first,member.c,-DMARK="'1'" -DVALUE=1 -Dvalue_name=first_value -DNEEDS=second_value,journal.dll second.dll)
$(call win_dll,$1,leaf,member.c,-DMARK="'l'" -DVALUE=3 -Dvalue_name=leaf_value,journal.dll)
$(call win_dll,$1,branch,member.c,-DMARK="'b'" -DVALUE=4 -Dvalue_name=branch_value -DNEEDS=leaf_value,journal.dll leaf.dll)
$(call win_dll,$1,failing,member.c,-DMARK="'f'" -DVALUE=5 -Dvalue_name=failing_value -DNEEDS=leaf_value -DFAILS,journal.dll leaf.dll)
$(call win_dll,$1,needs_failing,member.c,-DMARK="'n'" -DVALUE=6 -Dvalue_name=needs_value -DNEEDS=failing_value,journal.dll failing.dll)
$(call win_dll,$1,quiet,member.c,-DMARK="'q'" -DVALUE=7 -Dvalue_name=quiet_value -DQUIET,journal.dll)
$(call win_dll,$1,raising,member.c,-DMARK="'r'" -DVALUE=13 -Dvalue_name=raising_value -DRAISES_AT=1 -DRAISES=0xC0000005,journal.dll)
$(call win_dll,$1,odd,member.c,-DMARK="'o'" -DVALUE=14 -Dvalue_name=odd_value -DRAISES_AT=1 -DRAISES=1,journal.dll)
$(call win_dll,$1,sulking,member.c,-DMARK="'s'" -DVALUE=15 -Dvalue_name=sulking_value -DRAISES_AT=0 -DRAISES=0xC0000005,journal.dll)
$(call win_import,$1,ring_a,-l)
$(call win_import,$1,ring_b,-l)
$(call win_dll,$1,ring_a,member.c,-DMARK="'x'" -DVALUE=8 -Dvalue_name=ring_a_value -DNEEDS=ring_b_plain,journal.dll ring_b.a)
$(call win_dll,$1,ring_b,member.c,-DMARK="'y'" -DVALUE=9 -Dvalue_name=ring_b_value -DNEEDS=ring_a_plain,journal.dll ring_a.a)
$(call win_dll,$1,target,target.c,tests/win/dlls/target.def)
$(call win_dll,$1,relay,target.c,-DEMPTY tests/win/dlls/relay.def)
$(call win_dll,$1,forward,target.c,-DEMPTY tests/win/dlls/forward.def)
$(call win_import,$1,target,-l)
$(call win_import,$1,absent,-l)
$(call win_import,$1,forwarded,-l)
$(call win_dll,$1,importer,importer.c,,target.a absent.a forwarded.a)
$(call win_dll,$1,same_base_a,target.c,-Wl$(,)--image-base=0x66660000,)
$(call win_dll,$1,same_base_b,target.c,-Wl$(,)--image-base=0x66660000,)
$(call win_dll,$1,delayed,member.c,-DMARK="'d'" -DVALUE=12 -Dvalue_name=delayed_value,journal.dll)
$(call win_import,$1,delayed,-y)
$(call win_import,$1,never,-y)
$(win_out)/$1/dlls/dlls.exe: tests/win/dlls/dlls.c tests/win/check.h \
    $(patsubst %,$(win_out)/$1/dlls/%,journal.dll first.dll delayed.a never.a)
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$< $$(filter-out %.h %.c,$$^)
$(win_out)/$1/dlls/uses_failing.exe: tests/win/dlls/uses_failing.c $(win_out)/$1/dlls/needs_failing.dll
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$^
win_results += $(win_out)/$1/dlls/dlls.exe $(win_out)/$1/dlls/uses_failing.exe
endef
, := ,
$(foreach a,$(ARCHES),$(eval $(call win_dlls_rules,$a)))
