// Lesson 6. Counterpart: ../code/futures-and-executors.ts. `pow(323, 1235)` is the example of concurrent.futures.
import { type Lesson, listLines, note, printedInOrder, turnWords, word } from '../lesson.ts'

export const futuresAndExecutors: Lesson = {
  name: 'futures-and-executors',
  title: 'Futures and executors',
  summary: 'A future is a result to come; an executor computes it in another thread while the loop goes on.',
  notes: [
    note('const future = loop.createFuture', 'An empty future: it can be waited for, and set once.'),
    note(
      'future.addDoneCallback',
      'Somebody wants to know when it is done.',
      'The loop runs the done callback, in a turn of its own.',
    ),
    note('loop.callSoon(() => {', 'In the next iteration the future will be set.'),
    note('await loop.runUntilComplete(future)', 'The loop runs until the future is done.'),
    note("future.setResult('the answer')", 'The result is there.'),
    note(
      "console.log('setResult has returned')",
      'Nobody was called from inside `setResult`: done callbacks wait for their own turn.',
    ),
    note('const pow =', 'A function that would block the loop, were it called here.'),
    note('base ** exponent', 'A function that would block the loop, were it called here.'),
    note('const power = loop.runInExecutor', 'It travels to another thread. Back comes a future, at once.'),
    note(
      'power.addDoneCallback',
      'The thread has sent its result as a message; poll delivered it, and the future is done.',
    ),
    note(
      "loop.callSoon(() => console.log('meanwhile",
      'Meanwhile the loop has time for everybody else.',
      'Here, for this callback.',
    ),
    note('const digits = String', 'The code waits for the future; the loop does not.'),
    note('console.log(`pow(323, 1235)', 'The result of the other thread.'),
    note('loop.close()', 'Closing the loop also ends its executor’s threads.'),
  ],
  vocabulary: [
    word('`Future`', '`Promise`', 'A promise is set by the function that made it; a future by whoever holds it.'),
    word(
      '`add_done_callback`',
      '`then`',
      'asyncio calls it through `call_soon`; a promise through the microtask queue.',
    ),
    word(
      '`loop.run_in_executor`',
      '`worker_threads`',
      'Python’s threads share memory; JavaScript’s do not: function and arguments are copied.',
    ),
    word(
      '`ThreadPoolExecutor`',
      'a pool of `Worker`s',
      'Node’s own thread pool (libuv’s) runs files and names, never your functions.',
    ),
  ],
  claims: [
    {
      text: '`setResult` calls nobody: the done callback runs after it, in a turn of its own.',
      check: (trace) => {
        const order = printedInOrder(trace, 'setResult has returned', 'done callback: the answer')
        const [set, done] = [trace.line('setResult has returned'), trace.line('done callback: the answer')]
        return { held: order.held && set?.callback !== done?.callback, seen: order.seen }
      },
    },
    {
      text: 'While `pow` was being computed, the loop ran another callback.',
      check: (trace) => printedInOrder(trace, 'meanwhile the loop runs other callbacks', 'done callback: pow is done'),
    },
    {
      text: 'The result came into the loop through a poll callback: a message of the thread.',
      check: (trace) => {
        const meanwhile = trace.line('meanwhile the loop runs other callbacks')
        const done = trace.line('done callback: pow is done')
        const message = trace.callbacks.find(
          (each) =>
            each.type === 'MESSAGEPORT' &&
            each.id > (meanwhile?.callback ?? Infinity) &&
            each.id < (done?.callback ?? 0),
        )
        return { held: message?.phase === 'poll', seen: `${message?.type ?? 'no message'}: ${turnWords(message)}` }
      },
    },
    {
      text: '`pow(323, 1235)` has 3099 digits.',
      check: (trace) => {
        const printed = trace.lines('pow(323, 1235) has 3099 digits…')
        return { held: printed.length === 1, seen: listLines(trace.lines('pow(323, 1235)…')) }
      },
    },
  ],
}
