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

await runSuites([echo, churn, relay, slow, idle, ipc, probe], process.argv.slice(2))
