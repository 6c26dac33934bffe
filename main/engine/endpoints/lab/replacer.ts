// Match and replace: messages of a direction go on with other bytes where a pattern matches. Counterparts:
// preload/contract/{patterns,templates}.ts (find, and what stands in place of what was found), message-cutter.ts.
import type { Replacement } from '../../../../preload/contract/faults.ts'
import type { Framing, FramingFailure } from '../../../../preload/contract/framing.ts'
import { concatBytes } from '../../../../preload/contract/notation.ts'
import { compilePattern, type Matcher } from '../../../../preload/contract/patterns.ts'
import { expandTemplate, parseTemplate, type Template } from '../../../../preload/contract/templates.ts'
import { type CutterClock, type Message, MessageCutter } from './message-cutter.ts'
import type { End, Outlet, Piece } from './piece.ts'

interface Rule {
  readonly name: string
  readonly matcher: Matcher
  readonly template: Template
}

export interface ReplacerEvents {
  readonly onReplaced: (name: string, seq: number, count: number) => void
  readonly onFailed: (failure: FramingFailure, seq: number) => void
}

const isOn = ({ on }: Replacement): boolean => on

/** The rules that are on. The border has checked their texts; what it let through and is none does nothing. */
const rulesOf = (replacements: readonly Replacement[]): Rule[] =>
  replacements.filter(isOn).flatMap(({ name, pattern, replace, notation }) => {
    const matcher = compilePattern(pattern)
    const template = parseTemplate(replace, notation)
    return matcher.ok && template.ok ? [{ name, matcher: matcher.value, template: template.value }] : []
  })

/** True where nothing is ever replaced. */
export const replacesNothing = (replacements: readonly Replacement[]): boolean => !replacements.some(isOn)

export class Replacer implements Outlet {
  next: Outlet
  readonly #clock: CutterClock
  readonly #events: ReplacerEvents
  #rules: readonly Rule[] = []
  #framing: Framing | undefined
  #cutter: MessageCutter | null = null
  /** What `{{counter}}` is. */
  #counter = 0

  constructor(clock: CutterClock, events: ReplacerEvents, next: Outlet) {
    this.#clock = clock
    this.#events = events
    this.next = next
  }

  /** Replaces by these from here on. What has come of a message goes on as it is. */
  configure(replacements: readonly Replacement[], framing: Framing | undefined): void {
    this.flush()
    this.#rules = rulesOf(replacements)
    this.#framing = framing
    this.#cutter =
      this.#rules.length === 0 ? null : new MessageCutter(framing, this.#clock, this.#onMessage, this.#events.onFailed)
  }

  push(piece: Piece): void {
    if (this.#cutter === null) this.next.push(piece)
    else this.#cutter.push(piece)
  }

  end(end: End): void {
    this.#cutter?.end()
    this.next.end(end)
  }

  flush(): void {
    this.#rules = []
    this.#cutter?.end()
    this.#cutter = null
  }

  dispose(): void {
    this.#cutter?.dispose()
    this.#cutter = null
  }

  readonly #onMessage = (message: Message): void => {
    const last = message.pieces.at(-1)!
    let { body } = message
    for (const rule of this.#rules) {
      const replaced = this.#replace(rule, body)
      if (replaced === null) continue
      body = replaced.body
      this.#events.onReplaced(rule.name, last.seq, replaced.count)
    }
    if (body === message.body) for (const piece of message.pieces) this.next.push(piece)
    // What was in several chunks is one thing now; it counts as the last of them.
    else this.next.push({ data: this.#framed(message, body), seq: last.seq, offset: 0, last: last.last, kept: true })
  }

  #replace(
    { matcher, template }: Rule,
    body: Uint8Array,
  ): { readonly body: Uint8Array; readonly count: number } | null {
    const matches = matcher.all(body)
    if (matches.length === 0) return null
    const parts: Uint8Array[] = []
    let from = 0
    for (const match of matches) {
      parts.push(body.subarray(from, match.start), expandTemplate(template, { counter: ++this.#counter, match }))
      from = match.end
    }
    parts.push(body.subarray(from))
    return { body: concatBytes(parts), count: matches.length }
  }

  /** The message with another body: what frames it stays, and a length says how long it is now. */
  #framed({ bytes, body: old }: Message, body: Uint8Array): Uint8Array {
    const start = old.byteOffset - bytes.byteOffset
    const whole = concatBytes([bytes.subarray(0, start), body, bytes.subarray(start + old.length)])
    const framing = this.#framing
    if (framing?.kind !== 'length' || whole.length === bytes.length) return whole
    const { offset, size, endian, inclusive } = framing
    if (whole.length < offset + size) return whole
    let length = BigInt(inclusive ? whole.length : whole.length - offset - size)
    for (let i = 0; i < size; i++) {
      whole[endian === 'little' ? offset + i : offset + size - 1 - i] = Number(length & 0xffn)
      length >>= 8n
    }
    return whole
  }
}
