/* The load generator of the benchmarks: in C and on epoll, so that it is not the bottleneck. Each mode prints `begin` when its
 * measured time begins and one line of JSON when it ends. Counterpart: ../load.ts, which compiles and runs it. */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

double own_cpu(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

void die(const char *what) {
  perror(what);
  exit(1);
}

int make_epoll(void) {
  const int ep = epoll_create1(EPOLL_CLOEXEC);
  if (ep < 0) die("epoll_create1");
  return ep;
}

void watch(int ep, int fd, unsigned events, void *ptr) {
  struct epoll_event e = {.events = events, .data.ptr = ptr};
  if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) != 0) die("epoll_ctl");
}

static struct sockaddr_in loopback(int port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int dial(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int one = 1;
  const struct sockaddr_in to = loopback(port);
  if (fd < 0) die("socket");
  if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) die("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) die("fcntl");
  return fd;
}

int listen_any(int *port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in at = loopback(0);
  socklen_t length = sizeof at;
  if (fd < 0) die("socket");
  if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0) die("bind");
  if (listen(fd, 4096) != 0) die("listen");
  if (getsockname(fd, (struct sockaddr *)&at, &length) != 0) die("getsockname");
  *port = ntohs(at.sin_port);
  return fd;
}

void say(const char *format, ...) {
  va_list args;
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  putchar('\n');
  fflush(stdout);
}

struct window begin(void) {
  say("begin");
  return (struct window){.start = now(), .cpu = own_cpu()};
}

void finish(struct window w, double done, const char *more) {
  const double seconds = now() - w.start;
  say("{\"seconds\":%.6f,\"cores\":%.3f,\"done\":%.0f%s}", seconds, (own_cpu() - w.cpu) / seconds, done, more);
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  if (!strcmp(mode, "echo") && argc == 7)
    return echo_mode(atoi(argv[2]), atoi(argv[3]), (size_t)atol(argv[4]), atof(argv[5]), atof(argv[6]));
  if (!strcmp(mode, "churn") && argc == 6)
    return churn_mode(atoi(argv[2]), atoi(argv[3]), atof(argv[4]), atof(argv[5]));
  if (!strcmp(mode, "bulk") && argc == 5) return bulk_mode(atoi(argv[2]), atof(argv[3]), atof(argv[4]));
  if (!strcmp(mode, "slow") && argc == 4) return slow_mode(atof(argv[2]), atof(argv[3]));
  if (!strcmp(mode, "idle") && argc == 4) return idle_mode(atoi(argv[2]), atoi(argv[3]));
  if (!strcmp(mode, "serve") && argc == 2) return serve_mode();
  fprintf(stderr,
          "usage: load echo PORT CONNECTIONS SIZE WARM SECONDS   round trips of SIZE bytes, one at a time each\n"
          "       load churn PORT WORKERS WARM SECONDS           connect, 64 B there and back, FIN both ways\n"
          "       load bulk STREAMS WARM SECONDS                 prints its sink's port, reads the relay's\n"
          "       load slow BYTES_PER_SECOND SECONDS             the same, with one stream and a slow sink\n"
          "       load idle PORT CONNECTIONS                     holds them until stdin ends\n"
          "       load serve                                     an echo server: what the machine can do\n");
  return 2;
}
