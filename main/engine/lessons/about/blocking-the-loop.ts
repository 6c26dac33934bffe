// Lesson 11. Counterpart: ../code/blocking-the-loop.ts.
import { type Lesson, milliseconds, note, word } from '../lesson.ts'
import type { Trace } from '../trace.ts'

/** How long each client waited for its answer, in the first and the second round, from the events of its connection. */
const waits = (trace: Trace, round: 0 | 1): readonly number[] => {
  const asked = trace.events.filter((event) => event.kind === 'data-sent' && event.text === '?\n')
  // Each question is sent twice: by the client, and back by the server. The client's comes first.
  const clients = [...new Set(asked.map((event) => event.connection))].filter((connection) => {
    const first = trace.events.find((event) => event.connection === connection && event.length > 0)
    return first?.kind === 'data-sent'
  })
  return clients.flatMap((connection) => {
    const of = (kind: 'data-sent' | 'data-received') =>
      trace.events.filter((event) => event.connection === connection && event.kind === kind)[round]
    const [question, answer] = [of('data-sent'), of('data-received')]
    return question === undefined || answer === undefined ? [] : [answer.at - question.at]
  })
}

const listMs = (all: readonly number[]): string => all.map(milliseconds).join(', ') || 'nobody asked'

export const blockingTheLoop: Lesson = {
  name: 'blocking-the-loop',
  title: 'Blocking the loop',
  summary: 'One callback of 200 ms: everybody waits. The same work in an executor: nobody does.',
  notes: [
    note('const server = await', 'A server that sends every line back.'),
    note('const clients = await', 'Three clients connect.'),
    note('loop.callSoon(work, 200)', 'Work for 200 ms is scheduled on the loop.'),
    note("await askAll('on the loop')", 'All three ask.'),
    note('const askedAt = loop.time()', 'Each client notes the time …'),
    note("writer.write(Buffer.from('?", '… asks …'),
    note(
      'await reader.readline()',
      '… and waits for the answer. The question is in the kernel already; the server only has to look.',
    ),
    note(
      'const end = Date.now() + durationMs',
      'But this callback does not return. The loop cannot poll, so the server cannot look.',
    ),
    note('while (Date.now() < end);', '200 ms of computing, on the only thread.'),
    note("return 'worked'", 'At last.'),
    note(
      'console.log(`${when}: client',
      'Each of them waited for the blocked loop.',
      'Each of them waited for the blocked loop.',
      'Each of them waited for the blocked loop.',
      'Answered at once: the work runs elsewhere.',
    ),
    note('const working = loop.runInExecutor', 'The same work again, in another thread.'),
    note("await askAll('in an executor')", 'All three ask again, while it runs.'),
    note('console.log(`executor:', 'The thread is done too.'),
    note('for (const [, writer] of clients)', 'Everybody leaves.'),
    note('server.close()', 'No more connections.'),
  ],
  vocabulary: [
    word(
      '`loop.slow_callback_duration`',
      'Wireloop’s lint',
      'asyncio’s debug mode logs callbacks above 100 ms; Node has no such warning.',
    ),
    word('`run_in_executor`', '`worker_threads`', ''),
    word(
      '`time.sleep` in a coroutine',
      'a busy loop, `*Sync` calls',
      'Whatever does not return keeps everybody waiting.',
    ),
    word('`loop.time()`', '`performance.now()`', ''),
  ],
  claims: [
    {
      text: 'The work was one callback of 200 ms or a little more.',
      check: (trace) => {
        const mark = trace.marksOf('enter', 'work')[0]
        const callback = trace.callback(mark?.callback ?? 0)
        const ranMs = callback === undefined ? 0 : callback.end - callback.start
        return {
          held: ranMs >= 199,
          seen: mark === undefined ? 'it never ran' : `${milliseconds(ranMs)}, ${callback?.phase}`,
        }
      },
    },
    {
      text: 'All three clients waited for it, though they have nothing to do with it.',
      check: (trace) => {
        const first = waits(trace, 0)
        return { held: first.length === 3 && first.every((ms) => ms >= 190), seen: listMs(first) }
      },
    },
    {
      text: 'In an executor the same work held nobody up: all answers came before it was done.',
      check: (trace) => {
        const second = waits(trace, 1)
        const answers = trace.lines('in an executor: client…')
        const done = trace.line('executor: worked')
        return {
          held:
            second.length === 3 &&
            answers.length === 3 &&
            done !== undefined &&
            answers.every((line) => line.at < done.at),
          seen: `${listMs(second)}; the executor was done at ${milliseconds(done?.at ?? Number.NaN)}`,
        }
      },
    },
  ],
}
