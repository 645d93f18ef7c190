dnl SPDX-License-Identifier: BSD-3-Clause
dnl XB_MPI - flags of Open MPI: from the compiler wrapper MPICC where the user sets it, else from
dnl pkg-config, else from the mpicc in PATH.
dnl Sets MPI_CFLAGS, MPI_LIBS, xb_mpi_how; defines HAVE_MPI_EXT_H.
AC_DEFUN([XB_MPI], [
  AC_ARG_VAR([MPICC], [MPI compiler wrapper to ask for flags; goes before pkg-config])
  AS_IF([test -n "$MPICC"], [_XB_MPI_ASK], [
    PKG_CHECK_MODULES([MPI], [ompi-c], [
      xb_mpi_how="pkg-config ompi-c"
      _XB_MPI_COMPARE
    ], [
      AC_PATH_PROG([MPICC], [mpicc])
      AS_IF([test -z "$MPICC"], [AC_MSG_ERROR([Open MPI is missing: neither pkg-config's ompi-c nor mpicc was found (Debian and Ubuntu: libopenmpi-dev)])])
      _XB_MPI_ASK
    ])
  ])
  xb_save_CPPFLAGS=$CPPFLAGS
  xb_save_LIBS=$LIBS
  CPPFLAGS="$MPI_CFLAGS $CPPFLAGS"
  LIBS="$MPI_LIBS $LIBS"
  AC_CHECK_FUNC([MPI_Comm_create_group], [], [AC_MSG_ERROR([MPI 3 is needed: MPI_Comm_create_group is missing])])
  AC_CHECK_HEADERS([mpi-ext.h], [], [], [[#include <mpi.h>]])
  CPPFLAGS=$xb_save_CPPFLAGS
  LIBS=$xb_save_LIBS
])

dnl Flags from the wrapper in MPICC, which may hold arguments as CC may
AC_DEFUN([_XB_MPI_ASK], [
  AC_MSG_CHECKING([flags of $MPICC])
  MPI_CFLAGS=$($MPICC --showme:compile 2>/dev/null)
  MPI_LIBS=$($MPICC --showme:link 2>/dev/null)
  AC_MSG_RESULT([${MPI_LIBS:-none}])
  AS_IF([test -z "$MPI_LIBS"], [AC_MSG_ERROR([$MPICC does not answer --showme; Open MPI's is needed])])
  xb_mpi_how=$MPICC
])

dnl Warn when mpicc, and so most likely mpirun, is of another Open MPI than pkg-config's: ranks that
dnl one starts and the other links do not find each other
AC_DEFUN([_XB_MPI_COMPARE], [
  AC_PATH_PROG([xb_mpicc], [mpicc])
  AS_IF([test -n "$xb_mpicc"], [
    xb_other=
    xb_dirs=$("$xb_mpicc" --showme:incdirs 2>/dev/null) || xb_dirs=
    AS_IF([test -z "$xb_dirs"], [xb_other="not Open MPI's; put its mpirun first in PATH"])
    for xb_dir in $xb_dirs; do
      dnl pkg-config leaves out /usr/include
      AS_CASE([" $MPI_CFLAGS -I/usr/include "], [*" -I$xb_dir "*], [], [xb_other="of $xb_dir; to use that, set MPICC=$xb_mpicc"])
    done
    AS_IF([test -n "$xb_other"], [AC_MSG_WARN([MPI is that of pkg-config ompi-c ($MPI_CFLAGS), but $xb_mpicc is $xb_other])])
  ])
])
