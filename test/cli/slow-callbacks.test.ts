// What the command line says of a callback that held the loop, on the real engine's own records.
import { expect, it } from 'vitest'
import { createSlowCallbacks } from '../../main/cli/slow-callbacks.ts'
import { createEngineHost } from '../../main/engine-host.ts'
import { openBatch } from '../../preload/contract/event-columns.ts'
import { comesTrue } from '../support/loopback.ts'

it('names a callback that held the loop for 100 ms and more as asyncio does, and no other', async () => {
  const engine = await createEngineHost()
  const slow = createSlowCallbacks()
  const lines: string[] = []
  engine.onBatch((buffer) => {
    slow.note(openBatch(buffer))
    return 'done'
  })
  engine.onLoop((buffer) => lines.push(...slow.read(buffer)))
  try {
    await engine.ask('blockLoop', { durationMs: 150 })
    await comesTrue(async () => {
      await engine.ask('snapshot', null)
      expect(lines.filter((line) => line.includes('block the loop'))).toHaveLength(1)
    })
    expect(lines.find((line) => line.includes('block the loop'))).toMatch(
      /^Executing <block the loop, check phase of iteration \d+> took \d+\.\d{3} seconds$/,
    )
  } finally {
    await engine.stop(1000)
  }
})
