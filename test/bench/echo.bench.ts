// Echo: 1 to 1,000 connections that each send a message, wait for all of it to come back, and send the next. Wireloop records every
// byte and watches its loop at `heartbeat`; its peers record nothing. Counterpart: support/load/echo.c.
import { echoCells, echoMetrics, measureEcho } from './support/echo-load.ts'
import { asyncio, limit, nodeNet, wireloopEcho, wireloopEchoOnDisk } from './support/servers.ts'
import { isWireloop, pairsOf, type Suite } from './support/suite.ts'

const servers = [wireloopEcho('wireloop'), wireloopEchoOnDisk('wireloop disk'), nodeNet, asyncio, limit]

export const echo: Suite = {
  name: 'echo',
  about: 'Round trips of 64 B to 128 KiB on 1 to 1,000 connections, against echo servers that record nothing.',
  metrics: echoMetrics,
  cells: echoCells([1, 10, 100, 1000]),
  smokeCells: ['1x128K', '100x64'],
  subjects: servers,
  pairs: pairsOf(servers),
  goals: [
    {
      subject: 'wireloop',
      against: 'node net',
      metric: 'perSecond',
      cells: echoCells([10, 100], ['64', '1K']),
      bound: 1,
    },
    {
      subject: 'wireloop',
      against: 'asyncio',
      metric: 'perSecond',
      cells: echoCells([10, 100], ['64', '1K']),
      bound: 0.9,
    },
    {
      subject: 'wireloop',
      against: 'node net',
      metric: 'perSecond',
      cells: echoCells([10, 100], ['16K', '128K']),
      bound: 1.3,
    },
  ],
  measure: (subject, cell, settings) =>
    measureEcho(servers.find(({ name }) => name === subject)!, cell, settings, isWireloop(subject)),
}
