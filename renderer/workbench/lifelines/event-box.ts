// Where an event's mark stands in its row: what the selection's ring goes around. Counterparts: draw-row.ts draws the
// marks, draw-chart.ts the ring.
import { capRadius, hollowTick, tickHeight } from '../../canvas/marks.ts'
import type { EventLog } from '../../event-log/event-log.ts'
import type { RowLook } from './rows.ts'

/** In px from the row's top; `halfWidth` to both sides of the event's moment. */
export interface EventBox {
  readonly top: number
  readonly height: number
  readonly halfWidth: number
}

export const eventBox = (log: EventLog, seq: number, look: RowLook): EventBox => {
  const barBottom = look.barTop + look.barHeight
  switch (log.kind(seq)) {
    case 'data-sent': {
      const height = tickHeight(log.length(seq)) * look.tickScale
      return { top: look.barTop - 1 - height, height, halfWidth: 1 }
    }
    case 'data-received':
      return { top: barBottom + 1, height: tickHeight(log.length(seq)) * look.tickScale, halfWidth: 1 }
    case 'fault-applied':
    case 'chunk-held':
    case 'chunk-released':
    case 'chunk-replaced':
      return { top: barBottom + 1, height: hollowTick.height, halfWidth: hollowTick.width / 2 }
    case 'connection-lost':
    case 'connection-failed': {
      const radius = look.labels ? capRadius : 2
      return { top: look.barTop + look.barHeight / 2 - radius, height: 2 * radius, halfWidth: radius }
    }
    default:
      return { top: look.barTop - 2, height: look.barHeight + 4, halfWidth: 2 }
  }
}
