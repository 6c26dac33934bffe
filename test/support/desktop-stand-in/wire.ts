// Values between the stand-in's main process and its page, as JSON text: what the structured clone algorithm keeps and JSON would
// lose (bytes, buffers, columns, undefined, NaN and infinities) is tagged. The same two functions run on both sides, so they are self-contained.

/** A clonable value as JSON; the caller has passed it through `structuredClone`, which refuses what cannot be carried. */
export const toWire = (value: unknown, toBase64: (bytes: Uint8Array) => string): unknown => {
  if (value === undefined) return { tag: 'undefined' }
  if (typeof value === 'number' && !Number.isFinite(value)) return { tag: 'number', value: String(value) }
  if (value instanceof ArrayBuffer) return { tag: 'buffer', value: toBase64(new Uint8Array(value)) }
  if (value instanceof Uint8Array) return { tag: 'bytes', value: toBase64(value) }
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    return { tag: 'view', type: value.constructor.name, value: toBase64(bytes) }
  }
  if (Array.isArray(value)) return value.map((each) => toWire(each, toBase64))
  if (typeof value !== 'object' || value === null) return value
  if (Object.getPrototypeOf(value) !== Object.prototype)
    throw new TypeError(`The desktop stand-in carries no ${value.constructor.name}`)
  const entries = Object.entries(value).map(([key, each]) => [key, toWire(each, toBase64)])
  return { tag: 'object', value: Object.fromEntries(entries) }
}

/** What `toWire` was given. */
export const fromWire = (wire: unknown, fromBase64: (text: string) => Uint8Array): unknown => {
  if (Array.isArray(wire)) return wire.map((each) => fromWire(each, fromBase64))
  if (typeof wire !== 'object' || wire === null) return wire
  const { tag, type, value } = wire as { tag: string; type: 'Float64Array'; value: unknown }
  if (tag === 'undefined') return undefined
  if (tag === 'number') return Number(value)
  if (tag === 'buffer') return fromBase64(value as string).slice().buffer
  // A plain Uint8Array: Node's Buffer is one that other realms do not know.
  if (tag === 'bytes') return new Uint8Array(fromBase64(value as string))
  // Any typed array: all are made of a buffer.
  if (tag === 'view') return new globalThis[type](fromBase64(value as string).slice().buffer as ArrayBuffer)
  const entries = Object.entries(value as object).map(([key, each]) => [key, fromWire(each, fromBase64)])
  return Object.fromEntries(entries)
}

/** What main and a window's preload world tell each other. */
export type FromPreload =
  | { readonly type: 'invoke'; readonly id: number; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly type: 'send'; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly type: 'port-message'; readonly port: number; readonly data: unknown }
  | { readonly type: 'port-closed'; readonly port: number }

export type ToPreload =
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly message: string }
  | { readonly type: 'message'; readonly channel: string; readonly message: unknown; readonly ports: readonly number[] }
  | { readonly type: 'port-message'; readonly port: number; readonly data: unknown }
  | { readonly type: 'port-closed'; readonly port: number }
