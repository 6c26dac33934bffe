// Lessons as they cross the border: what there is to learn, and what one run of a lesson has recorded. Counterparts:
// main/lesson-host.ts (runs them), renderer/lessons and main/cli/lesson.ts (show them). Times are ms since the run began.
import type { Phase } from './loop-columns.ts'

/** One line of the vocabulary card. Words in `backticks` are code. */
export interface VocabularyEntry {
  readonly asyncio: string
  readonly node: string
  /** What differs; empty where nothing does. */
  readonly differs: string
}

export interface LessonInfo {
  /** Its word on the command line and its file's name. */
  readonly name: string
  /** 1 and up, in teaching order. */
  readonly number: number
  readonly title: string
  /** One sentence: what it shows. */
  readonly summary: string
  /** The file: what is shown is what runs. */
  readonly source: string
  readonly vocabulary: readonly VocabularyEntry[]
}

/** A place in a lesson's file, both from 1; column counts UTF-16 units. */
export interface SourcePlace {
  readonly line: number
  readonly column: number
}

export interface LessonError extends Partial<SourcePlace> {
  /** One sentence, without a stack. */
  readonly message: string
}

export const lessonEndings = [
  /** The code has returned and the loop had nothing left to wait for. */
  'finished',
  /** The loop had nothing left to wait for, but the code was still waiting: nothing could ever have woken it. */
  'stuck',
  /** An exception was not caught. */
  'failed',
  /** The text is no TypeScript that can run. */
  'not-parsed',
  /** It ran longer than it may, and was ended. */
  'timed-out',
  /** It used more memory than it may, and was ended. */
  'out-of-memory',
] as const
export type LessonEnding = (typeof lessonEndings)[number]

export interface ConsoleLine {
  readonly at: number
  readonly text: string
  readonly stream: 'out' | 'err'
  /** The line of the file that was running, 0 where none was. */
  readonly line: number
}

/** What runs a step: the script itself, a callback of a phase, or what drains between callbacks. */
export type Turn = 'script' | 'callback' | 'tick' | 'microtask'

/** A function of the lesson that waits at a line. */
export interface Waiting {
  readonly line: number
  readonly name: string
  /** How many of it wait there. */
  readonly count: number
}

/**
 * One step of a run, as recorded: a statement that ran (`line`), or the loop waiting in poll (`line` 0, `waitedMs`), or
 * the end (`line` 0, `waitedMs` 0). Repeated visits of a line are steps only the first times.
 */
export interface LessonStep {
  readonly at: number
  readonly line: number
  readonly column: number
  /** The sentence written for this step; null where there is none, as in an edited line. */
  readonly text: string | null
  /** The function that runs, `main` for the file itself; empty where none does. */
  readonly runs: string
  readonly turn: Turn
  readonly phase: Phase | null
  /** Iterations of the loop since the lesson began. */
  readonly iteration: number
  /** Where poll waits: for how long. 0 for every other step. */
  readonly waitedMs: number
  /** How many events poll had returned in this iteration so far as is known. */
  readonly pollEvents: number
  readonly waiting: readonly Waiting[]
  /** What is still to run before the loop goes on: ticks, then microtasks, by what they run. */
  readonly ticks: readonly string[]
  readonly microtasks: readonly string[]
  readonly immediates: number
  readonly timers: number
  /** How many console lines had been printed when the step ended. */
  readonly printed: number
}

/** A stretch of time of one function: it ran, or it had given the thread away and waited. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly state: 'runs' | 'waits'
}

/** What one function of the lesson did all through the run. */
export interface FunctionTrack {
  readonly name: string
  /** How often it was called. */
  readonly calls: number
  readonly stretches: readonly Stretch[]
}

/** A callback, tick or microtask of the run, with what it did by name. Wireloop's own work is not among them. */
export interface LoopBlock {
  readonly kind: Turn
  readonly phase: Phase
  readonly iteration: number
  readonly from: number
  readonly to: number
  readonly label: string
}

/** One wait in poll. */
export interface PollWait {
  readonly from: number
  readonly to: number
  readonly iteration: number
}

/** What a lesson says of itself, held against the recorded run. */
export interface ClaimResult {
  readonly text: string
  readonly held: boolean
  /** What the recorded run shows. */
  readonly seen: string
}

export interface LessonRun {
  readonly lesson: string
  /** True where the text that ran is not the lesson's own. */
  readonly edited: boolean
  readonly source: string
  readonly ending: LessonEnding
  readonly error: LessonError | null
  readonly durationMs: number
  readonly steps: readonly LessonStep[]
  readonly claims: readonly ClaimResult[]
  readonly console: readonly ConsoleLine[]
  readonly tracks: readonly FunctionTrack[]
  readonly blocks: readonly LoopBlock[]
  readonly waits: readonly PollWait[]
  readonly iterations: number
  /** What was not recorded any more, because the run did more than is kept. */
  readonly dropped: { readonly marks: number; readonly lines: number; readonly blocks: number }
}

/** The longest text of a lesson, in UTF-16 units. */
export const maxLessonLength = 32_768
