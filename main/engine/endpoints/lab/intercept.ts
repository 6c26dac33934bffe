// The first link of a direction's chain: chunks wait here for a person, those behind them too. Counterparts: held-chunks.ts
// (all of a relay's), flow.ts (what comes behind).
import type { Flow, Intercept } from '../../../../preload/contract/faults.ts'
import { compilePattern } from '../../../../preload/contract/patterns.ts'
import type { ConnectionId } from '../../../../preload/contract/vocabulary.ts'
import type { Decision, HeldChunks, HeldEntry } from './held-chunks.ts'
import type { End, Outlet, Piece } from './piece.ts'
import { roundMs } from './stage.ts'

export interface GateContext {
  readonly held: HeldChunks
  readonly flow: Flow
  readonly from: ConnectionId
  readonly to: ConnectionId
  now(): number
  onHeld(entry: HeldEntry): void
  onReleased(entry: HeldEntry, decision: Decision, bytes: number, heldMs: number): void
  /** Nothing more is to be read from the source, or is again. */
  pause(on: boolean): void
}

/** What waits: a held chunk, a chunk behind one that does not match itself, or the end. */
type Waiting = { readonly entry: HeldEntry } | { readonly piece: Piece } | { readonly end: End }

const never = () => false

export class Gate implements Outlet {
  readonly #context: GateContext
  readonly #next: Outlet
  #queue: Waiting[] = []
  #matches: (data: Uint8Array) => boolean = never
  #paused = false

  constructor(context: GateContext, next: Outlet) {
    this.#context = context
    this.#next = next
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }

  /** Holds by this from the next chunk on; switched off, all goes on in order. */
  configure({ on, pattern }: Intercept): void {
    const compiled = on ? compilePattern(pattern) : null
    this.#matches = compiled?.ok ? (data) => compiled.value(data) !== null : never
    if (on) return
    this.release()
    this.#readOn()
  }

  push(piece: Piece): void {
    const matches = this.#matches(piece.data)
    if (!matches && this.#queue.length === 0) {
      this.#next.push(piece)
      return
    }
    // Memory of its own, and no more than its bytes: a list of held chunks is sent to another thread.
    const own = { ...piece, data: new Uint8Array(piece.data), kept: true }
    const { held, flow, from, to } = this.#context
    if (matches) {
      const entry = held.add({ flow, from, to, at: this.#context.now(), piece: own, settle: this.#settle })
      this.#queue.push({ entry })
      this.#context.onHeld(entry)
    } else this.#queue.push({ piece: own })
    if (held.took(own.data.length) || this.#paused) return
    this.#paused = true
    held.whenRoom(this.#resume)
    this.#context.pause(true)
  }

  end(end: End): void {
    if (this.#queue.length === 0) this.#next.end(end)
    else this.#queue.push({ end })
  }

  /** Lets all go in order; what nobody has decided on as it is. */
  release(): void {
    for (const waiting of this.#queue) {
      if (!('entry' in waiting) || waiting.entry.decision !== null) continue
      this.#context.held.forget(waiting.entry)
      waiting.entry.decision = 'forwarded'
    }
    this.#settle()
  }

  /** Throws away all that waits. */
  dispose(): void {
    const queue = this.#queue
    this.#queue = []
    this.#matches = never
    for (const waiting of queue) {
      if ('end' in waiting) continue
      if ('entry' in waiting) {
        const { entry } = waiting
        if (entry.decision === null) this.#context.held.forget(entry)
        this.#context.onReleased(entry, 'dropped', 0, roundMs(this.#context.now() - entry.at))
      }
      this.#gave(waiting)
    }
    this.#readOn()
  }

  /** Holds nothing any more: that there is no room for held chunks is nothing to it. */
  #readOn(): void {
    this.#context.held.noMore(this.#resume)
    this.#resume()
  }

  readonly #resume = (): void => {
    if (!this.#paused) return
    this.#paused = false
    this.#context.pause(false)
  }

  /** Lets go what is in front and has nothing undecided before it. */
  readonly #settle = (): void => {
    const at = this.#queue.findIndex((waiting) => 'entry' in waiting && waiting.entry.decision === null)
    const free = this.#queue.splice(0, at < 0 ? this.#queue.length : at)
    for (const waiting of free) {
      this.#gave(waiting)
      if ('end' in waiting) this.#next.end(waiting.end)
      else if ('piece' in waiting) this.#next.push(waiting.piece)
      else this.#let(waiting.entry)
    }
  }

  #let(entry: HeldEntry): void {
    const { piece } = entry
    const decision = entry.decision ?? 'forwarded'
    const bytes = decision === 'dropped' ? 0 : piece.data.length
    this.#context.onReleased(entry, decision, bytes, roundMs(this.#context.now() - entry.at))
    if (bytes > 0) this.#next.push(piece)
  }

  /** As many bytes as it came with are free again: an edited chunk may have another size. */
  #gave(waiting: Waiting): void {
    if ('end' in waiting) return
    this.#context.held.gave('entry' in waiting ? waiting.entry.heldBytes : waiting.piece.data.length)
  }
}
