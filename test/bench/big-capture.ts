// Makes a capture of 10 million events and 2 GiB of payload, and times what is done with it. Run: node
// test/bench/big-capture.ts [FILE] [--keep] [--events N]. Prints figures, asserts nothing; the file is deleted unless it is
// kept. Counterparts: support/make-capture.ts, support/time-capture.ts.
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeCapture, needle } from './support/make-capture.ts'
import { timeCapture } from './support/time-capture.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'boolean', default: false }, events: { type: 'string', default: '10000000' } },
})
const path = positionals[0] ?? join(tmpdir(), `wireloop-big-${process.pid}.wireloop`)
const events = Number(values.events)

const startedAt = performance.now()
makeCapture(path, { events, payloadBytes: 215, connections: 1000, needleEvery: Math.floor(events / 12) })
const makingMs = performance.now() - startedAt
console.log(JSON.stringify({ makingMs, ...(await timeCapture(path, needle)) }, null, 2))
if (!values.keep) rmSync(path, { force: true })
