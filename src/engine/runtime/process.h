/* SPDX-License-Identifier: BSD-3-Clause */
/* process.h - what the kernel knows of this job's processes on this node. */
#ifndef XB_ENGINE_RUNTIME_PROCESS_H
#define XB_ENGINE_RUNTIME_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The state of a process as /proc says it: 'R', 'S', 'D', 'T' (stopped), 't' (by a debugger),
 * 'Z' (dead), 'X' (it is being ended, and nothing stops it any more); 0 when there is none, or
 * another one that began at another time. born is that of the process that is meant, 0 for any.
 */
char xb_process_state(pid_t pid, uint64_t born);

/* When a process began, as the kernel counts; 0 when there is none. */
uint64_t xb_process_born(pid_t pid);

/* Is a state one in which a process will never run again, or not until somebody lets it? */
int xb_process_is_gone(char state);
int xb_process_is_stopped(char state);

/* The rank that the launcher gives this process, before MPI is there; 0 without a launcher. By
 * the main thread alone: it looks into the environment, which others may change. */
int xb_process_rank(void);

/* What started this rank: "mpirun" (Open MPI's), "srun", "flux" or "mpiexec" (one of MPICH's
 * kind); NULL for a process on its own. A static text. By the main thread alone, as above. */
const char *xb_process_launcher(void);

/* How many ranks the launcher has started on this node; 0 where it does not say. */
int xb_process_local_size(void);

/* Has the launcher, or the user, told Open MPI to yield while it waits, since ranks share
 * processors? By the main thread alone, as above. */
bool xb_process_told_to_yield(void);

/* Processes that this one has started, those that they have started and so on, as far as they
 * have not died (those that are being ended have not): without these children and what comes
 * from them. The caller frees *out. Returns how many; 0 and NULL also when out of memory. */
size_t xb_process_descendants(const pid_t *but, size_t nbut, pid_t **out);

/* How many processes of this node were started with these two words, one behind the other, in
 * their command lines, as far as they have not died. 0 also when out of memory. */
size_t xb_process_count_told(const char *first, const char *second);

struct xb_process {
    int rank;
    pid_t pid;
    char state;
};

/* Processes of this node and user that the launcher has started for the same job, this one
 * among them, as their environments say: at most `most`, by rank. Returns how many; without a
 * launcher none. */
int xb_process_list(struct xb_process *out, int most);

#endif
