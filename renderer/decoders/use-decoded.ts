// A payload decoded, by decoders that are loaded when the first payload is looked at. Counterparts: decode.ts, choice.ts,
// inspector/bytes-section.tsx.
import { useEffect, useMemo, useState } from 'react'
import type { EndpointId } from '../../preload/contract/vocabulary.ts'
import { useDecoderChoice } from './choice.ts'
import type { DecoderId } from './decode.ts'
import type { Decoded } from './decoded.ts'

type Decoders = typeof import('./decode.ts')
let loaded: Decoders | null = null

const useDecoders = (): Decoders | null => {
  const [decoders, setDecoders] = useState(loaded)
  useEffect(() => {
    if (loaded !== null) return
    void import('./decode.ts').then((module) => {
      loaded = module
      setDecoders(module)
    })
  }, [])
  return decoders
}

export interface DecodedPayload {
  /** What the bytes look like; null where nothing knows them, and until the decoders are there. */
  readonly detected: DecoderId | null
  /** What they are read as: the choice, or what they look like. */
  readonly as: DecoderId | null
  readonly decoded: Decoded | null
}

/** `wanted`: the fields are to be shown, not only the name of what reads them. */
export const useDecoded = (bytes: Uint8Array, endpoint: EndpointId | null, wanted: boolean): DecodedPayload => {
  const decoders = useDecoders()
  const choice = useDecoderChoice(endpoint)
  const detected = useMemo(() => decoders?.detect(bytes) ?? null, [decoders, bytes])
  const as = choice === 'auto' ? detected : choice
  const decoded = useMemo(
    () => (decoders === null || as === null || !wanted ? null : decoders.decodeAs(as, bytes)),
    [decoders, as, bytes, wanted],
  )
  return { detected, as, decoded }
}
