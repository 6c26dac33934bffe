// Values of faults as a person reads and writes them: sizes with their unit, shares in percent, times in ms. Pure.
// Counterparts: kinds.ts (bounds), inline-value.tsx (edits one in place).
import { formatCount } from '../ui/format.ts'
import type { FaultField, Unit } from './kinds.ts'

const kib = 1024
const mib = 1024 * 1024

/** A value as it is shown: the number, and the unit that stands behind it; empty where the phrase around it has one. */
export interface ShownQuantity {
  readonly number: string
  readonly unit: string
}

/** A number with no more digits than it needs. */
const plainNumber = (value: number): string => {
  const text = String(Number(value.toPrecision(12)))
  const [whole = '', rest] = text.split('.')
  if (!/^\d+$/.test(whole)) return text
  return rest === undefined ? formatCount(Number(whole)) : `${formatCount(Number(whole))}.${rest}`
}

/** The unit of a size that writes it shortest without rounding. */
const sizeUnit = (bytes: number): 'B' | 'KiB' | 'MiB' =>
  bytes > 0 && bytes % mib === 0 ? 'MiB' : bytes >= 16 * kib && bytes % kib === 0 ? 'KiB' : 'B'

const bytesIn = { B: 1, KiB: kib, MiB: mib } as const

export const showQuantity = (unit: Unit, value: number): ShownQuantity => {
  if (unit === 'bytes') {
    const size = sizeUnit(value)
    return { number: plainNumber(value / bytesIn[size]), unit: size }
  }
  if (unit === 'share') return { number: plainNumber(value * 100), unit: '%' }
  if (unit === 'us')
    return value >= 1000 && value % 100 === 0
      ? { number: plainNumber(value / 1000), unit: 'ms' }
      : { number: plainNumber(value), unit: 'µs' }
  return { number: plainNumber(value), unit: unit === 'ms' ? 'ms' : '' }
}

/** What is wrong with a written value. */
export type QuantityProblem = 'unreadable' | 'not-whole' | 'too-small' | 'too-large'
export type ParsedQuantity =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly problem: QuantityProblem }

/** How much a written unit is of what a field counts. KB is 1000 bytes, as toxiproxy has it. */
const scales: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  bytes: { b: 1, k: kib, kib, kb: 1000, m: mib, mib, mb: 1_000_000, gib: kib * mib, g: kib * mib, gb: 1e9 },
  ms: { us: 0.001, µs: 0.001, ms: 1, s: 1000, min: 60_000 },
  us: { us: 1, µs: 1, ms: 1000, s: 1_000_000 },
  share: { '%': 0.01 },
  perSecond: { '/s': 1, '/min': 1 / 60 },
}

const wholeUnits: ReadonlySet<Unit> = new Set(['bytes', 'ms', 'us'])

/**
 * Reads a value; without a unit, in the one that it is shown with now. Spaces between digits are passed over, and a comma
 * is taken for a decimal point.
 */
export const parseQuantity = (text: string, field: FaultField, shownUnit: string): ParsedQuantity => {
  const match = /^([0-9]*[.,]?[0-9]*(?:e[+-]?[0-9]+)?)([a-zµ%/]*)$/i.exec(text.replace(/[\s\u202f_]/g, ''))
  const [, digits = '', written = ''] = match ?? []
  const scale = scales[field.unit][(written === '' ? shownUnit : written).toLowerCase() as string]
  const known = written === '' && shownUnit === '' ? 1 : scale
  if (match === null || !/[0-9]/.test(digits) || known === undefined) return { ok: false, problem: 'unreadable' }
  const value = Number(Number(digits.replace(',', '.')) * known)
  if (!Number.isFinite(value)) return { ok: false, problem: 'unreadable' }
  // 0.1 × 1024 is no whole number of bytes; 62.5 × 1024 is, whatever floating point makes of it.
  const rounded = wholeUnits.has(field.unit) ? Math.round(value) : Number(value.toPrecision(12))
  if (wholeUnits.has(field.unit) && Math.abs(rounded - value) > 1e-6) return { ok: false, problem: 'not-whole' }
  if (rounded < field.least) return { ok: false, problem: 'too-small' }
  if (rounded > field.most) return { ok: false, problem: 'too-large' }
  return { ok: true, value: rounded }
}

/** One step of an arrow key, in the unit that is shown; `times` as many. Stays within the field's bounds. */
export const stepQuantity = (field: FaultField, value: number, times: number): number => {
  const { unit } = showQuantity(field.unit, value)
  // What is less than a whole one of its unit steps by its own first digit.
  const small = (one: number) => (value >= one || value === 0 ? one : 10 ** Math.floor(Math.log10(value)))
  const one = { KiB: kib, MiB: mib, '%': small(0.01), ms: field.unit === 'us' ? 1000 : 1 }[unit] ?? small(1)
  return Math.min(field.most, Math.max(field.least, Number((value + one * times).toPrecision(12))))
}
