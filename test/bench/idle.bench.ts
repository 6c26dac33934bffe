// Idle connections: what 1,000 and 10,000 that are open and silent cost in resident memory, each.
// Counterpart: support/load/idle.c.
import { setTimeout as sleep } from 'node:timers/promises'
import { using } from './support/measure.ts'
import { residentBytesOf } from './support/processes.ts'
import { asyncio, nodeNet, wireloopEcho, wireloopEchoOnDisk } from './support/servers.ts'
import { pairsOf, type Suite } from './support/suite.ts'

const servers = [wireloopEcho('wireloop'), wireloopEchoOnDisk('wireloop disk'), nodeNet, asyncio]

export const idle: Suite = {
  name: 'idle',
  about: 'Resident memory of an open connection that nothing happens on, recording included.',
  metrics: [
    { name: 'kibibytesEach', title: 'KiB a connection', better: 'less', digits: 2, compared: true },
    { name: 'residentMebibytes', title: 'resident with all of them, MiB', better: 'less', digits: 0, compared: false },
  ],
  cells: ['1000', '10000'],
  smokeCells: ['1000'],
  subjects: servers,
  pairs: pairsOf(servers),
  goals: [{ subject: 'wireloop', against: null, metric: 'kibibytesEach', cells: ['10000'], bound: 12 }],
  measure: (subject, cell, settings) =>
    using(servers.find(({ name }) => name === subject)!.start(settings), async ({ port, pid }) => {
      const settle = () => sleep(settings.smoke ? 50 : 1000)
      await settle()
      const before = residentBytesOf(pid)
      let after = before
      await settings.load.idle({ port, connections: Number(cell) }, async () => {
        await settle()
        after = residentBytesOf(pid)
      })
      return { kibibytesEach: (after - before) / 1024 / Number(cell), residentMebibytes: after / 2 ** 20 }
    }),
}
