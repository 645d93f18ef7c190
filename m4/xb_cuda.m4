dnl SPDX-License-Identifier: BSD-3-Clause
dnl XB_CUDA - the CUDA toolkit, three-state: yes (or a folder), no, check.
dnl Sets NVCC, NVCCFLAGS, CUDA_CFLAGS, CUDA_LIBS, xb_cuda_result; defines HAVE_CUDA and
dnl XB_CUDA_VERSION; conditional HAVE_CUDA. The runtime is linked statically, so that the program
dnl starts on a node that has neither toolkit nor driver.
AC_DEFUN([XB_CUDA], [
  AC_ARG_WITH([cuda],
    [AS_HELP_STRING([--with-cuda@<:@=DIR@:>@], [use the CUDA toolkit (11.8 to 13), from DIR; default: if it is there])],
    [], [with_cuda=check])
  AC_ARG_VAR([NVCC], [CUDA compiler])
  AC_ARG_VAR([NVCCFLAGS], [flags for it; default -O2 and the architectures])
  AC_ARG_VAR([CUDA_ARCHS], [compute capabilities to build for, e.g. "80 90"; default: those of data-centre GPUs that the toolkit knows])
  xb_cuda_result=no
  AS_IF([test "x$with_cuda" != xno], [
    AS_CASE([$with_cuda], [yes|check], [xb_cuda_dir=], [xb_cuda_dir=$with_cuda])
    AC_PATH_PROG([NVCC], [nvcc], [], [${xb_cuda_dir:+$xb_cuda_dir/bin:}$PATH:/usr/local/cuda/bin])
    xb_cuda_why=
    AS_IF([test -z "$NVCC"], [xb_cuda_why="nvcc was not found"], [_XB_CUDA_TRY])
    AS_IF([test -n "$xb_cuda_why"], [
      AS_IF([test "x$with_cuda" != xcheck], [AC_MSG_ERROR([--with-cuda: $xb_cuda_why])])
      xb_cuda_result="no ($xb_cuda_why)"
    ], [
      AC_DEFINE([HAVE_CUDA], [1], [CUDA toolkit is used])
      AC_DEFINE_UNQUOTED([XB_CUDA_VERSION], ["$xb_cuda_version"], [CUDA toolkit's version])
      xb_cuda_result="$xb_cuda_version, for $CUDA_ARCHS"
    ])
  ])
  AC_SUBST([xb_cuda_result])
  AC_SUBST([CUDA_CFLAGS])
  AC_SUBST([CUDA_LIBS])
  AM_CONDITIONAL([HAVE_CUDA], [test -z "$xb_cuda_why" && test "x$with_cuda" != xno])
])

dnl nvcc is there: find version, header, static runtime and architectures; say in xb_cuda_why what is missing
AC_DEFUN([_XB_CUDA_TRY], [
  AC_MSG_CHECKING([version of $NVCC])
  xb_cuda_version=$("$NVCC" --version | sed -n 's/.*release \(@<:@0-9.@:>@*\).*/\1/p')
  AC_MSG_RESULT([${xb_cuda_version:-unknown}])
  xb_cuda_root=$(dirname "$(dirname "$(readlink -f "$NVCC")")")
  test -n "$xb_cuda_dir" && xb_cuda_root=$xb_cuda_dir
  xb_cuda_lib=
  for xb_try in "$xb_cuda_root/lib64" "$xb_cuda_root/targets/x86_64-linux/lib" \
                "$xb_cuda_root/targets/sbsa-linux/lib" "$xb_cuda_root/lib" \
                /usr/lib/x86_64-linux-gnu; do
    AS_IF([test -z "$xb_cuda_lib" && test -f "$xb_try/libcudart_static.a"], [xb_cuda_lib=$xb_try])
  done
  CUDA_CFLAGS="-I$xb_cuda_root/include"
  CUDA_LIBS="$xb_cuda_lib/libcudart_static.a -ldl -lrt -lpthread"
  xb_save_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CUDA_CFLAGS $CPPFLAGS"
  AC_CHECK_HEADER([cuda_runtime_api.h], [], [xb_cuda_why="cuda_runtime_api.h was not found under $xb_cuda_root"])
  CPPFLAGS=$xb_save_CPPFLAGS
  AS_IF([test -z "$xb_cuda_lib"], [xb_cuda_why="libcudart_static.a was not found under $xb_cuda_root"])
  AS_VERSION_COMPARE([${xb_cuda_version:-0}], [11.8], [xb_cuda_why="CUDA ${xb_cuda_version:-of unknown version} is older than 11.8"])
  AS_IF([test -z "$CUDA_ARCHS"], [
    xb_known=$("$NVCC" --list-gpu-arch 2>/dev/null | tr '\n' ' ')
    for xb_arch in 70 80 90 100; do
      AS_CASE(["$xb_known"], [*compute_${xb_arch}\ *], [CUDA_ARCHS="${CUDA_ARCHS:+$CUDA_ARCHS }$xb_arch"])
    done
  ])
  xb_gencode=
  for xb_arch in $CUDA_ARCHS; do
    xb_gencode="$xb_gencode -gencode arch=compute_$xb_arch,code=sm_$xb_arch"
    xb_last=$xb_arch
  done
  dnl code for GPUs that are newer than the toolkit
  test -n "$xb_last" && xb_gencode="$xb_gencode -gencode arch=compute_$xb_last,code=compute_$xb_last"
  NVCCFLAGS="${NVCCFLAGS:--O2}$xb_gencode"
])
