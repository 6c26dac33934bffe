// A wire with its one end, drawn small: who connects to whom, with a few bytes on their way. Decoration of the first-run
// cards and the sheets; the words beside it say the same.
import type { EndpointRole } from '../../preload/contract/vocabulary.ts'

const width = 288
const height = 44
const middle = 22
const radius = 20

const Ring = ({ x }: { readonly x: number }) => (
  <>
    <circle cx={x} cy={middle} r={radius} stroke="var(--text)" strokeWidth="2" />
    <circle cx={x} cy={middle} r="3" fill="var(--accent)" />
  </>
)

const Arrow = ({ from, to }: { readonly from: number; readonly to: number }) => (
  <path d={`M${from} ${middle}H${to}M${to - 8} ${middle - 8}l8 8l-8 8`} stroke="var(--life)" strokeWidth="1.75" />
)

/** Sent above the line, received below. */
const Tick = ({ x, up, size }: { readonly x: number; readonly up: boolean; readonly size: number }) => (
  <path
    d={up ? `M${x} ${middle - 6}v${-size}` : `M${x} ${middle + 6}v${size}`}
    stroke={up ? 'var(--sent-mark)' : 'var(--recv-mark)'}
    strokeWidth="2"
  />
)

const drawings: Readonly<Record<EndpointRole, React.ReactNode>> = {
  listener: (
    <>
      <Arrow from={0} to={239} />
      <Tick x={77} up size={10} />
      <Tick x={73} up={false} size={10} />
      <Tick x={149} up size={6} />
      <Tick x={145} up={false} size={6} />
      <Ring x={267} />
    </>
  ),
  client: (
    <>
      <Ring x={21} />
      <Arrow from={50} to={287} />
      <Tick x={104} up size={10} />
      <Tick x={112} up={false} size={12} />
      <Tick x={184} up size={6} />
    </>
  ),
  relay: (
    <>
      <Arrow from={0} to={116} />
      <Tick x={36} up={false} size={12} />
      <Tick x={76} up size={8} />
      <Ring x={144} />
      <Arrow from={172} to={287} />
      <Tick x={208} up size={12} />
      <Tick x={232} up={false} size={8} />
    </>
  ),
}

/** The relay between its two sides, without traffic: as small as a line of text. */
export const RelayGlyph = () => (
  <svg className="relay-glyph" width="72" height="24" fill="none" aria-hidden="true">
    <path d="M0 12h22M18 8l4 4-4 4M50 12h21M67 8l4 4-4 4" stroke="var(--life)" strokeWidth="1.5" />
    <circle cx="36" cy="12" r="9" stroke="var(--text)" strokeWidth="1.5" />
    <circle cx="36" cy="12" r="2.25" fill="var(--accent)" />
  </svg>
)

export const WireDrawing = ({ kind }: { readonly kind: EndpointRole }) => (
  <svg
    className="wire-drawing"
    viewBox={`0 0 ${width} ${height}`}
    width={width}
    height={height}
    fill="none"
    aria-hidden="true"
  >
    {drawings[kind]}
  </svg>
)
