/* Connections that do nothing: opens them a hundred at a time, each hundred confirmed by one byte there and back on its last (the
 * server has accepted the others by then, no backlog overflows), and holds them until stdin ends. Counterpart: load.c. */
#include "load.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int idle_mode(int port, int connections) {
  const struct window w = begin();
  for (int i = 1; i <= connections; i++) {
    const int fd = dial(port);
    if (i % 100 != 0 && i != connections) continue;
    char byte = 'x';
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1) die("send");
    if (poll(&p, 1, 20000) != 1 || recv(fd, &byte, 1, 0) != 1) die("no answer on an idle connection");
  }
  finish(w, connections, "");
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  return 0;
}
