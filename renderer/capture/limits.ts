// What a person types as the limits of a recording, to the limits themselves, or what is wrong field by field. Pure.
// Counterparts: limits-form.tsx, the contract's checks.ts (which has the last word).
import type { CaptureLimits } from '../../preload/contract/captures.ts'
import { minCaptureBytes } from '../../preload/contract/checks.ts'

export const sizeUnits = ['MiB', 'GiB'] as const
export type SizeUnit = (typeof sizeUnits)[number]

export interface LimitFields {
  /** Empty for no limit. */
  readonly size: string
  readonly unit: SizeUnit
  /** Empty for ever. */
  readonly days: string
  /** Bytes; empty for all. */
  readonly snap: string
}

export type LimitFieldName = 'size' | 'days' | 'snap'
export type LimitProblem = 'size' | 'sizeTooLarge' | 'days' | 'snap'

const bytesIn: Readonly<Record<SizeUnit, number>> = { MiB: 1024 ** 2, GiB: 1024 ** 3 }
/** Age of events: a minute and a half to a century. */
const leastDays = 0.001
const mostDays = 36_500

/** The most that a snap length can be told as. */
export const maxSnapBytes = 0xffff_ffff

/** At most this many digits behind the point: enough to give back what was typed. */
const plain = (value: number): string => String(Number(value.toFixed(3)))

export const toFields = ({ maxBytes, maxDays, snapBytes }: CaptureLimits): LimitFields => {
  const unit: SizeUnit = maxBytes >= bytesIn.GiB ? 'GiB' : 'MiB'
  return {
    size: maxBytes >= Number.MAX_SAFE_INTEGER ? '' : plain(maxBytes / bytesIn[unit]),
    unit,
    days: maxDays === null ? '' : plain(maxDays),
    snap: snapBytes === null ? '' : String(snapBytes),
  }
}

const decimal = (text: string): number =>
  /^(?:\d+(?:[.,]\d*)?|[.,]\d+)$/.test(text) ? Number(text.replace(',', '.')) : Number.NaN

/** Text as people write it: spaces between groups of digits do no harm. */
const tidy = (text: string): string => text.replace(/[\s\u202f]/g, '')

export interface ParsedLimits {
  /** Null where a field is wrong. */
  readonly limits: CaptureLimits | null
  readonly problems: Readonly<Partial<Record<LimitFieldName, LimitProblem>>>
}

export const parseLimits = (fields: LimitFields): ParsedLimits => {
  const problems: Partial<Record<LimitFieldName, LimitProblem>> = {}
  const [size, days, snap] = [tidy(fields.size), tidy(fields.days), tidy(fields.snap)]

  const maxBytes = size === '' ? Number.MAX_SAFE_INTEGER : Math.round(decimal(size) * bytesIn[fields.unit])
  if (!(maxBytes >= minCaptureBytes)) problems.size = 'size'
  else if (maxBytes > Number.MAX_SAFE_INTEGER) problems.size = 'sizeTooLarge'

  const maxDays = days === '' ? null : decimal(days)
  if (maxDays !== null && !(maxDays >= leastDays && maxDays <= mostDays)) problems.days = 'days'

  const snapBytes = snap === '' ? null : /^\d+$/.test(snap) ? Number(snap) : Number.NaN
  if (snapBytes !== null && !(snapBytes <= maxSnapBytes)) problems.snap = 'snap'

  const wrong = Object.keys(problems).length > 0
  return { limits: wrong ? null : { maxBytes, maxDays, snapBytes }, problems }
}
