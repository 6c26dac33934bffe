// `npm run bench`: all suites, or those that are named. docs/benchmarks.md says what each does and how to read it.
// Counterpart: support/run-suites.ts.
import { churn } from './churn.bench.ts'
import { echo } from './echo.bench.ts'
import { idle } from './idle.bench.ts'
import { ipc } from './ipc.bench.ts'
import { probe } from './probe.bench.ts'
import { relay } from './relay.bench.ts'
import { slow } from './slow.bench.ts'
import { runSuites } from './support/run-suites.ts'
import type { BenchProgram } from './support/suite.ts'

const own = { args: [], smoke: null, onlyNamed: true }
const always = { args: [], smoke: ['--smoke'], onlyNamed: false }
const programs: readonly BenchProgram[] = [
  { ...always, name: 'ingest', file: 'ingest.bench.ts', about: 'Capture files written at 500,000 events/s.' },
  {
    ...always,
    name: 'captures',
    file: 'big-capture.ts',
    smoke: ['--events', '100000'],
    about: 'A capture file of 10 million events and 2 GiB of payload: opened, filtered, read, searched.',
  },
  { ...always, name: 'page', file: 'page.bench.ts', about: 'Frame times of the page at 10,000 and 100,000 events/s.' },
  {
    ...always,
    name: 'faults',
    file: 'faults.bench.ts',
    about: 'What a relay’s faults really do, against their settings.',
  },
  { ...own, name: 'repeat', file: 'repeat.bench.ts', about: 'How well a message every 10 ms keeps its period.' },
  { ...own, name: 'memory', file: 'capture.bench.ts', about: 'The capture in memory by itself.' },
  { ...own, name: 'event-log', file: 'event-log.bench.ts', about: 'The page’s log of events by itself.' },
  { ...own, name: 'loop-log', file: 'loop-log.bench.ts', about: 'The page’s log of loop records by itself.' },
]

await runSuites([echo, churn, relay, slow, idle, ipc, probe], programs, process.argv.slice(2))
