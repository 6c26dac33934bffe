// The loop recording as Chrome trace-event JSON, which Perfetto and chrome://tracing open: a track a phase, turns and
// collections on their own. Pure text, in parts, so that no recording is too long for one string. Counterparts:
// whole-trace.ts (what the page does not hold, piece by piece), export-menu.tsx.
//
// The format: “Trace Event Format” (Google). Complete events (`X`) of one track must not overlap; waits do overlap each
// other, so they are asynchronous pairs (`b`, `e`). Times are in µs.
import type { Callback } from '../loop-log/callbacks.ts'
import { type Lane, lanes } from '../loop-log/lanes.ts'
import type { LoopLog } from '../loop-log/loop-log.ts'

export interface TraceStretch {
  /** ms on the event clock; what reaches into it is exported whole. */
  readonly fromAt: number
  readonly toAt: number
}

export interface TraceOptions {
  /** Null for everything held. */
  readonly stretch: TraceStretch | null
  /** Wireloop's own callbacks too, on a track of their own. */
  readonly own: boolean
  /** What a callback is called. */
  nameOf(callback: Callback): string
  /** What the other things are called. */
  readonly words: {
    readonly process: string
    readonly turns: string
    readonly lane: Readonly<Record<Lane, string>>
    readonly collections: string
    readonly ownWork: string
    readonly pollWaits: string
    readonly collection: string
    readonly waiting: string
  }
}

const pid = 1
const turnsTrack = 1
const laneTrack = (lane: Lane): number => 2 + lanes.indexOf(lane)
const collectionsTrack = 2 + lanes.length
const ownTrack = 3 + lanes.length

type TraceEvent = Readonly<Record<string, unknown>>

/** Whole nanoseconds, so that what does not overlap does not do so after rounding either. */
const nanos = (ms: number): number => Math.round(ms * 1e6)

const metadata = ({ words, own }: TraceOptions): TraceEvent[] => {
  const tracks: [number, string][] = [
    [turnsTrack, words.turns],
    ...lanes.map((lane): [number, string] => [laneTrack(lane), words.lane[lane]]),
    [collectionsTrack, words.collections],
  ]
  if (own) tracks.push([ownTrack, words.ownWork])
  return [
    { ph: 'M', name: 'process_name', pid, tid: 0, args: { name: words.process } },
    ...tracks.flatMap(([tid, name]) => [
      { ph: 'M', name: 'thread_name', pid, tid, args: { name } },
      { ph: 'M', name: 'thread_sort_index', pid, tid, args: { sort_index: tid } },
    ]),
  ]
}

/**
 * Makes complete events that never overlap on a track: what would is cut off at the end of the one before. What touches is
 * set a nanosecond apart: readers that add `ts` and `dur` as doubles take one for the child of the other otherwise.
 */
const createComplete = () => {
  const ends = new Map<number, number>()
  return (tid: number, cat: string, name: string, start: number, end: number, args: object): TraceEvent => {
    const from = Math.max(nanos(start), (ends.get(tid) ?? Number.NEGATIVE_INFINITY) + 1)
    const to = Math.max(nanos(end), from)
    ends.set(tid, to)
    return { ph: 'X', name, cat, ts: from / 1000, dur: (to - from) / 1000, pid, tid, args }
  }
}

function* turnEvents(
  log: LoopLog,
  options: TraceOptions,
  complete: ReturnType<typeof createComplete>,
  goesOn: boolean,
) {
  const { iterations } = log
  const { fromAt, toAt } = options.stretch ?? { fromAt: log.firstAt, toAt: log.lastAt }
  const first = Math.max(iterations.first, iterations.positionAtTime(fromAt) - 1)
  const waits: [start: number, end: number][] = []
  for (let position = first; position < iterations.end - (goesOn ? 1 : 0); position++) {
    const turn = iterations.at(position)
    if (turn.start > toAt) break
    const next = position + 1 < iterations.end ? iterations.at(position + 1) : null
    const end = next?.joined === true ? next.start : turn.end
    if (end < fromAt) continue
    yield complete(turnsTrack, 'iteration', `#${turn.number}`, turn.start, end, {
      iteration: turn.number,
      events: turn.events,
      waitedMs: turn.readyAt - turn.start,
    })
    if (turn.readyAt > turn.start) waits.push([turn.start, turn.readyAt])
  }
  return waits
}

const argsOf = (callback: Callback): object => ({
  id: callback.id,
  iteration: callback.iteration,
  type: callback.type,
  asyncId: callback.asyncId,
  triggerAsyncId: callback.triggerId,
  ...(callback.endpoint === null ? {} : { endpoint: callback.endpoint }),
  ...(callback.connection === null ? {} : { connection: callback.connection }),
  ...(callback.seqCount === 0 ? {} : { firstEvent: callback.firstSeq, events: callback.seqCount }),
  ...(callback.readyAt === null ? {} : { waitedMs: Math.max(0, callback.start - callback.readyAt) }),
})

function* callbackEvents(
  log: LoopLog,
  options: TraceOptions,
  complete: ReturnType<typeof createComplete>,
  waits: readonly (readonly [start: number, end: number])[],
): Generator<TraceEvent> {
  const { callbacks } = log
  const { fromAt, toAt } = options.stretch ?? { fromAt: log.firstAt, toAt: log.lastAt }
  let wait = 0
  const waitsUntil = function* (at: number) {
    for (; wait < waits.length && waits[wait]![0] < at; wait++)
      yield complete(laneTrack('poll'), 'wait', options.words.pollWaits, waits[wait]![0], waits[wait]![1], {})
  }
  for (let i = Math.max(callbacks.first, callbacks.positionAtTime(fromAt) - 1); i < callbacks.end; i++) {
    const callback = callbacks.at(i)
    if (callback.start > toAt) break
    if (callback.end < fromAt || (callback.own && !options.own)) continue
    // Waits and callbacks share the poll track, in order of time.
    yield* waitsUntil(callback.start)
    const tid = callback.own ? ownTrack : laneTrack(callback.lane)
    const name = options.nameOf(callback)
    yield complete(tid, callback.own ? 'own' : callback.lane, name, callback.start, callback.end, argsOf(callback))
    if (callback.own || callback.readyAt === null || callback.readyAt >= callback.start) continue
    const pair = { cat: 'waiting', id: callback.id, name: `${options.words.waiting}: ${name}`, pid, tid }
    yield { ph: 'b', ...pair, ts: nanos(callback.readyAt) / 1000, args: {} }
    yield { ph: 'e', ...pair, ts: nanos(callback.start) / 1000, args: {} }
  }
  yield* waitsUntil(Number.POSITIVE_INFINITY)
}

export interface Trace {
  head(): Iterable<string>
  /** All of a log; `goesOn`: its last turn is there only to say where the one before ends, and is told with the next piece. */
  piece(log: LoopLog, goesOn: boolean): Iterable<string>
  tail(): string
}

/** One document, in parts to be put together in order: a JSON object with `traceEvents`. */
export const createTrace = (options: TraceOptions): Trace => {
  const complete = createComplete()
  let separator = ''
  const line = (event: TraceEvent) => {
    const text = `${separator}\n${JSON.stringify(event)}`
    separator = ','
    return text
  }
  return {
    *head() {
      yield '{"displayTimeUnit":"ms","traceEvents":['
      for (const event of metadata(options)) yield line(event)
    },
    *piece(log, goesOn) {
      const turns = turnEvents(log, options, complete, goesOn)
      let turn = turns.next()
      for (; turn.done !== true; turn = turns.next()) yield line(turn.value)
      for (const event of callbackEvents(log, options, complete, turn.value)) yield line(event)
      const { fromAt, toAt } = options.stretch ?? { fromAt: Number.NEGATIVE_INFINITY, toAt: Number.POSITIVE_INFINITY }
      for (const { start, end } of log.collections.within(fromAt, toAt))
        yield line(complete(collectionsTrack, 'gc', options.words.collection, start, end, {}))
    },
    tail: () => '\n]}\n',
  }
}

/** The document of one log. */
export function* traceParts(log: LoopLog, options: TraceOptions): Generator<string> {
  const trace = createTrace(options)
  yield* trace.head()
  yield* trace.piece(log, false)
  yield trace.tail()
}
