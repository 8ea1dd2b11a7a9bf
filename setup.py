"""Build one extension for each module of ext/riskengine/core."""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

# The Makefile installs the environment without the core and then builds that in place.
without_core = os.environ.get("RISKENGINE_WITHOUT_CORE") == "1"
root = Path("ext")
core = root / "riskengine/core"
sources = [] if without_core else sorted(core.rglob("*.pyx"))

extensions = [
    Extension(
        ".".join(source.relative_to(root).with_suffix("").parts),
        [source.as_posix()],
        language="c++",
        include_dirs=[(core / "base").as_posix()],
        depends=sorted(header.as_posix() for header in core.rglob("*.hpp")),
        extra_compile_args=["-std=c++17", "-O3"],
    )
    for source in sources
]

setup(
    ext_modules=cythonize(
        extensions,
        include_path=["ext"],
        compiler_directives={"language_level": 3, "binding": True, "embedsignature": True},
    ),
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
