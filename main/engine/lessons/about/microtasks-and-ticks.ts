// Lesson 10. Counterpart: ../code/microtasks-and-ticks.ts.
import { type Lesson, note, printedInOrder, turnWords, word } from '../lesson.ts'

export const microtasksAndTicks: Lesson = {
  name: 'microtasks-and-ticks',
  title: 'Microtasks and ticks',
  summary: 'After every callback all ticks run, then all microtasks, and only then does the loop go on.',
  notes: [
    note(
      "setImmediate(() => console.log('immediate'))",
      'An immediate made in the check phase runs in the next iteration’s.',
      'The next iteration: everything else is done.',
    ),
    note(
      "queueMicrotask(() => console.log('microtask'))",
      'A microtask.',
      'The ticks are done, so the microtasks run.',
    ),
    note('void Promise.resolve()', 'A promise reaction: a microtask too, behind the first.', 'The second microtask.'),
    note('process.nextTick(() => {', 'A tick.'),
    note("console.log('callback')", 'Nothing of it runs before this callback has returned.'),
    note("console.log('tick')", 'The callback is over: ticks first.'),
    note(
      "queueMicrotask(() => console.log('microtask of a tick'))",
      'This microtask goes to the end of its queue.',
      'The last of the microtasks.',
    ),
    note(
      "process.nextTick(() => console.log('tick of a tick'))",
      'And this tick to the end of the tick queue, which comes first.',
      'The tick queue is drained to its end before any microtask.',
    ),
    note('setTimeout(() => {', 'Later, a second part.'),
    note(
      "setImmediate(() => console.log('starved immediate'))",
      'An immediate: it would be next …',
      'Only now does the loop go on.',
    ),
    note('  starve()', '… but a microtask that queues the next one …'),
    note('if (++round < 1000)', '… keeps the loop waiting: the queue never gets empty.'),
    note('else console.log(`${round}', 'The last one. With no end to it, no socket would ever be served again.'),
  ],
  vocabulary: [
    word(
      '`loop.call_soon`',
      '`setImmediate`',
      'asyncio runs what was ready when the turn began; what is added waits for the next turn, so it cannot starve the loop.',
    ),
    word('no such thing', '`process.nextTick`', 'Node’s own queue, before the microtasks.'),
    word('no such thing', '`queueMicrotask`, `then`', 'JavaScript’s queue, drained to its end.'),
    word(
      '`await` of a done future',
      '`await` of a settled promise',
      'asyncio goes straight on; Node waits for a microtask.',
    ),
    word(
      'a module’s own code',
      'a module’s own code',
      'In an ES module the code itself runs in a microtask: there, microtasks come before ticks.',
    ),
  ],
  claims: [
    {
      text: 'Callback, then ticks, then microtasks, then the immediate.',
      check: (trace) =>
        printedInOrder(
          trace,
          'callback',
          'tick',
          'tick of a tick',
          'microtask',
          'promise',
          'microtask of a tick',
          'immediate',
        ),
    },
    {
      text: 'Ticks and microtasks run in the iteration of their callback, the immediate in the next.',
      check: (trace) => {
        const of = (text: string) => trace.callback(trace.line(text)?.callback ?? 0)
        const [callback, tick, microtask, immediate] = ['callback', 'tick', 'microtask', 'immediate'].map(of)
        return {
          held:
            callback !== undefined &&
            tick?.turn === 'tick' &&
            microtask?.turn === 'microtask' &&
            tick.iteration === callback.iteration &&
            microtask.iteration === callback.iteration &&
            (immediate?.iteration ?? 0) === callback.iteration + 1,
          seen: [callback, tick, microtask, immediate].map(turnWords).join('; '),
        }
      },
    },
    {
      text: 'A thousand microtasks that queue each other hold the loop until the last one.',
      check: (trace) => {
        const order = printedInOrder(trace, '1000 microtasks later', 'starved immediate')
        const rounds = trace.marksOf('enter', 'starve').length
        return { held: order.held && rounds === 1000, seen: `${rounds} rounds, then ${order.seen}` }
      },
    },
  ],
}
