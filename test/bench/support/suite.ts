// What a suite of benchmarks is: a grid of cells (the situations) and subjects (the programs), a way to measure one in the other, and
// what is expected of the figures. Counterparts: ../*.bench.ts (the suites), run-suites.ts, report.ts.
import type { Load } from './load.ts'

/** One measurement: figures by the names of the suite's metrics; one that does not apply to the subject is left out. */
export type Sample = Readonly<Record<string, number>>

export interface Metric {
  readonly name: string
  /** With its unit. */
  readonly title: string
  readonly better: 'more' | 'less'
  readonly digits: number
  /** True where ratios to peers are told too. */
  readonly compared: boolean
}

/**
 * What an issue asks: of `subject`'s metric as a ratio to `against`, or of itself where that is null. `bound` is the least for a
 * metric of which more is better, else the most.
 */
export interface Goal {
  readonly subject: string
  readonly against: string | null
  readonly metric: string
  readonly cells: readonly string[]
  readonly bound: number
}

export interface Settings {
  readonly load: Load
  /** For files of the run; deleted at its end. */
  readonly directory: string
  /** The measured time of one sample, and the time under load before it, in seconds. */
  readonly seconds: number
  readonly warmSeconds: number
  readonly smoke: boolean
}

export interface Suite {
  readonly name: string
  /** One sentence: what is measured, and how. */
  readonly about: string
  /** The first is the headline. */
  readonly metrics: readonly Metric[]
  readonly cells: readonly string[]
  readonly smokeCells: readonly string[]
  /** All there are; those whose program is not installed are left out of a run, and named. */
  readonly subjects: readonly Subject[]
  /** Which subject's figures are divided by which one's. */
  readonly pairs: readonly (readonly [subject: string, base: string])[]
  readonly goals: readonly Goal[]
  measure(subject: string, cell: string, settings: Settings): Promise<Sample>
}

export interface Subject {
  readonly name: string
  /** What it needs that is not there, in words; null where it can run. */
  missing(): string | null
  /** Which one was measured, where it is not part of this project; empty where it does not say. */
  version(): string
}

/** A benchmark that prints its own figures: a process of its own, whose text goes into the result as it is. */
export interface BenchProgram {
  readonly name: string
  readonly about: string
  /** Its file in test/bench, and its arguments; `smoke` is null where it takes no part in a smoke run. */
  readonly file: string
  readonly args: readonly string[]
  readonly smoke: readonly string[] | null
  /** True where it runs only when it is named. */
  readonly onlyNamed: boolean
}

/** True for Wireloop in any of its settings. */
export const isWireloop = (subject: string): boolean => subject.startsWith('wireloop')

/** Wireloop in each of its settings, to each peer. */
export const pairsOf = (subjects: readonly Subject[]): [subject: string, base: string][] => {
  const names = subjects.map(({ name }) => name)
  const peers = names.filter((name) => !isWireloop(name))
  return names.filter(isWireloop).flatMap((name) => peers.map((peer): [string, string] => [name, peer]))
}
