// The loop log as the panes read it: the newest records, or, where an earlier stretch is looked at, that stretch read again
// from the capture. One of them at a time, so that positions always mean the same list. Counterparts: loop-log.ts (both
// are one), loop-summaries.ts (what lies beside them), main/archive (`readLoopRecords`).
import type { CommandMethods } from '../../preload/contract/api.ts'
import { openLoopBatch } from '../../preload/contract/loop-columns.ts'
import type { LoopLog } from './loop-log.ts'
import type { LoopSummaries } from './loop-summaries.ts'

/** A stretch of at most so many records is read; a longer one is drawn from its summaries. */
const mostRecords = 120_000
/** Bytes asked for at once. */
const atOnceBytes = 1024 * 1024
/** How long the view rests on a stretch before it is read, ms. */
const restMs = 120
/** Read beyond the stretch each way, as a share of it: so that a step sideways is there already. */
const aheadShare = 0.5

/** Positions of one list are none of another's, so that one kept for a moment too long names nothing rather than another. */
const positionsApart = 2 ** 40

export type LoopReads = Pick<CommandMethods, 'readLoopRecords' | 'seekTime'>

/** A stretch of time, in ms on the event clock. */
interface Stretch {
  readonly startMs: number
  readonly endMs: number
}

export interface WindowedLoopLog extends LoopLog {
  /** The newest records, whatever is looked at. */
  readonly live: LoopLog
  /** Where (ms) the records at hand begin and end to be all that there were. */
  readonly heldFrom: number
  readonly heldTo: number
  /** Says what a pane shows now; an earlier stretch is read once the view rests on it. */
  look(at: Stretch): void
  /** Where to read from; null for nowhere. */
  connect(reads: LoopReads | null): void
}

export const createWindowedLog = (
  live: LoopLog,
  makePast: (firstPosition: number) => LoopLog,
  summaries: LoopSummaries,
): WindowedLoopLog => {
  let reads: LoopReads | null = null
  let past: { readonly log: LoopLog; readonly startMs: number; readonly endMs: number } | null = null
  let showsPast = false
  /** Bumped when the panes look at another list. */
  let turned = 0
  let generation = 0
  let loads = 0
  let wanted: Stretch | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  live.subscribe(tell)

  const active = (): LoopLog => (showsPast && past !== null ? past.log : live)
  const turn = (toPast: boolean) => {
    if (toPast === showsPast) return
    showsPast = toPast
    turned++
    // Not within a drawing, which is where it is asked for.
    queueMicrotask(tell)
  }

  const holdsLive = ({ endMs }: Stretch): boolean =>
    live.version > 0 && live.lastAt > 0 && (endMs > live.firstAt || summaries.end === summaries.first)

  const load = async () => {
    timer = undefined
    const at = wanted
    const from = reads
    if (at === null || from === null) return
    const mine = ++generation
    const ahead = (at.endMs - at.startMs) * aheadShare
    const startMs = Math.max(0, at.startMs - ahead)
    const endMs = at.endMs + ahead
    const found = await from.seekTime({ at: startMs })
    if (mine !== generation || !found.ok) return
    const log = makePast(++loads * positionsApart)
    // What ran into the stretch began before it.
    let record = Math.max(1, found.value.record - 64)
    log.startAt(record)
    for (let read = 0; read < 2 * mostRecords; ) {
      const answer = await from.readLoopRecords({ fromRecord: record, maxBytes: atOnceBytes })
      if (mine !== generation || !answer.ok) return
      if (answer.value === null) break
      const batch = openLoopBatch(answer.value)
      if (batch.count === 0) break
      log.append(batch)
      record = batch.first + batch.count
      read += batch.count
      if (batch.start[batch.count - 1]! > endMs) break
    }
    past = { log, startMs, endMs }
    turned++
    showsPast = true
    tell()
  }

  return {
    live,
    get version() {
      return live.version + (past?.log.version ?? 0) + turned
    },
    get callbacks() {
      return active().callbacks
    },
    get iterations() {
      return active().iterations
    },
    get collections() {
      return active().collections
    },
    get nextRecord() {
      return live.nextRecord
    },
    get droppedRecords() {
      return active().droppedRecords
    },
    get droppedOldest() {
      return summaries.end > summaries.first
        ? Math.max(0, summaries.firstRecord[summaries.first]! - 1)
        : live.droppedOldest
    },
    gaps: () => active().gaps(),
    limitBytes: live.limitBytes,
    get storedBytes() {
      return live.storedBytes + (past?.log.storedBytes ?? 0)
    },
    get countedIterations() {
      return live.countedIterations
    },
    get lastIteration() {
      return live.lastIteration
    },
    get firstAt() {
      const held = live.lastAt === 0 ? null : live.firstAt
      if (summaries.end === summaries.first) return held ?? 0
      return Math.min(summaries.firstAt[summaries.first]!, held ?? Number.POSITIVE_INFINITY)
    },
    get lastAt() {
      return Math.max(live.lastAt, summaries.end > summaries.first ? summaries.lastAt[summaries.end - 1]! : 0)
    },
    get heldFrom() {
      return showsPast && past !== null ? past.startMs : live.lastAt === 0 ? Number.POSITIVE_INFINITY : live.firstAt
    },
    get heldTo() {
      return showsPast && past !== null ? past.endMs : Number.POSITIVE_INFINITY
    },
    look(at) {
      if (holdsLive(at)) {
        turn(false)
        wanted = null
        return
      }
      if (past !== null && past.startMs <= at.startMs && past.endMs >= at.endMs) {
        turn(true)
        return
      }
      const same = wanted?.startMs === at.startMs && wanted.endMs === at.endMs
      if (same || summaries.recordsWithin(at.startMs, at.endMs) > mostRecords) return
      wanted = at
      clearTimeout(timer)
      timer = setTimeout(() => void load(), restMs)
    },
    connect(whom) {
      reads = whom
    },
    startAt(record) {
      generation++
      clearTimeout(timer)
      wanted = null
      past = null
      showsPast = false
      turned++
      live.startAt(record)
    },
    append: (batch) => live.append(batch),
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
