/* Connections that come and go: WORKERS at a time each connect, send 64 B, wait for 64 B, send FIN, wait for the server's FIN,
 * and begin again. Source addresses change (127.0.1.1 and on), or the ports of one would run out in TIME_WAIT.
 * Counterpart: load.c. */
#define _GNU_SOURCE
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE 64

struct worker {
  int fd;
  int sent;
  int to_read;
};

static long started, ended, failed;
static char message[MESSAGE];

static void start(struct worker *w, int ep, int port) {
  const int one = 1;
  const struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const uint32_t turn = (uint32_t)(started % 4096);
  const struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000101u + (turn / 250) * 256 + turn % 250)};
  w->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  w->sent = 0;
  w->to_read = MESSAGE;
  if (w->fd < 0) die("socket");
  setsockopt(w->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(w->fd, (const struct sockaddr *)&from, sizeof from) != 0) die("bind");
  if (connect(w->fd, (const struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) die("connect");
  watch(ep, w->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, w);
  started++;
}

/* 1 where the connection has gone its whole way, -1 where it broke, 0 where it waits. */
static int drive(struct worker *w) {
  if (!w->sent) {
    if (send(w->fd, message, MESSAGE, MSG_NOSIGNAL) != MESSAGE) return errno == EAGAIN || errno == ENOTCONN ? 0 : -1;
    w->sent = 1;
  }
  for (;;) {
    char in[MESSAGE];
    const ssize_t n = recv(w->fd, in, MESSAGE, 0);
    if (n < 0) return errno == EAGAIN ? 0 : -1;
    if (n == 0) return w->to_read == 0 ? 1 : -1;
    w->to_read -= (int)n;
    if (w->to_read == 0) shutdown(w->fd, SHUT_WR);
  }
}

/* Until `until`, beginning anew after each end where `again`; or until nothing is open. */
static void run(int ep, int port, double until, int again) {
  struct epoll_event events[256];
  while (now() < until && (again || started > ended + failed)) {
    const int ready = epoll_wait(ep, events, 256, 20);
    for (int i = 0; i < ready; i++) {
      struct worker *w = events[i].data.ptr;
      if (w->fd < 0) continue;
      const int result = drive(w);
      if (result == 0) continue;
      close(w->fd);
      w->fd = -1;
      if (result > 0) ended++;
      else failed++;
      if (again) start(w, ep, port);
    }
  }
}

int churn_mode(int port, int workers, double warm, double seconds) {
  struct worker *all = calloc((size_t)workers, sizeof *all);
  const int ep = make_epoll();
  for (int i = 0; i < workers; i++) start(&all[i], ep, port);
  run(ep, port, now() + warm, 1);
  const struct window w = begin();
  const long before = ended;
  run(ep, port, w.start + seconds, 1);
  const long done = ended - before;
  finish(w, (double)done, "");
  /* What is under way comes to its end, so that what the server counted can be compared. */
  run(ep, port, now() + 5, 0);
  say("{\"started\":%ld,\"ended\":%ld,\"failed\":%ld}", started, ended, failed);
  return 0;
}
