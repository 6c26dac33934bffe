// What watching the loop costs: Wireloop's echo at each level of the probe, against the same with the probe off.
// Counterparts: echo.bench.ts, main/engine/probe.
import { probeLevels } from '../../preload/contract/loop-columns.ts'
import { echoCells, echoMetrics, measureEcho } from './support/echo-load.ts'
import { wireloopEcho } from './support/servers.ts'
import type { Suite } from './support/suite.ts'

const levels = probeLevels.map((level) => wireloopEcho(level, '--level', level))
const small = echoCells([10, 100], ['64', '1K'])
const large = echoCells([10, 100], ['16K'])
const goal = { against: 'off', metric: 'perSecond' }

export const probe: Suite = {
  name: 'probe',
  about: 'Round trips of an echo with recording on, at each level of the loop probe.',
  metrics: echoMetrics,
  cells: [...small, ...large],
  smokeCells: ['10x1K'],
  subjects: levels,
  pairs: probeLevels.filter((level) => level !== 'off').map((level) => [level, 'off']),
  goals: [
    { ...goal, subject: 'callbacks', cells: small, bound: 0.92 },
    { ...goal, subject: 'callbacks', cells: large, bound: 0.85 },
    { ...goal, subject: 'heartbeat', cells: [...small, ...large], bound: 0.98 },
  ],
  measure: (subject, cell, settings) => measureEcho(levels.find(({ name }) => name === subject)!, cell, settings, true),
}
