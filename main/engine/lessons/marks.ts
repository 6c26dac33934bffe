// What the marks in a lesson's code call: which statement runs, which function is entered, waits, goes on, is left. Plus
// what is printed. Bounded, and handed to the host while the lesson runs, so that a thread that has to be ended has told
// of itself. Counterparts: main/lesson-code.ts puts the marks in; messages.ts is their shape; trace.ts reads them.
import { createMemoryLook } from '../memory-bound.ts'
import type { Recorder } from '../record/recorder.ts'
import {
  type FromLesson,
  type LessonData,
  type MadeResource,
  type MarkKind,
  markKinds,
  type PrintedLine,
} from './messages.ts'

/** What is kept of one run; more is counted. */
const maxMarks = 40_000
const maxLines = 2_000
const maxMade = 40_000
/** A printed line is cut after so many UTF-16 units. */
const maxLineLength = 2_000
/** A busy thread hands over what it has this often, in ms. */
const handOverMs = 50
/** Memory is looked at once in so many marks. */
const marksPerMemoryLook = 16

const code = Object.fromEntries(markKinds.map((kind, i) => [kind, i])) as Record<MarkKind, number>

/** One call of a function of the lesson. */
export class Activation {
  readonly #marks: Marks
  readonly #id: number

  constructor(marks: Marks, id: number) {
    this.#marks = marks
    this.#id = id
  }

  /** A statement runs. */
  l(site: number): void {
    this.#marks.mark(code.line, site, this.#id)
  }

  /** The function gives the thread away, to wait for `value`. */
  s<T>(site: number, value: T): T {
    this.#marks.mark(code.suspend, site, this.#id)
    return value
  }

  /** It has the thread again. */
  r<T>(site: number, value: T): T {
    this.#marks.mark(code.resume, site, this.#id)
    return value
  }

  /** It returns or throws. */
  x(): void {
    this.#marks.mark(code.leave, 0, this.#id)
  }
}

export class Marks {
  readonly #recorder: Recorder
  readonly #data: LessonData
  readonly #lineNow: Int32Array
  readonly #post: (message: FromLesson) => void
  readonly #onOutOfMemory: () => void
  readonly #takesTooMuch: () => boolean
  #marks: number[] = []
  #markCount = 0
  #droppedMarks = 0
  #printed: PrintedLine[] = []
  #printedCount = 0
  #droppedLines = 0
  #made: MadeResource[] = []
  #madeCount = 0
  #protocols: { connection: number; name: string }[] = []
  #activations = 0
  #untilMemoryLook = marksPerMemoryLook
  #handedOverAt = 0

  constructor(recorder: Recorder, data: LessonData, post: (message: FromLesson) => void, onOutOfMemory: () => void) {
    this.#recorder = recorder
    this.#data = data
    this.#lineNow = new Int32Array(data.lineNow)
    this.#post = post
    this.#onOutOfMemory = onOutOfMemory
    this.#takesTooMuch = createMemoryLook(data.memoryLimitBytes)
  }

  /** A function is entered; `site` is its body. */
  enter(site: number): Activation {
    const id = ++this.#activations
    this.mark(code.enter, site, id)
    return new Activation(this, id)
  }

  mark(kind: number, site: number, activation: number): void {
    if (Atomics.load(this.#lineNow, 1) !== 0) process.exit(1)
    if (kind === code.line || kind === code.resume) this.#lineNow[0] = this.#data.lines[site]!
    const now = this.#recorder.now()
    if (this.#markCount < maxMarks) {
      this.#markCount++
      this.#marks.push(kind, site, activation, now, this.#recorder.loop.current, this.#printedCount)
    } else this.#droppedMarks++
    if (--this.#untilMemoryLook === 0) {
      this.#untilMemoryLook = marksPerMemoryLook
      if (this.#takesTooMuch()) this.#onOutOfMemory()
    }
    if (now - this.#handedOverAt > handOverMs) this.handOver()
  }

  print(stream: 'out' | 'err', text: string): void {
    for (const line of text.replace(/\n$/, '').split('\n')) {
      if (this.#printedCount === maxLines) {
        this.#droppedLines++
        continue
      }
      this.#printedCount++
      this.#printed.push({
        at: this.#recorder.now(),
        text: line.slice(0, maxLineLength),
        stream,
        line: this.#lineNow[0]!,
        callback: this.#recorder.loop.current,
      })
    }
  }

  /** A timer, immediate or tick was made and waits for its turn. */
  made(asyncId: number, type: string): void {
    if (this.#madeCount === maxMade) return
    this.#madeCount++
    this.#made.push({ asyncId, type, at: this.#recorder.now() })
  }

  /** The protocol that serves a connection, by its class. */
  protocol(connection: number, name: string): void {
    this.#protocols.push({ connection, name })
  }

  /** Posts what was recorded since the last time. */
  handOver(): void {
    this.#handedOverAt = this.#recorder.now()
    this.#post({
      type: 'record',
      marks: this.#marks,
      droppedMarks: this.#droppedMarks,
      printed: this.#printed,
      droppedLines: this.#droppedLines,
      made: this.#made,
      protocols: this.#protocols,
    })
    this.#marks = []
    this.#printed = []
    this.#made = []
    this.#protocols = []
    this.#recorder.flush()
  }
}
