dnl SPDX-License-Identifier: BSD-3-Clause
dnl XB_PYTHON_JSONSCHEMA - a Python 3 that has the jsonschema module, for the tests.
dnl Sets JSONSCHEMA_PYTHON, empty if there is none.
AC_DEFUN([XB_PYTHON_JSONSCHEMA], [
  AC_ARG_VAR([JSONSCHEMA_PYTHON], [Python 3 with the module jsonschema])
  AC_MSG_CHECKING([for a Python 3 with jsonschema])
  for xb_try in $JSONSCHEMA_PYTHON python3 /usr/bin/python3; do
    AS_IF([test -z "$xb_found" && "$xb_try" -c 'import jsonschema' >/dev/null 2>&1], [xb_found=$xb_try])
  done
  JSONSCHEMA_PYTHON=$xb_found
  AC_MSG_RESULT([${JSONSCHEMA_PYTHON:-no}])
])
