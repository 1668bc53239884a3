"""Where figures were measured: what matters of the machine, and nothing that names it."""

import os
import platform
import subprocess


def first_line(argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return (done.stdout or done.stderr).splitlines()[0].strip() if done.returncode == 0 else None


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def package_version(name):
    return first_line(["dpkg-query", "-W", "-f=${Version}", name])


def describe(packages):
    """CPU, cores, kernel, compiler, C library and the versions of the peers' packages."""
    return {"cpu": cpu_model(), "cores": len(os.sched_getaffinity(0)),
            "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
            "kernel": platform.release().split("-")[0], "compiler": first_line(["gcc", "--version"]),
            "libc": " ".join(platform.libc_ver()),
            "packages": {name: package_version(name) for name in packages}}
