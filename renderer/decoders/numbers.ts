// The numbers that may stand at one place of the bytes: every width, both orders of bytes, signed and not, floating, and as
// seconds since 1970. Pure. Counterpart: cursor-numbers.tsx shows them.

export const numberTypes = [
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'u64',
  'i64',
  'f32',
  'f64',
  'time32',
  'time64',
] as const
export type NumberType = (typeof numberTypes)[number]

export interface NumberAt {
  readonly type: NumberType
  /** Bytes that it takes. */
  readonly size: number
  readonly little: string
  readonly big: string
}

const date = (seconds: number): string => {
  const at = new Date(seconds * 1000)
  return Number.isNaN(at.getTime()) ? '–' : at.toISOString().replace('.000Z', 'Z')
}

type Read = (view: DataView, at: number, little: boolean) => string
const readers: Readonly<Record<NumberType, readonly [size: number, read: Read]>> = {
  u8: [1, (view, at) => `${view.getUint8(at)}`],
  i8: [1, (view, at) => `${view.getInt8(at)}`],
  u16: [2, (view, at, little) => `${view.getUint16(at, little)}`],
  i16: [2, (view, at, little) => `${view.getInt16(at, little)}`],
  u32: [4, (view, at, little) => `${view.getUint32(at, little)}`],
  i32: [4, (view, at, little) => `${view.getInt32(at, little)}`],
  u64: [8, (view, at, little) => `${view.getBigUint64(at, little)}`],
  i64: [8, (view, at, little) => `${view.getBigInt64(at, little)}`],
  f32: [4, (view, at, little) => `${Number(view.getFloat32(at, little).toPrecision(9))}`],
  f64: [8, (view, at, little) => `${view.getFloat64(at, little)}`],
  time32: [4, (view, at, little) => date(view.getInt32(at, little))],
  time64: [8, (view, at, little) => date(Number(view.getBigInt64(at, little)))],
}

/** All numbers for which there are enough bytes from `at` on. */
export const numbersAt = (bytes: Uint8Array, at: number): readonly NumberAt[] => {
  if (at < 0 || at >= bytes.length) return []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return numberTypes.flatMap((type) => {
    const [size, read] = readers[type]
    return at + size > bytes.length ? [] : [{ type, size, little: read(view, at, true), big: read(view, at, false) }]
  })
}
