// Lesson 5. Counterpart: ../code/phases.ts.
import { type Lesson, note, printedInOrder, turnWords, word } from '../lesson.ts'
import type { Trace } from '../trace.ts'

const callbackOf = (trace: Trace, text: string) => {
  const line = trace.line(text)
  return line === undefined ? undefined : trace.callback(line.callback)
}

const phaseClaim = (text: string, expected: Readonly<Record<string, string>>) => ({
  text,
  check: (trace: Trace) => {
    const found = Object.entries(expected).map(([line, phase]) => [line, phase, callbackOf(trace, line)] as const)
    return {
      held: found.every(([, phase, callback]) => callback?.turn === 'callback' && callback.phase === phase),
      seen: found.map(([line, , callback]) => `${line}: ${turnWords(callback)}`).join('; '),
    }
  },
})

export const phases: Lesson = {
  name: 'phases',
  title: 'Phases of the loop',
  summary:
    'An iteration goes pending, idle, prepare, poll, check, closing, timers, and what you ask for waits for its phase.',
  notes: [
    note(
      "setTimeout(() => console.log('outside",
      'Zero means one millisecond in Node.',
      'The timers phase, now that the millisecond is over.',
    ),
    note(
      "setImmediate(() => console.log('outside",
      'Outside of an I/O callback nobody can say whether this or the timer is first: it depends on whether the millisecond has passed.',
      'The check phase.',
    ),
    note('const server = await', 'Now for an I/O callback: a server …'),
    note('const [client] = await', '… a client …'),
    note("client.write(Buffer.from('now'))", '… and three bytes.'),
    note(
      "setTimeout(() => console.log('inside",
      'Poll found the socket readable: this is the poll phase. First a timer is armed …',
      'The timers phase: last in an iteration since libuv 1.45. Timers also run once before the first iteration.',
    ),
    note(
      "setImmediate(() => console.log('inside",
      '… then an immediate …',
      'The check phase comes right after poll. Here the immediate is always first.',
    ),
    note(
      'queueMicrotask',
      '… a microtask …',
      'Microtasks drain when the ticks are done, still before the next callback.',
    ),
    note('process.nextTick', '… and a tick.', 'The callback has returned: ticks drain first.'),
    note("console.log('inside: I/O callback')", 'None of them has run yet. This callback has the thread to itself.'),
    note('this.#transport.close()', 'The socket will be closed, in the closing phase of an iteration to come.'),
    note("console.log('inside: closing callback')", 'The closing phase: the handle is closed.'),
    note('server.close()', 'Nothing is left to wait for, so the loop will end.'),
  ],
  vocabulary: [
    word('`loop.call_soon`', '`setImmediate`', 'asyncio has one ready queue a turn; libuv has phases.'),
    word('`loop.call_later(0, …)`', '`setTimeout(…, 0)`', 'Node makes 0 a whole millisecond.'),
    word('selector events', 'poll phase', ''),
    word(
      'no such thing',
      '`process.nextTick`, microtasks',
      'Node drains both after every callback; asyncio resumes tasks through the ready queue.',
    ),
  ],
  claims: [
    {
      text: 'In one I/O callback: callback, tick, microtask, immediate, timeout, always in this order.',
      check: (trace) =>
        printedInOrder(
          trace,
          'inside: I/O callback',
          'inside: tick',
          'inside: microtask',
          'inside: immediate',
          'inside: timeout',
        ),
    },
    phaseClaim('The I/O callback runs in poll, the immediate in check, the timeout in timers, the close in closing.', {
      'inside: I/O callback': 'poll',
      'inside: immediate': 'check',
      'inside: timeout': 'timers',
      'inside: closing callback': 'closing',
    }),
    {
      text: 'The immediate runs in the same iteration as the I/O callback that asked for it.',
      check: (trace) => {
        const io = callbackOf(trace, 'inside: I/O callback')
        const immediate = callbackOf(trace, 'inside: immediate')
        return {
          held: io !== undefined && io.iteration === immediate?.iteration,
          seen: `${turnWords(io)}; ${turnWords(immediate)}`,
        }
      },
    },
    phaseClaim('Outside, too, each runs in its own phase; only their order is open.', {
      'outside: timeout': 'timers',
      'outside: immediate': 'check',
    }),
  ],
}
