// Runs lessons, each in a thread of its own with a bound on its time and memory, and makes of what was recorded the run
// that is shown. Counterparts: engine/lessons/thread.ts (the thread), lesson-code.ts (prepares the text), page-session.ts
// and cli/lesson.ts (ask).
import { Worker } from 'node:worker_threads'
import { type EventBatch, openBatch } from '../preload/contract/event-columns.ts'
import { fail, ok, type Result } from '../preload/contract/failure.ts'
import type { LessonEnding, LessonError, LessonInfo, LessonRun } from '../preload/contract/lessons.ts'
import { type LoopBatch, openLoopBatch } from '../preload/contract/loop-columns.ts'
import { lessonSource, lessons } from './engine/lessons/catalogue.ts'
import type { Lesson } from './engine/lessons/lesson.ts'
import type { FromLesson, LessonData, ToLesson } from './engine/lessons/messages.ts'
import { buildBlocks, buildSteps, buildTracks, pollWaits } from './engine/lessons/steps.ts'
import { Trace } from './engine/lessons/trace.ts'
import { heapReserve } from './engine/memory-bound.ts'
import { threadEnv } from './engine/thread-env.ts'
import type { LessonCode } from './lesson-code.ts'

export interface LessonBounds {
  /** The longest that a run of a changed text takes, in ms; one of our own text has at least a minute. */
  readonly timeMs: number
  /** The JavaScript heap of its thread, and what it has outside of it (buffers), in MiB each. */
  readonly memoryMb: number
}

export const defaultBounds: LessonBounds = { timeMs: 15_000, memoryMb: 96 }

export interface LessonHost {
  list(): readonly LessonInfo[]
  /**
   * Runs a lesson's own text, or `source` in its place, and answers what was recorded. A run that fails, is ended or
   * cannot be parsed is a value like any other; failures are `not-found` (no such lesson), `wrong-state` (too many runs
   * at once) and `engine-stopped` (the app is quitting).
   */
  run(args: { readonly lesson: string; readonly source?: string }): Promise<Result<LessonRun>>
  /** Ends every run. */
  dispose(): Promise<void>
}

/** Runs at the same time; each has a thread. */
const maxRuns = 4
/** Our own texts come to an end by themselves, on a very busy machine too. */
const ownTimeMs = 60_000
/** The longest that a thread takes to start, in ms. */
const startMs = 30_000
/** What a thread has to hand over what it recorded once its time is up, in ms; a blocked one never does. */
const handOverMs = 300

const threadUrl = import.meta.url.endsWith('.ts')
  ? new URL('./engine/lessons/thread.ts', import.meta.url)
  : new URL(import.meta.url.includes('/chunks/') ? '../lesson.js' : './lesson.js', import.meta.url)

const infoOf = (lesson: Lesson): LessonInfo => ({
  name: lesson.name,
  number: lessons.indexOf(lesson) + 1,
  title: lesson.title,
  summary: lesson.summary,
  source: lessonSource(lesson),
  vocabulary: lesson.vocabulary,
})

/** What came out of a thread. */
interface Recorded {
  readonly messages: readonly FromLesson[]
  readonly events: readonly EventBatch[]
  readonly loop: readonly LoopBatch[]
  readonly ending: LessonEnding
  readonly error: LessonError | null
  readonly durationMs: number
}

/** Where V8 says that an exception was thrown, as far as it was in the lesson. */
const placeInStack = (stack: string, code: LessonCode): Partial<LessonError> => {
  const frame = /lesson\.ts:(\d+):(\d+)/.exec(stack)
  return frame === null ? {} : code.placeInText(Number(frame[1]), Number(frame[2]))
}

const runThread = (code: LessonCode, bounds: LessonBounds, edited: boolean, threads: Set<Worker>): Promise<Recorded> =>
  new Promise((resolve) => {
    const timeMs = edited ? bounds.timeMs : Math.max(bounds.timeMs, ownTimeMs)
    const lineNow = new SharedArrayBuffer(8)
    const data: LessonData = {
      code: code.code,
      lines: code.sites.map((site) => site.line),
      lineNow,
      memoryLimitBytes: bounds.memoryMb * 2 ** 20,
    }
    const thread = new Worker(threadUrl, {
      name: 'wireloop-lesson',
      workerData: data,
      // Nothing of ours that a lesson has no use for.
      env: threadEnv(),
      execArgv: [],
      // Only for text that is not ours: with a bound V8 collects garbage early and in many small steps, each of which turns
      // the loop, and the loop is what a lesson shows.
      ...(edited ? { resourceLimits: { maxOldGenerationSizeMb: bounds.memoryMb * heapReserve } } : {}),
    })
    threads.add(thread)
    const messages: FromLesson[] = []
    const events: EventBatch[] = []
    const loop: LoopBatch[] = []
    let timedOut = false
    let crash: Error | null = null
    thread.on('message', (message: FromLesson) => {
      if (message.type === 'events') events.push(openBatch(message.buffer))
      else if (message.type === 'loop') loop.push(openLoopBatch(message.buffer))
      else messages.push(message)
      // The time that a busy machine takes to start a thread is not the lesson's.
      if (message.type === 'started') allow(timeMs)
    })
    thread.on('error', (error) => {
      crash = error
    })
    let killer: NodeJS.Timeout | undefined
    const onTimeUp = () => {
      timedOut = true
      thread.postMessage({ type: 'end' } satisfies ToLesson)
      killer = setTimeout(() => {
        // A thread that is only terminated may run on for ever in some loops (V8 13 of Node 24).
        Atomics.store(new Int32Array(lineNow), 1, 1)
        void thread.terminate()
      }, handOverMs)
    }
    let bound = setTimeout(onTimeUp, startMs)
    const allow = (ms: number) => {
      clearTimeout(bound)
      bound = setTimeout(onTimeUp, ms)
    }
    thread.once('exit', () => {
      clearTimeout(bound)
      clearTimeout(killer)
      threads.delete(thread)
      const line = new Int32Array(lineNow)[0]!
      const here = line === 0 ? {} : { line, column: firstColumn(code, line) }
      const failed = messages.find((message) => message.type === 'failed')
      const started = messages.find((message) => message.type === 'started')
      const lastAt = Math.max(
        0,
        ...messages.map((message) =>
          'at' in message ? message.at : message.type === 'record' ? lastOf(message.marks) : 0,
        ),
      )
      const end = (ending: LessonEnding, error: LessonError | null) =>
        resolve({ messages, events, loop, ending, error, durationMs: Math.max(0, lastAt - (started?.at ?? 0)) })
      const memory = `It used more than ${bounds.memoryMb} MiB of memory and was ended`
      if (failed !== undefined) end('failed', { message: failed.message, ...placeInStack(failed.stack, code) })
      else if (messages.some((message) => message.type === 'out-of-memory'))
        end('out-of-memory', { message: memory, ...here })
      else if (crash !== null)
        if ((crash as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')
          end('out-of-memory', { message: memory, ...here })
        else end('failed', { message: crash.message, ...placeInStack(crash.stack ?? '', code) })
      else if (timedOut) end('timed-out', { message: `It ran longer than ${timeMs / 1000} s and was ended`, ...here })
      else if (!messages.some((message) => message.type === 'drained'))
        end('failed', { message: 'The code ended its own thread (process.exit)', ...here })
      else if (messages.some((message) => message.type === 'returned')) end('finished', null)
      else
        end('stuck', {
          message: 'The loop had nothing left to wait for, but the code was still waiting: nothing could have woken it',
          ...here,
        })
    })
  })

const firstColumn = (code: LessonCode, line: number): number =>
  code.sites.find((site) => site.line === line)?.column ?? 1

/** The time of the last mark: marks are numbers, six each, the fourth its time. */
const lastOf = (marks: readonly number[]): number => marks.at(-3) ?? 0

const nothingRecorded: Omit<Recorded, 'error'> = {
  messages: [],
  events: [],
  loop: [],
  ending: 'not-parsed',
  durationMs: 0,
}

/** What a lesson's thread recorded, as a page or a terminal shows it. */
const describe = (lesson: Lesson, source: string, code: LessonCode | null, recorded: Recorded): LessonRun => {
  const trace = new Trace({ ...recorded, sites: code?.sites ?? [], functions: code?.functions ?? [] })
  return {
    lesson: lesson.name,
    edited: source !== lessonSource(lesson),
    source,
    ending: trace.ending,
    error: trace.error,
    durationMs: trace.durationMs,
    steps: code === null ? [] : buildSteps(trace, source, lesson.notes),
    claims: lesson.claims.map((claim) => ({ text: claim.text, ...claim.check(trace) })),
    console: trace.printed.map(({ at, text, stream, line }) => ({ at, text, stream, line })),
    tracks: buildTracks(trace),
    blocks: buildBlocks(trace),
    waits: pollWaits(trace),
    iterations: Math.max(0, trace.iterations.at(-1)?.number ?? 0),
    dropped: { marks: trace.droppedMarks, lines: trace.droppedLines, blocks: trace.droppedBlocks },
  }
}

export interface LessonHostOptions {
  readonly bounds?: LessonBounds
  /** False: only the lessons' own text is run. */
  readonly runsEdited?: boolean
}

export const createLessonHost = (options: LessonHostOptions = {}): LessonHost => {
  const { bounds = defaultBounds, runsEdited = true } = options
  const threads = new Set<Worker>()
  let running = 0
  let disposed = false
  const record = async (lesson: Lesson, source: string): Promise<LessonRun> => {
    // Loaded when first needed: the type stripper is 4 MB.
    const { prepareLesson } = await import('./lesson-code.ts')
    const code = prepareLesson(source)
    if ('error' in code) return describe(lesson, source, null, { ...nothingRecorded, error: code.error })
    return describe(lesson, source, code, await runThread(code, bounds, source !== lessonSource(lesson), threads))
  }
  return {
    list: () => lessons.map(infoOf),
    async run(args) {
      const lesson = lessons.find((each) => each.name === args.lesson)
      if (lesson === undefined)
        return fail(
          'not-found',
          `There is no lesson “${args.lesson}”; there are ${lessons.map((each) => each.name).join(', ')}`,
        )
      const source = args.source ?? lessonSource(lesson)
      if (!runsEdited && source !== lessonSource(lesson))
        return fail('refused', 'Changed lessons are run only where Wireloop listens on this machine alone (127.0.0.1)')
      if (disposed) return fail('engine-stopped', 'Wireloop is quitting')
      if (running === maxRuns) return fail('wrong-state', `${maxRuns} lessons are running already; wait for one to end`)
      running++
      try {
        return ok(await record(lesson, source))
      } finally {
        running--
      }
    },
    async dispose() {
      disposed = true
      await Promise.all([...threads].map((thread) => thread.terminate()))
    },
  }
}
