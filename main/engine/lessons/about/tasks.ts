// Lesson 7. Counterpart: ../code/tasks.ts.
import { type Lesson, listLines, note, printedInOrder, turnWords, word } from '../lesson.ts'

export const tasks: Lesson = {
  name: 'tasks',
  title: 'Tasks',
  summary:
    '`createTask` schedules a coroutine; a bare coroutine object does nothing; the loop runs until a result or until stop.',
  notes: [
    note(
      "greet('bare')",
      'Calling a generator function gives an object and runs nothing. In Python a coroutine function is the same, and warns: never awaited.',
    ),
    note("const a = loop.createTask(greet('a'))", 'A task asks the loop for a turn. Nothing of it has run yet.'),
    note("const b = loop.createTask(greet('b'))", 'A second one, behind the first.'),
    note("console.log('scheduled')", 'The script still has the thread.'),
    note('console.log(`runUntilComplete:', 'The loop runs until `b` is done.'),
    note(
      'console.log(`${name}: starts`)',
      'The loop took its first step into a task.',
      'The other task takes its first step, while the first one waits for a turn.',
    ),
    note('yield // a turn', 'It gives the thread away: other callbacks come first.'),
    note('console.log(`${name}: goes on`)', 'Its turn again, where it had stopped.'),
    note('return name', 'The return value becomes the task’s result.'),
    note('loop.callLater(10', 'A timer that will stop the loop.'),
    note('await loop.runForever()', 'For ever, that is: until somebody calls `stop`.'),
    note("console.log('stop is called')", 'The timer has fired.'),
    note('loop.stop()', '`stop` ends the run once what is ready has run.'),
    note("console.log('runForever has returned')", 'The code goes on here.'),
    note('loop.close()', 'A closed loop runs nothing any more.'),
  ],
  vocabulary: [
    word(
      'coroutine object',
      'generator object',
      'Calling a Node `async function` runs it up to its first `await`; a coroutine runs nothing.',
    ),
    word(
      '`asyncio.create_task`',
      'calling an `async function`',
      'A task starts in the next turn, an async function at once.',
    ),
    word('`await asyncio.sleep(0)`', '`await setImmediate()`', 'A turn for the others.'),
    word('`run_until_complete`', 'top-level `await`', 'asyncio’s call blocks; Node’s loop turns by itself.'),
    word(
      '`task.cancel()`',
      '`AbortController`',
      'asyncio throws into the coroutine; in JavaScript the code has to look.',
    ),
  ],
  claims: [
    {
      text: 'A bare coroutine object does not run.',
      check: (trace) => {
        const ran = trace.printed.filter((line) => line.text.startsWith('bare'))
        return {
          held: trace.marksOf('line', 'main').length > 0 && trace.lines('a: starts').length === 1 && ran.length === 0,
          seen: ran.length === 0 ? 'no line of it ran' : listLines(ran),
        }
      },
    },
    {
      text: '`createTask` only schedules: the first step comes after the script, from the loop.',
      check: (trace) => {
        const order = printedInOrder(trace, 'scheduled', 'a: starts', 'b: starts')
        const first = trace.callback(trace.line('a: starts')?.callback ?? 0)
        return {
          held: order.held && first?.turn === 'callback',
          seen: `${order.seen}; a starts in: ${turnWords(first)}`,
        }
      },
    },
    {
      text: 'The tasks take turns at their `yield`.',
      check: (trace) => printedInOrder(trace, 'a: starts', 'b: starts', 'a: goes on', 'b: goes on'),
    },
    {
      text: '`runUntilComplete` gives the task’s result.',
      check: (trace) => {
        const printed = trace.lines('runUntilComplete: b, a is done: true')
        return { held: printed.length === 1, seen: listLines(trace.lines('runUntilComplete…')) }
      },
    },
    {
      text: '`runForever` returns after `stop`, and not before.',
      check: (trace) => printedInOrder(trace, 'stop is called', 'runForever has returned'),
    },
  ],
}
