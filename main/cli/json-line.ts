// `--json`: one event, one JSON object, one line. The fields are a promise to scripts; docs/cli.md describes each.
// Counterpart: human-line.ts.
import { formatAddress } from '../../preload/contract/checks.ts'
import type { WireEvent } from './events.ts'

/** Microseconds are what the engine's clock is good for; more digits would only be noise. */
const roundMs = (ms: number): number => Math.round(ms * 1000) / 1000

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

/** The event as one JSON object without a line end. `name` is the endpoint's, told once, on `listener-started`. */
export const formatJson = (event: WireEvent, name: string): string => {
  const { kind, facts, details, data } = event
  const started = kind === 'listener-started' ? details.local : null
  const local = details.local == null ? facts.local : formatAddress(details.local)
  const remote = details.remote === undefined ? facts.remote : formatAddress(details.remote)
  // JSON.stringify leaves out what is undefined, so a field is either there with its value or not there.
  return JSON.stringify({
    seq: event.seq,
    at: roundMs(event.at),
    kind,
    endpoint: event.endpoint,
    name: kind === 'listener-started' ? name : undefined,
    host: started?.host,
    port: started?.port,
    connection: event.connection === 0 ? undefined : event.connection,
    pair: details.pair ?? undefined,
    side: facts.side ?? undefined,
    direction: details.direction,
    local: local ?? undefined,
    remote: remote ?? undefined,
    length: data === null ? undefined : event.length,
    data: data === null ? undefined : base64(data),
    // Only where the recorder could not keep all of it, so that nobody takes a part for the whole.
    stored: data === null || data.length === event.length ? undefined : data.length,
    bufferedBytes: details.bufferedBytes,
    highWaterBytes: details.highWaterBytes,
    pausedMs: details.pausedMs === undefined ? undefined : roundMs(details.pausedMs),
    unsentBytes: details.unsentBytes,
    unreadBytes: details.unreadBytes,
    ignoredBytes: details.ignoredBytes,
    cause: event.cause === 'none' ? undefined : event.cause,
    error: details.error?.code,
    message: details.error?.message,
  })
}

/** Stands where `count` events could not be kept or printed. */
export const formatDroppedJson = (count: number): string => JSON.stringify({ kind: 'events-dropped', count })
