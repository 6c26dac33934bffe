/* Both ends of a relay: sources that send as fast as it takes, and the upstream server, a sink that counts. Neither touches the
 * bytes (sendfile from memory, MSG_TRUNC), so that one thread is enough for relays of gigabytes a second. First prints the
 * sink's port, then reads the relay's from stdin. Counterpart: load.c. */
#define _GNU_SOURCE
#include "load.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

struct end {
  int fd;
  enum { SINK, SOURCE } role;
};

static const size_t block = 1024 * 1024;
static int file;

static void make_bytes(void) {
  char *bytes = malloc(block);
  unsigned x = 1;
  for (size_t i = 0; i < block; i++) bytes[i] = (char)((x = x * 1103515245u + 12345u) >> 16);
  file = memfd_create("bytes", MFD_CLOEXEC);
  if (file < 0 || write(file, bytes, block) != (ssize_t)block) die("memfd");
  free(bytes);
}

static int read_port(void) {
  int port;
  if (scanf("%d", &port) != 1) {
    fprintf(stderr, "a port was expected on stdin\n");
    exit(2);
  }
  return port;
}

/* One block at most, so that every stream gets its turn. */
static void feed(int fd) {
  off_t from = 0;
  while (from < (off_t)block)
    if (sendfile(fd, file, &from, block - (size_t)from) < 0) {
      if (errno == EAGAIN) return;
      die("sendfile");
    }
}

/* Takes up to `most` bytes away; answers how many there were. */
static size_t drain(int fd, size_t most) {
  size_t taken = 0;
  while (taken < most) {
    const ssize_t n = recv(fd, NULL, most - taken, MSG_DONTWAIT | MSG_TRUNC);
    if (n == 0) {
      fprintf(stderr, "the relay closed a connection\n");
      exit(1);
    }
    if (n < 0) {
      if (errno == EAGAIN) break;
      die("recv");
    }
    taken += (size_t)n;
  }
  return taken;
}

/* Connects STREAMS through the relay and waits until as many have arrived; answers the sinks' epoll in `ep`. */
static struct end *open_streams(int streams, int ep, int sink_events) {
  int port;
  const int listening = listen_any(&port);
  struct end *ends = calloc((size_t)streams * 2, sizeof *ends);
  make_bytes();
  say("%d", port);
  const int relay = read_port();
  for (int i = 0; i < streams; i++) {
    ends[i] = (struct end){.fd = dial(relay), .role = SOURCE};
    int fd;
    const double deadline = now() + 20;
    while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) < 0) {
      if (errno != EAGAIN || now() > deadline) die("the relay did not connect upstream");
      usleep(1000);
    }
    ends[streams + i] = (struct end){.fd = fd, .role = SINK};
    watch(ep, fd, (unsigned)sink_events, &ends[streams + i]);
  }
  for (int i = 0; i < streams; i++) watch(ep, ends[i].fd, EPOLLOUT, &ends[i]);
  return ends;
}

static double run(int ep, double until) {
  struct epoll_event events[64];
  double bytes = 0;
  while (now() < until) {
    const int ready = epoll_wait(ep, events, 64, 20);
    for (int i = 0; i < ready; i++) {
      const struct end *end = events[i].data.ptr;
      if (events[i].events & EPOLLERR) die("a stream through the relay broke");
      if (end->role == SOURCE) feed(end->fd);
      else bytes += (double)drain(end->fd, block);
    }
  }
  return bytes;
}

int bulk_mode(int streams, double warm, double seconds) {
  const int ep = make_epoll();
  open_streams(streams, ep, EPOLLIN);
  run(ep, now() + warm);
  const struct window w = begin();
  const double bytes = run(ep, w.start + seconds);
  finish(w, bytes, "");
  return 0;
}

int slow_mode(double bytes_per_second, double seconds) {
  const int ep = make_epoll();
  const struct end *ends = open_streams(1, ep, 0);
  const struct window w = begin();
  double bytes = 0;
  while (now() < w.start + seconds) {
    run(ep, now() + 0.01);
    const double due = (now() - w.start) * bytes_per_second - bytes;
    if (due >= 1) bytes += (double)drain(ends[1].fd, (size_t)due);
  }
  finish(w, bytes, "");
  return 0;
}
