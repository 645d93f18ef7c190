/* SPDX-License-Identifier: BSD-3-Clause */
/* test_picture.c - drawings, and what only looks like one. */
#include "report/page/picture.h"

#include <stdlib.h>

#include "tests/tap.h"

#define NS "xmlns=\"http://www.w3.org/2000/svg\""

/* What is written of a drawing; "" where it is none. The caller frees it. */
static char *picture_of(const char *svg, bool values, bool *taken)
{
    char *out = NULL;
    size_t len;
    FILE *stream = open_memstream(&out, &len);

    *taken = xb_picture_print(svg, "c-1", values, stream);
    fclose(stream);
    return out;
}

static const struct {
    const char *svg, *picture, *name;
} drawings[] = {
    {"<svg " NS
     " width=\"7\" role=\"img\" aria-label=\"x\"><g class=\"a\"><text y=\"1\">a &lt; "
     "1.23456</text></g></svg>",
     "<svg role=\"img\" aria-labelledby=\"c-1-title c-1-about\" " NS
     " width=\"7\"><g><text y=\"1\">a &lt; 1.23456</text></g></svg>",
     "it is one image with a name, and its texts stay"},
    {"<svg " NS "><path d=\"M1.23456,-0.5L3e-2,12.9\" opacity=\"1\" opacity2=\"1\" /></svg>",
     "<svg role=\"img\" aria-labelledby=\"c-1-title c-1-about\" " NS
     "><path d=\"M1.23,-0.5L3e-2,12.9\" opacity2=\"1\"/></svg>",
     "numbers are cut, and what is as without it goes"},
    {"<svg " NS "><desc id=\"d\">said</desc><title>a > b</title><text x=\"1\"/><text "
     "x=\"2\"></text></svg>",
     "<svg role=\"img\" aria-labelledby=\"c-1-title c-1-about\" " NS
     "><text x=\"2\"></text></svg>",
     "values and empty labels go"},
    {"<?xml version=\"1.0\"?><svg></svg>", "", "a document"},
    {"<svg><script>alert(1)</script></svg>", "", "a script"},
    {"<svg><SCRIPT>alert(1)</SCRIPT></svg>", "", "a script in capitals"},
    {"<svg><foreignObject></foreignObject></svg>", "", "a foreign object"},
    {"<svg><g onload=\"alert(1)\"></g></svg>", "", "what runs"},
    {"<svg><g OnClick='alert(1)'></g></svg>", "", "what runs, in other letters"},
    {"<svg><use xlink:href=\"http://x/#a\"/></svg>", "", "an address"},
    {"<svg><g xlink:href=\"javascript:alert(1)\"></g></svg>", "", "an address to run"},
    {"<svg><style>@import 'http://x';</style></svg>", "", "a style"},
    {"<svg><g fill=\"url(http://x/#a)\"></g></svg>", "", "a fill from elsewhere"},
    {"<svg><!-- --></svg>", "", "a comment"},
    {"<svg><g onload=alert(1)></g></svg>", "", "an attribute without quotes"},
    {"<p></p>", "", "something else"},
    {"", "", "nothing"},
};

int main(void)
{
    for (size_t i = 0; i < sizeof drawings / sizeof drawings[0]; i++) {
        bool taken;
        char *got = picture_of(drawings[i].svg, false, &taken);
        is_str(got, drawings[i].picture, drawings[i].name);
        is_int(taken, drawings[i].picture[0] != '\0', "and it says so");
        free(got);
    }
    bool taken;
    char *got =
        picture_of("<svg " NS "><desc>d</desc><g pointer-events=\"none\"><title>5</title>"
                   "</g></svg>",
                   true, &taken);
    is_str(got,
           "<svg role=\"img\" aria-labelledby=\"c-1-title c-1-about\" " NS
           "><g pointer-events=\"none\"><title>5</title></g></svg>",
           "values stay where that is asked for");
    free(got);
    return done_testing();
}
