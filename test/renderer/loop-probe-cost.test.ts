// What a probe level costs, as the level chooser says it: the measured ratios, by size, with when and where.
import { describe, expect, test } from 'vitest'
import { probeLevels } from '../../preload/contract/loop-columns.ts'
import { costSource, costWords, type ProbeCost, probeCost } from '../../renderer/loop/probe-cost.ts'

const cost: ProbeCost = {
  date: '2026-11-22',
  machine: '2 × CPU, Linux 6, Node 24',
  rounds: 7,
  connections: [10, 100],
  levels: {
    heartbeat: { '16384': { throughput: 0.994, cpu: 0.99 }, '64': { throughput: 0.981, cpu: 1.004 } },
    callbacks: {
      '64': { throughput: 0.94, cpu: 1.06 },
      '1024': { throughput: 0.96, cpu: 1.04 },
      '16384': { throughput: 0.874, cpu: 1.12 },
    },
    microtasks: { '64': { throughput: 0.8, cpu: 1.25 } },
  },
}

describe('the cost of a probe level', () => {
  test('is what echo keeps of its throughput and what processor time it takes more, smallest messages first', () => {
    expect(costWords('heartbeat', cost)).toEqual([
      'Echo keeps 98\u202f% at 64\u202fB · 99\u202f% at 16\u202fKiB',
      'Processor time +0\u202f% at 64\u202fB · −1\u202f% at 16\u202fKiB',
    ])
    expect(costWords('callbacks', cost)).toEqual([
      'Echo keeps 94\u202f% at 64\u202fB · 96\u202f% at 1\u202fKiB · 87\u202f% at 16\u202fKiB',
      'Processor time +6\u202f% at 64\u202fB · +4\u202f% at 1\u202fKiB · +12\u202f% at 16\u202fKiB',
    ])
    expect(costWords('off', cost)).toEqual(['Costs nothing: the others are measured against it'])
  })

  test('says when, where and how it was measured', () => {
    expect(costSource(cost)).toBe(
      'An echo against the same with “Off”, on 10 and 100 connections, measured on 2026-11-22: median of 7 rounds on 2 × CPU, Linux 6, Node 24.',
    )
  })

  test('is known for every level at 64 B, 1 KiB and 16 KiB, from a real run of the bench', () => {
    for (const level of probeLevels.filter((each) => each !== 'off')) {
      const sizes = Object.entries(probeCost.levels[level])
      expect(sizes.map(([size]) => size)).toEqual(['64', '1024', '16384'])
      for (const [, { throughput, cpu }] of sizes) expect(Math.min(throughput, cpu)).toBeGreaterThan(0)
    }
    expect(Date.parse(probeCost.date)).not.toBeNaN()
    expect(probeCost.rounds).toBeGreaterThan(0)
  })
})
