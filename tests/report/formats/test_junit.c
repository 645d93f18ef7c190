/* SPDX-License-Identifier: BSD-3-Clause */
/* test_junit.c - verdicts as JUnit XML. */
#include "report/formats/junit.h"

#include <math.h>
#include <stdlib.h>

#include "tests/tap.h"

int main(void)
{
    static const struct xb_junit_case cases[] = {
        {"p2p", "stream/p2p/gpu->gpu@node/4KiB", XB_JUNIT_PASSED, NULL, 1.5e-6},
        {"mpi", "b", XB_JUNIT_FAILED, "\"12\" < 20 &\nbad\x01", NAN},
        {"mpi", "c", XB_JUNIT_SKIPPED, NULL, NAN},
        {"mpi", "d", XB_JUNIT_ERROR, "corrupt", NAN},
    };
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    xb_junit_write("old & new", cases, sizeof cases / sizeof cases[0], out);
    fclose(out);
    is_str(text,
           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<testsuites>\n"
           "<testsuite name=\"old &amp; new\" tests=\"4\" failures=\"1\" errors=\"1\""
           " skipped=\"1\">\n"
           "<testcase classname=\"p2p\" name=\"stream/p2p/gpu->gpu@node/4KiB\""
           " time=\"1.5e-06\"/>\n"
           "<testcase classname=\"mpi\" name=\"b\"><failure"
           " message=\"&quot;12&quot; &lt; 20 &amp;&#10;bad?\"/></testcase>\n"
           "<testcase classname=\"mpi\" name=\"c\"><skipped message=\"\"/></testcase>\n"
           "<testcase classname=\"mpi\" name=\"d\"><error message=\"corrupt\"/></testcase>\n"
           "</testsuite>\n"
           "</testsuites>\n",
           "a document of each outcome");
    free(text);
    return done_testing();
}
