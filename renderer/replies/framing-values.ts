// A framing as its fields hold it. Pure. Counterparts: framing-section.tsx shows it, the contract's framing.ts.
import { type Framing, framingKinds, maxFrameBytes } from '../../preload/contract/framing.ts'
import { formatEscaped, parseEscapes } from '../../preload/contract/notation.ts'

export interface FramingValues {
  readonly kind: Framing['kind']
  readonly delimiter: string
  readonly size: 1 | 2 | 4 | 8
  readonly endian: 'big' | 'little'
  readonly offset: string
  readonly inclusive: boolean
  readonly bytes: string
  readonly idleMs: string
}

export type FramingField = 'delimiter' | 'offset' | 'bytes' | 'idleMs'

/** What is wrong with a field: words that are said already, or the numbers that would be right. */
export type FramingTrouble =
  | { readonly field: 'delimiter'; readonly message: string | null; readonly at: number; readonly span: number }
  | { readonly field: Exclude<FramingField, 'delimiter'>; readonly least: number; readonly most: number }

export const framingValues = (framing: Framing | undefined): FramingValues => ({
  kind: framing?.kind ?? 'raw',
  delimiter: framing?.kind === 'delimiter' ? formatEscaped(framing.delimiter) : '\\0',
  size: framing?.kind === 'length' ? framing.size : 4,
  endian: framing?.kind === 'length' ? framing.endian : 'big',
  offset: framing?.kind === 'length' ? `${framing.offset}` : '0',
  inclusive: framing?.kind === 'length' ? framing.inclusive : false,
  bytes: framing?.kind === 'fixed' ? `${framing.bytes}` : '16',
  idleMs: framing?.kind === 'idle' ? `${framing.idleMs}` : '50',
})

const whole = (text: string, least: number, most: number): number | null => {
  const typed = text.trim()
  const value = /^\d{1,9}$/.test(typed) ? Number(typed) : Number.NaN
  return value >= least && value <= most ? value : null
}

/** The framing that the fields describe, or what is wrong with one of them. */
export const framingOf = (
  values: FramingValues,
): { readonly ok: true; readonly value: Framing } | { readonly ok: false; readonly trouble: FramingTrouble } => {
  const number = (
    field: Exclude<FramingField, 'delimiter'>,
    least: number,
    most: number,
    make: (value: number) => Framing,
  ) => {
    const value = whole(values[field], least, most)
    return value === null
      ? { ok: false as const, trouble: { field, least, most } }
      : { ok: true as const, value: make(value) }
  }
  switch (values.kind) {
    case 'raw':
    case 'line':
      return { ok: true, value: { kind: values.kind } }
    case 'delimiter': {
      const parsed = parseEscapes(values.delimiter)
      if (!parsed.ok) return { ok: false, trouble: { field: 'delimiter', ...parsed } }
      if (parsed.bytes.length === 0)
        return { ok: false, trouble: { field: 'delimiter', message: null, at: 0, span: 0 } }
      return { ok: true, value: { kind: 'delimiter', delimiter: parsed.bytes } }
    }
    case 'length':
      return number('offset', 0, maxFrameBytes, (offset) => ({
        kind: 'length',
        size: values.size,
        endian: values.endian,
        offset,
        inclusive: values.inclusive,
      }))
    case 'fixed':
      return number('bytes', 1, maxFrameBytes, (bytes) => ({ kind: 'fixed', bytes }))
    case 'idle':
      return number('idleMs', 1, 3_600_000, (idleMs) => ({ kind: 'idle', idleMs }))
  }
}

export const framingChoices = framingKinds

/** Bytes that this framing cuts into three short messages; as many as fit a line. */
export const exampleStream = (framing: Framing): readonly Uint8Array[] => {
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
  const words = ['GET a', 'SET b 7', 'QUIT']
  switch (framing.kind) {
    case 'raw':
    case 'idle':
      return ['GET a', 'SET b', ' 7'].map(bytes)
    case 'line':
      return words.map((word) => bytes(`${word}\r\n`))
    case 'delimiter':
      return words.map((word) => Uint8Array.of(...bytes(word), ...framing.delimiter.subarray(0, 4)))
    case 'length': {
      const head = Math.min(framing.offset, 2)
      return ['hi', 'ping', 'ok'].map((word) => {
        const length = framing.size
        const value = framing.inclusive ? framing.offset + length + word.length : word.length
        const number = new Uint8Array(length)
        number[framing.endian === 'big' ? length - 1 : 0] = value & 0xff
        return Uint8Array.of(...bytes('TU'.slice(0, head)), ...number, ...bytes(word))
      })
    }
    case 'fixed':
      return [0, 1, 2].map((i) =>
        bytes('ABCDEFGHIJKLMNOPQRSTUVWX'.slice(i * Math.min(framing.bytes, 8), (i + 1) * Math.min(framing.bytes, 8))),
      )
  }
}
