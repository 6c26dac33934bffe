// What a relay does to what passes through it: faults in order, triggers, held chunks, replacements. toxiproxy's toxics keep
// their meanings (its README; attribute units differ where a name says so). Counterparts: main/engine/endpoints/relay*,
// renderer/relay (the sheet), main/toxiproxy (the HTTP API).

import type { Pattern } from './patterns.ts'
import type { ConnectionId, EndpointId } from './vocabulary.ts'

/** toxiproxy's streams: `upstream` from the client to the server, `downstream` back. */
export const flows = ['upstream', 'downstream'] as const
export type Flow = (typeof flows)[number]

/** What a fault does. Times in ms unless the name says otherwise; a size is bytes. */
export type FaultAction =
  /** Every chunk leaves `delayMs` ± `jitterMs` after it came, in order; the rate stays. */
  | { readonly kind: 'latency'; readonly delayMs: number; readonly jitterMs: number }
  /** At most this many bytes a second. toxiproxy's `rate` is in KB/s of 1000 bytes. */
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  /** The end (FIN) of this direction is carried over that much later. */
  | { readonly kind: 'slow-close'; readonly delayMs: number }
  /** No byte gets through, and the pair is closed after `timeoutMs`; 0: never, until the fault is removed. */
  | { readonly kind: 'timeout'; readonly timeoutMs: number }
  /** Both halves are reset `timeoutMs` after the pair was made. */
  | { readonly kind: 'reset-peer'; readonly timeoutMs: number }
  /** Chunks are cut into pieces of `averageBytes` ± `variationBytes`, `delayUs` microseconds apart. */
  | {
      readonly kind: 'slicer'
      readonly averageBytes: number
      readonly variationBytes: number
      readonly delayUs: number
    }
  /** The pair is closed once so many bytes have passed. */
  | { readonly kind: 'limit-data'; readonly bytes: number }
  /** Each bit is flipped with this probability (0 to 1). */
  | { readonly kind: 'corrupt'; readonly bitRate: number }
  /** Bytes of this direction are read and thrown away; its end is carried over. */
  | { readonly kind: 'drop' }
  /** The accepted connection is reset at once; no upstream is opened. */
  | { readonly kind: 'refuse' }
  /** The pair is closed `afterMs` after it was made. */
  | { readonly kind: 'limit-time'; readonly afterMs: number }
  /** After so many bytes nothing more is read or passed on; the pair stays open. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** At most so many connections a second are taken up; the others wait. */
  | { readonly kind: 'throttle-accept'; readonly perSecond: number }

export const faultKinds = [
  'latency',
  'bandwidth',
  'slow-close',
  'timeout',
  'reset-peer',
  'slicer',
  'limit-data',
  'corrupt',
  'drop',
  'refuse',
  'limit-time',
  'stall',
  'throttle-accept',
] as const satisfies readonly FaultAction['kind'][]
export type FaultKind = (typeof faultKinds)[number]

export interface Fault {
  /** Unique in its chain; letters, digits, `-`, `_`, `.`. */
  readonly name: string
  readonly on: boolean
  /** The part of the pairs that it acts on, 0 to 1; decided once for each pair, by `seed` and the pair's number. */
  readonly toxicity: number
  /** Decides all that is left to chance; the same seed makes the same decisions. */
  readonly seed: number
  readonly action: FaultAction
  /** Acts from the message on that matches, on it and the ones after it, `times` messages in all (null: without end). */
  readonly trigger: { readonly pattern: Pattern; readonly times: number | null } | null
}

/** Chunks wait for a person to look at them. */
export interface Intercept {
  readonly on: boolean
  /** Which chunks; `always` for every one. Those behind a held one wait with it: bytes never overtake bytes. */
  readonly pattern: Pattern
}

/** Every match in a message is replaced by the template's bytes; `$1` … stand for a regular expression's groups. */
export interface Replacement {
  readonly name: string
  readonly on: boolean
  readonly pattern: Pattern
  readonly replace: string
  readonly notation: 'text' | 'hex'
}

/** What is done to one direction, in this order: held, replaced, then the faults as they stand. */
export interface FlowLab {
  readonly intercept: Intercept
  readonly replacements: readonly Replacement[]
  readonly faults: readonly Fault[]
}
export type RelayLab = Readonly<Record<Flow, FlowLab>>

/** What one fault did to one chunk. A part that does not apply is left out. */
export interface FaultEffect {
  /** Time it waited in this fault. */
  readonly delayedMs?: number
  /** Bytes of it that were thrown away. */
  readonly droppedBytes?: number
  /** Offset in the chunk at which passing on ended. */
  readonly cutAt?: number
  /** Pieces it was cut into. */
  readonly slices?: number
  /** Bits that were flipped, and the offset of the first byte with one. */
  readonly flippedBits?: number
  readonly firstFlippedAt?: number
  /** What it did to the pair. */
  readonly ended?: 'close' | 'reset'
}

/** A chunk that waits for a decision. */
export interface HeldChunk {
  /** 1 and up, in the order of arrival, never reused while the engine runs. */
  readonly id: number
  readonly endpoint: EndpointId
  readonly flow: Flow
  /** The half it was read from, and the one it goes to. */
  readonly from: ConnectionId
  readonly to: ConnectionId
  /** Its `data-received` event. */
  readonly seq: number
  /** When it came; ms since the engine started. */
  readonly at: number
  readonly data: Uint8Array
}

/** Bytes of one direction: received from its source, and sent to its sink. */
export interface FlowTraffic {
  readonly receivedBytes: number
  readonly sentBytes: number
}
export type RelayTraffic = Readonly<Record<Flow, FlowTraffic>>

export interface LabCommands {
  /** Chunks that wait, in order of arrival; at most `limit` of them, and how many there are. */
  heldChunks: {
    args: { endpoint: EndpointId; limit: number }
    value: { readonly chunks: readonly HeldChunk[]; readonly count: number; readonly bytes: number }
  }
  /** Lets chunks go on, in order, all of them where `chunks` is null; of one, with `data` in place of its own. What is not held any more is passed over. Value: how many went. */
  forwardHeld: { args: { endpoint: EndpointId; chunks: readonly number[] | null; data?: Uint8Array }; value: number }
  /** Throws chunks away, all of them where `chunks` is null. Value: how many. */
  dropHeld: { args: { endpoint: EndpointId; chunks: readonly number[] | null }; value: number }
  /** What a relay has carried each way since it was made. */
  relayTraffic: { args: { endpoint: EndpointId }; value: RelayTraffic }
}
export const labCommandNames = [
  'heldChunks',
  'forwardHeld',
  'dropHeld',
  'relayTraffic',
] as const satisfies readonly (keyof LabCommands)[]

/** What may wait in relays. Where more would, the source is not read from; what was being read then still finds room. */
export const labBounds = {
  /** In the faults of one direction of one pair; each piece counts 128 bytes more than it has. Enough for 300 MB/s at 100 ms. */
  flowBytes: 32 * 1024 * 1024,
  /** In the faults of all pairs of one relay; above that, each direction has room for `flowFloorBytes`. */
  relayBytes: 256 * 1024 * 1024,
  flowFloorBytes: 1024 * 1024,
  /** Held for a person, of one relay. */
  heldBytes: 64 * 1024 * 1024,
  heldChunks: 10_000,
  /** What a message may become by replacements, and the matches that are replaced in one; beyond, it goes on as it came. */
  replacedBytes: 16 * 1024 * 1024,
  replacedMatches: 1_000_000,
} as const

export const nothingInLab: FlowLab = {
  intercept: { on: false, pattern: { match: 'always', text: '' } },
  replacements: [],
  faults: [],
}
