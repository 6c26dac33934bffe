// One connection whose messages are looked at: cuts what comes into messages and gives each to the script, or to the first
// rule that matches, or to the endpoint's plain reply. Counterparts: answering-protocol.ts (whose connection it is),
// answer-plan.ts (by what it works), reply-queue.ts (what it sends through).
import { type Frame, Framer, type FramingStep } from '../../../../preload/contract/framing.ts'
import { concatBytes } from '../../../../preload/contract/notation.ts'
import type { PatternMatch } from '../../../../preload/contract/patterns.ts'
import { templatePieces } from '../../../../preload/contract/templates.ts'
import type { EventDetails } from '../../../../preload/contract/vocabulary.ts'
import type { TimerHandle } from '../../loop/handles.ts'
import type { Connection } from '../connection.ts'
import { type AnswerPlan, type CompiledRule, sameFraming } from './answer-plan.ts'
import type { ReplyQueue } from './reply-queue.ts'

/** The most bytes of one reply: 16 MiB, what a person may send at once. */
export const maxReplyBytes = 16 * 1024 * 1024
/**
 * The most bytes of replies that wait to leave: 64 MiB. Nothing is read above far less, but what was read at once may ask for
 * a quarter of a million replies.
 */
export const maxWaitingReplyBytes = 64 * 1024 * 1024

/** What a connection's answers ask of the endpoint. */
export interface AnswersSeat {
  /** Counts a reply; answers how many there were, this one included. */
  counted(): number
  /** Gives a message to the endpoint's script. */
  toScript(frame: Frame): void
}

export class MessageAnswers {
  readonly #connection: Connection
  readonly #seat: AnswersSeat
  readonly #queue: ReplyQueue
  #plan: AnswerPlan
  readonly #framer: Framer
  /** Rules with `once` that have answered here. */
  readonly #used = new Set<string>()
  /** The event with the last byte that came. */
  #chunk = 0
  #idleTimer: TimerHandle | null = null
  #lastAtMs = 0

  constructor(connection: Connection, plan: AnswerPlan, seat: AnswersSeat, queue: ReplyQueue) {
    this.#connection = connection
    this.#plan = plan
    this.#seat = seat
    this.#queue = queue
    this.#framer = new Framer(plan.framing, connection.traffic.bytesReceived)
  }

  /** Works by another plan from the next message on; what has come of one is looked at by its framing. */
  apply(plan: AnswerPlan): void {
    const framed = sameFraming(plan.framing, this.#plan.framing)
    this.#plan = plan
    if (framed) return
    this.#take(this.#framer.reframe(plan.framing))
    this.#watchForPause()
  }

  /** To be called from `dataReceived`: the event of the chunk is the last one then. */
  received(data: Uint8Array): void {
    const { loop, recorder } = this.#connection.endpoint.engine
    this.#chunk = recorder.nextSeq - 1
    this.#lastAtMs = loop.time()
    this.#take(this.#framer.push(data, this.#lastAtMs))
    this.#watchForPause()
  }

  /** The peer sends nothing more: a last line counts without its ending, any other message that is not whole does not. */
  ended(): void {
    this.#idleTimer?.cancel()
    const rest = this.#framer.end()
    if (rest === null) return
    if (rest.complete || this.#plan.framing.kind === 'line') this.#answer(rest)
    else this.#plainly(rest.bytes)
  }

  dispose(): void {
    this.#idleTimer?.cancel()
  }

  #take({ frames, failure }: FramingStep): void {
    let told = failure === null
    const tell = () => {
      if (told || failure === null) return
      told = true
      const { code, message, at } = failure
      this.#record('framing-failed', {
        error: { code, message: `${message} (at byte ${at} of the stream)` },
        chunk: this.#chunk,
      })
    }
    for (const frame of frames) {
      if (failure !== null && frame.start >= failure.at) tell()
      this.#answer(frame)
    }
    tell()
  }

  #answer(frame: Frame): void {
    if (this.#plan.script !== null) {
      this.#seat.toScript(frame)
      return
    }
    // After a close or half-close there is nothing to answer with.
    if (this.#connection.canSend)
      for (const rule of this.#plan.rules) {
        if (rule.rule.once && this.#used.has(rule.identity)) continue
        const match = rule.matcher(frame.body)
        if (match === null) continue
        this.#reply(rule, match, frame)
        return
      }
    this.#plainly(frame.bytes)
  }

  #reply({ index, rule, identity, template, files }: CompiledRule, match: PatternMatch, frame: Frame): void {
    if (rule.once) this.#used.add(identity)
    this.#record('rule-matched', {
      rule: index,
      name: rule.name,
      chunk: this.#chunk,
      messageBytes: frame.bytes.length,
    })
    const pieces = templatePieces(template, {
      counter: this.#seat.counted(),
      match,
      file: (path) => files.get(path)!,
    })
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
    if (length > maxReplyBytes) {
      this.#giveUp(
        'reply-too-long',
        `The reply of rule ${index + 1}${rule.name === '' ? '' : ` (${rule.name})`} has ${length} bytes; a reply has at most ${maxReplyBytes}`,
      )
      return
    }
    const waiting = this.#queue.bytes + (this.#connection.transport?.getWriteBufferSize() ?? 0)
    if (waiting + length > maxWaitingReplyBytes) {
      this.#giveUp(
        'peer-does-not-read',
        `The peer has asked for more than ${maxWaitingReplyBytes} bytes of replies that it has not read`,
      )
      return
    }
    this.#queue.add(concatBytes(pieces), rule.delayMs, rule.after)
  }

  #giveUp(code: string, why: string): void {
    this.#connection.explain(Object.assign(new Error(why), { code }))
    this.#connection.transport?.abort()
  }

  /** What the endpoint does with what nothing else answers. */
  #plainly(bytes: Uint8Array): void {
    const { reply } = this.#plan
    if (reply === 'echo' || reply === 'echo-close') this.#queue.add(bytes, 0, reply === 'echo' ? 'nothing' : 'close')
  }

  #watchForPause(): void {
    const { framing } = this.#plan
    if (framing.kind !== 'idle' || this.#idleTimer !== null || this.#framer.pendingBytes === 0) return
    // One timer for many chunks: where bytes have come since, it waits for what is left of the pause.
    this.#idleTimer = this.#connection.endpoint.engine.loop.callAt(this.#lastAtMs + framing.idleMs, () => {
      this.#idleTimer = null
      const { framing: now } = this.#plan
      if (now.kind === 'idle' && this.#connection.endpoint.engine.loop.time() + 1 < this.#lastAtMs + now.idleMs) {
        this.#watchForPause()
        return
      }
      const frame = this.#framer.flush()
      if (frame !== null) this.#answer(frame)
    })
  }

  #record<K extends 'rule-matched' | 'framing-failed'>(kind: K, details: EventDetails[K]): void {
    const { endpoint, id } = this.#connection
    endpoint.engine.recorder.event(kind, 'none', endpoint.id, id, details)
  }
}
