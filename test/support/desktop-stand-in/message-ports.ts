// MessageChannelMain and MessagePortMain: two linked ends; an end that is sent to a page is carried on by that page's messages, in
// which it is a real MessagePort. Counterpart: window.ts, which carries them.
import type { MessageChannelMain as ElectronChannel, MessagePortMain as ElectronPort } from 'electron'
import { KnownEvents } from './known-events.ts'

/** Takes messages to the end that has moved into a page. */
export interface PortCarrier {
  post(data: unknown): void
  close(): void
}

export class MessagePortMain extends KnownEvents implements Pick<ElectronPort, 'postMessage' | 'start' | 'close'> {
  other: MessagePortMain = this
  #inbox: unknown[] = []
  #started = false
  #closed = false
  #carrier: PortCarrier | null = null

  constructor() {
    super('message', 'close')
  }

  postMessage(message: unknown): void {
    // Cloned at once, as Electron does: what the sender changes afterwards is not seen, and what cannot be cloned throws.
    if (!this.#closed) this.other.#receive(structuredClone(message))
  }

  start(): void {
    this.#started = true
    for (const data of this.#inbox.splice(0)) this.#receive(data)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.other.#lose()
  }

  /** This end goes to a page. */
  transfer(carrier: PortCarrier): void {
    this.#carrier = carrier
    for (const data of this.#inbox.splice(0)) carrier.post(data)
  }

  /** What the page's end says, and that it is gone: closed there, or its page reloaded or crashed. */
  fromPage(data: unknown): void {
    this.other.#receive(data)
  }

  pageGone(): void {
    this.#carrier = null
    this.close()
  }

  #receive(data: unknown): void {
    if (this.#carrier !== null) this.#carrier.post(data)
    else if (!this.#started) this.#inbox.push(data)
    else if (!this.#closed) setImmediate(() => this.emit('message', { data, ports: [] }))
  }

  #lose(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#carrier !== null) this.#carrier.close()
    else setImmediate(() => this.emit('close'))
  }
}

export class MessageChannelMain implements Record<keyof ElectronChannel, MessagePortMain> {
  readonly port1 = new MessagePortMain()
  readonly port2 = new MessagePortMain()

  constructor() {
    this.port1.other = this.port2
    this.port2.other = this.port1
  }
}
