/* What the load generator's modes share. Everything is on 127.0.0.0/8. Counterparts: load.c, echo.c, churn.c, bulk.c, idle.c. */
#ifndef WIRELOOP_LOAD_H
#define WIRELOOP_LOAD_H
#include <stddef.h>

/* Seconds on a monotonic clock. */
double now(void);
/* Seconds of processor time that this process has used. */
double own_cpu(void);
/* Says what failed, with errno's text, and ends the process. */
void die(const char *what);
int make_epoll(void);
void watch(int ep, int fd, unsigned events, void *ptr);
/* A connected, non-blocking TCP socket without Nagle. */
int dial(int port);
/* A listening socket on any free port, and that port. */
int listen_any(int *port);
/* Prints a line at once: the other side of the pipe acts on it. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct window {
  double start, cpu;
};
/* The measured time begins: prints `begin`. */
struct window begin(void);
/* It has ended: prints its length, this process's share of a core, and what was done in it, as JSON with `more` appended. */
void finish(struct window w, double done, const char *more);

int echo_mode(int port, int connections, size_t size, double warm, double seconds);
int churn_mode(int port, int workers, double warm, double seconds);
int bulk_mode(int streams, double warm, double seconds);
int slow_mode(double bytes_per_second, double seconds);
int idle_mode(int port, int connections);
int serve_mode(void);
#endif
