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
    heartbeat: { '16384': 0.994, '64': 0.981 },
    callbacks: { '64': 0.94, '1024': 0.96, '16384': 0.874 },
    microtasks: { '64': 0.8 },
  },
}

describe('the cost of a probe level', () => {
  test('is what echo keeps of its throughput, smallest messages first', () => {
    expect(costWords('heartbeat', cost)).toBe('Echo keeps 98\u202f% at 64\u202fB · 99\u202f% at 16\u202fKiB')
    expect(costWords('callbacks', cost)).toBe(
      'Echo keeps 94\u202f% at 64\u202fB · 96\u202f% at 1\u202fKiB · 87\u202f% at 16\u202fKiB',
    )
    expect(costWords('off', cost)).toBe('Costs nothing: the others are measured against it')
  })

  test('says when, where and how it was measured', () => {
    expect(costSource(cost)).toBe(
      'Echo throughput against “Off”, on 10 and 100 connections, measured on 2026-11-22: median of 7 rounds on 2 × CPU, Linux 6, Node 24.',
    )
  })

  test('is known for every level at 64 B, 1 KiB and 16 KiB, from a real run of the bench', () => {
    for (const level of probeLevels.filter((each) => each !== 'off')) {
      const sizes = Object.entries(probeCost.levels[level])
      expect(sizes.map(([size]) => size)).toEqual(['64', '1024', '16384'])
      for (const [, ratio] of sizes) expect(ratio).toBeGreaterThan(0)
    }
    expect(Date.parse(probeCost.date)).not.toBeNaN()
    expect(probeCost.rounds).toBeGreaterThan(0)
  })
})
