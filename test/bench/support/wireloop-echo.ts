// An echo listener of the real engine, with recording and capture as in the app, at the probe level of the first argument.
// Prints its port. Counterpart: servers.ts.

import { createWorkbench } from '../../../main/workbench.ts'
import type { ProbeLevel } from '../../../preload/contract/loop-columns.ts'

const { engine } = await createWorkbench()
await engine.ask('setProbe', { level: process.argv[2] as ProbeLevel })
const spec = {
  role: 'listener',
  name: 'Echo',
  host: '127.0.0.1',
  port: 0,
  reply: 'echo',
  greeting: new Uint8Array(0),
} as const
const made = await engine.ask('createEndpoint', { spec })
if (!made.ok) throw new Error(made.failure.message)
console.log(made.value.local!.port)
