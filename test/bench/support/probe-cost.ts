// What watching costs, from a run of the `probe` suite, as the Loop screen shows it beside each level: the file that
// `npm run bench -- probe --save-probe-cost renderer/loop/probe-cost.json` writes. Counterparts: ../probe.bench.ts,
// renderer/loop/probe-cost.ts.
import type { RunResult } from './report.ts'
import { median, ratiosOf } from './rounds.ts'

const bytesOf: Readonly<Record<string, number>> = { '64': 64, '1K': 1024, '16K': 16 * 1024 }
const levels = ['heartbeat', 'callbacks', 'microtasks'] as const

/** Three digits: more would be noise. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000

/**
 * By level and message size in bytes, the medians over all rounds and numbers of connections of throughput and of processor
 * time a round trip, each over that with the probe off in the same round. Throws where the run lacks a level or a size.
 */
export const probeCostOf = (run: RunResult) => {
  const suite = run.suites.find(({ name }) => name === 'probe')
  if (suite === undefined) throw new Error('The cost of the probe is measured by the suite “probe”, which has not run')
  const cells = suite.cells.map((result) => {
    const [connections = '', size = ''] = result.cell.split('x')
    return { result, connections: Number(connections), bytes: bytesOf[size] ?? Number.NaN }
  })
  const ratio = (level: string, bytes: number, metric: string): number => {
    const ratios = cells
      .filter((cell) => cell.bytes === bytes)
      .flatMap(({ result }) => ratiosOf(result, level, 'off', metric))
    if (ratios.length === 0) throw new Error(`The run has no round of both ${level} and off at ${bytes} bytes`)
    return rounded(median(ratios))
  }
  const sizes = Object.values(bytesOf)
  const of = (level: string) =>
    sizes.map((bytes) => [bytes, { throughput: ratio(level, bytes, 'perSecond'), cpu: ratio(level, bytes, 'cpuMs') }])
  return {
    date: run.at.slice(0, 10),
    machine: `${run.machine}, Node ${run.node}`,
    rounds: suite.rounds,
    connections: [...new Set(cells.map(({ connections }) => connections))].toSorted((a, b) => a - b),
    levels: Object.fromEntries(levels.map((level) => [level, Object.fromEntries(of(level))])),
  }
}

/** As the formatter has it: short lists and objects on one line. */
export const probeCostText = (run: RunResult): string =>
  `${JSON.stringify(probeCostOf(run), null, 2)
    .replaceAll(/\[[\d,\s]+\]/g, (list) => `[${JSON.parse(list).join(', ')}]`)
    .replaceAll(/\{\s+("throughput": [\d.]+),\s+("cpu": [\d.]+)\s+\}/g, '{ $1, $2 }')}\n`
