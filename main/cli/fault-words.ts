// One fault, or one replacement, as it is written on the command line. Every wrong one is answered by a sentence that says what
// would be right. Counterparts: fault-options.ts (the options), preload/contract/faults.ts, docs/relay-lab.md.
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import {
  type Fault,
  type FaultAction,
  type FaultKind,
  type Flow,
  faultKinds,
  flows,
  type Replacement,
} from '../../preload/contract/faults.ts'
import type { Pattern } from '../../preload/contract/patterns.ts'

/** What was written, for the directions that it is for. `seed` and `name` are null where they were left out. */
export interface WrittenFault {
  readonly flows: readonly Flow[]
  readonly fault: Omit<Fault, 'seed' | 'name'> & { readonly seed: number | null; readonly name: string | null }
}

export interface WrittenReplacement {
  readonly flows: readonly Flow[]
  readonly replacement: Replacement
}

const wrong = (message: string) => fail('bad-argument', message)

/** `text@upstream` in two; toxics are for downstream where nothing is said, and so are faults. */
const splitFlows = (text: string): { readonly rest: string; readonly flows: readonly Flow[] } => {
  const match = /^(?<rest>[\s\S]*)@(?<where>upstream|downstream|both)$/.exec(text)
  if (match?.groups === undefined) return { rest: text, flows: ['downstream'] }
  const where = match.groups['where']
  return { rest: match.groups['rest'] ?? '', flows: where === 'both' ? flows : flows.filter((flow) => flow === where) }
}

const milliseconds: Readonly<Record<string, number>> = { '': 1, us: 0.001, ms: 1, s: 1000 }
/** ms, which may be a part of one. */
const fineTime = (text: string): Result<number> => {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|)$/.exec(text)
  return match === null
    ? wrong('takes a time, such as 120, 120ms, 1.5s or 500us')
    : ok(Number(match[1]) * milliseconds[match[2] ?? '']!)
}
const wholeTime = (text: string): Result<number> => {
  const time = fineTime(text)
  return time.ok && !Number.isInteger(time.value) ? wrong('takes whole milliseconds, such as 120, 120ms or 1.5s') : time
}

const bytesOf: Readonly<Record<string, number>> = { '': 1, B: 1, kB: 1000, MB: 1_000_000, KiB: 1024, MiB: 1024 * 1024 }
const size = (text: string): Result<number> => {
  const match = /^(\d+(?:\.\d+)?)(B|kB|MB|KiB|MiB|)$/.exec(text.replace(/\/s$/, ''))
  return match === null
    ? wrong('takes a number of bytes, such as 500, 64kB or 1MiB')
    : ok(Number(match[1]) * bytesOf[match[2]!]!)
}

const decimal = (text: string): Result<number> =>
  /^\d*\.?\d+(?:e-?\d+)?$/i.test(text) ? ok(Number(text)) : wrong('takes a number, such as 0.5')

interface Key {
  readonly read: (text: string) => Result<number>
  /** Left out where it has to be given. */
  readonly otherwise?: number
}
type Keys = Readonly<Record<string, Key>>
type Values = Readonly<Record<string, number>>

const whole = (value: number): number => Math.round(value)
const time = { read: wholeTime }

/** The keys of each kind, and what their values make of it. */
const kinds: Readonly<Record<FaultKind, { readonly keys: Keys; readonly action: (values: Values) => FaultAction }>> = {
  latency: {
    keys: { delay: time, jitter: { ...time, otherwise: 0 } },
    action: ({ delay = 0, jitter = 0 }) => ({ kind: 'latency', delayMs: delay, jitterMs: jitter }),
  },
  bandwidth: {
    keys: { rate: { read: size } },
    action: ({ rate = 0 }) => ({ kind: 'bandwidth', bytesPerSecond: whole(rate) }),
  },
  'slow-close': {
    keys: { delay: time },
    action: ({ delay = 0 }) => ({ kind: 'slow-close', delayMs: delay }),
  },
  timeout: {
    keys: { after: { ...time, otherwise: 0 } },
    action: ({ after = 0 }) => ({ kind: 'timeout', timeoutMs: after }),
  },
  'reset-peer': {
    keys: { after: { ...time, otherwise: 0 } },
    action: ({ after = 0 }) => ({ kind: 'reset-peer', timeoutMs: after }),
  },
  slicer: {
    keys: { size: { read: size }, variation: { read: size, otherwise: 0 }, delay: { read: fineTime, otherwise: 0 } },
    action: ({ size: bytes = 0, variation = 0, delay = 0 }) => ({
      kind: 'slicer',
      averageBytes: whole(bytes),
      variationBytes: whole(variation),
      delayUs: whole(delay * 1000),
    }),
  },
  'limit-data': {
    keys: { bytes: { read: size } },
    action: ({ bytes = 0 }) => ({ kind: 'limit-data', bytes: whole(bytes) }),
  },
  corrupt: { keys: { rate: { read: decimal } }, action: ({ rate = 0 }) => ({ kind: 'corrupt', bitRate: rate }) },
  drop: { keys: {}, action: () => ({ kind: 'drop' }) },
  refuse: { keys: {}, action: () => ({ kind: 'refuse' }) },
  'limit-time': {
    keys: { after: time },
    action: ({ after = 0 }) => ({ kind: 'limit-time', afterMs: after }),
  },
  stall: {
    keys: { bytes: { read: size, otherwise: 0 } },
    action: ({ bytes = 0 }) => ({ kind: 'stall', afterBytes: whole(bytes) }),
  },
  'throttle-accept': {
    keys: { rate: { read: decimal } },
    action: ({ rate = 0 }) => ({ kind: 'throttle-accept', perSecond: rate }),
  },
}

/** What every kind takes beside its own. */
const commonKeys = ['toxicity', 'seed', 'name', 'on', 'times'] as const

/** `/regex/`, `hex:41 ?? 4?`, `"text"` or text as it is: a message that contains it. */
const patternOf = (text: string): Pattern => {
  if (text.length >= 2 && text.startsWith('/') && text.endsWith('/')) return { match: 'regex', text: text.slice(1, -1) }
  if (text.startsWith('hex:')) return { match: 'hex', text: text.slice(4) }
  const quoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"')
  return { match: 'contains', text: quoted ? text.slice(1, -1) : text }
}

/** `key=value` at commas, except within quotes or slashes of a value. */
const pairsOf = (text: string): Result<ReadonlyMap<string, string>> => {
  const pairs = new Map<string, string>()
  if (text === '') return ok(pairs)
  const pattern = /([a-z]+)=("(?:\\.|[^"\\])*"|\/(?:\\.|[^/\\])*\/|[^,]*)(?:,|$)/gy
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (match === null) return wrong(`“${text.slice(at)}” is not KEY=VALUE`)
    if (pairs.has(match[1]!)) return wrong(`${match[1]} is given twice`)
    pairs.set(match[1]!, match[2]!)
  }
  return ok(pairs)
}

const wholeNumber = (text: string | undefined, key: string, least: number, most: number): Result<number | null> => {
  if (text === undefined) return ok(null)
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? ok(value) : wrong(`${key} takes a whole number from ${least} to ${most}`)
}

const listed = (names: readonly string[]): string => names.join(', ')

/**
 * `KIND[:KEY=VALUE,…][@upstream|@downstream|@both]`, for example `latency:delay=120,jitter=30@downstream`. Ranges are checked with the
 * rest of the spec.
 */
export const parseFault = (text: string): Result<WrittenFault> => {
  const { rest, flows: where } = splitFlows(text.trim())
  const colon = rest.indexOf(':')
  const written = (colon < 0 ? rest : rest.slice(0, colon)).replaceAll('_', '-')
  const kind = faultKinds.find((each) => each === written)
  if (kind === undefined) return wrong(`“${written}” is no fault; there are ${listed(faultKinds)}`)
  const { keys, action } = kinds[kind]
  const pairs = pairsOf(colon < 0 ? '' : rest.slice(colon + 1))
  if (!pairs.ok) return wrong(`${kind}: ${pairs.failure.message}`)
  const known = [...Object.keys(keys), ...commonKeys]
  const foreign = [...pairs.value.keys()].find((key) => !known.includes(key))
  if (foreign !== undefined) return wrong(`${kind} has no “${foreign}”; it takes ${listed(known)}`)
  const values: Record<string, number> = {}
  for (const [name, key] of Object.entries(keys)) {
    const given = pairs.value.get(name)
    if (given === undefined && key.otherwise === undefined)
      return wrong(`${kind} needs ${name}, for example ${examples[kind]}`)
    const value = given === undefined ? ok(key.otherwise ?? 0) : key.read(given)
    if (!value.ok) return wrong(`${kind}: ${name} ${value.failure.message}`)
    values[name] = value.value
  }
  const toxicity = pairs.value.has('toxicity') ? decimal(pairs.value.get('toxicity')!) : ok(1)
  if (!toxicity.ok || toxicity.value > 1) return wrong(`${kind}: toxicity takes a number from 0 to 1, such as 0.5`)
  const seed = wholeNumber(pairs.value.get('seed'), 'seed', 0, 0xffff_ffff)
  const times = wholeNumber(pairs.value.get('times'), 'times', 1, Number.MAX_SAFE_INTEGER)
  for (const each of [seed, times]) if (!each.ok) return wrong(`${kind}: ${each.failure.message}`)
  const on = pairs.value.get('on')
  if (on === undefined && pairs.value.has('times')) return wrong(`${kind}: times goes with on=PATTERN`)
  return ok({
    flows: where,
    fault: {
      name: pairs.value.get('name') ?? null,
      on: true,
      toxicity: toxicity.value,
      seed: seed.ok ? seed.value : null,
      action: action(values),
      trigger: on === undefined ? null : { pattern: patternOf(on), times: times.ok ? times.value : null },
    },
  })
}

const examples: Readonly<Record<FaultKind, string>> = {
  latency: 'latency:delay=120,jitter=30',
  bandwidth: 'bandwidth:rate=100kB',
  'slow-close': 'slow-close:delay=500',
  timeout: 'timeout:after=5s',
  'reset-peer': 'reset-peer:after=2s',
  slicer: 'slicer:size=64,variation=16,delay=500us',
  'limit-data': 'limit-data:bytes=64KiB',
  corrupt: 'corrupt:rate=0.0001',
  drop: 'drop',
  refuse: 'refuse:toxicity=0.3',
  'limit-time': 'limit-time:after=30s',
  stall: 'stall:bytes=4096',
  'throttle-accept': 'throttle-accept:rate=10',
}

/**
 * As with sed: `/PATTERN/REPLACEMENT/[FLAGS][@upstream|@downstream|@both]`, with any sign in place of the slash. The pattern is a regular
 * expression; with the flag `t` both are plain text with C escapes, with `h` both are hex.
 */
export const parseReplacement = (text: string): Result<WrittenReplacement> => {
  const { rest, flows: where } = splitFlows(text)
  const sign = rest[0] ?? ''
  const form = 'write /PATTERN/REPLACEMENT/, for example /foo/bar/@upstream'
  if (sign === '' || /[\w\\\s]/.test(sign)) return wrong(`“${text}” is no replacement; ${form}`)
  const parts: string[] = []
  let part = ''
  for (let i = 1; i < rest.length; i++) {
    const letter = rest[i]!
    if (letter === '\\' && rest[i + 1] === sign) part += rest[++i]
    else if (letter === '\\') part += letter + (rest[++i] ?? '')
    else if (letter === sign && parts.length < 2) {
      parts.push(part)
      part = ''
    } else part += letter
  }
  const [pattern, replace] = parts
  if (pattern === undefined || replace === undefined) return wrong(`“${text}” is not closed by ${sign}; ${form}`)
  if (!/^[th]?$/.test(part)) return wrong(`“${part}” is no flag; there are t (text) and h (hex)`)
  const match = part === 't' ? 'contains' : part === 'h' ? 'hex' : 'regex'
  return ok({
    flows: where,
    replacement: {
      name: pattern.slice(0, 100),
      on: true,
      pattern: { match, text: pattern },
      replace,
      notation: part === 'h' ? 'hex' : 'text',
    },
  })
}
