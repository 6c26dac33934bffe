// Lesson 9. Counterpart: ../code/generators.ts. asyncio's coroutines were generators up to Python 3.4 (PEP 380, PEP 3156).
import { type Lesson, listLines, note, printedInOrder, turnWords, word } from '../lesson.ts'

export const generators: Lesson = {
  name: 'generators',
  title: 'Generators that delegate',
  summary: '`yield*` passes values in and out and hands the return value back: all that async and await need.',
  notes: [
    note('const talk = outer()', 'A generator object: nothing runs yet.'),
    note('console.log(talk.next().value)', '`next` runs it up to its first `yield`.'),
    note('const letters = yield* inner()', '`outer` delegates: from now on `next` reaches `inner`.'),
    note("const first = yield 'a word?'", 'A value goes out, straight through `outer`.'),
    note("console.log(talk.next('event').value)", 'And one goes in, straight through `outer` too.'),
    note("const second = yield 'another?'", '`inner` got its word, and asks for another.'),
    note("console.log(talk.next('loop').value)", 'The second word goes in …'),
    note('return first.length + second.length', '… `inner` returns …'),
    note('return `${letters} letters`', '… and its return value is the value of `yield*`.'),
    note('await run(printSum(1, 2))', 'Now a generator that yields promises, and a runner for it.'),
    note('return new Promise((resolve, reject)', 'The runner gives a promise of the coroutine’s result …'),
    note('const step = (value', '… and steps it along.'),
    note('    step()', 'The first step.'),
    note(
      'const turn = coroutine.next(value)',
      'It hands the last result in, and gets the next promise out.',
      'The promise is fulfilled: its value goes in where the coroutine waits.',
    ),
    note('if (turn.done) resolve', 'Is it done?'),
    note('else turn.value.then', 'Not done: step again when that promise is fulfilled. That is all an `await` is.'),
    note('const result = yield* compute(x, y)', '`yield*` where today stands `await`.'),
    note(
      'yield sleep(20)',
      'What is waited for goes out to the runner. The generator stands still here, the thread is free.',
    ),
    note('return x + y', 'The runner came back with `next`: on it goes.'),
    note('console.log(`${x} + ${y} = ${result}`)', 'The return value of `compute`, handed back by `yield*`.'),
  ],
  vocabulary: [
    word('`yield from`', '`yield*`', 'Both pass values in and out and give the return value.'),
    word('`gen.send(value)`', '`gen.next(value)`', 'Python’s `next` sends nothing.'),
    word('`gen.throw(exc)`', '`gen.throw(error)`', 'How a task cancels a coroutine.'),
    word('`StopIteration.value`', '`{ done: true, value }`', 'Python returns by exception.'),
    word(
      '`@asyncio.coroutine`',
      'a runner such as `co`',
      'Until `async def` in Python 3.5, and `async function` in Node 7.6.',
    ),
  ],
  claims: [
    {
      text: '`yield*` hands values out and in, and the return value to where it stands.',
      check: (trace) => printedInOrder(trace, 'a word?', 'another?', '9 letters'),
    },
    {
      text: 'The runner’s coroutine gives what `compute` returned.',
      check: (trace) => ({ held: trace.lines('1 + 2 = 3').length === 1, seen: listLines(trace.lines('1 + 2…')) }),
    },
    {
      text: 'A generator goes on from the microtask queue, just as after an `await`.',
      check: (trace) => {
        const mark = trace.marksOf('resume', 'compute')[0]
        const turn = mark === undefined ? undefined : trace.callback(mark.callback)
        return { held: turn?.turn === 'microtask', seen: turnWords(turn) }
      },
    },
  ],
}
