// Which decoder a person has chosen for an endpoint's payloads, remembered by the endpoint's role and addresses in the
// browser's own storage. Counterparts: decode.ts (the decoders), decoded-view.tsx (where one is chosen).
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { textEncodings } from '../../preload/contract/encodings.ts'
import type { EndpointId } from '../../preload/contract/vocabulary.ts'
import { endpointKey } from '../../preload/contract/workspace.ts'
import { endpointsStore, useEndpoints } from '../stores/endpoints.ts'
import type { DecoderId } from './decode.ts'

/** `auto`: whatever knows the bytes. */
export type DecoderChoice = 'auto' | DecoderId

export const decoderChoices: readonly DecoderChoice[] = [
  'auto',
  'json',
  'http',
  'resp',
  'msgpack',
  'protobuf',
  ...textEncodings.map((encoding) => `text:${encoding}` as const),
]

const storageKey = 'wireloop.decoders'
/** Endpoints that are remembered, those chosen for last. */
const remembered = 200

const stored = (): ReadonlyMap<string, DecoderChoice> => {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]')
    if (!Array.isArray(parsed)) return new Map()
    return new Map(
      parsed.filter(
        (each): each is [string, DecoderChoice] =>
          Array.isArray(each) && typeof each[0] === 'string' && decoderChoices.includes(each[1]),
      ),
    )
  } catch {
    // Storage may be refused, or hold what is not ours: nothing is remembered then.
    return new Map()
  }
}

const store = createStore<{ readonly byEndpoint: ReadonlyMap<string, DecoderChoice> }>()(() => ({
  byEndpoint: stored(),
}))

const keyOf = (endpoint: EndpointId | null): string => {
  const info = endpoint === null ? undefined : endpointsStore.getState().endpoints.get(endpoint)
  return info === undefined ? '' : endpointKey(info.spec)
}

/** Remembers a choice for an endpoint; of one that is not known any more, until the page is left. */
export const chooseDecoder = (endpoint: EndpointId | null, choice: DecoderChoice): void => {
  const key = keyOf(endpoint)
  const others = [...store.getState().byEndpoint].filter(([each]) => each !== key)
  const byEndpoint = new Map([...others, [key, choice] as const].slice(-remembered))
  store.setState({ byEndpoint })
  try {
    localStorage.setItem(storageKey, JSON.stringify([...byEndpoint].filter(([each]) => each !== '')))
  } catch {
    // The choice then holds for this page only.
  }
}

export const useDecoderChoice = (endpoint: EndpointId | null): DecoderChoice => {
  useEndpoints((state) => (endpoint === null ? undefined : state.endpoints.get(endpoint)?.spec))
  return useStore(store, (state) => state.byEndpoint.get(keyOf(endpoint)) ?? 'auto')
}
