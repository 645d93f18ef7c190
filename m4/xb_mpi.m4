dnl XB_MPI - flags of Open MPI, from pkg-config or else from its compiler wrapper.
dnl Sets MPI_CFLAGS, MPI_LIBS, xb_mpi_how; defines HAVE_MPI_EXT_H.
AC_DEFUN([XB_MPI], [
  AC_ARG_VAR([MPICC], [MPI compiler wrapper to ask for flags])
  PKG_CHECK_MODULES([MPI], [ompi-c], [xb_mpi_how="pkg-config ompi-c"], [
    AC_PATH_PROG([MPICC], [mpicc])
    AS_IF([test -z "$MPICC"], [AC_MSG_ERROR([Open MPI is missing: neither pkg-config's ompi-c nor mpicc was found (Debian and Ubuntu: libopenmpi-dev)])])
    MPI_CFLAGS=$("$MPICC" --showme:compile 2>/dev/null)
    MPI_LIBS=$("$MPICC" --showme:link 2>/dev/null)
    AS_IF([test -z "$MPI_LIBS"], [AC_MSG_ERROR([$MPICC does not answer --showme; Open MPI's is needed])])
    xb_mpi_how="$MPICC"
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
