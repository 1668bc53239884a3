# What is needed beyond a bare Debian, by package; only what is missing is installed.

BUILD_PACKAGES := gcc g++ make binutils libc6-dev libjemalloc-dev libunwind-dev libmsgpack-dev \
                  libsqlite3-dev libinih-dev libopenblas0-pthread libdw-dev libelf-dev libiberty-dev liblzma-dev libjansson-dev zlib1g-dev liblapacke-dev \
                  pkg-config
TEST_PACKAGES  := check python3 python3-msgpack sqlite3 redis-server git clang lld heaptrack procps strace valgrind
# Exports are opened by those who consume them. Debian's npm will not go with a node that has one of
# its own.
TEST_PACKAGES  += chromium chromium-driver fonts-dejavu-core golang-go protobuf-compiler python3-jsonschema \
                  $(if $(shell command -v npm),,npm) $(if $(shell command -v node),,nodejs)

# A marker for each list, so that a second make does not ask dpkg again.
define install_missing
	@missing=; for p in $(1); do \
	    dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; \
	done; \
	if [ -n "$$missing" ]; then \
	    sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	    command -v apt-get >/dev/null || { echo "please install:$$missing" >&2; exit 1; }; \
	    echo "installing:$$missing"; \
	    log=$$(mktemp); \
	    { $$sudo apt-get update && \
	      $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $$missing; \
	    } >$$log 2>&1 || { cat $$log >&2; rm -f $$log; \
	      echo "could not install:$$missing (run as root, or with sudo)" >&2; exit 1; }; \
	    rm -f $$log; \
	fi
endef

.PHONY: deps test-deps
deps:
	$(call install_missing,$(BUILD_PACKAGES))

test-deps: deps
	$(call install_missing,$(TEST_PACKAGES))
