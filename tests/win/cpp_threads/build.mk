# The standard library's threads, which come with the compiler whose threads are POSIX's; its runtime lies beside
# the program as DLLs.

win_threads_x86_64 := libstdc++-6.dll libgcc_s_seh-1.dll libwinpthread-1.dll
win_threads_i386   := libstdc++-6.dll libgcc_s_dw2-1.dll libwinpthread-1.dll

define win_cpp_threads_rules
$(win_out)/$1/cpp_threads/cpp_threads.exe: tests/win/cpp_threads/cpp_threads.cpp tests/win/check.h
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)g++-posix $(win_cpp) -shared-libgcc -o $$@ $$<
	$$(Q)for name in $$(win_threads_$1); do \
	    cp "$$$$($(mingw_$1)g++-posix -print-file-name=$$$$name)" $$(@D) || exit 1; done
win_results += $(win_out)/$1/cpp_threads/cpp_threads.exe
endef
$(foreach a,$(ARCHES),$(if $(wildcard /usr/bin/$(mingw_$a)g++-posix),$(eval $(call win_cpp_threads_rules,$a))))
