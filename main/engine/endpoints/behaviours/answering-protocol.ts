// A connection of a listener or client: sends what comes first, and answers. Where no rule is on and no script is given, a
// chunk takes the plain way, which costs nothing. Counterparts: answers.ts (the endpoint's side), message-answers.ts (the
// other way).
import type { ReplyRule } from '../../../../preload/contract/replies.ts'
import type { Opening } from '../../../../preload/contract/vocabulary.ts'
import { BaseProtocol } from '../../loop/protocol.ts'
import type { Transport } from '../../loop/transport.ts'
import type { ConnectionProtocol } from '../accepting.ts'
import type { Connection } from '../connection.ts'
import { type AnswerPlan, isPlain } from './answer-plan.ts'
import type { Answers } from './answers.ts'
import { MessageAnswers } from './message-answers.ts'
import { ReplyQueue } from './reply-queue.ts'

/** Why nothing is read from the peer, as bits. */
export const holds = { peerDoesNotRead: 1, repliesWait: 2, scriptIsBehind: 4 } as const

export class AnsweringProtocol extends BaseProtocol implements ConnectionProtocol {
  readonly connection: Connection
  readonly #answers: Answers
  readonly #opening: Opening | undefined
  #plan: AnswerPlan
  /** Null as long as chunks take the plain way. */
  #messages: MessageAnswers | null = null
  #queue: ReplyQueue | null = null
  #transport: Transport | null = null
  #held = 0
  #eofReceived = false

  /** `opening`: what is sent first; left out, nothing is. */
  constructor(connection: Connection, answers: Answers, opening?: Opening) {
    super()
    this.connection = connection
    this.#answers = answers
    this.#opening = opening
    this.#plan = answers.plan
  }

  override connectionMade(transport: Transport): void {
    this.#transport = transport
    this.#open(transport)
    if (!isPlain(this.#plan)) this.#lookAtMessages()
    this.#answers.made(this)
  }

  override dataReceived(data: Uint8Array): void {
    if (this.#messages !== null) {
      this.#messages.received(data)
      return
    }
    const { reply } = this.#plan
    if (reply !== 'echo' && reply !== 'echo-close') return
    // After a half-close by the person there is nothing to answer with.
    if (this.connection.canSend) this.#transport!.write(data)
    else this.connection.ignored(data.length)
    if (reply === 'echo-close') this.#transport!.close()
  }

  /** Whoever leaves the answers to a person or a script does not close when the peer has said all it had to say. */
  override eofReceived(): boolean {
    this.#eofReceived = true
    this.#messages?.ended()
    if (this.#plan.script !== null) return this.#answers.ended(this)
    if (this.#plan.reply === 'none') return true
    if (this.#queue === null || this.#queue.isEmpty) return false
    this.#queue.whenEmpty(() => this.#transport?.close())
    return true
  }

  override connectionLost(reason: Error | null): void {
    this.#messages?.dispose()
    this.#queue?.dispose()
    this.#transport = null
    this.#answers.lost(this, reason)
  }

  /** A peer that sends and does not read must not fill our memory. */
  override pauseWriting(): void {
    this.#answers.paused(this, true)
    const { reply } = this.#plan
    if (this.#messages !== null || reply === 'echo' || reply === 'echo-close') this.hold(holds.peerDoesNotRead, true)
  }

  override resumeWriting(): void {
    this.#answers.paused(this, false)
    this.hold(holds.peerDoesNotRead, false)
  }

  /** Answers by another plan, from the next message on. */
  apply(plan: AnswerPlan): void {
    const before = this.#plan
    this.#plan = plan
    if (this.#messages !== null) this.#messages.apply(plan)
    else if (!isPlain(plan)) this.#lookAtMessages()
    if (this.#messages === null && before.reply !== plan.reply && this.connection.sendingPaused)
      this.hold(holds.peerDoesNotRead, plan.reply === 'echo' || plan.reply === 'echo-close')
    // What the script kept open behind the peer's FIN nobody else would ever close.
    if (this.#eofReceived && before.script !== null && plan.script === null && plan.reply !== 'none')
      this.#queue?.whenEmpty(() => this.#transport?.close())
  }

  /** Stops or resumes reading for one of the reasons above. */
  hold(reason: number, on: boolean): void {
    const before = this.#held
    this.#held = on ? before | reason : before & ~reason
    if (before === 0 && this.#held !== 0) this.#transport?.pauseReading()
    else if (before !== 0 && this.#held === 0) this.#transport?.resumeReading()
  }

  /** Writes, and does what follows; counted where the peer can be sent nothing any more. */
  readonly send = (data: Uint8Array, after: ReplyRule['after']): void => {
    const transport = this.#transport
    if (transport === null) return
    if (this.connection.canSend) transport.write(data)
    else this.connection.ignored(data.length)
    if (after === 'close') transport.close()
    else if (after === 'reset') transport.abort()
    else if (after === 'half-close') this.halfClose()
  }

  halfClose(): void {
    if (!this.connection.canSend) return
    this.connection.eofAsked()
    this.#transport?.writeEof()
  }

  /** The script is not there to answer any more: what it was to close is closed. */
  scriptGone(): void {
    this.hold(holds.scriptIsBehind, false)
    if (this.#eofReceived) this.#transport?.close()
  }

  #open(transport: Transport): void {
    if (this.#opening === undefined) return
    for (const message of this.#opening.messages) transport.write(message)
    if (this.#opening.halfClose) this.halfClose()
  }

  #lookAtMessages(): void {
    const { loop } = this.connection.endpoint.engine
    this.#queue = new ReplyQueue(loop, this.send, (full) => this.hold(holds.repliesWait, full))
    this.#messages = new MessageAnswers(
      this.connection,
      this.#plan,
      {
        counted: () => this.#answers.counted(),
        toScript: (frame) => this.#answers.message(this, frame),
      },
      this.#queue,
    )
  }
}
