// How the benches come from samples to figures: pairs within a round, medians, and what holds. Their measuring is not tested here:
// `npm run bench -- --smoke` runs it. Counterparts: bench/support/rounds.ts, bench/support/report.ts.
import { describe, expect, test } from 'vitest'
import { probeCostOf, probeCostText } from './bench/support/probe-cost.ts'
import { type RunResult, render } from './bench/support/report.ts'
import { median, ratiosOf, runCell } from './bench/support/rounds.ts'
import type { Suite } from './bench/support/suite.ts'

const subject = (name: string) => ({ name, missing: () => null, version: () => '' })
const suite: Suite = {
  name: 'echo',
  about: 'Echo.',
  metrics: [{ name: 'perSecond', title: 'round trips/s', better: 'more', digits: 0, compared: true }],
  cells: ['10x64'],
  smokeCells: ['10x64'],
  subjects: [subject('ours'), subject('theirs')],
  pairs: [['ours', 'theirs']],
  goals: [{ subject: 'ours', against: 'theirs', metric: 'perSecond', cells: ['10x64', '100x64'], bound: 1 }],
  measure: () => Promise.reject(new Error('not called')),
}

const resultOf = async (rounds: number, measure: (subject: string) => Promise<Record<string, number>>) => {
  const told: string[] = []
  const cell = await runCell(suite, '10x64', ['ours', 'theirs'], rounds, measure, (line) => told.push(line))
  return { cell, told }
}

const render10x64 = (cells: RunResult['suites'][number]['cells'], rounds: number) => {
  const { name, about, metrics, pairs, goals } = suite
  const found = { name, about, metrics, pairs, goals, rounds, seconds: 1, absent: [], versions: [], cells }
  const run = { at: 'today', commit: 'abc', machine: 'one', node: '24', programs: [] }
  return render({ ...run, suites: [{ ...found, subjects: ['ours', 'theirs'] }] }, true)
}

describe('Figures of the benches', () => {
  test('the median of an even number is the mean of the two in the middle, and of none is not a number', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([])).toBeNaN()
  })

  test('every round measures every subject once, and none always follows the same one', async () => {
    const order: string[] = []
    await resultOf(2, async (name) => {
      order.push(name)
      return { perSecond: 1 }
    })
    expect(order).toEqual(['ours', 'theirs', 'theirs', 'ours'])
  })

  test('a ratio is taken within a round, so that a slow round counts for both', async () => {
    const speeds: Record<string, number[]> = { ours: [100, 10, 220], theirs: [100, 10, 200] }
    const { cell } = await resultOf(3, async (name) => ({ perSecond: speeds[name]!.shift()! }))
    expect(ratiosOf(cell, 'ours', 'theirs', 'perSecond')).toEqual([1, 1, 1.1])
    expect(render10x64([cell], 3)).toContain('| ours ÷ theirs | 1.00 (1.00–1.10) |')
  })

  test('a round in which one failed gives no ratio, and is told', async () => {
    let round = 0
    const { cell, told } = await resultOf(2, async (name) => {
      if (name === 'theirs' && round++ === 0) throw new Error('refused')
      return { perSecond: 50 }
    })
    expect(ratiosOf(cell, 'ours', 'theirs', 'perSecond')).toEqual([1])
    expect(told).toContain('theirs failed: refused')
  })

  test('a goal holds where every measured cell is within its bound; one round shows no goals', async () => {
    const measure = (ours: number) => (name: string) => Promise.resolve({ perSecond: name === 'ours' ? ours : 100 })
    const fast = await resultOf(2, measure(120))
    const slow = await resultOf(2, measure(80))
    expect(render10x64([fast.cell], 2)).toContain('at least 1 | 10x64: 1.20 | yes |')
    expect(render10x64([slow.cell], 2)).toContain('at least 1 | 10x64: 0.80 | NO |')
    expect(render10x64([fast.cell], 1)).not.toContain('Goals')
  })
})

describe('The cost of the probe', () => {
  const sampled = (perSecond: readonly number[], cpuMs: readonly number[]) =>
    perSecond.map((each, i) => ({ perSecond: each, cpuMs: cpuMs[i]! }))
  const cell = (name: string, callbacks: readonly number[]) => ({
    cell: name,
    samples: {
      off: sampled([100, 200, 100], [10, 20, 10]),
      heartbeat: sampled([100, 200, 100], [10, 20, 10]),
      callbacks: sampled(callbacks, [11, 22, 11]),
      microtasks: sampled([50, 100, 50], [20, 40, 20]),
    },
  })
  const cells = [
    cell('10x64', [90, 190, 90]),
    cell('100x64', [80, 160, 80]),
    cell('10x1K', [96, 190, 95]),
    cell('10x16K', [85, 170, 85]),
  ]
  const run: RunResult = {
    at: '2026-11-22T21:00:00.000Z',
    commit: 'abc',
    machine: '2 × CPU',
    node: '24.0.0',
    programs: [],
    suites: [
      {
        name: 'probe',
        about: '',
        rounds: 3,
        seconds: 1,
        metrics: [],
        subjects: [],
        pairs: [],
        goals: [],
        absent: [],
        versions: [],
        cells,
      },
    ],
  }

  test('is the median of the rounds’ ratios to the probe off, over all numbers of connections, by size', () => {
    expect(probeCostOf(run)).toEqual({
      date: '2026-11-22',
      machine: '2 × CPU, Node 24.0.0',
      rounds: 3,
      connections: [10, 100],
      levels: {
        heartbeat: { 64: { throughput: 1, cpu: 1 }, 1024: { throughput: 1, cpu: 1 }, 16384: { throughput: 1, cpu: 1 } },
        callbacks: {
          64: { throughput: 0.85, cpu: 1.1 },
          1024: { throughput: 0.95, cpu: 1.1 },
          16384: { throughput: 0.85, cpu: 1.1 },
        },
        microtasks: {
          64: { throughput: 0.5, cpu: 2 },
          1024: { throughput: 0.5, cpu: 2 },
          16384: { throughput: 0.5, cpu: 2 },
        },
      },
    })
    expect(JSON.parse(probeCostText(run))).toEqual(JSON.parse(JSON.stringify(probeCostOf(run))))
  })

  test('is not made up where a level or a size was not measured', () => {
    const [suite] = run.suites
    const without = (changed: typeof cells): RunResult => ({ ...run, suites: [{ ...suite!, cells: changed }] })
    expect(() => probeCostOf(without(cells.slice(0, 3)))).toThrow('16384 bytes')
    expect(() => probeCostOf({ ...run, suites: [] })).toThrow('has not run')
  })
})
