// What the Lessons screen shows: the lessons, the run of the chosen one, and the step it stands at. Everything else (code
// line, sentence, ring, queues, playhead) follows from that step. Counterparts: lessons.tsx, keys.ts, playing.ts.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { CommandMethods } from '../../preload/contract/api.ts'
import type { LessonInfo, LessonRun, LessonStep } from '../../preload/contract/lessons.ts'

export const speeds = ['1/1000', '1/100', '1/10', '1×'] as const
export type Speed = (typeof speeds)[number]
export const speedFactor: Readonly<Record<Speed, number>> = { '1/1000': 0.001, '1/100': 0.01, '1/10': 0.1, '1×': 1 }

/** Percent of everything's size. */
export const sizes = [100, 125, 150] as const
export type Size = (typeof sizes)[number]

const doneKey = 'wireloop.lessons.done'

export interface LessonsState {
  readonly lessons: readonly LessonInfo[]
  /** Why there is nothing to show; null where there is, or soon will be. */
  readonly problem: string | null
  readonly chosen: string | null
  readonly run: LessonRun | null
  readonly busy: boolean
  /** Index into the run's steps. */
  readonly at: number
  readonly playing: boolean
  readonly speed: Speed
  readonly editing: boolean
  /** The changed text of each lesson that has one. */
  readonly drafts: Readonly<Record<string, string>>
  readonly done: ReadonlySet<string>
  readonly size: Size
  readonly listHidden: boolean
}

const storedDone = (): ReadonlySet<string> => {
  // Storage may be refused altogether: ticks then hold for this page only.
  try {
    return new Set((localStorage.getItem(doneKey) ?? '').split(' ').filter(Boolean))
  } catch {
    return new Set()
  }
}

const storeDone = (done: ReadonlySet<string>): void => {
  try {
    localStorage.setItem(doneKey, [...done].join(' '))
  } catch {
    // as above
  }
}

export const lessonsStore = createStore<LessonsState>()(() => ({
  lessons: [],
  problem: null,
  chosen: null,
  run: null,
  busy: false,
  at: 0,
  playing: false,
  speed: '1/100',
  editing: false,
  drafts: {},
  done: storedDone(),
  size: 100,
  listHidden: false,
}))

const set = lessonsStore.setState
const get = lessonsStore.getState

export const useLessons = <T>(pick: (state: LessonsState) => T): T => useStore(lessonsStore, pick)

export const chosenLesson = (state: LessonsState): LessonInfo | null =>
  state.lessons.find((lesson) => lesson.name === state.chosen) ?? null

export const currentStep = (state: LessonsState): LessonStep | null => state.run?.steps[state.at] ?? null

/** The text that is shown, and runs: the changed one where there is one. */
export const shownText = (state: LessonsState): string => {
  const lesson = chosenLesson(state)
  return lesson === null ? '' : (state.drafts[lesson.name] ?? lesson.source)
}

/** Runs the chosen lesson as it stands; a run that was asked for earlier and comes later is dropped. */
export const runChosen = async (commands: CommandMethods): Promise<void> => {
  const { chosen, drafts } = get()
  if (chosen === null || get().busy) return
  const source = drafts[chosen]
  set({ busy: true, playing: false, problem: null })
  const result = await commands.runLesson(source === undefined ? { lesson: chosen } : { lesson: chosen, source })
  set({ busy: false })
  if (get().chosen !== chosen) {
    void runChosen(commands)
    return
  }
  if (result.ok) set({ run: result.value, at: 0 })
  else set({ run: null, problem: result.failure.message })
}

export const choose = (name: string, commands: CommandMethods): void => {
  if (get().chosen === name) return
  set({ chosen: name, run: null, at: 0, playing: false, editing: false, problem: null })
  void runChosen(commands)
}

export const chooseNext = (by: 1 | -1, commands: CommandMethods): void => {
  const { lessons, chosen } = get()
  const next = lessons[lessons.findIndex((lesson) => lesson.name === chosen) + by]
  if (next !== undefined) choose(next.name, commands)
}

/** Fetches the lessons, once, and runs the first that is not done. */
export const loadLessons = async (commands: CommandMethods): Promise<void> => {
  if (get().lessons.length > 0) return
  const result = await commands.listLessons(null)
  if (!result.ok) {
    set({ problem: result.failure.message })
    return
  }
  if (get().lessons.length > 0) return
  set({ lessons: result.value, problem: null })
  const first = result.value.find((lesson) => !get().done.has(lesson.name)) ?? result.value[0]
  if (first !== undefined) choose(first.name, commands)
}

/** Stands at a step. At the last one of a run in which everything held, the lesson is done. */
export const goTo = (index: number): void => {
  const { run } = get()
  if (run === null) return
  const last = run.steps.length - 1
  const at = Math.max(0, Math.min(last, index))
  set({ at })
  if (at < last) return
  const held = run.ending === 'finished' && !run.edited && run.claims.every((claim) => claim.held)
  if (!held) return
  const done = new Set([...get().done, run.lesson])
  set({ done })
  storeDone(done)
}

export const stepBy = (by: number): void => {
  set({ playing: false })
  goTo(get().at + by)
}

/** To the first step of the next iteration, or of this one, then of the one before. */
export const stepIteration = (by: 1 | -1): void => {
  const { run, at } = get()
  const steps = run?.steps ?? []
  const start = (from: number): number => {
    const { iteration } = steps[from]!
    let first = from
    while (first > 0 && steps[first - 1]!.iteration === iteration) first--
    return first
  }
  if (steps.length === 0) return
  set({ playing: false })
  const here = steps[at]!.iteration
  const next = steps.findIndex((step, i) => i > at && step.iteration !== here)
  if (by > 0) goTo(next < 0 ? steps.length - 1 : next)
  else goTo(start(at) === at ? start(Math.max(0, at - 1)) : start(at))
}

export const play = (): void => {
  const { run, at, playing } = get()
  if (run === null) return
  if (!playing && at === run.steps.length - 1) set({ at: 0 })
  set({ playing: !playing })
}

export const setSpeed = (speed: Speed): void => set({ speed })

export const setSize = (by: 1 | -1): void => {
  const next = sizes[sizes.indexOf(get().size) + by]
  if (next !== undefined) set({ size: next })
}

export const cycleSize = (): void => set({ size: sizes[(sizes.indexOf(get().size) + 1) % sizes.length]! })

export const toggleList = (): void => set({ listHidden: !get().listHidden })

export const edit = (): void => {
  if (get().chosen !== null) set({ editing: true, playing: false })
}

export const stopEditing = (): void => set({ editing: false })

/** Keeps what was typed; the lesson's own text again is no change. */
export const keepDraft = (text: string): void => {
  const lesson = chosenLesson(get())
  if (lesson === null) return
  const { [lesson.name]: _, ...others } = get().drafts
  set({ drafts: text === lesson.source ? others : { ...others, [lesson.name]: text } })
}

/** The lesson's own text again, run. */
export const reset = (commands: CommandMethods): void => {
  const lesson = chosenLesson(get())
  if (lesson === null) return
  keepDraft(lesson.source)
  set({ editing: false })
  void runChosen(commands)
}
