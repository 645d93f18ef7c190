dnl SPDX-License-Identifier: BSD-3-Clause
dnl XB_HARDEN - flags that end the program where it writes beyond an array, instead of going on.
dnl Sets XB_HARDEN_CFLAGS, XB_HARDEN_CPPFLAGS and xb_harden_result. What the user or the compiler sets itself wins;
dnl sanitizers see more, and _FORTIFY_SOURCE does nothing without optimization.
AC_DEFUN([XB_HARDEN], [
  XB_HARDEN_CFLAGS= XB_HARDEN_CPPFLAGS=
  AS_CASE([" $CC $CPPFLAGS $CFLAGS "], [*-fsanitize=*], [xb_harden_why="sanitizers are used"], [xb_harden_why=])
  AS_IF([test -z "$xb_harden_why"], [
    xb_save_CFLAGS=$CFLAGS
    AC_MSG_CHECKING([whether $CC takes -fstack-protector-strong])
    CFLAGS="-fstack-protector-strong -Werror $CFLAGS"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [char text[[64]]; volatile char *p = text; *p = 0; return *p;])],
      [XB_HARDEN_CFLAGS=-fstack-protector-strong], [])
    CFLAGS=$xb_save_CFLAGS
    AC_MSG_RESULT([${XB_HARDEN_CFLAGS:-no}])
    AC_MSG_CHECKING([whether _FORTIFY_SOURCE is to be set])
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#if defined _FORTIFY_SOURCE || !defined __OPTIMIZE__
#error set already, or without effect
#endif
]])], [XB_HARDEN_CPPFLAGS=-D_FORTIFY_SOURCE=2], [])
    AC_MSG_RESULT([${XB_HARDEN_CPPFLAGS:-no}])
  ])
  xb_harden_result="$XB_HARDEN_CFLAGS${XB_HARDEN_CPPFLAGS:+ $XB_HARDEN_CPPFLAGS}"
  xb_harden_result="${xb_harden_result:-no (${xb_harden_why:-the compiler takes neither})}"
  AC_SUBST([XB_HARDEN_CFLAGS])
  AC_SUBST([XB_HARDEN_CPPFLAGS])
])
