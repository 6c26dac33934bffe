// Turns a recorded run into the steps that are shown: every statement that ran, every wait in poll, and what waited where
// at that moment. Counterparts: trace.ts (the record), renderer/lessons and cli/lesson.ts (show the steps).
import type {
  FunctionTrack,
  LessonStep,
  LoopBlock,
  PollWait,
  Stretch,
  Waiting,
} from '../../../preload/contract/lessons.ts'
import type { ResourceType } from '../../../preload/contract/loop-columns.ts'
import type { Note } from './lesson.ts'
import type { Callback, Mark, Trace } from './trace.ts'

/** A line is a step the first times it runs, and again where it prints, up to a bound. */
const plainVisits = 3
const printingVisits = 8
/** The shortest wait in poll that is a step of its own, in ms. */
const shownWaitMs = 1.5
/** What is handed to a page at most. */
const maxBlocks = 6_000
const maxTracks = 12
const maxStretches = 2_000
/** Names of what still waits in a queue, listed one by one. */
const maxQueued = 12

/** What a callback, tick or microtask did, in the lesson's own words where it ran some of its code. */
const labels = (trace: Trace): ReadonlyMap<number, string> => {
  const named = new Map<number, string>()
  for (const mark of trace.marks) {
    if ((mark.kind === 'enter' || mark.kind === 'resume') && !named.has(mark.callback))
      named.set(mark.callback, mark.fn)
  }
  for (const event of trace.events) {
    const data = event.length > 0 ? ` · ${event.length} B` : ''
    if (event.connection !== 0 && event.kind !== 'data-sent')
      named.set(event.callback, `${event.kind} · conn ${event.connection} ${event.protocol}${data}`)
  }
  return named
}

/** What ran where none of the lesson's code did, in words: async_hooks' names are Node's own business. */
const typeWords: Readonly<Partial<Record<ResourceType, string>>> = {
  TCPSERVERWRAP: 'accept',
  TCPWRAP: 'read',
  TCPCONNECTWRAP: 'connect',
  WRITEWRAP: 'write done',
  SHUTDOWNWRAP: 'shutdown done',
  GETADDRINFOREQWRAP: 'name looked up',
  Timeout: 'timer',
  Immediate: 'setImmediate',
  TickObject: 'nextTick',
  PROMISE: 'microtask',
  Microtask: 'microtask',
  MESSAGEPORT: 'message',
  WORKER: 'worker',
}

const labelOf = (names: ReadonlyMap<number, string>, { id, turn, phase, type }: Callback): string => {
  if (turn === 'script') return 'main'
  return names.get(id) ?? (phase === 'closing' && turn === 'callback' ? 'closed' : (typeWords[type] ?? 'callback'))
}

/** What is known at each moment while the marks are followed. */
class State {
  readonly #waiting = new Map<number, { line: number; name: string }>()

  take(mark: Mark): void {
    if (mark.kind === 'suspend') this.#waiting.set(mark.activation, { line: mark.line, name: mark.fn })
    else this.#waiting.delete(mark.activation)
  }

  waiting(): Waiting[] {
    const lines = new Map<string, { line: number; name: string; count: number }>()
    for (const { line, name } of this.#waiting.values()) {
      const key = `${line} ${name}`
      const known = lines.get(key)
      if (known === undefined) lines.set(key, { line, name, count: 1 })
      else known.count++
    }
    return [...lines.values()].sort((a, b) => a.line - b.line)
  }
}

/** Asks what waited in the queues at a moment: what was made before it and ran after it. */
const queues = (trace: Trace, names: ReadonlyMap<number, string>) => {
  const madeAt = new Map(trace.made.map((each) => [each.asyncId, each]))
  const later = trace.callbacks.filter((callback) => madeAt.has(callback.asyncId))
  /** The first callback of the loop proper after each callback: up to there, ticks and microtasks drain. */
  return (at: number, id: number) => {
    const ticks: string[] = []
    const microtasks: string[] = []
    let immediates = 0
    let timers = 0
    let draining = true
    for (const callback of later) {
      if (callback.id <= id) continue
      if (callback.turn === 'callback') draining = false
      if (madeAt.get(callback.asyncId)!.at > at) continue
      if (callback.type === 'Immediate') immediates++
      else if (callback.type === 'Timeout') timers++
      else if (draining && callback.turn === 'tick' && ticks.length < maxQueued) ticks.push(labelOf(names, callback))
      else if (draining && callback.turn === 'microtask' && microtasks.length < maxQueued)
        if (names.has(callback.id))
          // What only passes a promise on has no name in the lesson.
          microtasks.push(labelOf(names, callback))
    }
    return { ticks, microtasks, immediates, timers }
  }
}

const lineOf = (source: string, at: string): number => {
  const lines = source.split('\n').flatMap((line, i) => (line.includes(at) ? [i + 1] : []))
  return lines.length === 1 ? lines[0]! : 0
}

/** The sentences by line, as far as the text (which may be edited) still has their lines. */
const sentences = (source: string, notes: readonly Note[]) => {
  const byLine = new Map(notes.map((note) => [lineOf(source, note.at), note.say]))
  byLine.delete(0)
  return (line: number, visit: number): string | null => {
    const say = byLine.get(line)
    return say === undefined ? null : (say[Math.min(visit, say.length) - 1] ?? null)
  }
}

/** True where every note belongs to exactly one line of the text. */
export const unplacedNotes = (source: string, notes: readonly Note[]): readonly string[] =>
  notes.filter((note) => lineOf(source, note.at) === 0).map((note) => note.at)

export const buildSteps = (trace: Trace, source: string, notes: readonly Note[]): LessonStep[] => {
  const names = labels(trace)
  const queued = queues(trace, names)
  const say = sentences(source, notes)
  const state = new State()
  const steps: LessonStep[] = []
  const shown = new Map<number, { plain: number; printing: number }>()
  const waits = pollWaits(trace).filter((wait) => wait.to - wait.from >= shownWaitMs)
  const eventsIn = new Map(trace.iterations.map((each) => [each.number, each.events]))
  let nextWait = 0
  let iteration = 0

  const between = { line: 0, column: 0, runs: '', turn: 'callback', pollEvents: 0, ticks: [], microtasks: [] } as const
  const addWaits = (until: number, printed: number) => {
    for (; nextWait < waits.length && waits[nextWait]!.from <= until; nextWait++) {
      const wait = waits[nextWait]!
      iteration = wait.iteration
      steps.push({
        ...between,
        at: wait.from,
        text: null,
        phase: 'poll',
        iteration,
        waitedMs: wait.to - wait.from,
        pollEvents: eventsIn.get(iteration) ?? 0,
        waiting: state.waiting(),
        ...queued(wait.from, trace.callbacks.findLast((each) => each.start <= wait.from)?.id ?? 0),
        printed,
      })
    }
  }

  trace.marks.forEach((mark, i) => {
    addWaits(mark.at, mark.printed)
    state.take(mark)
    if (mark.kind !== 'line') return
    let next = i + 1
    while (trace.marks[next]?.kind === 'enter') next++
    const printed = trace.marks[next]?.printed ?? trace.printed.length
    const times = shown.get(mark.line) ?? { plain: 0, printing: 0 }
    shown.set(mark.line, times)
    if (printed > mark.printed ? times.printing === printingVisits : times.plain === plainVisits) return
    if (printed > mark.printed) times.printing++
    else times.plain++
    const callback = trace.callback(mark.callback)
    iteration = callback?.iteration ?? iteration
    steps.push({
      at: mark.at,
      line: mark.line,
      column: mark.column,
      text: say(mark.line, times.plain + times.printing),
      runs: mark.fn,
      turn: callback?.turn ?? 'callback',
      phase: callback === undefined || callback.turn === 'script' ? null : callback.phase,
      iteration,
      waitedMs: 0,
      pollEvents: eventsIn.get(iteration) ?? 0,
      waiting: state.waiting(),
      ...queued(mark.at, mark.callback),
      printed,
    })
  })
  addWaits(trace.durationMs, trace.printed.length)
  steps.push({
    ...between,
    at: trace.durationMs,
    text: null,
    phase: null,
    iteration: Math.max(iteration, trace.iterations.at(-1)?.number ?? 0),
    waitedMs: 0,
    waiting: state.waiting(),
    immediates: 0,
    timers: 0,
    printed: trace.printed.length,
  })
  return steps
}

export const pollWaits = (trace: Trace): PollWait[] =>
  trace.iterations
    .filter((each) => each.readyAt > 0)
    .map((each) => ({ from: Math.max(0, each.pollAt), to: each.readyAt, iteration: each.number }))

export const buildBlocks = (trace: Trace): LoopBlock[] => {
  const names = labels(trace)
  return trace.callbacks.slice(0, maxBlocks).map((callback) => ({
    kind: callback.turn,
    phase: callback.phase,
    iteration: callback.iteration,
    from: callback.start,
    to: callback.end,
    label: labelOf(names, callback),
  }))
}

/** What each function of the lesson did: the ones that wait first, then by their first call. */
export const buildTracks = (trace: Trace): FunctionTrack[] => {
  const tracks = new Map<string, { calls: Set<number>; stretches: Stretch[]; waits: boolean }>()
  const since = new Map<number, { at: number; state: Stretch['state'] }>()
  const names = new Map<number, string>()
  for (const mark of trace.marks) {
    const opened = since.get(mark.activation)
    // A leave knows its activation, not its function; the track is found by what the activation was last.
    const name = names.get(mark.activation) ?? mark.fn
    names.set(mark.activation, name)
    let track = tracks.get(name)
    if (track === undefined) {
      track = { calls: new Set(), stretches: [], waits: false }
      tracks.set(name, track)
    }
    track.calls.add(mark.activation)
    if (mark.kind === 'line') continue
    if (opened !== undefined && track.stretches.length < maxStretches)
      track.stretches.push({ from: opened.at, to: mark.at, state: opened.state })
    if (mark.kind === 'suspend') track.waits = true
    if (mark.kind === 'leave') since.delete(mark.activation)
    else since.set(mark.activation, { at: mark.at, state: mark.kind === 'suspend' ? 'waits' : 'runs' })
  }
  for (const [activation, opened] of since)
    tracks.get(names.get(activation)!)!.stretches.push({ from: opened.at, to: trace.durationMs, state: opened.state })
  return [...tracks]
    .sort(([, a], [, b]) => Number(b.waits) - Number(a.waits))
    .slice(0, maxTracks)
    .map(([name, { calls, stretches }]) => ({ name, calls: calls.size, stretches }))
}
