// What the filter field offers for what has been typed so far: connections, kinds and endpoints by their names, the typed
// term itself, and ways to go on writing. Counterparts: contract/filter-completion.ts (the words), event-log/filter.ts (what
// a filter is), filter-field.tsx.
import { completeFilter } from '../../../preload/contract/filter-completion.ts'
import { formatFilter } from '../../../preload/contract/filter-format.ts'
import { parseFilter } from '../../../preload/contract/filter-language.ts'
import { type ConnectionId, type EndpointId, eventKinds } from '../../../preload/contract/vocabulary.ts'
import type { FilterPart } from '../../event-log/filter.ts'

/** Connections and endpoints that are proposed at most. */
const proposed = 8

export interface FilterSources {
  readonly endpoints: ReadonlyMap<EndpointId, string>
  /** True where the capture has a connection of this number. */
  hasConnection(id: number): boolean
  /** Numbers of connections, the newest last. */
  connections(): Iterable<number>
}

const connectionsFor = (digits: string, sources: FilterSources): number[] => {
  const found: number[] = []
  if (digits !== '' && sources.hasConnection(Number(digits))) found.push(Number(digits))
  for (const id of sources.connections()) {
    if (found.length >= proposed) break
    if (!found.includes(id) && `${id}`.startsWith(digits)) found.push(id)
  }
  return found
}

/** What `text` may mean, the likeliest first. `kind:…`, `conn:…` and `endpoint:…` look in one list only. */
export const proposals = (text: string, sources: FilterSources): readonly FilterPart[] => {
  const typed = text.trim().toLowerCase()
  const [, prefix, rest] = /^(?:(kind|conn|connection|endpoint):)?\s*(.*)$/.exec(typed) ?? []
  const wanted = rest ?? ''
  const parts: FilterPart[] = []
  const digits = /^#?(\d+)$/.exec(wanted)?.[1]
  if (prefix?.startsWith('conn') || (prefix === undefined && digits !== undefined))
    for (const id of connectionsFor(digits ?? wanted, sources)) parts.push({ by: 'connection', id: id as ConnectionId })
  if (prefix === undefined || prefix === 'kind')
    for (const kind of eventKinds) if (kind.includes(wanted)) parts.push({ by: 'kind', kind })
  if (prefix === undefined || prefix === 'endpoint') {
    const named = [...sources.endpoints].filter(([, name]) => name.toLowerCase().includes(wanted))
    for (const [id] of named.slice(0, proposed)) parts.push({ by: 'endpoint', id })
  }
  return parts
}

/** A line of the field's list: a part to add, or text to go on writing with. */
export type Offer =
  | { readonly type: 'part'; readonly part: FilterPart }
  | { readonly type: 'write'; readonly text: string; readonly word: string }

/** Parts and words that are offered at most. */
const offered = 40

/** What may be done with what is typed, the likeliest first. */
export const offersFor = (text: string, sources: FilterSources): readonly Offer[] => {
  const typed = text.trim()
  const { from, candidates } = completeFilter(text, text.length, {
    endpoints: [...new Set(sources.endpoints.values())],
    connections: (digits) => connectionsFor(digits, sources),
  })
  const write = candidates.map((candidate): Offer => {
    const word = candidate.text
    return {
      type: 'write',
      text: text.slice(0, from) + word + (/[:<>=~/]$/.test(word) && !candidate.complete ? '' : ' '),
      word,
    }
  })
  if (typed === '') return write
  const parsed = parseFilter(typed)
  const whole: Offer[] = parsed.ok && parsed.part !== null ? [{ type: 'part', part: parsed.part }] : []
  // Several words are a filter of their own; of a single one it is shown what it may be the beginning of.
  if (from > 0) return [...whole, ...write].slice(0, offered)
  const meant = proposals(typed, sources).map((part): Offer => ({ type: 'part', part }))
  const isText = parsed.ok && parsed.part?.by === 'text'
  const known = new Set(meant.map((offer) => (offer.type === 'part' ? formatFilter(offer.part) : '')))
  const own = whole.filter((offer) => offer.type === 'part' && !known.has(formatFilter(offer.part)))
  const named = own.filter((offer) => offer.type !== 'part' || offer.part.by !== 'endpoint-name' || meant.length === 0)
  const goOn = write.filter((offer) => offer.type === 'write' && !/^(kind|endpoint|conn):./.test(offer.word))
  return (isText ? [...goOn, ...meant, ...named] : [...named, ...meant, ...goOn]).slice(0, offered)
}
