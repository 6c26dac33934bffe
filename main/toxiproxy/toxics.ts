// Toxics and faults: the same things in toxiproxy's words and in ours. Counterparts: preload/contract/faults.ts, proxies.ts.
//
// Faults that toxiproxy does not know have types of their own, by the same pattern: `corrupt`, `drop`, `refuse`, `limit_time`,
// `stall`, `throttle_accept`. A rate of 0 is no limit, there and here.
import { randomInt } from 'node:crypto'
import {
  type Fault,
  type FaultAction,
  type FaultKind,
  type Flow,
  faultKinds,
  flows,
} from '../../preload/contract/faults.ts'
import { invalidStream, invalidToxicType } from './errors.ts'
import { integerField, type JsonObject, numberField, objectField, textField } from './fields.ts'

/** A toxic as it is answered; Go writes the fields in this order. */
export interface ToxicJson {
  readonly attributes: Readonly<Record<string, number>>
  readonly name: string
  readonly type: string
  readonly stream: Flow
  readonly toxicity: number
}

const typeOf = (kind: FaultKind): string => kind.replaceAll('-', '_')
const kindOf = (type: string): FaultKind | null => faultKinds.find((kind) => typeOf(kind) === type) ?? null

/** Above what any line carries: shown as a rate of 0. */
const unlimited = Number.MAX_SAFE_INTEGER

const attributesOf = (action: FaultAction): Record<string, number> => {
  switch (action.kind) {
    case 'latency':
      return { latency: action.delayMs, jitter: action.jitterMs }
    case 'bandwidth':
      return { rate: action.bytesPerSecond === unlimited ? 0 : action.bytesPerSecond / 1000 }
    case 'slow-close':
      return { delay: action.delayMs }
    case 'timeout':
    case 'reset-peer':
      return { timeout: action.timeoutMs }
    case 'slicer':
      return {
        average_size: action.averageBytes,
        size_variation: action.variationBytes,
        delay: action.delayUs,
      }
    case 'limit-data':
      return { bytes: action.bytes }
    case 'corrupt':
      return { bit_rate: action.bitRate }
    case 'limit-time':
      return { time: action.afterMs }
    case 'stall':
      return { bytes: action.afterBytes }
    case 'throttle-accept':
      return { rate: action.perSecond }
    case 'drop':
    case 'refuse':
      return {}
  }
}

/** What attributes make of a kind; those that are left out are `before`. */
const actionOf = (kind: FaultKind, attributes: JsonObject, before: Readonly<Record<string, number>>): FaultAction => {
  const integer = (name: string) => integerField(attributes, name, before[name] ?? 0)
  /** Go’s timers take what is below 0 for 0. */
  const time = (name: string) => Math.max(0, integer(name))
  switch (kind) {
    case 'latency':
      return { kind, delayMs: time('latency'), jitterMs: time('jitter') }
    case 'bandwidth': {
      // What was set elsewhere may be a part of a KB/s.
      const rate = numberField(attributes, 'rate', before['rate'] ?? 0)
      return { kind, bytesPerSecond: rate <= 0 ? unlimited : Math.max(1, Math.round(rate * 1000)) }
    }
    case 'slow-close':
      return { kind, delayMs: time('delay') }
    case 'timeout':
    case 'reset-peer':
      return { kind, timeoutMs: time('timeout') }
    case 'slicer':
      return {
        kind,
        averageBytes: Math.max(1, integer('average_size')),
        variationBytes: time('size_variation'),
        delayUs: time('delay'),
      }
    case 'limit-data':
      return { kind, bytes: time('bytes') }
    case 'corrupt':
      return { kind, bitRate: numberField(attributes, 'bit_rate', before['bit_rate'] ?? 0) }
    case 'limit-time':
      return { kind, afterMs: time('time') }
    case 'stall':
      return { kind, afterBytes: time('bytes') }
    case 'throttle-accept':
      return { kind, perSecond: numberField(attributes, 'rate', before['rate'] ?? 1) }
    case 'drop':
    case 'refuse':
      return { kind }
  }
}

export const toxicOf = ({ name, action, toxicity }: Fault, stream: Flow): ToxicJson => ({
  attributes: attributesOf(action),
  name,
  type: typeOf(action.kind),
  stream,
  toxicity,
})

const toxicityOf = (body: JsonObject, otherwise: number): number =>
  Math.min(1, Math.max(0, numberField(body, 'toxicity', otherwise)))

/** The fault that a body of POST …/toxics asks for. Throws an ApiError where it is none, but does not look at its ranges. */
export const newFault = (
  body: JsonObject,
  exists: (name: string) => void,
): { readonly fault: Fault; readonly stream: Flow } => {
  const type = textField(body, 'type', '')
  const asked = textField(body, 'stream', 'downstream').toLowerCase()
  const toxicity = toxicityOf(body, 1)
  const given = textField(body, 'name', '')
  const stream = flows.find((flow) => flow === asked)
  if (stream === undefined) throw invalidStream()
  const name = given === '' ? `${type}_${stream}` : given
  const kind = kindOf(type)
  if (kind === null) throw invalidToxicType()
  exists(name)
  const action = actionOf(kind, objectField(body, 'attributes'), {})
  // Of its own, so that toxics are independent of each other, as they are in toxiproxy.
  return { stream, fault: { name, on: true, toxicity, seed: randomInt(2 ** 32), action, trigger: null } }
}

/** The fault with what a body of PATCH …/toxics/{toxic} changes. */
export const changedFault = (fault: Fault, body: JsonObject): Fault => ({
  ...fault,
  toxicity: toxicityOf(body, fault.toxicity),
  action: actionOf(fault.action.kind, objectField(body, 'attributes'), attributesOf(fault.action)),
})
