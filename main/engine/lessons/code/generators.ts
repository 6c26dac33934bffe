import { setTimeout as sleep } from 'node:timers/promises'

// yield* hands everything through: values out, values in, and the return value to where it stands.
function* inner(): Generator<string, number, string> {
  const first = yield 'a word?'
  const second = yield 'another?'
  return first.length + second.length
}
function* outer(): Generator<string, string, string> {
  const letters = yield* inner()
  return `${letters} letters`
}
const talk = outer()
console.log(talk.next().value)
console.log(talk.next('event').value)
console.log(talk.next('loop').value)

// Where async and await came from: a generator that yields what it waits for, and a runner.
type Coroutine<T> = Generator<Promise<unknown>, T, unknown>
function run<T>(coroutine: Coroutine<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const step = (value?: unknown) => {
      const turn = coroutine.next(value)
      if (turn.done) resolve(turn.value)
      else turn.value.then(step, reject)
    }
    step()
  })
}
function* compute(x: number, y: number): Coroutine<number> {
  yield sleep(20)
  return x + y
}
function* printSum(x: number, y: number): Coroutine<void> {
  const result = yield* compute(x, y)
  console.log(`${x} + ${y} = ${result}`)
}
await run(printSum(1, 2))
