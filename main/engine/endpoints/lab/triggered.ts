// When a fault acts: always, or from a message on that matches, so many messages long. Counterparts: stage.ts (what it does),
// flow.ts (the chain that this is a link of).
import type { Fault } from '../../../../preload/contract/faults.ts'
import type { Framing, FramingFailure } from '../../../../preload/contract/framing.ts'
import { compilePattern } from '../../../../preload/contract/patterns.ts'
import { type CutterClock, type Message, MessageCutter } from './message-cutter.ts'
import type { End, Outlet, Piece } from './piece.ts'
import type { Stage } from './stage.ts'

type Trigger = NonNullable<Fault['trigger']>

/** A fault of the chain: pieces in, to its stage, which acts on them or lets them pass. */
export class Triggered implements Outlet {
  readonly stage: Stage
  readonly #clock: CutterClock
  readonly #onFailed: (failure: FramingFailure, seq: number) => void
  /** Cuts messages for as long as it matters where they end. */
  #cutter: MessageCutter | null = null
  readonly #matches: (message: Uint8Array) => boolean
  /** Messages that it still acts on; null while none has matched. */
  #left: number | null
  readonly #times: number

  constructor(
    stage: Stage,
    trigger: Trigger | null,
    framing: Framing | undefined,
    clock: CutterClock,
    onFailed: (failure: FramingFailure, seq: number) => void,
  ) {
    this.stage = stage
    this.#clock = clock
    this.#onFailed = onFailed
    const matcher = trigger === null ? null : compilePattern(trigger.pattern)
    this.#matches = matcher?.ok ? (message) => matcher.value(message) !== null : () => false
    this.#times = trigger?.times ?? Number.POSITIVE_INFINITY
    this.#left = trigger === null ? Number.POSITIVE_INFINITY : null
    if (trigger !== null) this.#cutter = this.#newCutter(framing)
  }

  push(piece: Piece): void {
    const cutter = this.#cutter
    if (cutter === null) {
      this.stage.push(piece, this.#acts)
      return
    }
    cutter.push(piece)
    // From here on all messages are treated alike: where they end is no matter.
    if (!this.#isSettled) return
    this.#cutter = null
    cutter.end()
  }

  end(end: End): void {
    this.#cutter?.end()
    this.stage.end(end, this.#acts)
  }

  /** Cuts messages by another framing from here on. */
  reframe(framing: Framing | undefined): void {
    if (this.#cutter === null) return
    this.#cutter.end()
    this.#cutter = this.#newCutter(framing)
  }

  /** Lets go all that waits, in order, at once: before the trigger last. */
  flush(): void {
    this.stage.flush()
    this.#cutter?.end()
    this.stage.flush()
  }

  dispose(): void {
    this.#cutter?.dispose()
    this.stage.dispose()
  }

  get #acts(): boolean {
    return this.#left !== null && this.#left > 0
  }

  /** True where it acts without end, or never again. */
  get #isSettled(): boolean {
    return this.#left === 0 || this.#left === Number.POSITIVE_INFINITY
  }

  #newCutter(framing: Framing | undefined): MessageCutter {
    return new MessageCutter(framing, this.#clock, this.#onMessage, this.#onFailed)
  }

  readonly #onMessage = ({ body, pieces }: Message): void => {
    if (this.#left === null && this.#matches(body)) this.#left = this.#times
    const acts = this.#acts
    for (const piece of pieces) this.stage.push(piece, acts)
    if (acts) this.#left!--
  }
}
