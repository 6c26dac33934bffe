// One fault at work on one direction of one pair: the part that all of them have. Counterparts: faults/* (one file a fault),
// flow.ts (puts them in a row), triggered.ts (when it acts).
import type { FaultAction, FaultEffect } from '../../../../preload/contract/faults.ts'
import type { Random } from './chance.ts'
import type { End, Outlet, Piece } from './piece.ts'

/** What a fault works with. */
export interface StageContext {
  /** ms, on the clock of the events. */
  now(): number
  /** Calls back when `now()` has reached `whenMs`, never before. Answers what takes that back. */
  callAt(whenMs: number, callback: () => void): () => void
  readonly random: Random
  /** When both halves of the pair were there, on the clock of the events. */
  readonly madeAt: number
  /** False for a fault that waits for a trigger: its time begins with the first piece that it acts on. */
  readonly actsFromStart: boolean
  /** Bytes that begin to wait here (above 0), or do so no more. */
  account(bytes: number): void
  /** Nothing more is to be read from the source, or is again. */
  stall(on: boolean): void
  /** True while the sink takes no more; `Stage.wake` follows. */
  sinkPaused(): boolean
  /** Records what was done to a chunk (`seq` of its `data-received`), or to the pair (null). */
  record(seq: number | null, effect: FaultEffect): void
  /** Resets both halves. */
  resetPair(): void
}

type Merged = { -readonly [K in keyof FaultEffect]: FaultEffect[K] }

export abstract class Stage<A extends FaultAction = FaultAction> {
  protected readonly context: StageContext
  protected action: A
  /** Where what leaves goes; the chain sets it. */
  next: Outlet
  /** What was done to the chunk whose parts pass now, told with the last of them. */
  #effect: { readonly seq: number; readonly effect: Merged } | null = null

  constructor(action: A, context: StageContext, next: Outlet) {
    this.action = action
    this.context = context
    this.next = next
  }

  /** Takes a piece. Where not `acts`, it goes on as it is, behind what waits. */
  abstract push(piece: Piece, acts: boolean): void

  /** Takes the end of the stream, behind which nothing follows but perhaps another end. */
  end(end: End, _acts: boolean): void {
    this.settle()
    this.next.end(end)
  }

  /** Goes on with other attributes of the same kind. */
  update(action: A): void {
    this.action = action
  }

  /** The sink takes bytes again. */
  wake(): void {}

  /** Lets go all that waits, in order, at once. */
  flush(): void {
    this.settle()
  }

  /** The fault is taken away while the pair goes on; called behind `flush`. */
  removed(): void {}

  /** Takes back its timers. What still waits is gone. */
  dispose(): void {
    this.settle()
  }

  /** Remembers what was done to a part of a chunk; told once for the whole chunk. */
  protected mark(piece: Piece, effect: FaultEffect): void {
    if (this.#effect !== null && this.#effect.seq !== piece.seq) this.settle()
    this.#effect ??= { seq: piece.seq, effect: {} }
    const sum = this.#effect.effect
    if (effect.delayedMs !== undefined) sum.delayedMs = Math.max(sum.delayedMs ?? 0, effect.delayedMs)
    if (effect.droppedBytes !== undefined) sum.droppedBytes = (sum.droppedBytes ?? 0) + effect.droppedBytes
    if (effect.slices !== undefined) sum.slices = (sum.slices ?? 0) + effect.slices
    if (effect.flippedBits !== undefined) sum.flippedBits = (sum.flippedBits ?? 0) + effect.flippedBits
    if (effect.firstFlippedAt !== undefined) sum.firstFlippedAt ??= effect.firstFlippedAt
    if (effect.cutAt !== undefined) sum.cutAt ??= effect.cutAt
    if (effect.ended !== undefined) sum.ended = effect.ended
    if (piece.last) this.settle()
  }

  /** Hands a piece on. Where no more of the chunk follows, what was done to the parts before is told. */
  protected forward(piece: Piece): void {
    const told = this.#effect
    if (told !== null && (piece.last || told.seq !== piece.seq)) this.settle()
    this.next.push(piece)
  }

  /** Tells what is remembered: no part of that chunk follows. */
  protected settle(): void {
    const told = this.#effect
    this.#effect = null
    if (told === null) return
    const { effect } = told
    // One piece that did not wait is the chunk as it came.
    if (effect.slices === 1) {
      delete effect.slices
      if (effect.delayedMs === 0) delete effect.delayedMs
    }
    if (Object.keys(effect).length > 0) this.context.record(told.seq, effect)
  }
}

/** ms with the microseconds that the clock is good for. */
export const roundMs = (ms: number): number => Math.round(ms * 1000) / 1000
