import { setTimeout as sleep } from 'node:timers/promises'

async function compute(x: number, y: number) {
  console.log(`Compute ${x} + ${y} ...`)
  await sleep(1000)
  return x + y
}

async function printSum(x: number, y: number) {
  const result = await compute(x, y)
  console.log(`${x} + ${y} = ${result}`)
}

await printSum(1, 2)
console.log('main goes on')
