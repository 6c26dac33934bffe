// A slow reader: one stream through a relay whose source sends as fast as it can and whose sink takes 1 MB/s. A relay without flow
// control end to end fills its memory with the difference. Counterpart: support/load/bulk.c.
import { setTimeout as sleep } from 'node:timers/promises'
import { usingRelay } from './support/measure.ts'
import { residentBytesOf } from './support/processes.ts'
import { keepingRelays, quietRelays, wireloopRelay, wireloopRelayOnDisk } from './support/servers.ts'
import { isWireloop, type Suite } from './support/suite.ts'

const relays = [wireloopRelay('wireloop'), wireloopRelayOnDisk('wireloop disk'), ...quietRelays, ...keepingRelays]
const bytesPerSecond = 1_000_000
const sampleMs = 50

export const slow: Suite = {
  name: 'slow',
  about:
    'Growth of resident memory while a reader takes 1 MB/s (five times the sample time) of what comes at full speed.',
  metrics: [
    { name: 'growthMebibytes', title: 'growth, MiB', better: 'less', digits: 1, compared: false },
    {
      name: 'recordedMebibytes',
      title: 'of which recorded in memory, MiB',
      better: 'less',
      digits: 1,
      compared: false,
    },
    { name: 'residentMebibytes', title: 'resident at most, MiB', better: 'less', digits: 0, compared: false },
  ],
  cells: ['1 MB/s'],
  smokeCells: ['1 MB/s'],
  subjects: relays,
  pairs: [],
  goals: ['wireloop', 'wireloop disk'].map((subject) => ({
    subject,
    against: null,
    metric: 'growthMebibytes',
    cells: ['1 MB/s'],
    bound: 16,
  })),
  measure: (subject, _cell, settings) =>
    usingRelay(relays.find(({ name }) => name === subject)!, settings, async (start, server) => {
      let before = 0
      let most = 0
      let timer: NodeJS.Timeout | undefined
      await settings.load.slow(
        { bytesPerSecond, seconds: 5 * settings.seconds },
        async (upstreamPort) => {
          const { port, pid } = await start(upstreamPort)
          // What a program does just after its start is not the reader's doing.
          await sleep(settings.smoke ? 50 : 1000)
          before = residentBytesOf(pid)
          timer = setInterval(() => {
            most = Math.max(most, residentBytesOf(pid))
          }, sampleMs)
          return port
        },
        () => {
          most = Math.max(most, residentBytesOf(server().pid))
        },
      )
      clearInterval(timer)
      const recorded = isWireloop(subject) ? await server().report() : null
      return {
        growthMebibytes: (most - before) / 2 ** 20,
        residentMebibytes: most / 2 ** 20,
        ...(recorded === null ? {} : { recordedMebibytes: recorded.storedBytes / 2 ** 20 }),
      }
    }),
}
