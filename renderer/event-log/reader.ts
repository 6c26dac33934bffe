// Reads older events from the capture as they are looked at: each pane says which stretches it wants now, and what nobody
// wants any more is not asked for. A few requests at a time, never the same seqs twice. Counterparts: event-log.ts takes in
// what comes, main/archive answers `readEvents`.
import { openBatch } from '../../preload/contract/event-columns.ts'
import type { Result } from '../../preload/contract/failure.ts'
import { type EventLog, eventLog } from './event-log.ts'

/** Who wants events, the most urgent first. */
const wanters = ['selection', 'table', 'search', 'lifelines', 'messages'] as const
export type Wanter = (typeof wanters)[number]

/** Seqs from `from` up to `to`. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** Requests under way at most: the archive answers one after the other, and one more is ready when it is done. */
const mostInFlight = 3
/** What one request asks for: by the length of its stretch, within these bounds. */
const leastBytes = 16 * 1024
const mostBytes = 256 * 1024
/** What an event takes in an answer, roughly; with the smallest, so that two requests do not overlap. */
const typicalBytes = 160
const smallestBytes = 46
/** How long nothing more is asked for after a failure, and a stretch after an answer without it, ms. */
const failurePauseMs = 2000
const emptyPauseMs = 500

export interface EventReader {
  /** Says what a pane wants to see now, in place of what it wanted before. */
  want(by: Wanter, stretches: readonly Stretch[]): void
  /** Why the last request failed; null where it did not. */
  readonly failure: string | null
  /** Forgets answers that are under way: another capture is looked at. */
  reset(): void
  /** Where to read from; null while there is nowhere. */
  connect(read: Read | null): void
}

export type Read = (args: { fromSeq: number; maxBytes: number }) => Promise<Result<ArrayBuffer | null>>

export const createEventReader = (log: EventLog): EventReader => {
  let read: Read | null = null
  let failure: string | null = null
  let pausedUntilMs = 0
  let generation = 0
  const wanted = new Map<Wanter, readonly Stretch[]>()
  const inFlight = new Set<Stretch>()
  /** Stretches that could not be had a moment ago. */
  let empty: (Stretch & { readonly untilMs: number })[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  /** The end of what is on its way, or was not to be had, at this seq; null where it can be asked for. */
  const passOver = (seq: number, nowMs: number): number | null => {
    for (const flight of inFlight) if (seq >= flight.from && seq < flight.to) return flight.to
    for (const gone of empty) if (gone.untilMs > nowMs && seq >= gone.from && seq < gone.to) return gone.to
    return null
  }

  const nextRequest = (nowMs: number): Stretch | null => {
    for (const by of wanters)
      for (const { from, to } of wanted.get(by) ?? []) {
        const end = Math.min(to, log.nextSeq)
        for (let at = log.firstUnheld(Math.max(from, log.firstSeq), end); at < end; ) {
          const over = passOver(at, nowMs)
          if (over === null) return { from: at, to: end }
          at = log.firstUnheld(over, end)
        }
      }
    return null
  }

  const later = (ms: number) => {
    if (timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      pump()
    }, ms)
  }

  const take = (from: number, buffer: ArrayBuffer | null) => {
    if (buffer === null) {
      empty.push({ from, to: log.nextSeq, untilMs: performance.now() + emptyPauseMs })
      later(emptyPauseMs)
      return
    }
    const batch = openBatch(buffer)
    if (batch.firstSeq > from) {
      // Before the first event of the capture nothing is missing in between: it has been dropped meanwhile.
      if (from > log.firstSeq) {
        const before = log.previous(from)
        const beforeAt = batch.at[0] ?? log.lastAt
        log.noteMissing(from, batch.firstSeq, before !== null && log.has(before) ? log.at(before) : beforeAt, beforeAt)
      } else empty.push({ from, to: batch.firstSeq, untilMs: performance.now() + emptyPauseMs })
    }
    log.fill(batch)
  }

  const ask = async (from: typeof read & {}, request: Stretch) => {
    const mine = generation
    const maxBytes = Math.round(Math.min(mostBytes, Math.max(leastBytes, (request.to - request.from) * typicalBytes)))
    const flight = { from: request.from, to: Math.min(request.to, request.from + Math.ceil(maxBytes / smallestBytes)) }
    inFlight.add(flight)
    const result = await from({ fromSeq: request.from, maxBytes })
    inFlight.delete(flight)
    if (mine !== generation) return
    if (result.ok) {
      failure = null
      take(request.from, result.value)
    } else {
      failure = result.failure.message
      pausedUntilMs = performance.now() + failurePauseMs
      later(failurePauseMs)
    }
    pump()
  }

  const pump = () => {
    const nowMs = performance.now()
    if (read === null || nowMs < pausedUntilMs) return
    empty = empty.filter((gone) => gone.untilMs > nowMs)
    while (inFlight.size < mostInFlight) {
      const request = nextRequest(nowMs)
      if (request === null) return
      void ask(read, request)
    }
  }

  return {
    want(by, stretches) {
      wanted.set(by, stretches)
      pump()
    },
    get failure() {
      return failure
    },
    reset() {
      generation++
      inFlight.clear()
      wanted.clear()
      empty = []
      failure = null
      pausedUntilMs = 0
    },
    connect(from) {
      read = from
      pump()
    },
  }
}

/** The page's reader. */
export const eventReader: EventReader = createEventReader(eventLog)
