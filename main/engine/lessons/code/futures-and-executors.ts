import { EventLoop } from 'wireloop'

const loop = new EventLoop()

// A future: a result that somebody else will set.
const future = loop.createFuture<string>()
future.addDoneCallback((done) => console.log(`done callback: ${done.result()}`))
loop.callSoon(() => {
  future.setResult('the answer')
  console.log('setResult has returned')
})
await loop.runUntilComplete(future)

// An executor: a thread that computes while the loop goes on.
const pow = (base: bigint, exponent: bigint) => base ** exponent
const power = loop.runInExecutor(null, pow, 323n, 1235n)
power.addDoneCallback(() => console.log('done callback: pow is done'))
loop.callSoon(() => console.log('meanwhile the loop runs other callbacks'))
const digits = String(await loop.runUntilComplete(power))
console.log(`pow(323, 1235) has ${digits.length} digits: ${digits.slice(0, 8)}...`)
loop.close()
