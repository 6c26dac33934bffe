// The kinds of faults as the relay sheet edits them: what a new one is set to, which of its values can be changed and within
// which bounds. Pure. Counterparts: the contract's faults.ts and fault-checks.ts, whose bounds these are; fault-card.tsx.
import type { FaultAction, FaultKind } from '../../preload/contract/faults.ts'

/** What a value counts: milliseconds, microseconds, bytes, a part of 1, or a rate per second. */
export type Unit = 'ms' | 'us' | 'bytes' | 'share' | 'perSecond'

/** One value of a fault: its name in the contract, what it counts, and its bounds, both included. */
export interface FaultField {
  readonly name: string
  readonly unit: Unit
  readonly least: number
  readonly most: number
}

const hourMs = 3_600_000
const ms = (name: string): FaultField => ({ name, unit: 'ms', least: 0, most: hourMs })
const bytes = (name: string, least: 0 | 1): FaultField => ({
  name,
  unit: 'bytes',
  least,
  most: Number.MAX_SAFE_INTEGER,
})

/** The values of each kind, in the order in which its phrase names them. */
export const faultFields: Readonly<Record<FaultKind, readonly FaultField[]>> = {
  latency: [ms('delayMs'), ms('jitterMs')],
  bandwidth: [bytes('bytesPerSecond', 1)],
  'slow-close': [ms('delayMs')],
  timeout: [ms('timeoutMs')],
  'reset-peer': [ms('timeoutMs')],
  slicer: [
    bytes('averageBytes', 1),
    bytes('variationBytes', 0),
    { name: 'delayUs', unit: 'us', least: 0, most: hourMs * 1000 },
  ],
  'limit-data': [bytes('bytes', 0)],
  corrupt: [{ name: 'bitRate', unit: 'share', least: 0, most: 1 }],
  drop: [],
  refuse: [],
  'limit-time': [ms('afterMs')],
  stall: [bytes('afterBytes', 0)],
  'throttle-accept': [{ name: 'perSecond', unit: 'perSecond', least: 0.001, most: 1_000_000 }],
}

/** The part of the pairs that a fault acts on. */
export const toxicityField: FaultField = { name: 'toxicity', unit: 'share', least: 0, most: 1 }

/** What a new fault of each kind does: enough to be seen at once. */
export const freshActions: { readonly [K in FaultKind]: Extract<FaultAction, { readonly kind: K }> } = {
  latency: { kind: 'latency', delayMs: 120, jitterMs: 30 },
  bandwidth: { kind: 'bandwidth', bytesPerSecond: 64 * 1024 },
  'slow-close': { kind: 'slow-close', delayMs: 1000 },
  timeout: { kind: 'timeout', timeoutMs: 1000 },
  'reset-peer': { kind: 'reset-peer', timeoutMs: 0 },
  slicer: { kind: 'slicer', averageBytes: 1024, variationBytes: 0, delayUs: 0 },
  'limit-data': { kind: 'limit-data', bytes: 4096 },
  corrupt: { kind: 'corrupt', bitRate: 0.0001 },
  drop: { kind: 'drop' },
  refuse: { kind: 'refuse' },
  'limit-time': { kind: 'limit-time', afterMs: 1000 },
  stall: { kind: 'stall', afterBytes: 4096 },
  'throttle-accept': { kind: 'throttle-accept', perSecond: 1 },
}

/** A value of an action, by its name in `faultFields`. */
export const fieldValue = (action: FaultAction, field: FaultField): number =>
  (action as unknown as Readonly<Record<string, number>>)[field.name] ?? 0

/** The action with another value; the field is one of its own kind's. */
export const withValue = (action: FaultAction, field: FaultField, value: number): FaultAction =>
  ({ ...action, [field.name]: value }) as FaultAction
