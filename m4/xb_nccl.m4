dnl SPDX-License-Identifier: BSD-3-Clause
dnl XB_NCCL - NCCL's header, three-state: yes (or a folder), no, check. The library is loaded at
dnl run time.
dnl Sets NCCL_CFLAGS, xb_nccl_result; defines HAVE_NCCL, XB_NCCL_VERSION and, where nvcc takes its header for
dnl kernels, HAVE_NCCL_DEVICE. Needs XB_CUDA before.
AC_DEFUN([XB_NCCL], [
  AC_ARG_WITH([nccl],
    [AS_HELP_STRING([--with-nccl@<:@=DIR@:>@], [measure NCCL, with the header in DIR/include; default: if it is there])],
    [], [with_nccl=check])
  xb_nccl_result=no
  AS_IF([test "x$with_nccl" != xno], [
    AS_CASE([$with_nccl], [yes|check], [NCCL_CFLAGS=], [NCCL_CFLAGS="-I$with_nccl/include"])
    xb_save_CPPFLAGS=$CPPFLAGS
    CPPFLAGS="$NCCL_CFLAGS $CUDA_CFLAGS $CPPFLAGS"
    xb_nccl_version=
    AS_IF([test -n "$CUDA_CFLAGS"], [
      AC_COMPUTE_INT([xb_nccl_code], [NCCL_VERSION_CODE], [[#include <nccl.h>]], [xb_nccl_code=0])
      AS_IF([test "$xb_nccl_code" -gt 0], [
        xb_nccl_version="$((xb_nccl_code / 10000)).$((xb_nccl_code / 100 % 100)).$((xb_nccl_code % 100))"
      ])
    ])
    CPPFLAGS=$xb_save_CPPFLAGS
    AS_IF([test -n "$xb_nccl_version"], [
      AC_DEFINE([HAVE_NCCL], [1], [NCCL's header is there])
      AC_DEFINE_UNQUOTED([XB_NCCL_VERSION], ["$xb_nccl_version"], [version of NCCL's header])
      xb_nccl_result=$xb_nccl_version
    ], [test "x$with_nccl" != xcheck], [
      AC_MSG_ERROR([--with-nccl: nccl.h was not found, or CUDA is not used])
    ])
  ])
  xb_nccl_device=no
  AS_IF([test "x$xb_nccl_result" != xno], [
    AC_MSG_CHECKING([whether $NVCC takes nccl_device.h])
    AS_ECHO(["#include <nccl_device.h>"]) > conftest.cu
    AS_IF(["$NVCC" $NVCCFLAGS -std=c++17 $NCCL_CFLAGS -c -o conftest.$OBJEXT conftest.cu >/dev/null 2>&1], [
      xb_nccl_device=yes
      AC_DEFINE([HAVE_NCCL_DEVICE], [1], [kernels can ask NCCL, by nccl_device.h])
    ])
    AC_MSG_RESULT([$xb_nccl_device])
    rm -f conftest.cu conftest.$OBJEXT
  ])
  AM_CONDITIONAL([HAVE_NCCL_DEVICE], [test "x$xb_nccl_device" = xyes])
  AC_SUBST([NCCL_CFLAGS])
  AM_CONDITIONAL([HAVE_NCCL], [test "x$xb_nccl_result" != xno])
])
