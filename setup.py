"""Build one extension for each module of ext/riskengine/core, in the form that is asked for."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup


@dataclass(frozen=True)
class Form:
    """How the core is compiled; `directives` are Cython's."""

    compiler: tuple[str, ...]
    linker: tuple[str, ...] = ()
    directives: dict[str, bool] = field(default_factory=dict)


# A compiler of tomorrow may warn of more: that must not stop a user, but it does stop CI.
WARNINGS = ("-Wall", "-Wextra", *(("-Werror",) if os.environ.get("CI") == "true" else ()))
CHECKED = ("-g", "-DRISKENGINE_EXPECT", "-D_GLIBCXX_ASSERTIONS")
TRACED = ("-DCYTHON_TRACE=1", "-DCYTHON_TRACE_NOGIL=1")
SANITIZERS = "-fsanitize=address,undefined"
FORMS = {
    "release": Form(("-O3",)),
    "checked": Form(("-O1", *CHECKED)),
    "debug": Form(("-Og", *CHECKED, *TRACED), directives={"linetrace": True}),
    # Python's own flags make signed overflow wrap, so that none would be reported.
    "sanitize": Form(
        (
            *("-O1", *CHECKED, "-fno-omit-frame-pointer", "-fno-wrapv"),
            *(SANITIZERS, "-fno-sanitize-recover=all"),
        ),
        linker=(SANITIZERS,),
    ),
}
form = FORMS[os.environ.get("BUILD_FORM", "release")]

# The Makefile installs the environment without the core and then builds that in place.
without_core = os.environ.get("BUILD_WITHOUT_CORE") == "1"
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
        extra_compile_args=["-std=c++17", *WARNINGS, *form.compiler],
        extra_link_args=list(form.linker),
    )
    for source in sources
]

setup(
    ext_modules=cythonize(
        extensions,
        include_path=["ext"],
        compiler_directives={
            "language_level": 3,
            "binding": True,
            "embedsignature": True,
            **form.directives,
        },
        emit_linenums=form is not FORMS["release"],
    ),
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
