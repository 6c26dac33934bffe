// Ways to measure that several suites share: a window of time with the processor time that a server spent in it.
// Counterparts: load.ts, processes.ts.
import type { Sampler } from './load.ts'
import { cpuMsOf, mainThreadCpuMsOf } from './processes.ts'
import type { Relay, RunningServer } from './servers.ts'
import type { Settings } from './suite.ts'

export interface CpuWindow {
  /** For the load generator to call when its window begins and ends. */
  readonly sample: Sampler
  /** Processor time that passed in between, in ms: of the whole process family, and of the first thread. */
  readonly ms: () => number
  readonly mainThreadMs: () => number
}

/** Reads a server's processor time at both ends of a window. */
export const cpuWindow = (pid: () => number): CpuWindow => {
  const whole: number[] = []
  const main: number[] = []
  return {
    sample: () => {
      whole.push(cpuMsOf(pid()))
      main.push(mainThreadCpuMsOf(pid()))
    },
    ms: () => whole.at(-1)! - whole[0]!,
    mainThreadMs: () => main.at(-1)! - main[0]!,
  }
}

/** Uses a server and stops it, whatever happens. */
export const using = async <T>(
  starting: Promise<RunningServer>,
  use: (server: RunningServer) => Promise<T>,
): Promise<T> => {
  const server = await starting
  try {
    return await use(server)
  } finally {
    await server.stop()
  }
}

/** The same for a relay, which the load generator starts: it knows the upstream port. `server` is for after that. */
export const usingRelay = async <T>(
  relay: Relay,
  settings: Settings,
  use: (start: (upstreamPort: number) => Promise<RunningServer>, server: () => RunningServer) => Promise<T>,
): Promise<T> => {
  const started: RunningServer[] = []
  try {
    return await use(
      async (upstreamPort) => {
        const server = await relay.start(settings, upstreamPort)
        started.push(server)
        return server
      },
      () => started[0]!,
    )
  } finally {
    for (const server of started) await server.stop()
  }
}
