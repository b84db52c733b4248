# manifests.exe, whose manifest asks for a private assembly and says
# which Windows it knows. It imports the private assembly's DLL, which lies where no search leads. So does a DLL, of
# another assembly.

win_dll_folder := manifests
define win_manifests_rules
$(call win_dll,$1,Lw.Side/lw_side,side.c)
$(call win_dll,$1,Lw.Other/lw_other,side.c,-DVALUE=6 -Dside=other)
$(win_out)/$1/manifests/%.manifest:
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@
$(win_out)/$1/manifests/Lw.Side/Lw.Side.manifest: tests/win/manifests/Lw.Side.manifest
$(win_out)/$1/manifests/Lw.Other/Lw.Other.manifest: tests/win/manifests/Lw.Other.manifest
$(win_out)/$1/manifests/isolated.res.o: tests/win/manifests/isolated.rc tests/win/manifests/isolated.manifest
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)windres -O coff -I tests/win/manifests -o $$@ $$<
$(call win_dll,$1,isolated,isolated.c,,isolated.res.o Lw.Other/lw_other.dll)
$(win_out)/$1/manifests/manifests.exe: tests/win/manifests/manifests.c tests/win/manifests/manifests.rc tests/win/manifests/program.manifest $(win_out)/$1/manifests/Lw.Side/lw_side.dll tests/win/check.h
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)windres -O coff -I tests/win/manifests -o $$(@D)/manifests.res.o tests/win/manifests/manifests.rc
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$< $$(@D)/manifests.res.o $(win_out)/$1/manifests/Lw.Side/lw_side.dll
win_results += $(win_out)/$1/manifests/manifests.exe $(win_out)/$1/manifests/Lw.Side/Lw.Side.manifest
win_results += $(win_out)/$1/manifests/Lw.Other/Lw.Other.manifest
endef
$(foreach a,$(ARCHES),$(eval $(call win_manifests_rules,$a)))
