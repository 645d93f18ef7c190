/* watchdog.c - a thread of rank 0 that saves what was measured when the main thread cannot. */
#include "engine/runtime/watchdog.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/runtime/clock.h"

static struct {
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    xb_rescue rescue;
    void *arg;
    _Atomic double due_us; /* 0 when disarmed */
    atomic_bool stop;
} dog = {.lock = PTHREAD_MUTEX_INITIALIZER};

static atomic_int signalled; /* by a handler, for another thread */

#define SAVE_SECONDS                                                                           \
    3 /* that rank 0 has before the others end, if the launcher does not end them */

static void on_signal(int number)
{
    signalled = number;
    if (!dog.running)
        alarm(SAVE_SECONDS);
}

static void set_handlers(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* Has the main thread not come back in time? */
static bool is_due(void)
{
    double due = atomic_load(&dog.due_us);
    return due > 0 && xb_clock_us() > due;
}

static void rescue_and_exit(enum xb_alarm alarm)
{
    pthread_mutex_lock(&dog.lock);
    if (alarm == XB_ALARM_HANG && !is_due()) { /* it came back while the lock was waited for */
        pthread_mutex_unlock(&dog.lock);
        return;
    }
    _exit(dog.rescue(alarm, dog.arg)); /* with the lock: the main thread must not go on */
}

static void *watch(void *unused)
{
    const struct timespec pause = {0, 20000000};

    (void)unused;
    while (!atomic_load(&dog.stop)) {
        if (signalled)
            rescue_and_exit(XB_ALARM_SIGNAL);
        if (is_due())
            rescue_and_exit(XB_ALARM_HANG);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

int xb_watchdog_start(xb_rescue rescue, void *arg, struct xb_error *err)
{
    set_handlers(on_signal);
    if (!rescue)
        return 0;
    dog.rescue = rescue;
    dog.arg = arg;
    int rc = pthread_create(&dog.thread, NULL, watch, NULL);
    if (rc != 0)
        return xb_fail(err, "watchdog: no thread: %s", strerror(rc));
    dog.running = true;
    return 0;
}

void xb_watchdog_arm(double seconds)
{
    atomic_store(&dog.due_us, seconds > 0 ? xb_clock_us() + seconds * 1e6 : 0);
}

void xb_watchdog_lock(void)
{
    pthread_mutex_lock(&dog.lock);
}

void xb_watchdog_unlock(void)
{
    pthread_mutex_unlock(&dog.lock);
}

void xb_watchdog_stop(void)
{
    atomic_store(&dog.stop, true);
    if (dog.running)
        pthread_join(dog.thread, NULL);
    dog.running = false;
    set_handlers(SIG_DFL);
}
