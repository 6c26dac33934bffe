// Says when a callback has held the event loop for long, in the words of asyncio's debug mode: "Executing <…> took 0.201
// seconds". Counterparts: the engine's probe (its loop records); session.ts, which prints this on standard error.
import type { EventBatch } from '../../preload/contract/event-columns.ts'
import { openLoopBatch, phases, resourceTypes } from '../../preload/contract/loop-columns.ts'
import { eventKinds } from '../../preload/contract/vocabulary.ts'

/** asyncio's `loop.slow_callback_duration`, in ms. */
export const slowCallbackMs = 100

/** Events whose kind is remembered, so that a callback can be called by what it did; a power of two. */
const remembered = 1 << 16
const mask = remembered - 1

const nameOfType: Readonly<Record<string, string>> = {
  Immediate: 'setImmediate',
  Timeout: 'setTimeout',
  MESSAGEPORT: 'command',
  TCPSERVERWRAP: 'accept',
  TCPCONNECTWRAP: 'connect',
  'block-loop': 'block the loop',
}

export interface SlowCallbacks {
  /** Remembers what the events were. */
  note(batch: EventBatch): void
  /** A line for every callback of the batch that was slow; Wireloop's own work is not counted. */
  read(loopBatch: ArrayBuffer): string[]
}

export const createSlowCallbacks = (): SlowCallbacks => {
  const seqs = new Float64Array(remembered)
  const kinds = new Uint8Array(remembered)

  const nameOf = (firstSeq: number, type: number): string => {
    const at = firstSeq & mask
    if (firstSeq > 0 && seqs[at] === firstSeq) return eventKinds[kinds[at]!]!
    const resource = resourceTypes[type]!
    return nameOfType[resource] ?? resource
  }

  return {
    note(batch) {
      for (let i = 0; i < batch.count; i++) {
        const at = (batch.firstSeq + i) & mask
        seqs[at] = batch.firstSeq + i
        kinds[at] = batch.kind[i]!
      }
    },
    read(loopBatch) {
      const batch = openLoopBatch(loopBatch)
      const lines: string[] = []
      for (let i = 0; i < batch.count; i++) {
        const tookMs = batch.end[i]! - batch.start[i]!
        if (batch.id[i] === 0 || batch.own[i] === 1 || tookMs < slowCallbackMs) continue
        const connection = batch.connection[i] === 0 ? '' : `, connection ${batch.connection[i]}`
        const where = `${phases[batch.phase[i]!]} phase of iteration ${batch.iteration[i]}`
        const what = nameOf(batch.firstSeq[i]!, batch.type[i]!)
        lines.push(`Executing <${what}${connection}, ${where}> took ${(tookMs / 1000).toFixed(3)} seconds`)
      }
      return lines
    },
  }
}
