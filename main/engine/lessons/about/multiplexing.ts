// Lesson 4. Counterpart: ../code/multiplexing.ts.
import { type Lesson, note, word } from '../lesson.ts'
import type { Trace, TraceEvent } from '../trace.ts'

const connections = 1000

/** How many of the events each iteration delivered. */
const perIteration = (events: readonly TraceEvent[]): readonly number[] => {
  const counts = new Map<number, number>()
  for (const event of events) counts.set(event.iteration, (counts.get(event.iteration) ?? 0) + 1)
  return [...counts.values()]
}

const answers = (trace: Trace) => trace.of('data-received', 'Client')

export const multiplexing: Lesson = {
  name: 'multiplexing',
  title: 'Multiplexing: one thread, a thousand connections',
  summary: 'The loop asks the kernel once which sockets are ready, and gets a list: no thread a connection.',
  notes: [
    note('const server = await', 'One server. Its backlog is long enough for everybody to knock at once.'),
    note('const clients = await', 'A thousand connections are asked for at once. Nobody waits for anybody.'),
    note('this.#transport = transport', 'One of the thousand is accepted.'),
    note('await loop.runUntilComplete(allAccepted)', 'All clients are connected; the server may still be accepting.'),
    note('const before = iterations()', 'libuv counts the turns of the loop. Now all of them ask.'),
    note(
      'for (const [transport] of clients) transport.write',
      'A thousand writes in one callback: one byte into each socket.',
    ),
    note(
      'this.#transport.write(data)',
      'Poll returned a list of readable sockets; the loop runs their callbacks one after the other.',
    ),
    note('if (++answers === connections)', 'An answer. It came in the same way.'),
    note(
      'console.log(`${answers} answers',
      'A few turns were enough, since each turn serves every socket that is ready.',
    ),
    note('for (const [transport] of clients) transport.close()', 'Everybody leaves.'),
    note('loop.close()', 'Done.'),
  ],
  vocabulary: [
    word('selector', 'libuv’s poll phase', 'The kernel’s part is `epoll` on Linux, `kqueue` on macOS and the BSDs.'),
    word(
      '`ProactorEventLoop`',
      'libuv on Windows',
      '`IOCP` tells that an operation is complete, `epoll` and `kqueue` that it can be done now.',
    ),
    word(
      '`selector.select()`',
      '`uv__io_poll`',
      'One call, many ready sockets: libuv takes up to 1024 from `epoll` at a time.',
    ),
    word('a thread a connection', 'one callback an event', 'A waiting connection costs memory, not a thread.'),
  ],
  claims: [
    {
      text: 'All 1000 answers came, one a connection.',
      check: (trace) => {
        const served = new Set(answers(trace).map((event) => event.connection))
        return {
          held: answers(trace).length === connections && served.size === connections,
          seen: `${answers(trace).length} answers on ${served.size} connections`,
        }
      },
    },
    {
      text: 'One iteration serves many sockets: the answers took fewer than a tenth as many iterations.',
      check: (trace) => {
        const counts = perIteration(answers(trace))
        return {
          held: counts.length > 0 && counts.length < connections / 10,
          seen: `${counts.length} iterations, up to ${Math.max(0, ...counts)} answers in one`,
        }
      },
    },
    {
      text: 'They share one thread: no two callbacks overlap.',
      check: (trace) => {
        const overlap = trace.callbacks.findIndex((each, i) => i > 0 && each.start < trace.callbacks[i - 1]!.end)
        return {
          held: trace.callbacks.length > 2 * connections && overlap < 0,
          seen:
            overlap < 0 ? `${trace.callbacks.length} callbacks, one after the other` : `callback ${overlap} overlaps`,
        }
      },
    },
  ],
}
