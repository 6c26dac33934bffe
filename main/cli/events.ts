// Batches of columns → one event after another, each with what is known of its connection. Counterpart: the engine's
// recorder; `json-line.ts` and `human-line.ts` print what this yields.
import { formatAddress } from '../../preload/contract/checks.ts'
import { type EventBatch, isData, rowBytesOf, rowDetails } from '../../preload/contract/event-columns.ts'
import type { Failure } from '../../preload/contract/failure.ts'
import type { FaultEffect, Flow } from '../../preload/contract/faults.ts'
import type { CertificateFacts } from '../../preload/contract/tls.ts'
import {
  type Address,
  type Cause,
  type ConnectionId,
  causes,
  type EventKind,
  eventKinds,
  type Side,
} from '../../preload/contract/vocabulary.ts'

/** The details of every kind side by side; which ones are there depends on the kind (`EventDetails`). */
export interface AnyDetails {
  readonly local?: Address | null
  readonly remote?: Address
  readonly direction?: 'in' | 'out'
  readonly side?: Side | null
  readonly pair?: ConnectionId | null
  readonly error?: Failure | null
  readonly bufferedBytes?: number
  readonly highWaterBytes?: number
  readonly pausedMs?: number
  readonly unsentBytes?: number
  readonly unreadBytes?: number
  readonly ignoredBytes?: number
  readonly count?: number
  // what rules, faults and scripts tell
  readonly name?: string
  readonly fault?: string
  readonly flow?: Flow
  readonly chunk?: number | null
  readonly effect?: FaultEffect
  readonly held?: number
  readonly decision?: 'forwarded' | 'edited' | 'dropped'
  readonly bytes?: number
  readonly heldMs?: number
  readonly text?: string
  readonly line?: number
  readonly column?: number
  readonly rule?: number
  readonly messageBytes?: number
  readonly protocol?: string
  readonly cipher?: string
  readonly alpn?: string | null
  readonly verified?: boolean
  readonly notTrusted?: Failure | null
  readonly serverName?: string | null
  readonly resumed?: boolean
  readonly chain?: readonly CertificateFacts[]
  readonly sequence?: string
  readonly step?: number
  readonly passed?: boolean
  readonly message?: string
  readonly tookMs?: number
  readonly attempt?: number
  readonly inMs?: number
}

/** What earlier events said of a connection; its later ones (data, eof, …) do not repeat it. */
export interface ConnectionFacts {
  readonly side: Side | null
  readonly direction: 'in' | 'out' | null
  /** `host:port`, or null while not known. */
  readonly local: string | null
  readonly remote: string | null
}

export interface WireEvent {
  readonly seq: number
  /** ms since the engine started. */
  readonly at: number
  readonly kind: EventKind
  readonly endpoint: number
  /** 0 for an event of the endpoint itself. */
  readonly connection: number
  readonly facts: ConnectionFacts
  /** Bytes on the wire, for data. */
  readonly length: number
  /** The recorded bytes of a data event: a view into the batch, fewer than `length` where the recorder kept a part. */
  readonly data: Uint8Array | null
  readonly cause: Cause
  readonly details: AnyDetails
}

const noFacts: ConnectionFacts = { side: null, direction: null, local: null, remote: null }
const noDetails: AnyDetails = {}
const addressOf = (address: Address | null | undefined, known: string | null): string | null =>
  address == null ? known : formatAddress(address)

export interface EventReader {
  /** The events of a batch in order. Batches are to be read in order too, each to its end. */
  read(batch: EventBatch): Generator<WireEvent>
}

/** Keeps facts only of connections that have not ended, so it stays as small as what is open. */
export const createEventReader = (): EventReader => {
  const factsOf = new Map<number, ConnectionFacts>()

  const learn = (connection: number, details: AnyDetails): ConnectionFacts => {
    const known = factsOf.get(connection) ?? noFacts
    if (connection === 0) return noFacts
    const facts = {
      side: details.side ?? known.side,
      direction: details.direction ?? known.direction,
      local: addressOf(details.local, known.local),
      remote: addressOf(details.remote, known.remote),
    }
    factsOf.set(connection, facts)
    return facts
  }

  return {
    *read(batch) {
      for (let i = 0; i < batch.count; i++) {
        const kindIndex = batch.kind[i]!
        const kind = eventKinds[kindIndex]!
        const connection = batch.connection[i]!
        const data = isData(kindIndex) ? rowBytesOf(batch, i) : null
        const details: AnyDetails = data === null ? (rowDetails(batch, i) ?? noDetails) : noDetails
        // An attempt names one address of several; the connection's own is told by the events around it.
        const learns = kind === 'connection-started' || kind === 'connection-made' || kind === 'connection-failed'
        const facts = learns ? learn(connection, details) : (factsOf.get(connection) ?? noFacts)
        if (kind === 'connection-lost' || kind === 'connection-failed') factsOf.delete(connection)
        yield {
          seq: batch.firstSeq + i,
          at: batch.at[i]!,
          kind,
          endpoint: batch.endpoint[i]!,
          connection,
          facts,
          length: batch.length[i]!,
          data,
          cause: causes[batch.cause[i]!]!,
          details,
        }
      }
    },
  }
}
