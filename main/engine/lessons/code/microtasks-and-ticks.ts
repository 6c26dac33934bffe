import process from 'node:process'

setImmediate(() => {
  setImmediate(() => console.log('immediate'))
  queueMicrotask(() => console.log('microtask'))
  void Promise.resolve().then(() => console.log('promise'))
  process.nextTick(() => {
    console.log('tick')
    queueMicrotask(() => console.log('microtask of a tick'))
    process.nextTick(() => console.log('tick of a tick'))
  })
  console.log('callback')
})

// Microtasks that queue microtasks: the loop waits for the last one.
let round = 0
const starve = () => {
  if (++round < 1000) queueMicrotask(starve)
  else console.log(`${round} microtasks later`)
}
setTimeout(() => {
  setImmediate(() => console.log('starved immediate'))
  starve()
}, 20)
