// One direction of a relay: what one half receives goes out on the other. Counterparts: relay.ts; lab/flow.ts, which stands
// between the two where the relay has a lab.
// In: bytes and ends of the source. Out: the same to the sink. Backwards: the sink's flow control, to the source's reading.
import type { FlowLab, Flow as FlowName } from '../../../preload/contract/faults.ts'
import type { Framing } from '../../../preload/contract/framing.ts'
import type { Connection } from './connection.ts'
import { Flow, type FlowHost, isPlain, type RelayLabState } from './lab/flow.ts'
import type { End } from './lab/piece.ts'

/** What a direction knows of its pair. */
export interface LinkPair {
  readonly flow: FlowName
  readonly number: number
  readonly relay: RelayLabState
  callAt(whenMs: number, callback: () => void): () => void
  /** Sends RST behind everything that the sink's buffer has. */
  resetSink(): void
  close(): void
  reset(): void
}

type WhyPaused = 'sink' | 'full' | 'held' | 'stalled'

export class Link {
  readonly #source: Connection
  readonly #sink: Connection
  readonly #pair: LinkPair
  /** Null where everything passes as it is. */
  #flow: Flow | null = null
  readonly #paused = new Set<WhyPaused>()

  constructor(source: Connection, sink: Connection, pair: LinkPair) {
    this.#source = source
    this.#sink = sink
    this.#pair = pair
  }

  /** Bytes from the source; valid until this returns. */
  forward(data: Uint8Array): void {
    // The event that has just told of them is the last there is.
    if (this.#flow !== null) this.#flow.push(data, this.#source.endpoint.engine.recorder.nextSeq - 1)
    else this.#deliver(data)
  }

  /** The source has said all it had to say: FIN to the sink, after everything forwarded before. */
  eof(): void {
    this.#end('fin')
  }

  /** The source is lost in order: nothing follows, and the pair ends when all has gone. */
  close(): void {
    this.#end('close')
  }

  /** The source was reset: so is the sink, behind what was received before. */
  reset(): void {
    this.#end('reset')
  }

  /** The sink's buffer is above its high-water mark: the source must wait. */
  pause(): void {
    this.#hold('sink', true)
  }

  resume(): void {
    this.#hold('sink', false)
    this.#flow?.wake()
  }

  /** True where the source must not be read from yet. */
  get isPaused(): boolean {
    return this.#paused.size > 0
  }

  /** Both halves are there, or the lab has changed: it does this to what passes from here on. `madeAt`: when they were. */
  setLab(lab: FlowLab | undefined, framing: Framing | undefined, madeAt: number): void {
    if (this.#sink.ended) return
    if (lab !== undefined && !isPlain(lab)) {
      this.#flow ??= new Flow(this.#host(madeAt))
      this.#flow.configure(lab, framing)
    } else if (this.#flow !== null) {
      const flow = this.#flow
      flow.configure(
        { intercept: { on: false, pattern: { match: 'always', text: '' } }, replacements: [], faults: [] },
        framing,
      )
      flow.dispose()
      this.#flow = null
    }
  }

  /** Lets everything go at once, but what is held for a person; from here on everything passes as it is. */
  release(): void {
    const flow = this.#flow
    this.#flow = null
    flow?.release()
  }

  /** The sink is gone, and what was on the way to it. */
  abandon(): void {
    const flow = this.#flow
    this.#flow = null
    flow?.dispose()
  }

  #host(madeAt: number): FlowHost {
    const { recorder } = this.#source.endpoint.engine
    const { flow, number, relay } = this.#pair
    return {
      flow,
      pair: number,
      madeAt,
      from: this.#source.id,
      to: this.#sink.id,
      relay,
      now: () => recorder.now(),
      callAt: (whenMs, callback) => this.#pair.callAt(whenMs, callback),
      deliver: (data) => this.#deliver(data),
      deliverEnd: (end) => this.#deliverEnd(end),
      resetPair: () => this.#pair.reset(),
      sinkPaused: () => this.#sink.sendingPaused,
      holdSource: (reason, on) => this.#hold(reason, on),
      // Of the half that the chunk came from; where that is over, of the other. Where both are, there is nobody to tell of.
      record: (kind, details) => {
        const at = this.#source.ended ? this.#sink : this.#source
        if (!at.ended) recorder.event(kind, 'none', at.endpoint.id, at.id, details)
      },
    }
  }

  #end(end: End): void {
    if (this.#flow !== null) this.#flow.end(end)
    else this.#deliverEnd(end)
  }

  #deliver(data: Uint8Array): void {
    if (this.#sink.canSend) this.#sink.transport!.write(data)
    else this.#sink.ignored(data.length)
  }

  #deliverEnd(end: End): void {
    if (end === 'reset') this.#pair.resetSink()
    else if (end === 'close') this.#pair.close()
    else {
      this.#sink.eofAsked()
      this.#sink.transport?.writeEof()
    }
  }

  #hold(why: WhyPaused, on: boolean): void {
    const were = this.#paused.size
    if (on) this.#paused.add(why)
    else this.#paused.delete(why)
    const are = this.#paused.size
    if (were === 0 && are > 0) this.#source.transport?.pauseReading()
    else if (were > 0 && are === 0) this.#source.transport?.resumeReading()
  }
}
