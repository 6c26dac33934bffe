// What can be filtered by, for what has been typed so far: kinds of events, connections and endpoints, by their names.
// Counterparts: event-log/filter.ts (what a filter is), filter-field.tsx.
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
