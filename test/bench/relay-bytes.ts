// The whole gigabyte: how fast and in how much memory the relay carries it, with readers fast and slow, printing and quiet.
// node test/bench/relay-bytes.ts [BYTES]   (default 1 GiB each way)   RELAY_NODE=/path/to/node runs the relay by another Node
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { raceBytes } from '../support/byte-race.ts'

const bytes = Number(process.argv[2] ?? 1024 ** 3)
const root = join(import.meta.dirname, '../..')
const built = join(root, 'out/main/cli.js')
const relayEntry = existsSync(built) ? built : join(root, 'main/cli/index.ts')
const mebibytes = (n: number) => `${Math.round(n / 1024 ** 2)} MiB`

console.log(`${mebibytes(bytes)} each way at once through ${relayEntry}`)
const slow = { bytesPerSecond: 1_000_000, seconds: 20 }
for (const [name, options] of [
  ['quiet, fast reader', { relayOptions: ['--quiet'] }],
  ['quiet, 1 MB/s for 20 s, then fast', { relayOptions: ['--quiet'], slow }],
  ['every event printed, fast reader', {}],
  ['every event printed, 1 MB/s for 20 s, then fast', { slow }],
] as const) {
  const node = process.env['RELAY_NODE']
  const result = await raceBytes({ bytes, relayEntry, ...options, ...(node === undefined ? {} : { node }) })
  const grown = mebibytes(result.residentPeak - result.residentBefore)
  const rate = mebibytes((2 * bytes) / (result.ms / 1000))
  console.log(
    `${name}: ${result.equal ? 'equal' : 'NOT EQUAL'}, ${(result.ms / 1000).toFixed(1)} s (${rate}/s both ways), ` +
      `resident ${mebibytes(result.residentBefore)} → ${mebibytes(result.residentPeak)} (+${grown})`,
  )
}
