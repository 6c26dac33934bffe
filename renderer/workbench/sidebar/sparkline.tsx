// Traffic of the last seconds as a row of thin bars; a dot where a second was quiet. Counterpart: stores/rates.ts.

import type { EndpointId } from '../../../preload/contract/vocabulary.ts'
import { endpointHistory, historyLength, useLooks } from '../../stores/rates.ts'

const pitch = 2
const height = 10

/** Bar height in px for a rate, on a logarithmic scale from 1 B/s to 1 GiB/s. */
const barHeight = (rate: number): number =>
  rate <= 0 ? 1 : Math.max(2, Math.min(height, Math.round((Math.log10(rate + 1) / 9) * height)))

export const Sparkline = ({ endpoint }: { readonly endpoint: EndpointId }) => {
  // As text, which is compared by what it says: most seconds of most endpoints change nothing.
  const heights = useLooks((looks) => endpointHistory(looks, endpoint)?.map(barHeight).join(' ') ?? '')
  if (heights === '') return null
  return (
    <svg className="sparkline" width={historyLength * pitch} height={height} aria-hidden="true">
      {heights.split(' ').map((bar, i) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place in time, nothing else.
          key={i}
          x={i * pitch}
          y={height - Number(bar)}
          width="1"
          height={bar}
        />
      ))}
    </svg>
  )
}
