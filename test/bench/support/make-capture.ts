// Writes a large capture with the archive's own writer, as fast as it goes: connections that are made, send and receive, and
// end. Counterparts: ../big-capture.ts, ../ingest.bench.ts.
import { rmSync } from 'node:fs'
import { createFacts } from '../../../main/archive/facts.ts'
import { createCaptureWriter } from '../../../main/archive/writer.ts'
import { Recorder } from '../../../main/engine/record/recorder.ts'
import { openBatch } from '../../../preload/contract/event-columns.ts'
import { LoopBatchWriter, loopKindCode, openLoopBatch, phaseCode } from '../../../preload/contract/loop-columns.ts'

export interface CapturePlan {
  readonly events: number
  readonly payloadBytes: number
  /** Open at the same time. */
  readonly connections: number
  /** Put into the payload of every so-manieth event; none where 0. */
  readonly needleEvery: number
}

export const needle = 'Wireloop-12b'

const loopback = (port: number) => ({ host: '127.0.0.1', port })

/** Overwrites `path`. Takes about 10 s for 10 million events of 2 GiB. */
export const makeCapture = (path: string, plan: CapturePlan): void => {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(path + end, { force: true })
  const facts = createFacts()
  const limits = { maxBytes: 2 ** 40, maxDays: null, snapBytes: null }
  const writer = createCaptureWriter({ path, limits, startedAtEpochMs: Date.now(), facts })
  let loan = 0
  const recorder = new Recorder(
    (buffer, lent) => {
      const batch = openBatch(buffer)
      facts.events(batch)
      writer.events(batch)
      if (writer.uncommittedBytes > 4 * 1024 * 1024) writer.commit()
      recorder.acknowledge(buffer.byteLength)
      // Not at once: the recorder notes its loan before it posts, and only it knows that.
      if (lent !== null) loan = lent
    },
    () => undefined,
    {
      rows: 8192,
      arenaBytes: 2 * 1024 * 1024,
      highBytes: 2 ** 40,
      dropBytes: 2 ** 40,
      waitBytes: 2 ** 40,
      flushMs: Number.POSITIVE_INFINITY,
    },
  )
  const poolBytes = 4 * 1024 * 1024
  const pool = new Uint8Array(poolBytes + plan.payloadBytes)
  for (let i = 0, x = 1; i < pool.length; i++) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    pool[i] = x >>> 24
  }
  const withNeedle = pool.slice(0, plan.payloadBytes)
  withNeedle.set(new TextEncoder().encode(needle), Math.max(0, plan.payloadBytes >> 1) - 6)

  const details = (connection: number) =>
    ({
      local: loopback(8888),
      remote: loopback(20_000 + (connection % 40_000)),
      direction: 'in',
      side: null,
      pair: null,
    }) as const
  let nextConnection = 1
  const open: number[] = []
  const make = () => {
    const connection = nextConnection++
    recorder.event('connection-made', 'none', 1 + (connection % 3), connection, details(connection))
    return connection
  }
  const lose = (connection: number) =>
    recorder.event('connection-lost', 'closed-by-peer', 1 + (connection % 3), connection, {
      error: null,
      unsentBytes: 0,
      unreadBytes: 0,
      ignoredBytes: 0,
    })
  for (let i = 0; i < plan.connections; i++) open.push(make())
  while (recorder.nextSeq <= plan.events) {
    const i = recorder.nextSeq
    const slot = (i >> 2) % open.length
    const connection = open[slot]!
    // Each lives for some ten thousand events.
    if (i % 9973 === 0) {
      lose(connection)
      open[slot] = make()
      continue
    }
    const at = (i * 1031) % poolBytes
    const data =
      plan.needleEvery > 0 && i % plan.needleEvery === 0 ? withNeedle : pool.subarray(at, at + plan.payloadBytes)
    recorder.data(i % 2 === 0 ? 'received' : 'sent', 1 + (connection % 3), connection, data)
    if (loan !== 0) {
      recorder.reuse(loan)
      loan = 0
    }
    if (i % 200_000 === 0) writer.loop(loopRecords(i / 200_000, recorder.now()))
  }
  for (const connection of open) lose(connection)
  recorder.flush()
  writer.close()
}

/** A thousand callbacks behind those of before. */
const loopRecords = (block: number, now: number) => {
  const rows = new LoopBatchWriter(1000)
  for (; rows.count < 1000; rows.count++) {
    const i = rows.count
    rows.columns.kind[i] = loopKindCode('callback')
    rows.columns.phase[i] = phaseCode('poll')
    rows.columns.id[i] = (block - 1) * 1000 + i + 1
    rows.columns.start[i] = now + i / 100
    rows.columns.end[i] = now + (i + 0.5) / 100
    rows.columns.readyAt[i] = Number.NaN
  }
  return openLoopBatch(rows.compact((block - 1) * 1000 + 1, 0))
}
