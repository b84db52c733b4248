# tls.exe loads late.dll, which has thread-local data and callbacks of its own, while its threads run.

define win_tls_rules
$(win_out)/$1/tls/tls.exe: tests/win/tls/tls.c tests/win/tls/directory.h tests/win/check.h
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc $(win_c) -o $$@ $$<
$(win_out)/$1/tls/late.dll: tests/win/tls/late.c tests/win/tls/directory.h
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc $(win_c) -shared -nostdlib -Wl,-e,entry -o $$@ $$< -lkernel32
win_results += $(win_out)/$1/tls/tls.exe $(win_out)/$1/tls/late.dll
endef
$(foreach a,$(ARCHES),$(eval $(call win_tls_rules,$a)))
