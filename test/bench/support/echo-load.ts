// Echo in one cell, for the suites that compare echo servers: cells are named `CONNECTIONSxSIZE`, like 10x64 or 100x16K.
// Counterparts: ../echo.bench.ts (peers), ../probe.bench.ts (levels).
import { cpuWindow, threadMetrics, using } from './measure.ts'
import type { EchoServer } from './servers.ts'
import type { Metric, Sample, Settings } from './suite.ts'

export const echoMetrics: readonly Metric[] = [
  { name: 'perSecond', title: 'round trips/s', better: 'more', digits: 0, compared: true },
  { name: 'cpuMs', title: 'CPU ms per 1,000 round trips', better: 'less', digits: 2, compared: true },
  ...threadMetrics('1,000 round trips', 3),
  { name: 'loadCores', title: 'cores used by the load generator', better: 'less', digits: 2, compared: false },
]

const sizes: Readonly<Record<string, number>> = { '64': 64, '1K': 1024, '16K': 16 * 1024, '128K': 128 * 1024 }

export const echoCells = (connections: readonly number[], sizeNames = Object.keys(sizes)): string[] =>
  connections.flatMap((count) =>
    ['64', '1K', '16K', '128K'].filter((name) => sizeNames.includes(name)).map((size) => `${count}x${size}`),
  )

/** Whole process, a fresh server each time; `split` adds the shares of Wireloop's threads. */
export const measureEcho = (server: EchoServer, cell: string, settings: Settings, split: boolean): Promise<Sample> => {
  const [count, sizeName] = cell.split('x')
  return using(server.start(settings), async ({ port, pid }) => {
    const cpu = cpuWindow(() => pid)
    const { seconds, done, cores } = await settings.load.echo(
      {
        port,
        connections: Number(count),
        size: sizes[sizeName!]!,
        warmSeconds: settings.warmSeconds,
        seconds: settings.seconds,
      },
      cpu.sample,
    )
    return {
      perSecond: done / seconds,
      cpuMs: cpu.cpuMs(done / 1000),
      loadCores: cores,
      ...(split ? cpu.threads(done / 1000) : {}),
    }
  })
}
