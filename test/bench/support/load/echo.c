/* Closed-loop echo: each connection sends SIZE bytes, waits for SIZE bytes back, and again. And `serve`, the smallest echo
 * server there is, whose figure is the limit of generator and machine together. Counterpart: load.c. */
#define _GNU_SOURCE
#include "load.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn {
  int fd;
  size_t to_send, to_read;
};

/* As far as it goes without waiting; answers the round trips that it ended. */
static long drive(struct conn *c, const char *out, size_t size) {
  for (long done = 0;; done++) {
    while (c->to_send > 0) {
      const ssize_t n = send(c->fd, out, c->to_send, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0) {
        if (errno == EAGAIN) break;
        die("send");
      }
      c->to_send -= (size_t)n;
    }
    while (c->to_read > 0) {
      /* MSG_TRUNC: the kernel throws the bytes away instead of copying them. */
      const ssize_t n = recv(c->fd, NULL, c->to_read, MSG_DONTWAIT | MSG_TRUNC);
      if (n == 0) {
        fprintf(stderr, "the server closed a connection\n");
        exit(1);
      }
      if (n < 0) {
        if (errno == EAGAIN) return done;
        die("recv");
      }
      c->to_read -= (size_t)n;
    }
    if (c->to_send > 0) {
      fprintf(stderr, "the server answered bytes that were not sent yet\n");
      exit(1);
    }
    c->to_send = c->to_read = size;
  }
}

static long run(int ep, const char *out, size_t size, double until) {
  struct epoll_event events[256];
  long done = 0;
  while (now() < until) {
    const int ready = epoll_wait(ep, events, 256, 20);
    for (int i = 0; i < ready; i++) done += drive(events[i].data.ptr, out, size);
  }
  return done;
}

int echo_mode(int port, int connections, size_t size, double warm, double seconds) {
  struct conn *conns = calloc((size_t)connections, sizeof *conns);
  char *out = malloc(size);
  const int ep = make_epoll();
  memset(out, 'x', size);
  for (int i = 0; i < connections; i++) {
    conns[i] = (struct conn){.fd = dial(port), .to_send = size, .to_read = size};
    watch(ep, conns[i].fd, EPOLLIN | EPOLLOUT | EPOLLET, &conns[i]);
  }
  run(ep, out, size, now() + warm);
  const struct window w = begin();
  const long done = run(ep, out, size, w.start + seconds);
  finish(w, (double)done, "");
  return 0;
}

struct served {
  int fd;
  char *rest;
  size_t from, to;
};

static const size_t chunk = 256 * 1024;

/* Sends what is left over; true when nothing is any more. */
static int send_rest(struct served *s) {
  while (s->from < s->to) {
    const ssize_t n = send(s->fd, s->rest + s->from, s->to - s->from, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) return 0;
    s->from += (size_t)n;
  }
  return 1;
}

static void answer(struct served *s, char *in) {
  while (send_rest(s)) {
    const ssize_t n = recv(s->fd, in, chunk, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      close(s->fd);
      free(s->rest);
      free(s);
      return;
    }
    ssize_t sent = send(s->fd, in, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) sent = 0;
    if (sent == n) continue;
    if (s->rest == NULL) s->rest = malloc(chunk);
    s->from = 0;
    s->to = (size_t)(n - sent);
    memcpy(s->rest, in + sent, s->to);
  }
}

int serve_mode(void) {
  int port;
  const int listening = listen_any(&port);
  const int ep = make_epoll();
  char *in = malloc(chunk);
  watch(ep, listening, EPOLLIN, NULL);
  say("%d", port);
  for (;;) {
    struct epoll_event events[256];
    const int ready = epoll_wait(ep, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.ptr != NULL) {
        answer(events[i].data.ptr, in);
        continue;
      }
      for (int fd; (fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        struct served *s = calloc(1, sizeof *s);
        s->fd = fd;
        watch(ep, fd, EPOLLIN | EPOLLOUT | EPOLLET, s);
      }
    }
  }
}
