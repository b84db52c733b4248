# A program of Go's, made where Go is installed. Its compiler needs no other, keeps what it has compiled in the build
# folder and asks no network.

win_go        := $(shell command -v go)
win_go_x86_64 := amd64
win_go_i386   := 386

define win_go_rules
$(win_out)/$1/go/go.exe: $(wildcard tests/win/go/*.go)
	@mkdir -p $$(@D)
	$$(Q)cd tests/win/go && GOOS=windows GOARCH=$(win_go_$1) GO111MODULE=off GOFLAGS= GOCACHE=$(abspath $(BUILD)/go) \
	    CGO_ENABLED=0 $(win_go) build -trimpath -o $$(abspath $$@) .
win_results += $(win_out)/$1/go/go.exe
endef
$(if $(win_go),$(foreach a,$(ARCHES),$(eval $(call win_go_rules,$a))))
