dnl SPDX-License-Identifier: BSD-3-Clause
dnl XB_NVML - ask NVIDIA's management library about links; it is loaded at run time and needs no
dnl header, so there is nothing to check. Sets xb_nvml_result; defines WITH_NVML.
AC_DEFUN([XB_NVML], [
  AC_ARG_WITH([nvml],
    [AS_HELP_STRING([--without-nvml], [do not ask NVIDIA's management library about links])],
    [], [with_nvml=check])
  AS_IF([test "x$with_nvml" != xno], [
    AC_DEFINE([WITH_NVML], [1], [load NVML at run time])
    xb_nvml_result="loaded at run time"
  ], [xb_nvml_result=no])
])
