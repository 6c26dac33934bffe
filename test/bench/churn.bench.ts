// Connections that come and go: connect, 64 B there and back, FIN both ways; and whether Wireloop recorded the whole life of each
// (one `connection-made`, one `connection-lost` with its cause). Counterpart: support/load/churn.c.
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuWindow, threadMetrics, using } from './support/measure.ts'
import type { RunningServer } from './support/servers.ts'
import { asyncio, limit, nodeNet, socatEcho, wireloopEcho, wireloopEchoOnDisk } from './support/servers.ts'
import { isWireloop, pairsOf, type Suite } from './support/suite.ts'

const servers = [
  wireloopEcho('wireloop', '--tally'),
  wireloopEchoOnDisk('wireloop disk', '--tally'),
  nodeNet,
  asyncio,
  socatEcho,
  limit,
]
const cells = ['1w', '8w', '64w']

/** Connections that the generator has ended and the recording does not have whole, once it has had 5 s to come to that. */
const unrecorded = async (server: RunningServer, ended: number): Promise<number> => {
  for (let tries = 0; ; tries++) {
    const { counts, unwrittenEvents } = await server.report()
    const missing = Math.abs(ended - counts!.wholeConnections) + unwrittenEvents
    if (missing === 0 || tries === 50) return missing
    await sleep(100)
  }
}

export const churn: Suite = {
  name: 'churn',
  about:
    'Connections/s by 1, 8 and 64 workers that each connect, send and get 64 B, and close; both endings of each must be recorded.',
  metrics: [
    { name: 'perSecond', title: 'connections/s', better: 'more', digits: 0, compared: true },
    { name: 'cpuMs', title: 'CPU ms per 1,000 connections', better: 'less', digits: 1, compared: true },
    ...threadMetrics('1,000 connections', 1),
    {
      name: 'unrecorded',
      title: 'connections without both endings recorded',
      better: 'less',
      digits: 0,
      compared: false,
    },
    { name: 'loadCores', title: 'cores used by the load generator', better: 'less', digits: 2, compared: false },
  ],
  cells,
  smokeCells: ['8w'],
  subjects: servers,
  pairs: pairsOf(servers),
  goals: [
    { subject: 'wireloop', against: 'node net', metric: 'perSecond', cells, bound: 0.9 },
    { subject: 'wireloop', against: 'asyncio', metric: 'perSecond', cells, bound: 1 },
    { subject: 'wireloop', against: null, metric: 'unrecorded', cells, bound: 0 },
  ],
  measure: (subject, cell, settings) =>
    using(servers.find(({ name }) => name === subject)!.start(settings), async (server) => {
      const cpu = cpuWindow(() => server.pid)
      const { seconds, done, cores, counts } = await settings.load.churn(
        {
          port: server.port,
          workers: Number.parseInt(cell, 10),
          warmSeconds: settings.warmSeconds,
          seconds: settings.seconds,
        },
        cpu.sample,
      )
      if (counts.failed > 0 || counts.started !== counts.ended)
        throw new Error(
          `${counts.failed} connections failed and ${counts.started - counts.ended - counts.failed} never ended`,
        )
      return {
        perSecond: done / seconds,
        cpuMs: cpu.cpuMs(done / 1000),
        loadCores: cores,
        ...(isWireloop(subject)
          ? { ...cpu.threads(done / 1000), unrecorded: await unrecorded(server, counts.ended) }
          : {}),
      }
    }),
}
