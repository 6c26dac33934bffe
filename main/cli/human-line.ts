// Without `--json`: one event, one aligned line for a person. Nothing of a peer reaches the terminal but through
// `formatEscaped`. Counterpart: json-line.ts, which has everything.
import { styleText } from 'node:util'
import { formatAddress } from '../../preload/contract/checks.ts'
import type { Failure } from '../../preload/contract/failure.ts'
import type { FaultEffect } from '../../preload/contract/faults.ts'
import { formatEscaped } from '../../preload/contract/notation.ts'
import type { EventKind } from '../../preload/contract/vocabulary.ts'
import type { WireEvent } from './events.ts'

/** Payload is shown up to this many characters; what is longer ends in `… (N B)`. */
export const payloadWidth = 120

const encoder = new TextEncoder()
/** Text that may hold anything, made safe for a terminal. */
export const printable = (text: string): string => formatEscaped(encoder.encode(text))

/** The same for a text that shows bytes with escapes already: their backslashes stay single. */
export const printableEscapes = (text: string): string => printable(text).replaceAll('\\\\', '\\')

// One escape, or one character, is never cut in two.
const symbols = /\\x[0-9a-f]{2}|\\.|./gsu

/** Bytes as escaped text, cut at `payloadWidth` characters; `length` is the size on the wire. */
export const formatPayload = (bytes: Uint8Array, length: number): string => {
  // A character takes at most four bytes, so these are enough to fill the width; the rest need not be formatted.
  const head = bytes.subarray(0, payloadWidth * 4 + 4)
  let shown = ''
  for (const [symbol] of formatEscaped(head).matchAll(symbols)) {
    if (shown.length + symbol.length > payloadWidth) return `${shown}… (${length} B)`
    shown += symbol
  }
  return length > head.length ? `${shown}… (${length} B)` : shown
}

/** A failure as one sentence that names its code (an errno name or one of ours) exactly once. */
export const formatFailure = (failure: Failure): string =>
  printable(failure.message.includes(failure.code) ? failure.message : `${failure.message} (${failure.code})`)

/** What a fault did to a chunk, as one line. */
const formatEffect = (effect: FaultEffect): string =>
  [
    effect.delayedMs === undefined ? '' : `delayed ${effect.delayedMs.toFixed(3)} ms`,
    effect.slices === undefined ? '' : `cut into ${effect.slices}`,
    effect.cutAt === undefined ? '' : `cut at byte ${effect.cutAt}`,
    effect.droppedBytes === undefined ? '' : `${effect.droppedBytes} B dropped`,
    effect.flippedBits === undefined
      ? ''
      : `${effect.flippedBits} bits flipped, first at byte ${effect.firstFlippedAt}`,
    effect.ended === undefined ? '' : `pair ended by ${effect.ended}`,
  ]
    .filter(Boolean)
    .join(', ')

const describe = (event: WireEvent): string => {
  const { details, facts } = event
  const failure = details.error == null ? '' : `  ${formatFailure(details.error)}`
  const local = details.local == null ? facts.local : formatAddress(details.local)
  const remote = details.remote === undefined ? facts.remote : formatAddress(details.remote)
  switch (event.kind) {
    case 'listener-started':
    case 'listener-stopped':
      return printable(local ?? '')
    case 'listener-failed':
      return `${event.cause}${failure}`
    case 'connection-started':
      return printable(`→ ${remote}`)
    case 'connection-made':
      return printable(`${local} ${facts.direction === 'out' ? '→' : '←'} ${remote}`)
    case 'attempt-failed':
      return `${printable(remote ?? '')}${failure}`
    case 'connection-failed':
      return `${event.cause}${failure}`
    case 'data-received':
    case 'data-sent':
      return `${String(event.length).padStart(7)} B  ${formatPayload(event.data ?? new Uint8Array(0), event.length)}`
    case 'writing-paused':
      return `${details.bufferedBytes} B buffered, above ${details.highWaterBytes} B`
    case 'writing-resumed':
      return `after ${details.pausedMs?.toFixed(3)} ms, ${details.bufferedBytes} B buffered`
    case 'connection-lost': {
      const unsent = details.unsentBytes ? `  ${details.unsentBytes} B unsent` : ''
      const unread = details.unreadBytes ? `  ${details.unreadBytes} B unread` : ''
      const ignored = details.ignoredBytes ? `  ${details.ignoredBytes} B ignored` : ''
      return `${event.cause}${failure}${unsent}${unread}${ignored}`
    }
    case 'accept-failed':
      return `${details.count} ${details.count === 1 ? 'connection' : 'connections'} not accepted${failure}`
    case 'tls-established':
      return printable(
        [
          details.protocol,
          details.cipher,
          details.alpn ?? '',
          details.notTrusted == null ? '' : `not trusted: ${formatFailure(details.notTrusted)}`,
        ]
          .filter(Boolean)
          .join('  '),
      )
    case 'tls-failed':
    case 'framing-failed':
      return failure.trimStart()
    case 'script-failed':
      return `line ${details.line}${failure}`
    case 'script-logged':
      return printable(details.text ?? '')
    case 'rule-matched':
    case 'chunk-replaced':
      return printable(details.name ?? '')
    case 'fault-applied':
      return printable(`${details.fault}  ${formatEffect(details.effect ?? {})}`)
    case 'chunk-held':
      return `#${details.held}  ${details.flow}`
    case 'chunk-released':
      return `#${details.held}  ${details.decision}, ${details.bytes} B, after ${details.heldMs?.toFixed(3)} ms`
    case 'step-ended':
      return printableEscapes(
        `${(details.step ?? 0) + 1} ${details.name}: ${details.passed ? 'passed' : 'failed'}${details.message ? `, ${details.message}` : ''} (${details.tookMs?.toFixed(3)} ms)`,
      )
    case 'reconnect-planned':
      return `attempt ${details.attempt} in ${details.inMs} ms`
    case 'eof-received':
    case 'eof-sent':
    case 'reading-paused':
    case 'reading-resumed':
      return ''
  }
}

type Style = 'blue' | 'yellow' | 'red' | 'dim'
const orderly = new Set(['none', 'closed-by-peer', 'closed-here'])
const styleOf = (kind: EventKind, cause: string): Style | null =>
  kind === 'data-received'
    ? 'blue'
    : kind === 'data-sent' || kind === 'writing-paused'
      ? 'yellow'
      : !orderly.has(cause) || kind === 'attempt-failed'
        ? 'red'
        : null

const kindWidth = 18

/** The event as one line without its end. `sides` leaves room for a relay's `downstream` and `upstream`. */
export const formatHuman = (
  event: WireEvent,
  options: { readonly colour: boolean; readonly sides: boolean },
): string => {
  // Colours come from here and nowhere else; the peer's own were escaped. Whether to colour is the caller's decision.
  const paint = (style: Style | null, text: string) =>
    options.colour && style !== null ? styleText(style, text, { validateStream: false }) : text
  const time = (event.at / 1000).toFixed(6).padStart(11)
  const kind = event.kind.padEnd(kindWidth)
  const connection = (event.connection === 0 ? '' : `#${event.connection}`).padEnd(5)
  const side = options.sides ? `${(event.facts.side ?? '').padEnd(10)} ` : ''
  const line = `${paint('dim', time)}  ${paint(styleOf(event.kind, event.cause), kind)} ${connection} ${side}${describe(event)}`
  return line.trimEnd()
}

/** Stands where `count` events could not be kept or printed. */
export const formatDroppedHuman = (count: number): string =>
  `${''.padStart(11)}  ${'events-dropped'.padEnd(kindWidth)} ${count} events were not printed: the reader of this output is slower than the wire`
