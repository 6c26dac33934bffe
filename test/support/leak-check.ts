// Setup of every test in the `node` project: a test that leaves a socket, server, timer, worker thread or any other active
// resource behind fails, and says which. Counterpart: leftovers.ts, which knows what is open.
//
// Around each test, so that it looks after every hook and every cleanup of the test. What closes in a moment is waited for;
// nothing is forgiven, and a test is not blamed for what an earlier one or its suite's `beforeAll` has opened.
import { aroundEach } from 'vitest'
import { noteBefore, settledLeftovers } from './leftovers.ts'

/** Only a failing test ever waits this long. */
const patienceMs = 5000

aroundEach(async (runTest) => {
  const before = noteBefore()
  await runTest()
  const left = await settledLeftovers(before, patienceMs)
  if (left.length > 0) throw new Error(`This test left behind:\n- ${left.join('\n- ')}`)
})
