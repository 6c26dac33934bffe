// `--json`: one event, one JSON object, one line. The fields are a promise to scripts; docs/cli.md describes each.
// Counterpart: human-line.ts.
import { formatAddress } from '../../preload/contract/checks.ts'
import type { WireEvent } from './events.ts'
import type { LineParts } from './line-queue.ts'

/** Microseconds are what the engine's clock is good for; more digits would only be noise. */
const roundMs = (ms: number): number => Math.round(ms * 1000) / 1000

const nothing = new Uint8Array(0)
/** Where the payload goes. It cannot be part of a value: a quote inside a JSON string has a backslash before it. */
const dataField = '"data":""'

/**
 * Writes the event as one JSON object. `name` is the endpoint's, told once, on `listener-started`. Without payload it
 * stays true: `length` is the size on the wire, `stored` how much of that `data` holds.
 */
export const writeJson = (event: WireEvent, name: string, parts: LineParts): void => {
  const { kind, facts, details } = event
  const data = event.data === null || parts.takesPayload(event.data.length) ? event.data : nothing
  const started = kind === 'listener-started' ? details.local : null
  const local = details.local == null ? facts.local : formatAddress(details.local)
  const remote = details.remote === undefined ? facts.remote : formatAddress(details.remote)
  // JSON.stringify leaves out what is undefined, so a field is either there with its value or not there.
  const json = JSON.stringify({
    seq: event.seq,
    at: roundMs(event.at),
    kind,
    endpoint: event.endpoint,
    name: kind === 'listener-started' ? name : details.name,
    host: started?.host,
    port: started?.port,
    connection: event.connection === 0 ? undefined : event.connection,
    pair: details.pair ?? undefined,
    side: facts.side ?? undefined,
    direction: details.direction,
    local: local ?? undefined,
    remote: remote ?? undefined,
    length: data === null ? undefined : event.length,
    data: data === null ? undefined : '',
    // Only where not all of it could be kept, so that nobody takes a part for the whole.
    stored: data === null || data.length === event.length ? undefined : data.length,
    bufferedBytes: details.bufferedBytes,
    highWaterBytes: details.highWaterBytes,
    pausedMs: details.pausedMs === undefined ? undefined : roundMs(details.pausedMs),
    unsentBytes: details.unsentBytes,
    unreadBytes: details.unreadBytes,
    ignoredBytes: details.ignoredBytes,
    count: details.count,
    fault: details.fault,
    flow: details.flow,
    chunk: details.chunk ?? undefined,
    rule: details.rule,
    messageBytes: details.messageBytes,
    text: details.text,
    line: details.line,
    column: details.column,
    effect: details.effect,
    held: details.held,
    decision: details.decision,
    bytes: details.bytes,
    heldMs: details.heldMs,
    sequence: details.sequence,
    step: details.step,
    passed: details.passed,
    tookMs: details.tookMs === undefined ? undefined : roundMs(details.tookMs),
    protocol: details.protocol,
    cipher: details.cipher,
    alpn: details.alpn ?? undefined,
    serverName: details.serverName ?? undefined,
    verified: details.verified,
    notTrusted: details.notTrusted?.code,
    resumed: details.resumed,
    chain: details.chain,
    attempt: details.attempt,
    inMs: details.inMs,
    cause: event.cause === 'none' ? undefined : event.cause,
    error: details.error?.code,
    message: details.error?.message ?? details.notTrusted?.message ?? details.message,
  })
  if (data === null) {
    parts.text(json)
    return
  }
  const at = json.indexOf(dataField) + dataField.length - 1
  parts.text(json.slice(0, at))
  parts.base64(data)
  parts.text(json.slice(at))
}

/** Stands where `count` events could not be kept or printed. */
export const formatDroppedJson = (count: number): string => JSON.stringify({ kind: 'events-dropped', count })
