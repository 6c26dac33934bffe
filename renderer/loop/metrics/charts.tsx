// The small charts of the metrics: bars by part of the stretch, or by length. Decoration beside the numbers, named for who
// cannot see them. Counterparts: metrics.tsx, loop-log/measures.ts (the parts).

export interface BarsProps {
  /** Accessible name. */
  readonly label: string
  readonly values: ArrayLike<number>
  /** The value of a full bar; the largest one where not given. */
  readonly full?: number
  /** Bars drawn in the error colour. */
  readonly marked?: (i: number) => boolean
  readonly width?: number
  readonly height?: number
}

export const Bars = ({ label, values, full, marked, width = 112, height = 24 }: BarsProps) => {
  const bars = Array.from(values)
  const top = full ?? Math.max(...bars, Number.MIN_VALUE)
  const pitch = width / bars.length
  return (
    <svg
      className="bars"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      {bars.map((value, i) => {
        // However little: something is seen as something.
        const barHeight = value <= 0 ? 1 : Math.max(2, Math.min(1, value / top) * height)
        const className = value <= 0 ? 'bar none' : marked?.(i) === true ? 'bar err' : 'bar'
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place in the row
            key={i}
            className={className}
            x={i * pitch}
            y={height - barHeight}
            width={Math.max(1, pitch - 1)}
            height={barHeight}
          />
        )
      })}
    </svg>
  )
}
