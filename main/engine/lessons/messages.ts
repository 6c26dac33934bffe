// What passes between a lesson's thread and its host. Counterparts: thread.ts and main/lesson-host.ts.

/** Given to the thread as `workerData`. */
export interface LessonData {
  /** What `prepareLesson` made of the lesson's text. */
  readonly code: string
  /** The line of each site, so that the thread can always say where it is. */
  readonly lines: readonly number[]
  /**
   * Two numbers. The line that runs, written at every mark and readable when the thread does not answer any more; and one that
   * the host sets where the thread is to end itself at the next mark.
   */
  readonly lineNow: SharedArrayBuffer
  /** What the code may take of the JavaScript heap, and outside of it (buffers), in bytes each. */
  readonly memoryLimitBytes: number
}

/** Marks are numbers, six a mark: kind (index into `markKinds`), site, activation, at (ms), callback, console lines so far. */
export const markKinds = ['enter', 'line', 'suspend', 'resume', 'leave'] as const
export type MarkKind = (typeof markKinds)[number]
export const numbersPerMark = 6

export interface PrintedLine {
  readonly at: number
  readonly text: string
  readonly stream: 'out' | 'err'
  readonly line: number
  readonly callback: number
}

/** A resource that waits for its turn, noted when it was made. */
export interface MadeResource {
  readonly asyncId: number
  readonly type: string
  readonly at: number
}

export type FromLesson =
  /** The code starts now, on the event clock, in this callback and iteration. */
  | { readonly type: 'started'; readonly at: number; readonly callback: number; readonly iteration: number }
  | {
      readonly type: 'record'
      readonly marks: readonly number[]
      readonly droppedMarks: number
      readonly printed: readonly PrintedLine[]
      readonly droppedLines: number
      readonly made: readonly MadeResource[]
      readonly protocols: readonly { readonly connection: number; readonly name: string }[]
    }
  | { readonly type: 'events'; readonly buffer: ArrayBufferLike }
  | { readonly type: 'loop'; readonly buffer: ArrayBuffer }
  /** The code has returned. What it left behind may keep the loop busy for longer. */
  | { readonly type: 'returned'; readonly at: number }
  /** An exception that nobody caught, with its stack as V8 wrote it. */
  | { readonly type: 'failed'; readonly message: string; readonly stack: string }
  | { readonly type: 'out-of-memory' }
  /** The loop had nothing left to wait for. */
  | { readonly type: 'drained'; readonly at: number }

/** Asks the thread to hand over what it has and end. */
export type ToLesson = { readonly type: 'end' }
