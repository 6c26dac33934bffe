// Traffic of the last seconds as a row of thin bars; a dot where a second was quiet. Counterpart: stores/rates.ts.

import type { EndpointId } from '../../../preload/contract/vocabulary.ts'
import { historyLength, useRates } from '../../stores/rates.ts'

const pitch = 2
const height = 10

/** Bar height in px for a rate, on a logarithmic scale from 1 B/s to 1 GiB/s. */
const barHeight = (rate: number): number =>
  rate <= 0 ? 1 : Math.max(2, Math.min(height, Math.round((Math.log10(rate + 1) / 9) * height)))

export const Sparkline = ({ endpoint }: { readonly endpoint: EndpointId }) => {
  const history = useRates((rates) => rates.endpoints.get(endpoint))
  if (history === undefined) return null
  return (
    <svg className="sparkline" width={historyLength * pitch} height={height} aria-hidden="true">
      {history.map((rate, i) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place in time, nothing else.
          key={i}
          x={i * pitch}
          y={height - barHeight(rate)}
          width="1"
          height={barHeight(rate)}
        />
      ))}
    </svg>
  )
}
