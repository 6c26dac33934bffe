// What each probe level costs, as measured: read from the one file that `test/bench/echo.bench.ts --save-probe-cost` writes.
// Counterpart: probe-controls.tsx, which says it beside each level.
import type { ProbeLevel } from '../../preload/contract/loop-columns.ts'
import { t } from '../i18n/index.ts'
import { formatSize } from '../ui/format.ts'
import measured from './probe-cost.json'

/** The levels that cost something; `off` is what they are measured against. */
export type WatchingLevel = Exclude<ProbeLevel, 'off'>

export interface ProbeCost {
  /** `2026-11-22` */
  readonly date: string
  readonly machine: string
  readonly rounds: number
  /** Over how many connections at a time the echo ran; the ratios are medians over all of them. */
  readonly connections: readonly number[]
  /** By level and message size in bytes: echo throughput over that with the probe off, in the same round. */
  readonly levels: Readonly<Record<WatchingLevel, Readonly<Record<string, number>>>>
}

export const probeCost: ProbeCost = measured

const share = (ratio: number): string => `${Math.round(ratio * 100)}\u202f%`

/** What echo keeps of its throughput at this level, by message size; for `off` that it is the measure. */
export const costWords = (level: ProbeLevel, cost: ProbeCost = probeCost): string => {
  if (level === 'off') return t('loop.probe.costOff')
  const sizes = Object.entries(cost.levels[level]).toSorted(([a], [b]) => Number(a) - Number(b))
  return t('loop.probe.cost', {
    list: sizes
      .map(([size, ratio]) =>
        t('loop.probe.costAt', { share: share(ratio), size: formatSize(Number(size)).replace('.0', '') }),
      )
      .join(' · '),
  })
}

/** When, where and how it was measured. */
export const costSource = (cost: ProbeCost = probeCost): string =>
  t('loop.probe.costSource', {
    date: cost.date,
    machine: cost.machine,
    rounds: cost.rounds,
    connections: cost.connections.join(t('loop.probe.costAnd')),
  })
