// Builds event batches as the engine would, from short descriptions. Counterpart: contract/event-columns.ts.
import {
  causeCode,
  detailsText,
  type EventBatch,
  EventBatchWriter,
  kindCode,
  openBatch,
} from '../../../preload/contract/event-columns.ts'
import type { Cause, EventDetails, EventKind } from '../../../preload/contract/vocabulary.ts'

export interface EventSketch {
  readonly kind: EventKind
  readonly at: number
  readonly connection?: number
  readonly endpoint?: number
  readonly cause?: Cause
  readonly iteration?: number
  readonly callback?: number
  /** Payload of a data event. Rows with the very same bytes (received, then sent again) share them, as the recorder has it. */
  readonly data?: Uint8Array
  /** Size on the wire where it is more than `data`. */
  readonly length?: number
  readonly details?: EventDetails[EventKind]
}

export const makeBatch = (
  firstSeq: number,
  events: readonly EventSketch[],
  droppedBefore = 0,
): EventBatch & { readonly buffer: ArrayBuffer } => {
  const stored = events.map((event) => event.data ?? Buffer.from(detailsText(event.details ?? null)))
  const writer = new EventBatchWriter(
    events.length,
    [...new Set(stored)].reduce((sum, bytes) => sum + bytes.length, 0),
  )
  const offsets = new Map<Uint8Array, number>()
  for (const [i, event] of events.entries()) {
    const bytes = stored[i]!
    const offset = offsets.get(bytes) ?? writer.store(bytes)
    offsets.set(bytes, offset)
    writer.append(
      kindCode(event.kind),
      causeCode(event.cause ?? 'none'),
      event.at,
      event.endpoint ?? 1,
      event.connection ?? 0,
      event.length ?? event.data?.length ?? 0,
      event.iteration ?? 0,
      event.callback ?? 0,
      offset,
      bytes.length,
    )
  }
  return openBatch(writer.take(firstSeq, droppedBefore))
}

const loopback = (port: number) => ({ host: '127.0.0.1', port })

export const made = (at: number, connection: number, direction: 'in' | 'out' = 'in'): EventSketch => ({
  kind: 'connection-made',
  at,
  connection,
  details: { local: loopback(8888), remote: loopback(50_000 + connection), direction, side: null, pair: null },
})

export const lost = (at: number, connection: number, cause: Cause): EventSketch => ({
  kind: 'connection-lost',
  at,
  connection,
  cause,
  details: { error: null, unsentBytes: 0, unreadBytes: 0, ignoredBytes: 0 },
})

export const data = (
  at: number,
  connection: number,
  way: 'received' | 'sent',
  bytes: Uint8Array | number,
): EventSketch => ({
  kind: way === 'sent' ? 'data-sent' : 'data-received',
  at,
  connection,
  data: typeof bytes === 'number' ? new Uint8Array(bytes) : bytes,
})
