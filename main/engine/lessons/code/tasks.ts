import { EventLoop } from 'wireloop'

const loop = new EventLoop()

function* greet(name: string): Generator<unknown, string, never> {
  console.log(`${name}: starts`)
  yield // a turn for the others, as asyncio.sleep(0)
  console.log(`${name}: goes on`)
  return name
}

// A coroutine object: nothing of it runs, now or ever.
greet('bare')

// A task: scheduled, and driven by the loop.
const a = loop.createTask(greet('a'))
const b = loop.createTask(greet('b'))
console.log('scheduled')
console.log(`runUntilComplete: ${await loop.runUntilComplete(b)}, a is done: ${a.done()}`)

// For ever means: until somebody stops it.
loop.callLater(10, () => {
  console.log('stop is called')
  loop.stop()
})
await loop.runForever()
console.log('runForever has returned')
loop.close()
