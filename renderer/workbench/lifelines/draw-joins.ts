// The thin slanted lines between a relay's two rows: from bytes read on one side to the same bytes leaving on the other, so
// that the slope is the relay's delay. Counterpart: draw-row.ts, which draws the ticks at both ends.

import { kindCode } from '../../../preload/contract/event-columns.ts'
import type { EventChunk } from '../../event-log/chunk.ts'
import type { LoggedConnection } from '../../event-log/connections.ts'
import type { EventLog } from '../../event-log/event-log.ts'
import { msPerPx, type Plot, plotX } from './plot.ts'
import type { RowLook } from './rows.ts'

const received = kindCode('data-received')
const sent = kindCode('data-sent')

/** Above so many events of a half in view the lines would be a blot: only the ticks are drawn. */
const mostEvents = 400
/** How far ahead in the other half the same bytes are looked for. */
const reach = 32

/** A chunk read on one half and written on the other: their times in ms. */
export interface Join {
  readonly fromAt: number
  readonly toAt: number
}

/**
 * Finds what was received on `from` and sent on `to` in the same iteration and with the same size, each sent chunk once.
 * Empty where more than `mostEvents` are between the times.
 */
export const findJoins = (
  log: EventLog,
  from: LoggedConnection,
  to: LoggedConnection,
  startMs: number,
  endMs: number,
): readonly Join[] => {
  const first = from.track.positionOfTime(startMs)
  const end = from.track.positionOfTime(endMs, first)
  if (end - first > mostEvents) return []
  const joins: Join[] = []
  let next = to.track.first
  for (let i = first; i < end; i++) {
    if (from.track.eventAt(i) !== 'received') continue
    const seq = from.track.seqAt(i)
    const length = log.length(seq)
    const iteration = log.iteration(seq)
    const start = Math.max(next, to.track.positionOfSeq(seq))
    for (let j = start; j < Math.min(to.track.end, start + reach); j++) {
      const other = to.track.seqAt(j)
      if (log.iteration(other) !== iteration) break
      if (to.track.eventAt(j) !== 'sent' || log.length(other) !== length) continue
      joins.push({ fromAt: from.track.timeAt(i), toAt: to.track.timeAt(j) })
      next = j + 1
      break
    }
  }
  return joins
}

/** The same among older events that were read. */
export const findReadJoins = (
  runs: readonly EventChunk[],
  from: LoggedConnection,
  to: LoggedConnection,
  startMs: number,
  endMs: number,
): readonly Join[] => {
  const joins: Join[] = []
  for (const run of runs) {
    const rows = run.rowsOf(from.id)
    const others = run.rowsOf(to.id)
    if (rows === undefined || others === undefined) continue
    const { at, kind, length, iteration } = run.columns
    let next = 0
    for (const row of rows) {
      if (kind[row] !== received || at[row]! < startMs) continue
      if (at[row]! > endMs) break
      if (joins.length >= mostEvents) return []
      while (next < others.length && others[next]! < row) next++
      for (let i = next; i < Math.min(others.length, next + reach); i++) {
        const other = others[i]!
        if (iteration[other] !== iteration[row]) break
        if (kind[other] !== sent || length[other] !== length[row]) continue
        joins.push({ fromAt: at[row]!, toAt: at[other]! })
        next = i + 1
        break
      }
    }
  }
  return joins
}

/** Draws the lines of a pair whose upper row is at `top`; they lie behind the bars. */
export const drawJoins = (
  plot: Plot,
  log: EventLog,
  upper: LoggedConnection,
  lower: LoggedConnection,
  top: number,
  look: RowLook,
): void => {
  const { context, palette, range, nowMs } = plot
  const slack = 20 * msPerPx(plot)
  const endMs = Math.min(range.endMs, nowMs) + slack
  const older = plot.older?.runs ?? []
  const below = look.barTop + look.barHeight + 4
  const above = look.barTop - 4
  context.strokeStyle = palette.colour['text-3']
  context.lineWidth = 1
  context.beginPath()
  for (const [from, to, fromY, toY] of [
    [upper, lower, top + below, top + look.height + above],
    [lower, upper, top + look.height + below, top + above],
  ] as const)
    for (const join of [
      ...findReadJoins(older, from, to, range.startMs - slack, endMs),
      ...findJoins(log, from, to, range.startMs - slack, endMs),
    ]) {
      if (join.toAt > nowMs) continue
      context.moveTo(plotX(plot, join.fromAt), fromY)
      context.lineTo(plotX(plot, join.toAt), toY)
    }
  context.stroke()
}
