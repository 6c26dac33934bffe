/* Closed-loop echo load for the benchmarks: C connections, each sends S bytes and waits for S bytes back, for T seconds.
 * In C, so that the generator is not the bottleneck. Prints one number: round trips per second.
 * Usage: load HOST PORT CONNECTIONS SIZE SECONDS. Counterpart: echo.bench.ts, which compiles and runs it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct conn {
  int fd;
  size_t to_send;
  size_t to_read;
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: load HOST PORT CONNECTIONS SIZE SECONDS\n");
    return 2;
  }
  const int count = atoi(argv[3]);
  const size_t size = (size_t)atol(argv[4]);
  const double seconds = atof(argv[5]);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &to.sin_addr);
  struct conn *conns = calloc((size_t)count, sizeof *conns);
  char *out = malloc(size);
  char *in = malloc(256 * 1024);
  memset(out, 'x', size);
  const int ep = epoll_create1(0);
  for (int i = 0; i < count; i++) {
    const int one = 1;
    conns[i].fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(conns[i].fd, (struct sockaddr *)&to, sizeof to) != 0) die("connect");
    setsockopt(conns[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    conns[i].to_send = conns[i].to_read = size;
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &conns[i]};
    epoll_ctl(ep, EPOLL_CTL_ADD, conns[i].fd, &e);
  }
  long done = 0;
  const double start = now();
  double end = start;
  struct epoll_event events[256];
  while ((end = now()) - start < seconds) {
    const int ready = epoll_wait(ep, events, 256, 100);
    for (int i = 0; i < ready; i++) {
      struct conn *c = events[i].data.ptr;
      for (int progress = 1; progress;) {
        progress = 0;
        while (c->to_send > 0) {
          const ssize_t n = send(c->fd, out, c->to_send, MSG_DONTWAIT | MSG_NOSIGNAL);
          if (n < 0) {
            if (errno == EAGAIN) break;
            die("send");
          }
          c->to_send -= (size_t)n;
        }
        for (;;) {
          const ssize_t n = recv(c->fd, in, 256 * 1024, MSG_DONTWAIT);
          if (n == 0) {
            fprintf(stderr, "the server closed a connection\n");
            return 1;
          }
          if (n < 0) {
            if (errno == EAGAIN) break;
            die("recv");
          }
          c->to_read -= (size_t)n;
          if (c->to_read == 0) {
            done++;
            c->to_send = c->to_read = size;
            progress = 1;
            break;
          }
        }
      }
    }
  }
  printf("%.1f\n", done / (end - start));
  return 0;
}
