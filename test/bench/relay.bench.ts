// Bulk through a relay: sources send as fast as it takes, a sink counts what arrives. Wireloop records every event, and payloads
// within 256 MiB of memory, or every byte on disk, for which its sockets wait; its peers record nothing, or keep every byte. Counterpart: support/load/bulk.c.
import { cpuWindow, threadMetrics, usingRelay } from './support/measure.ts'
import { keepingRelays, quietRelays, wireloopRelay, wireloopRelayOnDisk } from './support/servers.ts'
import { isWireloop, pairsOf, type Suite } from './support/suite.ts'

const budgetBytes = 256 * 1024 * 1024
const inMemory = wireloopRelay('wireloop', '--tally', '--keep', `${budgetBytes}`)
const onDisk = wireloopRelayOnDisk('wireloop disk', '--tally', '--waits')
const relays = [inMemory, onDisk, ...quietRelays, ...keepingRelays]
const cells = ['1s', '8s']

export const relay: Suite = {
  name: 'relay',
  about: 'Bytes through a relay, by 1 and 8 streams that send as fast as they can.',
  metrics: [
    { name: 'mebibytesPerSecond', title: 'MiB/s', better: 'more', digits: 0, compared: true },
    { name: 'cpuMs', title: 'CPU ms per GiB', better: 'less', digits: 0, compared: true },
    ...threadMetrics('GiB', 0),
    { name: 'storedShare', title: '% of the bytes recorded', better: 'more', digits: 1, compared: false },
    { name: 'writtenShare', title: '% of the bytes written to disk', better: 'more', digits: 1, compared: false },
    { name: 'droppedEvents', title: 'events that were not recorded', better: 'less', digits: 0, compared: false },
    { name: 'loadCores', title: 'cores used by the load generator', better: 'less', digits: 2, compared: false },
  ],
  cells,
  smokeCells: ['8s'],
  subjects: relays,
  pairs: pairsOf(relays),
  goals: [
    { subject: 'wireloop', against: 'socat', metric: 'mebibytesPerSecond', cells, bound: 1 },
    { subject: 'wireloop', against: 'toxiproxy', metric: 'mebibytesPerSecond', cells, bound: 1 },
    { subject: 'wireloop', against: null, metric: 'droppedEvents', cells, bound: 0 },
    { subject: 'wireloop disk', against: 'socat -r -R', metric: 'mebibytesPerSecond', cells, bound: 1 },
    { subject: 'wireloop disk', against: 'mitmdump', metric: 'mebibytesPerSecond', cells, bound: 2 },
    { subject: 'wireloop disk', against: null, metric: 'writtenShare', cells, bound: 100 },
  ],
  measure: (subject, cell, settings) =>
    usingRelay(relays.find(({ name }) => name === subject)!, settings, async (start, server) => {
      const cpu = cpuWindow(() => server().pid)
      const { seconds, done, cores } = await settings.load.bulk(
        {
          streams: Number.parseInt(cell, 10),
          warmSeconds: settings.warmSeconds,
          seconds: settings.seconds,
        },
        async (upstreamPort) => (await start(upstreamPort)).port,
        cpu.sample,
      )
      const recorded = isWireloop(subject) ? await server().report() : null
      return {
        mebibytesPerSecond: done / seconds / 2 ** 20,
        cpuMs: cpu.cpuMs(done / 2 ** 30),
        loadCores: cores,
        ...(recorded === null
          ? {}
          : {
              ...cpu.threads(done / 2 ** 30),
              storedShare: (100 * recorded.counts!.storedReceivedBytes) / recorded.counts!.receivedBytes,
              droppedEvents: recorded.counts!.droppedEvents + recorded.unwrittenEvents,
              ...(recorded.file === null
                ? {}
                : { writtenShare: (100 * recorded.file.payloadBytes) / recorded.counts!.receivedBytes }),
            }),
      }
    }),
}
