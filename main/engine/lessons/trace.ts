// A run as it was recorded, made ready to be asked: callbacks, events, marks and printed lines, joined by the callback they
// happened in. Counterparts: thread.ts (records), lesson-host.ts (collects), steps.ts and about/*.ts (ask). Times are ms
// since the lesson's code started; iterations are counted from there too.
import type { EventBatch } from '../../../preload/contract/event-columns.ts'
import type { LessonEnding, LessonError, Turn } from '../../../preload/contract/lessons.ts'
import {
  type LoopBatch,
  loopKinds,
  type Phase,
  phases,
  type ResourceType,
  resourceTypes,
} from '../../../preload/contract/loop-columns.ts'
import { type Cause, causes, type EventKind, eventKinds } from '../../../preload/contract/vocabulary.ts'
import { type FromLesson, type MadeResource, type MarkKind, markKinds, numbersPerMark } from './messages.ts'

/** Something that ran in a turn of its own: a callback of the loop, a tick, a microtask, or the lesson's code itself. */
export interface Callback {
  readonly id: number
  readonly turn: Turn
  readonly phase: Phase
  readonly type: ResourceType
  readonly iteration: number
  readonly start: number
  readonly end: number
  readonly asyncId: number
  readonly connection: number
}

export interface TraceEvent {
  readonly seq: number
  readonly kind: EventKind
  readonly cause: Cause
  readonly at: number
  readonly connection: number
  /** The class of the protocol that serves the connection; empty where none does. */
  readonly protocol: string
  readonly length: number
  /** What was received or sent, as far as it was kept. */
  readonly text: string
  readonly callback: number
  readonly iteration: number
}

export interface Iteration {
  readonly number: number
  /** When poll was entered, and when it returned. */
  readonly pollAt: number
  readonly readyAt: number
  /** How many events poll returned. */
  readonly events: number
}

export interface Mark {
  readonly kind: MarkKind
  readonly line: number
  readonly column: number
  /** The function's name. */
  readonly fn: string
  readonly activation: number
  readonly at: number
  readonly callback: number
  /** Console lines before it. */
  readonly printed: number
}

export interface Printed {
  readonly at: number
  readonly text: string
  readonly stream: 'out' | 'err'
  readonly line: number
  readonly callback: number
}

/** What the host has gathered of a run. */
export interface RawRun {
  readonly messages: readonly FromLesson[]
  readonly events: readonly EventBatch[]
  readonly loop: readonly LoopBatch[]
  readonly sites: readonly { readonly line: number; readonly column: number; readonly fn: number }[]
  readonly functions: readonly string[]
  readonly ending: LessonEnding
  readonly error: LessonError | null
  readonly durationMs: number
}

const decoder = new TextDecoder()
/** Own work of ours that is not worth a name; -1 stands for "before everything". */
const turnOf = { callback: 'callback', tick: 'tick', microtask: 'microtask' } as const

export class Trace {
  readonly ending: LessonEnding
  readonly error: LessonError | null
  readonly durationMs: number
  readonly callbacks: readonly Callback[]
  readonly iterations: readonly Iteration[]
  readonly events: readonly TraceEvent[]
  readonly marks: readonly Mark[]
  readonly printed: readonly Printed[]
  readonly made: readonly MadeResource[]
  readonly droppedMarks: number
  readonly droppedLines: number
  readonly droppedBlocks: number
  readonly #byId = new Map<number, Callback>()

  constructor(raw: RawRun) {
    const started = raw.messages.find((message) => message.type === 'started')
    const origin = started?.at ?? 0
    const base = started?.iteration ?? 0
    const script = started?.callback ?? 0
    const records = raw.messages.filter((message) => message.type === 'record')
    const protocols = new Map(records.flatMap((r) => r.protocols.map((each) => [each.connection, each.name] as const)))
    this.ending = raw.ending
    this.error = raw.error
    this.durationMs = raw.durationMs
    this.droppedMarks = records.at(-1)?.droppedMarks ?? 0
    this.droppedLines = records.at(-1)?.droppedLines ?? 0
    this.droppedBlocks = raw.loop.reduce((sum, batch) => sum + batch.droppedBefore, 0)
    this.printed = records.flatMap((r) => r.printed.map((line) => ({ ...line, at: line.at - origin })))
    this.made = records.flatMap((r) => r.made.map((each) => ({ ...each, at: each.at - origin })))
    this.marks = records.flatMap(({ marks }) => {
      const list: Mark[] = []
      for (let i = 0; i < marks.length; i += numbersPerMark) {
        const site = raw.sites[marks[i + 1]!]!
        list.push({
          kind: markKinds[marks[i]!]!,
          line: site.line,
          column: site.column,
          fn: raw.functions[site.fn]!,
          activation: marks[i + 2]!,
          at: marks[i + 3]! - origin,
          callback: marks[i + 4]!,
          printed: marks[i + 5]!,
        })
      }
      return list
    })
    this.events = raw.events.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, i): TraceEvent => {
        const kind = eventKinds[batch.kind[i]!]!
        const from = batch.dataOffset[i]!
        const isData = kind === 'data-received' || kind === 'data-sent'
        return {
          seq: batch.firstSeq + i,
          kind,
          cause: causes[batch.cause[i]!]!,
          at: batch.at[i]! - origin,
          connection: batch.connection[i]!,
          protocol: protocols.get(batch.connection[i]!) ?? '',
          length: batch.length[i]!,
          text: isData ? decoder.decode(batch.arena.subarray(from, from + Math.min(200, batch.dataLength[i]!))) : '',
          callback: batch.callback[i]!,
          iteration: batch.iteration[i]! - base,
        }
      }),
    )
    const callbacks: Callback[] = []
    const iterations: Iteration[] = []
    for (const batch of raw.loop) {
      for (let i = 0; i < batch.count; i++) {
        const kind = loopKinds[batch.kind[i]!]!
        const start = batch.start[i]! - origin
        const end = batch.end[i]! - origin
        const id = batch.id[i]!
        if (kind === 'iteration') {
          if (end < 0) continue
          iterations.push({
            number: batch.iteration[i]! - base,
            pollAt: start,
            readyAt: batch.readyAt[i]! - origin,
            events: batch.seqCount[i]!,
          })
        } else if (kind !== 'gc' && batch.own[i] === 0 && (id >= script || script === 0)) {
          callbacks.push({
            id,
            turn: id === script ? 'script' : turnOf[kind],
            phase: phases[batch.phase[i]!]!,
            type: resourceTypes[batch.type[i]!]!,
            iteration: batch.iteration[i]! - base,
            start,
            end,
            asyncId: batch.asyncId[i]!,
            connection: batch.connection[i]!,
          })
        }
      }
    }
    // A row is written when its callback ends, so a nested report cannot come before what it is nested in.
    this.callbacks = callbacks.sort((a, b) => a.id - b.id)
    this.iterations = iterations
    for (const callback of callbacks) this.#byId.set(callback.id, callback)
  }

  /** The callback of that id, undefined where it is not recorded (the run was ended in the midst of it). */
  callback(id: number): Callback | undefined {
    return this.#byId.get(id)
  }

  /** The first printed line that is `text`, or starts with it where it ends in `…`. */
  line(text: string): Printed | undefined {
    return this.lines(text)[0]
  }

  lines(text: string): readonly Printed[] {
    return this.printed.filter((line) =>
      text.endsWith('…') ? line.text.startsWith(text.slice(0, -1)) : line.text === text,
    )
  }

  of(kind: EventKind, protocol?: string): readonly TraceEvent[] {
    return this.events.filter((event) => event.kind === kind && (protocol === undefined || event.protocol === protocol))
  }

  /** The marks of one kind in the functions of that name. */
  marksOf(kind: MarkKind, fn: string): readonly Mark[] {
    return this.marks.filter((mark) => mark.kind === kind && mark.fn === fn)
  }
}
