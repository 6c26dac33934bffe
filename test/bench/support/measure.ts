// Ways to measure that several suites share: a window of time with the processor time that a server spent in it.
// Counterparts: load.ts, processes.ts.
import type { Sampler } from './load.ts'
import { cpuMsOf, threadCpuMsOf } from './processes.ts'
import type { Relay, RunningServer } from './servers.ts'
import type { Metric, Sample, Settings } from './suite.ts'

export interface CpuWindow {
  /** For the load generator to call when its window begins and ends. */
  readonly sample: Sampler
  /** Processor time that passed in between, in ms per unit of work: of the whole family of processes. */
  cpuMs(units: number): number
  /** And of Wireloop's threads, as `threadMetrics` names them. */
  threads(units: number): Sample
}

const threadNames: Readonly<Record<string, string>> = {
  engineCpuMs: 'wireloop-engine',
  mainCpuMs: 'MainThread',
  archiveCpuMs: 'wireloop-archive'.slice(0, 15),
}

/** What `CpuWindow.threads` gives; what is missing to the whole process is V8's own threads: compiling, collecting. */
export const threadMetrics = (unit: string, digits: number): Metric[] =>
  Object.keys(threadNames).map((name) => ({
    name,
    title: `CPU ms of Wireloop’s ${name.replace('CpuMs', '')} thread per ${unit}`,
    better: 'less',
    digits,
    compared: false,
  }))

/** Reads a server's processor time at both ends of a window. */
export const cpuWindow = (pid: () => number): CpuWindow => {
  const whole: number[] = []
  const byThread: Map<string, number>[] = []
  return {
    sample: () => {
      whole.push(cpuMsOf(pid()))
      byThread.push(threadCpuMsOf(pid()))
    },
    cpuMs: (units) => (whole.at(-1)! - whole[0]!) / units,
    threads: (units) =>
      Object.fromEntries(
        Object.entries(threadNames).flatMap(([metric, thread]) => {
          const [before, after] = [byThread[0]!.get(thread), byThread.at(-1)!.get(thread)]
          return before === undefined || after === undefined ? [] : [[metric, (after - before) / units]]
        }),
      ),
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
