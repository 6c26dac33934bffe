// Where the next engine thread takes up, kept up to date from what the last one has sent: a restart continues the capture,
// so no seq, record number or id comes twice and the clock goes on. Counterparts: engine-host.ts, engine/thread.ts.
import { openBatch } from '../preload/contract/event-columns.ts'
import { openLoopBatch } from '../preload/contract/loop-columns.ts'
import type { EngineOrigin } from './engine/messages.ts'

export interface OriginTracker {
  /** For a thread that is started now. */
  readonly origin: EngineOrigin
  /** A batch of events was delivered. */
  events(buffer: ArrayBufferLike): void
  /** A batch of loop records was delivered. */
  loop(buffer: ArrayBuffer): void
}

const highest = (ids: Uint32Array, least: number): number => {
  let id = least
  for (let i = 0; i < ids.length; i++) if (ids[i]! > id) id = ids[i]!
  return id
}

/** The event clock starts now. */
export const trackOrigin = (): OriginTracker => {
  let origin: EngineOrigin = {
    startedAtMonotonicMs: Number(process.hrtime.bigint()) / 1e6,
    startedAtEpochMs: Date.now(),
    nextSeq: 1,
    nextRecord: 1,
    lastCallback: 0,
    lastEndpoint: 0,
    lastConnection: 0,
  }
  return {
    get origin() {
      return origin
    },
    events(buffer) {
      const batch = openBatch(buffer)
      origin = {
        ...origin,
        nextSeq: batch.firstSeq + batch.count,
        lastCallback: highest(batch.callback, origin.lastCallback),
        lastEndpoint: highest(batch.endpoint, origin.lastEndpoint),
        lastConnection: highest(batch.connection, origin.lastConnection),
      }
    },
    loop(buffer) {
      const batch = openLoopBatch(buffer)
      origin = {
        ...origin,
        nextRecord: batch.first + batch.count,
        lastCallback: highest(batch.id, origin.lastCallback),
      }
    },
  }
}
