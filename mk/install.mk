# make install: programs on PATH, the preloaded library in a directory of its own (nobody links it),
# the client header where <memprof/memprof.h> finds it. `memprof` looks for its library beside
# itself and in ../lib/memprof, so the tree may be moved as a whole.

bindir     = $(DESTDIR)$(PREFIX)/bin
libdir     = $(DESTDIR)$(PREFIX)/lib
includedir = $(DESTDIR)$(PREFIX)/include
sharedir   = $(DESTDIR)$(PREFIX)/share

install_PROGRAMS := memprof sim_bench analyzer
install_HEADERS  := $(wildcard libmemprof/include/memprof/*.h)
install_EXAMPLES := $(wildcard libmemprof/examples/*.c libmemprof/examples/*.cc)
install_MANUALS  := $(wildcard docs/man/*.1)

.PHONY: install uninstall
install: $(PROGRAMS)
	$(Q)install -d $(bindir) $(libdir)/memprof $(libdir)/pkgconfig $(includedir)/memprof \
		$(sharedir)/memprof $(sharedir)/man/man1
	$(Q)install -m 755 $(addprefix $(O)/,$(install_PROGRAMS)) $(bindir)
	$(Q)install -m 644 $(O)/libmemprof.so $(libdir)/memprof
	$(Q)install -m 644 $(install_HEADERS) $(includedir)/memprof
	$(Q)install -m 755 sim_bench/status.sh $(sharedir)/memprof
	$(Q)install -d $(sharedir)/memprof/python $(sharedir)/memprof/examples
	$(Q)install -m 644 libmemprof/python/memprof.py $(sharedir)/memprof/python
	$(Q)install -m 644 $(install_EXAMPLES) $(sharedir)/memprof/examples
	$(Q)$(if $(install_MANUALS),install -m 644 $(install_MANUALS) $(sharedir)/man/man1)
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' memprof.pc.in \
		>$(libdir)/pkgconfig/memprof.pc
	$(call say,INSTALL,$(DESTDIR)$(PREFIX))

uninstall:
	$(Q)rm -f $(addprefix $(bindir)/,$(install_PROGRAMS)) $(libdir)/pkgconfig/memprof.pc \
		$(addprefix $(sharedir)/man/man1/,$(notdir $(install_MANUALS)))
	$(Q)rm -rf $(libdir)/memprof $(includedir)/memprof $(sharedir)/memprof
	$(call say,REMOVE,$(DESTDIR)$(PREFIX))
