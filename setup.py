"""Build one extension for each file of ext/riskengine/core."""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

extensions = [
    Extension(
        f"riskengine.core.{source.stem}",
        [source.as_posix()],
        language="c++",
        extra_compile_args=["-std=c++17", "-O3"],
    )
    for source in sorted(Path("ext/riskengine/core").glob("*.pyx"))
]

setup(
    ext_modules=cythonize(
        extensions,
        include_path=["ext"],
        compiler_directives={"language_level": 3, "binding": True, "embedsignature": True},
    ),
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
