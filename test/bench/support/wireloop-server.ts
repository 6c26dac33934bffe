// Wireloop as a benchmark's server: the real engine thread, host and capture, as in the app. The first line it prints is its port;
// for every line on stdin it prints what was recorded until then; it ends with its stdin. Counterpart: servers.ts.
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createWorkbench } from '../../../main/workbench.ts'
import { type ProbeLevel, probeLevels } from '../../../preload/contract/loop-columns.ts'
import type { EndpointSpec } from '../../../preload/contract/vocabulary.ts'
import { createTally, type WireloopReport } from './tally.ts'

const { values } = parseArgs({
  options: {
    level: { type: 'string', default: 'heartbeat' },
    /** The upstream port of a relay; an echo listener without. */
    upstream: { type: 'string' },
    /** Bytes that the capture keeps in memory. */
    keep: { type: 'string' },
    /** The folder that everything is kept in on disk; in memory only without. */
    captures: { type: 'string' },
    /** Sockets wait for the disk; otherwise what comes faster than it can be written is left out. */
    waits: { type: 'boolean', default: false },
    /** Counts what is recorded; left out where that would be measured too. */
    tally: { type: 'boolean', default: false },
  },
})

const level = probeLevels.find((each): each is ProbeLevel => each === values.level)
if (level === undefined) throw new Error(`--level is one of ${probeLevels.join(', ')}, not ${values.level}`)

const { engine, capture, archive } = await createWorkbench({
  ...(values.keep === undefined ? {} : { captureLimitBytes: Number(values.keep) }),
  ...(values.captures === undefined ? {} : { captures: { folder: values.captures, limits: { maxBytes: 2 ** 40 } } }),
  waitsForFile: values.waits,
})
if (values.captures !== undefined && archive === null) throw new Error('This Wireloop does not record to disk')
const tally = values.tally ? createTally() : null
if (tally !== null)
  engine.onBatch((buffer) => {
    tally.add(buffer)
    return 'done'
  })

const here = { host: '127.0.0.1', port: 0 } as const
const spec: EndpointSpec =
  values.upstream === undefined
    ? { role: 'listener', name: 'Echo', ...here, reply: 'echo', greeting: new Uint8Array(0) }
    : {
        role: 'relay',
        name: 'Relay',
        ...here,
        upstreamHost: here.host,
        upstreamPort: Number(values.upstream),
        connectTimeoutMs: 10_000,
      }
// The thread that writes is up before anything is measured.
await archive?.live.snapshot()
await engine.ask('setProbe', { level })
const made = await engine.ask('createEndpoint', { spec })
if (!made.ok) throw new Error(made.failure.message)
console.log(made.value.local!.port)

const lines = createInterface({ input: process.stdin })
lines.on('line', async () => {
  // What has happened until now is published before the answer is, and written before that one's.
  await engine.ask('snapshot', null)
  await archive?.live.snapshot()
  const recording = archive?.recording()
  const report: WireloopReport = {
    counts: tally?.counts() ?? null,
    storedBytes: capture.info().storedBytes,
    file: recording?.file ?? null,
    unwrittenEvents: recording === undefined ? 0 : recording.waitingEvents + recording.lostEvents,
  }
  console.log(JSON.stringify(report))
})
lines.once('close', () => process.exit())
