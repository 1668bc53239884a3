"""`make install` below a directory: what lies there works from there, and goes again."""

import os
import shutil

from harness import BUILD, Case, SANITIZED, SOURCE, main, run, victim

EXPECTED = {"bin/memprof", "bin/sim_bench", "bin/analyzer", "lib/memprof/libmemprof.so",
            "lib/pkgconfig/memprof.pc", "include/memprof/memprof.h",
            "include/memprof/trace_format.h", "share/memprof/status.sh",
            "share/memprof/python/memprof.py", "share/memprof/examples/boids.c",
            "share/memprof/examples/predator_prey.cc"}


class Install(Case):
    def make(self, target, prefix="/usr"):
        done = run(["make", "-C", SOURCE, target, f"O={BUILD}", f"DESTDIR={self.directory}/root",
                    f"PREFIX={prefix}"])
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.directory / "root" / prefix.lstrip("/")

    def files(self, place):
        return {str(path.relative_to(place)) for path in place.rglob("*") if not path.is_dir()}

    def test_what_is_installed_works_from_there(self):
        place = self.make("install")
        files = self.files(place)
        self.assertLessEqual(EXPECTED, files)
        for extra in files - EXPECTED:
            self.assertRegex(extra, r"^share/man/man1/\w+\.1$")
        # The build directory must not be what makes it work: another place, other names.
        moved = self.directory / "moved"
        place.rename(moved)
        path = {"PATH": f"{moved / 'bin'}:{os.environ['PATH']}"}
        done = run(["memprof", "run", "-d", self.directory / "x", "--", victim("steps"), "20"],
                   env=os.environ | path)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = run(["analyzer", self.directory / "x"], env=os.environ | path)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn(b"observe", said.stdout)
        done = run(["sim_bench", "--steps", "10", "--quick"], cwd=self.directory,
                   env=os.environ | path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.directory / "trace.msgpack").exists(), not SANITIZED)

    def test_pkg_config_knows_the_header(self):
        place = self.make("install")
        flags = run(["pkg-config", "--cflags", "memprof"],
                    env=os.environ | {"PKG_CONFIG_LIBDIR": str(place / "lib" / "pkgconfig"),
                                      "PKG_CONFIG_SYSROOT_DIR": str(self.directory / "root"),
                                      "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1"})
        self.assertEqual(flags.returncode, 0, flags.stderr)
        done = run(["gcc", *flags.stdout.decode().split(), "-c", "-o", self.directory / "o",
                    SOURCE / "tests" / "victims" / "header" / "marks.c"])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_it_goes_without_a_trace(self):
        place = self.make("install", "/opt/memprof")
        shutil.copy(place / "bin" / "analyzer", place / "bin" / "somebody_elses")
        self.make("uninstall", "/opt/memprof")
        self.assertEqual(self.files(place), {"bin/somebody_elses"})


if __name__ == "__main__":
    main()
