/* SPDX-License-Identifier: BSD-3-Clause */
/* child.c - starts a launcher, waits for its processes and ends them. */
#include "cmd/campaign/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/runtime/process.h"

#define TICK_S      0.1 /* between two looks at processes that are being ended */
#define LEFT_S      1.0 /* that processes may outlive their launcher by themselves */
#define KILL_S      30  /* after which a process that is killed will not die */
#define NOT_STARTED 127 /* as shells have it */
#define FOREVER_S   1e9

/* ---- signals ---- */

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

int xb_child_guard_begin(struct xb_child_guard *guard, struct xb_error *err)
{
    struct sigaction action;

    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return xb_fail(err, "cannot look after the processes of launches: %s", strerror(errno));
    signal(SIGCHLD,
           SIG_DFL); /* ignored, as some daemons leave it, nobody could be waited for */
    signal(SIGPIPE, SIG_IGN); /* who reads the progress may go */
    sigemptyset(&guard->awaited);
    sigaddset(&guard->awaited, SIGCHLD);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
        if (sigaction(ending[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&guard->awaited, ending[i]);
    guard->nothers = xb_process_descendants(NULL, 0, &guard->others);
    sigprocmask(SIG_BLOCK, &guard->awaited, &guard->before);
    return 0;
}

void xb_child_guard_end(struct xb_child_guard *guard)
{
    sigprocmask(SIG_SETMASK, &guard->before, NULL);
    free(guard->others);
    guard->others = NULL;
}

/* The next signal that comes within so many seconds, or 0. */
static int await(const struct xb_child_guard *guard, double seconds)
{
    struct timespec time = {0};

    if (seconds > 0) {
        time.tv_sec = (time_t)seconds;
        time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    }
    int signal = sigtimedwait(&guard->awaited, NULL, &time);
    return signal > 0 ? signal : 0;
}

int xb_child_guard_signal(const struct xb_child_guard *guard)
{
    int signal;

    while ((signal = await(guard, 0)) == SIGCHLD)
        ;
    return signal;
}

/* ---- the launcher ---- */

static void set_environment(const struct xb_named_texts *environment)
{
    for (size_t i = 0; i < environment->n; i++)
        if (environment->item[i].value)
            setenv(environment->item[i].name, environment->item[i].value, 1);
        else
            unsetenv(environment->item[i].name);
}

/* In the new process: become the launcher. */
static void become(const struct xb_child_guard *guard, const struct xb_child *child,
                   char **argv, int log, pid_t campaign)
{
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* where the campaign is killed, its launch ends too */
    if (getppid() != campaign)
        _exit(NOT_STARTED);
    int in = open("/dev/null", O_RDONLY);
    dup2(in, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    set_environment(child->environment);
    /* SIGPIPE stays ignored: Open MPI's mpirun, which at its end writes to who is gone, was
     * killed by it in some of a hundred launches. Ranks get the signal back from mpirun. */
    sigprocmask(SIG_SETMASK, &guard->before, NULL);
    execvp(argv[0], argv);
    dprintf(STDERR_FILENO, "xferbench: cannot start %s: %s\n", argv[0], strerror(errno));
    _exit(NOT_STARTED);
}

/* Returns its process, or -1. */
static pid_t start(const struct xb_child_guard *guard, const struct xb_child *child,
                   struct xb_error *err)
{
    size_t n = child->argv->n;
    char **argv = calloc(n + 1, sizeof *argv);
    int log = open(child->log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
    pid_t campaign = getpid(), pid = -1;

    if (!argv)
        xb_fail(err, "out of memory");
    else if (log < 0)
        xb_fail(err, "%s: cannot write: %s", child->log, strerror(errno));
    else {
        memcpy(argv, child->argv->value, n * sizeof *argv);
        fflush(NULL);
        pid = fork();
        if (pid == 0)
            become(guard, child, argv, log, campaign);
        if (pid < 0)
            xb_fail(err, "cannot start a process: %s", strerror(errno));
    }
    if (log >= 0)
        close(log);
    free(argv);
    return pid;
}

/* ---- its end ---- */

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A launch that is waited for. */
struct watch {
    const struct xb_child_guard *guard;
    struct xb_child_end *end;
    pid_t leader;
    bool gone;     /* the leader has ended */
    bool told;     /* SIGTERM was sent */
    bool killed;   /* SIGKILL was sent */
    double next_s; /* when to do more about it */
};

/* Take the end of every process that has one. */
static void reap(struct watch *w)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == w->leader) {
            w->gone = true;
            w->end->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
            w->end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : -1;
        }
}

/* Send all that is left of it a signal; returns how many processes. */
static size_t signal_all(const struct watch *w, int signal)
{
    pid_t *left;
    size_t n = xb_process_descendants(w->guard->others, w->guard->nothers, &left);

    for (size_t i = 0; signal && i < n; i++)
        kill(left[i], signal);
    free(left);
    return n;
}

/* The leader's group, of which mpirun or srun passes it on to the ranks; where the leader has
 * ended, all that it left. */
static void terminate(struct watch *w, double now)
{
    if (w->gone)
        w->end->left = signal_all(w, SIGTERM);
    else if (kill(-w->leader, SIGTERM) != 0)
        kill(w->leader, SIGTERM); /* it has no group of its own yet */
    w->told = true;
    w->next_s = now + XB_CHILD_GRACE_S;
}

/* What is to be done when next_s is over. */
static void go_further(struct watch *w, double now)
{
    if (!w->told) {
        w->end->hung = !w->gone;
        terminate(w, now);
    } else {
        if (!w->killed)
            w->next_s = now + KILL_S;
        w->killed = true;
    }
}

static void take_signal(struct watch *w, int signal, double now)
{
    if (signal == 0 || signal == SIGCHLD)
        return;
    if (w->end->interrupted) {
        w->killed = true;
        w->next_s = now + KILL_S;
        return;
    }
    w->end->interrupted = signal;
    if (!w->told)
        terminate(w, now);
}

/* Wait until nothing is left of it, or what is left cannot be ended. */
static void wait_for_all(struct watch *w, double timeout_s)
{
    double now = now_s();

    w->next_s = now + timeout_s;
    for (;;) {
        bool was_gone = w->gone;
        reap(w);
        now = now_s();
        if (w->gone && !was_gone && !w->told) /* what it left may end by itself */
            w->next_s = now + LEFT_S;
        size_t left = w->gone || w->killed ? signal_all(w, w->killed ? SIGKILL : 0) : 1;
        if (w->gone && left == 0 && signal_all(w, 0) == 0) /* a look may miss who is just taken
                                                              over from a parent that died */
            return;
        if (now >= w->next_s && w->killed) {
            w->end->surviving = left;
            return;
        }
        if (now >= w->next_s)
            go_further(w, now);
        double wait = w->next_s - now;
        if (w->gone || w->killed)
            wait = wait < TICK_S ? wait : TICK_S;
        take_signal(w, await(w->guard, wait), now_s());
    }
}

int xb_child_run(const struct xb_child_guard *guard, const struct xb_child *child,
                 struct xb_child_end *end, struct xb_error *err)
{
    struct watch w = {.guard = guard, .end = end};
    double began = now_s();

    *end = (struct xb_child_end){.exit_status = -1, .signal = -1};
    w.leader = start(guard, child, err);
    if (w.leader < 0)
        return -1;
    wait_for_all(&w, child->timeout_s);
    end->seconds = now_s() - began;
    return 0;
}
