// Which connection stands in which row: by number, in which they began, a relay's two halves next to each other.
// Counterpart: draw-row.ts, which draws one; lifelines.tsx, which asks only for the visible ones.
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'
import type { LoggedConnection } from '../../event-log/connections.ts'

export interface LifelineRow {
  readonly connection: LoggedConnection
  /** Where the other half of the relay's pair stands, if it is shown. */
  readonly pair: 'above' | 'below' | null
}

export const orderRows = (connections: ReadonlyMap<ConnectionId, LoggedConnection>): readonly LifelineRow[] => {
  const rows: LifelineRow[] = []
  // What the capture tells of connections comes later than their successors' events.
  for (const connection of [...connections.values()].sort((a, b) => a.id - b.id)) {
    const other = connection.pair === null ? undefined : connections.get(connection.pair)
    if (other === undefined || other.pair !== connection.id || connection.side === null)
      rows.push({ connection, pair: null })
    // The half that was accepted brings the other one along.
    else if (connection.side === 'downstream')
      rows.push({ connection, pair: 'below' }, { connection: other, pair: 'above' })
  }
  return rows
}

/** Above so many rows there is no room for words: rows shrink. */
export const compactAbove = 200

/** Where the parts of a row stand, in px from its top. */
export interface RowLook {
  readonly height: number
  readonly barTop: number
  readonly barHeight: number
  /** Ticks are drawn at this share of their height. */
  readonly tickScale: number
  readonly labels: boolean
}

export const fullRow: RowLook = { height: 28, barTop: 10, barHeight: 8, tickScale: 1, labels: true }
export const compactRow: RowLook = { height: 12, barTop: 5, barHeight: 2, tickScale: 0.5, labels: false }

export const rowLook = (rows: number): RowLook => (rows > compactAbove ? compactRow : fullRow)
