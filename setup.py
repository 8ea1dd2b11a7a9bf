"""Build one extension for each file of ext/riskengine/core."""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

# The Makefile installs the environment without the core and then builds that in place.
without_core = os.environ.get("RISKENGINE_WITHOUT_CORE") == "1"
core = Path("ext/riskengine/core")
sources = [] if without_core else sorted(core.glob("*.pyx"))

extensions = [
    Extension(
        f"riskengine.core.{source.stem}",
        [source.as_posix()],
        language="c++",
        include_dirs=[core.as_posix()],
        depends=sorted(header.as_posix() for header in core.glob("*.hpp")),
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
