// One direction of one pair with a lab in it: what comes is held, replaced, and goes through the faults in a row, to the sink.
// Counterparts: ../link.ts (where bytes come from and go to), intercept.ts, replacer.ts, triggered.ts with faults/*.
//
// The chain may be changed at any time. No byte is lost by that and none overtakes another: a fault that is taken away, or
// changes its place, lets go what waits in it first; one that stays keeps what waits, and its count of what has passed. Its
// toxicity is decided by the fault's seed and the pair's number, and a fault that does not act on a pair is not in its chain.

import type { Failure } from '../../../../preload/contract/failure.ts'
import {
  type Fault,
  type FaultEffect,
  type FlowLab,
  type Flow as FlowName,
  labBounds,
} from '../../../../preload/contract/faults.ts'
import type { Framing } from '../../../../preload/contract/framing.ts'
import type { ConnectionId, EventDetails } from '../../../../preload/contract/vocabulary.ts'
import { failureOf } from '../../loop/errors.ts'
import { chanceOf, createRandom } from './chance.ts'
import { createStage } from './faults/table.ts'
import type { HeldChunks } from './held-chunks.ts'
import { Gate } from './intercept.ts'
import type { End, Outlet } from './piece.ts'
import { Replacer, replacesNothing } from './replacer.ts'
import type { StageContext } from './stage.ts'
import { Triggered } from './triggered.ts'

type LabEventKind = 'fault-applied' | 'chunk-held' | 'chunk-released' | 'chunk-replaced' | 'framing-failed'

/** What all pairs of a relay share. */
export interface RelayLabState {
  readonly held: HeldChunks
  /** Bytes that wait in faults, of all pairs. */
  waitingBytes: number
}

/** What a direction needs of its pair. */
export interface FlowHost {
  readonly flow: FlowName
  /** 1 and up, in the order in which the relay has accepted. */
  readonly pair: number
  readonly madeAt: number
  readonly from: ConnectionId
  readonly to: ConnectionId
  readonly relay: RelayLabState
  now(): number
  callAt(whenMs: number, callback: () => void): () => void
  /** Writes to the sink, or counts where it takes no more. */
  deliver(data: Uint8Array): void
  /** Carries an end over to the sink, or to the whole pair. */
  deliverEnd(end: End): void
  resetPair(): void
  sinkPaused(): boolean
  /** Nothing more is to be read from the source for this reason, or for this one no longer. */
  holdSource(reason: 'full' | 'held' | 'stalled', on: boolean): void
  record<K extends LabEventKind>(kind: K, details: EventDetails[K]): void
}

interface Slot {
  readonly fault: Fault
  readonly triggered: Triggered
}

/** True where nothing is done to what passes. */
export const isPlain = (lab: FlowLab | undefined): boolean =>
  lab === undefined || !(lab.intercept.on || !replacesNothing(lab.replacements) || lab.faults.some(({ on }) => on))

/** True where a fault goes on as it is, with other attributes at most. */
const isSame = (a: Fault, b: Fault): boolean =>
  a.name === b.name &&
  a.action.kind === b.action.kind &&
  a.seed === b.seed &&
  JSON.stringify(a.trigger) === JSON.stringify(b.trigger)

export class Flow {
  readonly #host: FlowHost
  readonly #gate: Gate
  readonly #replacer: Replacer
  readonly #exit: Outlet
  #slots: readonly Slot[] = []
  #framing: Framing | undefined
  /** The replacements in force, as text to compare with. */
  #replacements = '[]'
  #waitingBytes = 0
  #full = false
  #stalls = 0
  #disposed = false
  /** A fault that was ended by what it let go may still take in the rest of that chunk: nobody would take it out again. */
  #uncounted = false

  constructor(host: FlowHost) {
    this.#host = host
    this.#exit = {
      push: ({ data }) => host.deliver(data),
      end: (end) => host.deliverEnd(end),
    }
    this.#replacer = new Replacer(
      host,
      {
        onReplaced: (name, chunk, count) => host.record('chunk-replaced', { name, flow: host.flow, chunk, count }),
        onFailed: this.#onFramingFailed,
        onTooLong: (name, chunk) =>
          this.#onFramingFailed(
            {
              code: 'replacement-too-long',
              message: `With “${name}” the message would have more than ${labBounds.replacedBytes} bytes or ${labBounds.replacedMatches} replacements; it went on as it came`,
            },
            chunk,
          ),
      },
      this.#exit,
    )
    this.#gate = new Gate(
      {
        held: host.relay.held,
        flow: host.flow,
        from: host.from,
        to: host.to,
        now: () => host.now(),
        onHeld: ({ id, piece }) => host.record('chunk-held', { held: id, flow: host.flow, chunk: piece.seq }),
        onReleased: ({ id, piece }, decision, bytes, heldMs) =>
          host.record('chunk-released', { held: id, flow: host.flow, chunk: piece.seq, decision, bytes, heldMs }),
        pause: (on) => host.holdSource('held', on),
      },
      this.#replacer,
    )
  }

  /** Bytes of one read, valid until this returns, and their event. */
  push(data: Uint8Array, seq: number): void {
    this.#gate.push({ data, seq, offset: 0, last: true, kept: false })
  }

  end(end: End): void {
    this.#gate.end(end)
  }

  /** The sink takes bytes again. */
  wake(): void {
    for (const { triggered } of this.#slots) triggered.stage.wake()
  }

  /** Works by this from here on. */
  configure(lab: FlowLab, framing: Framing | undefined): void {
    if (this.#disposed) return
    // A change of something else is not to cut a message in two that has begun.
    const reframed = JSON.stringify(framing) !== JSON.stringify(this.#framing)
    const replacements = JSON.stringify(lab.replacements)
    // From the sink backwards, so that what is let go finds what is behind it in its new place.
    this.#setFaults(lab.faults, framing, reframed)
    if (reframed || replacements !== this.#replacements) this.#replacer.configure(lab.replacements, framing)
    this.#gate.configure(lab.intercept)
    this.#framing = framing
    this.#replacements = replacements
  }

  /** Lets everything go that waits, but what is held for a person; from then on it does nothing. */
  release(): void {
    if (this.#disposed) return
    this.#gate.dispose()
    this.#replacer.flush()
    this.#flushAll(this.#slots)
    this.dispose()
  }

  /** The sink is gone, and what waits with it. */
  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    this.#gate.dispose()
    this.#replacer.dispose()
    for (const { triggered } of this.#slots) triggered.dispose()
    this.#slots = []
    this.#account(-this.#waitingBytes)
    this.#uncounted = true
  }

  /** Lets go what waits in any of them: from the first to the last, so that each still does to it what takes no time. */
  #flushAll(slots: readonly Slot[]): void {
    for (const { triggered } of slots) triggered.flush()
  }

  #setFaults(faults: readonly Fault[], framing: Framing | undefined, reframed: boolean): void {
    const { pair } = this.#host
    const wanted = faults.filter(({ on, toxicity, seed }) => on && chanceOf(seed, pair) < toxicity)
    const old = this.#slots
    const kept = new Map<string, Slot>()
    for (const slot of old) {
      const same = wanted.find((fault) => isSame(fault, slot.fault))
      if (same !== undefined) kept.set(same.name, slot)
    }
    const order = wanted.flatMap(({ name }) => kept.get(name) ?? [])
    const inOrder =
      order.length < 2 || order.every((slot, i) => i === 0 || old.indexOf(slot) > old.indexOf(order[i - 1]!))
    if (!inOrder) this.#flushAll(old)
    let next: Outlet = this.#exit
    const removed: Slot[] = []
    for (const slot of old.toReversed()) {
      slot.triggered.stage.next = next
      if (order.includes(slot)) next = slot.triggered
      else {
        slot.triggered.flush()
        removed.push(slot)
      }
    }
    // What waits is in its place; now the chain is put together anew, empty links between.
    next = this.#exit
    const slots: Slot[] = []
    for (const fault of wanted.toReversed()) {
      const slot = this.#slotOf(fault, kept.get(fault.name), framing, next)
      if (slot === null) continue
      slots.unshift(slot)
      next = slot.triggered
    }
    this.#slots = slots
    this.#replacer.next = next
    for (const { fault, triggered } of slots) {
      if (!kept.has(fault.name)) continue
      triggered.stage.update(fault.action)
      if (reframed) triggered.reframe(framing)
    }
    for (const { triggered } of removed) {
      triggered.stage.next = this.#exit
      triggered.stage.removed()
      triggered.dispose()
    }
  }

  #slotOf(fault: Fault, kept: Slot | undefined, framing: Framing | undefined, next: Outlet): Slot | null {
    if (kept !== undefined) {
      kept.triggered.stage.next = next
      return { fault, triggered: kept.triggered }
    }
    const stage = createStage(fault.action, this.#contextOf(fault), next)
    if (stage === null) return null
    return { fault, triggered: new Triggered(stage, fault.trigger, framing, this.#host, this.#onFramingFailed) }
  }

  #contextOf(fault: Fault): StageContext {
    const host = this.#host
    return {
      now: () => host.now(),
      callAt: (whenMs, callback) => host.callAt(whenMs, callback),
      random: createRandom(fault.seed, host.pair, host.flow === 'upstream' ? 0 : 1),
      madeAt: host.madeAt,
      actsFromStart: fault.trigger === null,
      account: (bytes) => this.#account(bytes),
      stall: (on) => this.#stall(on),
      sinkPaused: () => host.sinkPaused(),
      record: (chunk, effect) => this.#record(fault, chunk, effect),
      resetPair: () => host.resetPair(),
    }
  }

  #record(fault: Fault, chunk: number | null, effect: FaultEffect): void {
    this.#host.record('fault-applied', {
      fault: fault.name,
      action: fault.action.kind,
      flow: this.#host.flow,
      chunk,
      effect,
    })
  }

  #account(bytes: number): void {
    if (this.#uncounted) return
    const { relay } = this.#host
    this.#waitingBytes += bytes
    relay.waitingBytes += bytes
    const room = relay.waitingBytes < labBounds.relayBytes ? labBounds.flowBytes : labBounds.flowFloorBytes
    // Paused above the bound, and read again when a quarter of it is free: not at each piece.
    const full = this.#waitingBytes > (this.#full ? room * 0.75 : room)
    if (full === this.#full) return
    this.#full = full
    this.#host.holdSource('full', full)
  }

  #stall(on: boolean): void {
    this.#stalls += on ? 1 : -1
    this.#host.holdSource('stalled', this.#stalls > 0)
  }

  readonly #onFramingFailed = ({ code, message }: Pick<Failure, 'code' | 'message'>, chunk: number): void =>
    this.#host.record('framing-failed', { error: failureOf(Object.assign(new Error(message), { code })), chunk })
}
