// The chunks of a relay that wait for a person, of all its pairs and both directions. Counterparts: intercept.ts (one
// direction's), ../endpoint.ts (`Held`), command-table.ts (asks).
import { type Flow, type HeldChunk, labBounds } from '../../../../preload/contract/faults.ts'
import type { ConnectionId, EndpointId } from '../../../../preload/contract/vocabulary.ts'
import type { Held } from '../endpoint.ts'
import type { Piece } from './piece.ts'

export type Decision = 'forwarded' | 'edited' | 'dropped'

/** One that waits. */
export interface HeldEntry {
  readonly id: number
  readonly flow: Flow
  readonly from: ConnectionId
  readonly to: ConnectionId
  readonly at: number
  piece: Piece
  /** Bytes that it came with. */
  readonly heldBytes: number
  /** Null while nobody has decided. */
  decision: Decision | null
  /** Lets go what may go now. */
  readonly settle: () => void
}

export class HeldChunks implements Held {
  readonly #endpoint: EndpointId
  readonly #onChanged: () => void
  /** Those that nobody has decided on, in order of arrival. */
  readonly #undecided = new Map<number, HeldEntry>()
  #lastId = 0
  /** Of all that wait, also behind undecided ones. */
  #waitingBytes = 0
  #waitingChunks = 0
  #undecidedBytes = 0
  readonly #paused = new Set<() => void>()

  constructor(endpoint: EndpointId, onChanged: () => void) {
    this.#endpoint = endpoint
    this.#onChanged = onChanged
  }

  get count(): number {
    return this.#undecided.size
  }

  get bytes(): number {
    return this.#undecidedBytes
  }

  list(limit: number): readonly HeldChunk[] {
    const chunks: HeldChunk[] = []
    for (const { id, flow, from, to, at, piece } of this.#undecided.values()) {
      if (chunks.length === limit) break
      chunks.push({ id, endpoint: this.#endpoint, flow, from, to, seq: piece.seq, at, data: piece.data })
    }
    return chunks
  }

  forward(chunks: readonly number[] | null, data?: Uint8Array): number {
    return this.#decide(chunks, (entry) => {
      entry.decision = data === undefined ? 'forwarded' : 'edited'
      if (data !== undefined) entry.piece = { ...entry.piece, data, kept: true }
    })
  }

  drop(chunks: readonly number[] | null): number {
    return this.#decide(chunks, (entry) => {
      entry.decision = 'dropped'
    })
  }

  /** A chunk begins to wait for a person. Answers its entry. */
  add(entry: Omit<HeldEntry, 'id' | 'decision' | 'heldBytes'>): HeldEntry {
    const held: HeldEntry = { ...entry, id: ++this.#lastId, decision: null, heldBytes: entry.piece.data.length }
    this.#undecided.set(held.id, held)
    this.#undecidedBytes += held.piece.data.length
    this.#onChanged()
    return held
  }

  /** It waits no more, decided on or not. */
  forget(entry: HeldEntry): void {
    if (!this.#undecided.delete(entry.id)) return
    this.#undecidedBytes -= entry.piece.data.length
    this.#onChanged()
  }

  /** A chunk begins to wait in a queue, for whatever reason. False where no room is left for another one. */
  took(bytes: number): boolean {
    this.#waitingBytes += bytes
    this.#waitingChunks++
    return this.#waitingBytes < labBounds.heldBytes && this.#waitingChunks < labBounds.heldChunks
  }

  gave(bytes: number): void {
    this.#waitingBytes -= bytes
    this.#waitingChunks--
    if (this.#waitingBytes >= labBounds.heldBytes || this.#waitingChunks >= labBounds.heldChunks) return
    const waiting = [...this.#paused]
    this.#paused.clear()
    for (const resume of waiting) resume()
  }

  /** Calls `resume` once, when there is room again. */
  whenRoom(resume: () => void): void {
    this.#paused.add(resume)
  }

  noMore(resume: () => void): void {
    this.#paused.delete(resume)
  }

  #decide(chunks: readonly number[] | null, decide: (entry: HeldEntry) => void): number {
    const entries =
      chunks === null
        ? [...this.#undecided.values()]
        : [...new Set(chunks)].sort((a, b) => a - b).flatMap((id) => this.#undecided.get(id) ?? [])
    for (const entry of entries) {
      // Its size may change with the decision.
      this.#undecided.delete(entry.id)
      this.#undecidedBytes -= entry.piece.data.length
      decide(entry)
    }
    for (const settle of new Set(entries.map((entry) => entry.settle))) settle()
    if (entries.length > 0) this.#onChanged()
    return entries.length
  }
}
