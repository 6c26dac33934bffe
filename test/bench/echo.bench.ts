// Echo throughput, whole process, interleaved rounds, as ratios: `node test/bench/echo.bench.ts [--rounds N]
// [--seconds S] [--against NAME] [NAME…]`. Every round runs all servers once, so that what else the machine does meets them
// alike; the figure is the median of the rounds' ratios to the server named by --against (default `node net`).
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { servers, startServer } from './support/servers.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '1' },
    against: { type: 'string', default: 'node net' },
    connections: { type: 'string', default: '10,100' },
    sizes: { type: 'string', default: '64,1024,16384' },
  },
})

const names = positionals.length > 0 ? positionals : Object.keys(servers)
const numbers = (list: string) => list.split(',').map(Number)
const cells = numbers(values.connections).flatMap((connections) =>
  numbers(values.sizes).map((size) => ({ connections, size })),
)

const directory = mkdtempSync(path.join(tmpdir(), 'wireloop-bench-'))
const load = path.join(directory, 'load')
execFileSync('cc', ['-O2', '-o', load, fileURLToPath(new URL('./support/load.c', import.meta.url))])

/** Round trips a second of a fresh server. */
const measure = async (name: string, connections: number, size: number): Promise<number> => {
  const server = await startServer(name)
  try {
    const run = (seconds: string) =>
      spawnSync(load, ['127.0.0.1', `${server.port}`, `${connections}`, `${size}`, seconds], { encoding: 'utf8' })
    run('0.3')
    const { stdout, status, stderr } = run(values.seconds)
    if (status !== 0) throw new Error(`${name}: ${stderr}`)
    return Number(stdout)
  } finally {
    await server.stop()
  }
}

const median = (list: readonly number[]): number => {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}

const rows: { server: string; cell: string; perSecond: number; ratio: number }[] = []
for (const { connections, size } of cells) {
  const results = new Map<string, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round < Number(values.rounds); round++)
    for (const name of names) results.get(name)!.push(await measure(name, connections, size))
  const base = results.get(values.against)
  for (const [server, list] of results)
    rows.push({
      server,
      cell: `${connections}x${size}`,
      perSecond: Math.round(median(list)),
      ratio: base === undefined ? Number.NaN : median(list.map((value, i) => value / base[i]!)),
    })
}
rmSync(directory, { recursive: true })

const columns = cells.map(({ connections, size }) => `${connections}x${size}`)
console.log(`median of ${values.rounds} rounds; ratio to ${values.against} in the same round`)
console.log(['server'.padEnd(20), ...columns.map((cell) => cell.padStart(18))].join(' '))
for (const server of names) {
  const line = columns.map((cell) => {
    const row = rows.find((each) => each.server === server && each.cell === cell)!
    return `${row.perSecond} (${row.ratio.toFixed(2)})`.padStart(18)
  })
  console.log([server.padEnd(20), ...line].join(' '))
}
