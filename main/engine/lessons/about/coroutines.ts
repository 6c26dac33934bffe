// Lesson 8. Counterpart: ../code/coroutines.ts. asyncio's own example, "Chain coroutines".
import { type Lesson, milliseconds, note, printedInOrder, turnWords, word } from '../lesson.ts'
import type { Trace } from '../trace.ts'

const resumed = (trace: Trace, fn: string) => trace.marksOf('resume', fn)[0]

export const coroutines: Lesson = {
  name: 'coroutines',
  title: 'Coroutines: compute and printSum',
  summary: 'Chained awaits read like sequential code; while they wait, the thread is free.',
  notes: [
    note('await printSum(1, 2)', '`main` calls `printSum` and will wait for it.'),
    note('const result = await compute(x, y)', '`printSum` runs at once, up to its first `await`: it calls `compute`.'),
    note('console.log(`Compute', '`compute` runs, still in the same callback.'),
    note(
      'await sleep(1000)',
      '`compute` arms a timer and waits. So does `printSum` for it, and `main` for that: the thread is free.',
    ),
    note(
      'return x + y',
      'The timer fulfilled `sleep`, so `compute` continues from the microtask queue. `printSum` and `main` still wait.',
    ),
    note('console.log(`${x} + ${y} = ${result}`)', '`compute` has returned, so `printSum` continues, with the value.'),
    note("console.log('main goes on')", '`printSum` is done, so `main` continues.'),
  ],
  vocabulary: [
    word(
      'coroutine',
      '`async function`',
      'Called, an `async function` runs up to its first `await`; a coroutine waits for its task.',
    ),
    word('`await coro()`', '`await fn()`', 'Node continues it from the microtask queue, always.'),
    word('`Task`', '`Promise`, started', ''),
    word('`Future`', '`new Promise()`', ''),
    word('`asyncio.sleep`', '`timers/promises`', ''),
    word('`loop.call_soon`', '`setImmediate`', ''),
    word('`loop.call_later`', '`setTimeout`', ''),
    word('`gather`', '`Promise.all`', 'One failure rejects `Promise.all`; the others go on in both.'),
    word('`run_until_complete`', 'top-level `await`', ''),
  ],
  claims: [
    {
      text: 'The code reads like sequential code, and runs in that order.',
      check: (trace) => printedInOrder(trace, 'Compute 1 + 2 ...', '1 + 2 = 3', 'main goes on'),
    },
    {
      text: 'Up to the first wait all of it is one callback: `main` calls `printSum` calls `compute`.',
      check: (trace) => {
        const waits = ['compute', 'printSum', 'main'].map((fn) => trace.marksOf('suspend', fn)[0])
        return {
          held: waits.every((mark) => mark !== undefined && mark.callback === waits[0]?.callback),
          seen: waits
            .map((mark) => `${mark?.fn ?? 'nobody'} waits after ${turnWords(trace.callback(mark?.callback ?? 0))}`)
            .join('; '),
        }
      },
    },
    {
      text: 'They continue from the inside out, each from the microtask queue, in the same iteration.',
      check: (trace) => {
        const marks = ['compute', 'printSum', 'main'].map((fn) => resumed(trace, fn))
        const turns = marks.map((mark) => (mark === undefined ? undefined : trace.callback(mark.callback)))
        return {
          held:
            turns.every((turn) => turn?.turn === 'microtask' && turn.iteration === turns[0]?.iteration) &&
            marks[0]!.at <= marks[1]!.at &&
            marks[1]!.at <= marks[2]!.at,
          seen: marks.map((mark, i) => `${mark?.fn ?? 'nobody'}: ${turnWords(turns[i])}`).join('; '),
        }
      },
    },
    {
      text: 'While they wait the thread is free: the loop runs one callback in all that time, the timer’s.',
      check: (trace) => {
        const from = trace.marksOf('suspend', 'compute')[0]?.at ?? Number.NaN
        const to = resumed(trace, 'compute')?.at ?? Number.NaN
        const between = trace.callbacks.filter(
          (each) => each.turn === 'callback' && each.start > from && each.start < to,
        )
        // Not how long: Node counts from when the iteration began, so a slow start makes the wait shorter.
        const held = between.length === 1 && between[0]?.type === 'Timeout'
        return { held, seen: `${milliseconds(to - from)}: ${between.map(turnWords).join('; ') || 'no callback'}` }
      },
    },
  ],
}
