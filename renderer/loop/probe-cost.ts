// What each probe level costs, as measured: read from the one file that `npm run bench -- probe --save-probe-cost` writes.
// Counterparts: test/bench/support/probe-cost.ts, probe-controls.tsx, which says it beside each level.
import type { ProbeLevel } from '../../preload/contract/loop-columns.ts'
import { t } from '../i18n/index.ts'
import { formatSize } from '../ui/format.ts'
import measured from './probe-cost.json'

/** The levels that cost something; `off` is what they are measured against. */
export type WatchingLevel = Exclude<ProbeLevel, 'off'>

/** Each over the same with the probe off, in the same round. */
export interface CostRatios {
  readonly throughput: number
  readonly cpu: number
}

export interface ProbeCost {
  /** `2026-11-22` */
  readonly date: string
  readonly machine: string
  readonly rounds: number
  /** Over how many connections at a time the echo ran; the ratios are medians over all of them. */
  readonly connections: readonly number[]
  /** By level and message size in bytes: an echo's round trips/s and processor time a round trip, over those with the probe off. */
  readonly levels: Readonly<Record<WatchingLevel, Readonly<Record<string, CostRatios>>>>
}

export const probeCost: ProbeCost = measured

const percent = (ratio: number): string => `${Math.round(ratio * 100)}\u202f%`
const more = (ratio: number): string => {
  const change = Math.round((ratio - 1) * 100)
  return `${change < 0 ? '−' : '+'}${Math.abs(change)}\u202f%`
}

/**
 * What an echo keeps of its throughput at this level, and how much more processor time it takes, by message size, a line each;
 * for `off` that it is the measure.
 */
export const costWords = (level: ProbeLevel, cost: ProbeCost = probeCost): readonly string[] => {
  if (level === 'off') return [t('loop.probe.costOff')]
  const sizes = Object.entries(cost.levels[level]).toSorted(([a], [b]) => Number(a) - Number(b))
  const listOf = (figure: (ratios: CostRatios) => string): string =>
    sizes
      .map(([size, ratios]) =>
        t('loop.probe.costAt', { figure: figure(ratios), size: formatSize(Number(size)).replace('.0', '') }),
      )
      .join(' · ')
  return [
    t('loop.probe.costKept', { list: listOf(({ throughput }) => percent(throughput)) }),
    t('loop.probe.costCpu', { list: listOf(({ cpu }) => more(cpu)) }),
  ]
}

/** When, where and how it was measured. */
export const costSource = (cost: ProbeCost = probeCost): string =>
  t('loop.probe.costSource', {
    date: cost.date,
    machine: cost.machine,
    rounds: cost.rounds,
    connections: cost.connections.join(t('loop.probe.costAnd')),
  })
