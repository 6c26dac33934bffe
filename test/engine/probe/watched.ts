// A workbench whose events and loop records are gathered, for tests of the probe. Counterpart: probe.test.ts.

import { createEngineHost } from '../../../main/engine-host.ts'
import type { Commands } from '../../../preload/contract/api.ts'
import { openBatch } from '../../../preload/contract/event-columns.ts'
import type { Result } from '../../../preload/contract/failure.ts'
import { loopKinds, openLoopBatch, phases, resourceTypes } from '../../../preload/contract/loop-columns.ts'
import { eventKinds } from '../../../preload/contract/vocabulary.ts'

export interface SeenEvent {
  readonly seq: number
  readonly kind: string
  readonly connection: number
  readonly iteration: number
  readonly callback: number
  readonly length: number
}

export interface SeenRecord {
  readonly record: number
  readonly id: number
  readonly kind: string
  readonly phase: string
  readonly type: string
  readonly iteration: number
  readonly start: number
  readonly end: number
  readonly readyAt: number
  readonly connection: number
  readonly firstSeq: number
  readonly seqCount: number
  readonly own: boolean
}

export const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.message}`)
  return result.value
}

export const watchEngine = async () => {
  const engine = await createEngineHost()
  const events: SeenEvent[] = []
  const records: SeenRecord[] = []
  let dropped = 0
  engine.onBatch((buffer) => {
    const batch = openBatch(buffer)
    dropped += batch.droppedBefore
    for (let i = 0; i < batch.count; i++)
      events.push({
        seq: batch.firstSeq + i,
        kind: eventKinds[batch.kind[i]!]!,
        connection: batch.connection[i]!,
        iteration: batch.iteration[i]!,
        callback: batch.callback[i]!,
        length: batch.length[i]!,
      })
    return 'done'
  })
  engine.onLoop((buffer) => {
    const batch = openLoopBatch(buffer)
    dropped += batch.droppedBefore
    for (let i = 0; i < batch.count; i++)
      records.push({
        record: batch.first + i,
        id: batch.id[i]!,
        kind: loopKinds[batch.kind[i]!]!,
        phase: phases[batch.phase[i]!]!,
        type: resourceTypes[batch.type[i]!]!,
        iteration: batch.iteration[i]!,
        start: batch.start[i]!,
        end: batch.end[i]!,
        readyAt: batch.readyAt[i]!,
        connection: batch.connection[i]!,
        firstSeq: batch.firstSeq[i]!,
        seqCount: batch.seqCount[i]!,
        own: batch.own[i] === 1,
      })
  })
  return {
    engine,
    events,
    records,
    get dropped() {
      return dropped
    },
    ask: async <K extends Parameters<typeof engine.ask>[0]>(name: K, args: Commands[K]['args']) =>
      value(await engine.ask(name, args)),
    /** Has everything that was recorded so far delivered. */
    async flush() {
      await engine.ask('snapshot', null)
    },
    dispose: () => engine.stop(2000),
  }
}

export type Watched = Awaited<ReturnType<typeof watchEngine>>
