// What a lesson is besides its text: the words around it and what it claims. Counterparts: about/*.ts, one a lesson;
// catalogue.ts lists them.
import type { VocabularyEntry } from '../../../preload/contract/lessons.ts'
import type { Callback, Printed, Trace, TraceEvent } from './trace.ts'

/** A statement about every run of the lesson, asked of the recorded run only. */
export interface Claim {
  readonly text: string
  check(trace: Trace): { readonly held: boolean; readonly seen: string }
}

/**
 * The sentences of the steps: those for the first, second … step at the line that holds `at` (a piece of the text that
 * only one line has); the last one stands for all further ones. Code stands in `backticks`.
 */
export interface Note {
  readonly at: string
  readonly say: readonly string[]
}

export interface Lesson {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly notes: readonly Note[]
  readonly vocabulary: readonly VocabularyEntry[]
  readonly claims: readonly Claim[]
}

/** One row of a vocabulary card. */
export const word = (asyncio: string, node: string, differs = ''): VocabularyEntry => ({ asyncio, node, differs })

export const note = (at: string, ...say: string[]): Note => ({ at, say })

/** What ran something, as a claim tells it: `tick, iteration 3`, `check callback, iteration 4`. */
export const turnWords = (callback: Callback | undefined): string => {
  if (callback === undefined) return 'nothing recorded'
  if (callback.turn === 'script') return 'the script'
  const what = callback.turn === 'callback' ? `${callback.phase} callback` : callback.turn
  return `${what}, iteration ${callback.iteration}`
}

/** The lines printed, in order, as a claim tells them. */
export const listLines = (lines: readonly Printed[]): string =>
  lines.length === 0 ? 'nothing was printed' : lines.map((line) => `“${line.text}”`).join(', ')

/** True where the lines were printed in this order, each exactly once. */
export const printedInOrder = (trace: Trace, ...texts: readonly string[]) => {
  const found = texts.map((text) => trace.lines(text))
  const first = found.map((lines) => lines[0]?.at ?? Number.NaN)
  const order = trace.printed.filter((line) => found.some((lines) => lines.includes(line)))
  return {
    held:
      found.every((lines) => lines.length === 1) &&
      texts.every((_, i) => order[i] === found[i]?.[0]) &&
      !first.some(Number.isNaN),
    seen: listLines(order),
  }
}

export const milliseconds = (ms: number): string => `${ms.toFixed(2)} ms`

export const eventWords = (event: TraceEvent | undefined): string =>
  event === undefined ? 'nothing' : `${event.kind} of ${event.protocol} at ${milliseconds(event.at)}`
