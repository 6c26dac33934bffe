// Match and replace: messages of a direction go on with other bytes where a pattern matches. Counterparts:
// preload/contract/{patterns,templates}.ts (find, and what stands in place of what was found), message-cutter.ts.
import { labBounds, type Replacement } from '../../../../preload/contract/faults.ts'
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
  /** A message would have become more than `labBounds` allow by this rule, and went on as it came. */
  readonly onTooLong: (name: string, seq: number) => void
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
    const counted = this.#counter
    const done: { readonly name: string; readonly count: number }[] = []
    let left: number = labBounds.replacedMatches
    for (const rule of this.#rules) {
      const replaced = this.#replace(rule, body, left)
      if (replaced === null) continue
      if (replaced === 'too-long') {
        // All of it or nothing: what the rules before this one did is not told, for it did not go out.
        this.#counter = counted
        this.#events.onTooLong(rule.name, last.seq)
        for (const piece of message.pieces) this.next.push(piece)
        return
      }
      body = replaced.body
      left -= replaced.count
      done.push({ name: rule.name, count: replaced.count })
    }
    for (const { name, count } of done) this.#events.onReplaced(name, last.seq, count)
    if (body === message.body) for (const piece of message.pieces) this.next.push(piece)
    // What was in several chunks is one thing now; it counts as the last of them.
    else this.next.push({ data: this.#framed(message, body), seq: last.seq, offset: 0, last: last.last, kept: true })
  }

  #replace(
    { matcher, template }: Rule,
    body: Uint8Array,
    maxMatches: number,
  ): { readonly body: Uint8Array; readonly count: number } | 'too-long' | null {
    // No list of matches or parts: in a message of 16 MiB there may be as many as bytes.
    let result = new Uint8Array(0)
    let length = 0
    let count = 0
    let from = 0
    const add = (part: Uint8Array): boolean => {
      const wanted = length + part.length
      if (wanted > labBounds.replacedBytes) return false
      if (wanted > result.length) {
        const larger = new Uint8Array(Math.min(labBounds.replacedBytes, Math.max(wanted * 2, body.length)))
        larger.set(result.subarray(0, length))
        result = larger
      }
      result.set(part, length)
      length = wanted
      return true
    }
    for (const match of matcher.all(body, maxMatches + 1)) {
      if (++count > maxMatches || !add(body.subarray(from, match.start))) return 'too-long'
      if (!add(expandTemplate(template, { counter: ++this.#counter, match }))) return 'too-long'
      from = match.end
    }
    if (count === 0) return null
    return add(body.subarray(from)) ? { body: result.subarray(0, length), count } : 'too-long'
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
