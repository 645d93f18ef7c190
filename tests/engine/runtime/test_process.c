/* SPDX-License-Identifier: BSD-3-Clause */
/* test_process.c - what the kernel says of the processes that this one has started. */
#include "engine/runtime/process.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

#define MOST 8

/* Start a process that starts so many others, each of which starts the next one, and says each
 * one's pid. Returns the first. */
static pid_t start_line(int further, int say)
{
    pid_t pid = fork();

    if (pid == 0) {
        pid_t self = getpid();
        if (write(say, &self, sizeof self) != sizeof self)
            _exit(1);
        if (further > 0)
            start_line(further - 1, say);
        for (;;)
            pause();
    }
    return pid;
}

/* Are these all of the descendants, in any order? */
static bool are(const pid_t *found, size_t n, const pid_t *want, size_t nwant)
{
    size_t same = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < nwant; k++)
            same += found[i] == want[k];
    return n == nwant && same == n;
}

static bool descendants_are(const pid_t *but, size_t nbut, const pid_t *want, size_t nwant)
{
    pid_t *found;
    size_t n = xb_process_descendants(but, nbut, &found);
    bool same = are(found, n, want, nwant);

    free(found);
    return same;
}

/* Processes by two words that they were started with. */
static void test_told(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        execlp("sleep", "sleep", "1000.25", "1000.5", (char *)NULL);
        _exit(1);
    }
    while (xb_process_count_told("1000.25", "1000.5") == 0)
        usleep(1000);
    ok(xb_process_count_told("1000.5", "1000.25") == 0, "none the other way round");
    ok(xb_process_count_told("sleep", "1000.5") == 0, "nor with another word between them");
    kill(pid, SIGKILL);
    while (xb_process_state(pid, 0) != 'Z')
        usleep(1000);
    ok(xb_process_count_told("1000.25", "1000.5") == 0, "the dead do not count");
    waitpid(pid, NULL, 0);
}

static void test_launcher(void)
{
    static const char *const set[][2] = {{"PMI_RANK", "mpiexec"},
                                         {"FLUX_TASK_RANK", "flux"},
                                         {"SLURM_STEP_NUM_TASKS", "srun"},
                                         {"OMPI_COMM_WORLD_RANK", "mpirun"}};
    const size_t n = sizeof set / sizeof set[0];

    for (size_t i = 0; i < n; i++)
        unsetenv(set[i][0]);
    ok(xb_process_launcher() == NULL, "a process on its own has no launcher");
    for (size_t i = 0; i < n; i++) { /* as one within a step or a job of the ones before */
        setenv(set[i][0], "0", 1);
        is_str(xb_process_launcher(), set[i][1], "who set the variable started it");
    }
    for (size_t i = 0; i < n; i++)
        unsetenv(set[i][0]);
}

int main(void)
{
    pid_t pids[MOST];
    int say[2];

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (!ok(pipe(say) == 0, "a pipe"))
        return done_testing();
    ok(descendants_are(NULL, 0, NULL, 0), "none at first");
    start_line(2, say[1]);
    for (int i = 0; i < 3; i++)
        ok(read(say[0], &pids[i], sizeof pids[i]) == sizeof pids[i], "a process in a line");
    start_line(0, say[1]);
    ok(read(say[0], &pids[3], sizeof pids[3]) == sizeof pids[3], "another child");
    ok(descendants_are(NULL, 0, pids, 4), "children and theirs");
    ok(descendants_are(&pids[0], 1, &pids[3], 1), "without a child and what comes from it");
    ok(descendants_are(&pids[3], 1, pids, 3), "without the other child");
    ok(descendants_are(&pids[1], 1, pids, 4), "only children are left out");
    kill(pids[0], SIGKILL);
    while (xb_process_state(pids[0], 0) != 'Z')
        usleep(1000);
    ok(descendants_are(NULL, 0, pids + 1, 3), "not the dead; what they leave is taken over");
    waitpid(pids[0], NULL, 0);
    ok(descendants_are(NULL, 0, pids + 1, 3), "nor when they are gone");
    for (int i = 1; i < 4; i++) {
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
    ok(descendants_are(NULL, 0, NULL, 0), "none at the end");
    test_told();
    test_launcher();
    return done_testing();
}
