# cpp.cpp with the compiler's runtime as DLLs beside the program.

win_runtime_x86_64 := libstdc++-6.dll libgcc_s_seh-1.dll
win_runtime_i386   := libstdc++-6.dll libgcc_s_dw2-1.dll

define win_cpp_shared_rules
$(win_out)/$1/cpp_shared/cpp_shared.exe: tests/win/cpp.cpp tests/win/check.h
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)g++ $(win_cpp) -shared-libgcc -o $$@ $$<
	$$(Q)for name in $$(win_runtime_$1); do cp "$$$$($(mingw_$1)g++ -print-file-name=$$$$name)" $$(@D) || exit 1; done
win_results += $(win_out)/$1/cpp_shared/cpp_shared.exe
endef
$(foreach a,$(ARCHES),$(eval $(call win_cpp_shared_rules,$a)))
