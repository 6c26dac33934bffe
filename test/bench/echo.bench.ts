// Echo throughput, whole process, interleaved rounds, as ratios: `node test/bench/echo.bench.ts [--rounds N]
// [--seconds S] [--against NAME] [--save-probe-cost FILE] [NAME…]`. Every round runs all servers once, so that what else the
// machine does meets them alike; the figure is the median of the rounds' ratios to the server named by --against (default
// `node net`). With --save-probe-cost, what each probe level keeps of the throughput without a probe is written as the
// Loop screen shows it (renderer/loop/probe-cost.json): per size the median of the ratios of all rounds and connections.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir, type } from 'node:os'
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
    'save-probe-cost': { type: 'string' },
  },
})

const saveTo = values['save-probe-cost']
const unwatched = 'wireloop off'
const watched = { heartbeat: 'wireloop heartbeat', callbacks: 'wireloop callbacks', microtasks: 'wireloop microtasks' }
const names = positionals.length > 0 ? positionals : Object.keys(servers)
const numbers = (list: string) => list.split(',').map(Number)
const cells = numbers(values.connections).flatMap((connections) =>
  numbers(values.sizes).map((size) => ({ connections, size })),
)

if (saveTo !== undefined)
  for (const name of [unwatched, ...Object.values(watched)])
    if (!names.includes(name))
      throw new Error(`--save-probe-cost needs “${name}” among the servers; name it, or name none`)

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

/** By probe level and size: its throughput over that without a probe, in the same round, on as many connections. */
const kept = Object.fromEntries(
  Object.keys(watched).map((level) => [level, new Map<number, number[]>(cells.map(({ size }) => [size, []]))]),
)

const rows: { server: string; cell: string; perSecond: number; ratio: number }[] = []
for (const { connections, size } of cells) {
  const results = new Map<string, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round < Number(values.rounds); round++)
    for (const name of names) results.get(name)!.push(await measure(name, connections, size))
  for (const [level, name] of Object.entries(watched)) {
    const off = results.get(unwatched) ?? []
    kept[level]!.get(size)!.push(...(results.get(name) ?? []).map((value, i) => value / (off[i] ?? Number.NaN)))
  }
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

if (saveTo !== undefined) {
  const levels = Object.fromEntries(
    Object.entries(kept).map(([level, sizes]) => [
      level,
      Object.fromEntries([...sizes].map(([size, ratios]) => [size, Math.round(median(ratios) * 1000) / 1000])),
    ]),
  )
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${type()} ${release()}, Node ${process.versions.node}`
  const measured = { date: new Date().toISOString().slice(0, 10), machine, rounds: Number(values.rounds) }
  const text = JSON.stringify({ ...measured, connections: numbers(values.connections), levels }, null, 2)
  // A list of numbers on one line, as the formatter has it.
  writeFileSync(saveTo, `${text.replace(/\[[\d,\s]+\]/, (list) => `[${JSON.parse(list).join(', ')}]`)}\n`)
  console.log(`what each probe level keeps was written to ${saveTo}`)
}
