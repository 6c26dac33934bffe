// Bytes as text on the screen: what is printable as it is, CR and LF as one boxed token, every other byte as its escape in
// a quieter colour. A peer's bytes only ever become text nodes. Counterpart: text-parts.ts.
import { Fragment, type ReactNode } from 'react'
import { textParts } from './text-parts.ts'

export interface ByteTextProps {
  readonly bytes: Uint8Array
  /** Breaks the line after each line end. */
  readonly lines?: boolean
  /** Draws line ends in the accent: they were added, not typed. */
  readonly accent?: boolean
}

export const LineEnd = ({
  names,
  accent = false,
}: {
  readonly names: readonly string[]
  readonly accent?: boolean
}) => (
  <span className={accent ? 'line-end accent' : 'line-end'}>
    {names.map((name) => (
      <span key={name}>{name}</span>
    ))}
  </span>
)

export const ByteText = ({ bytes, lines = false, accent = false }: ByteTextProps) => {
  const nodes: ReactNode[] = []
  for (const [i, part] of textParts(bytes).entries()) {
    const key = `${i}`
    if (part.kind === 'line-end')
      nodes.push(
        <Fragment key={key}>
          <LineEnd names={part.names} accent={accent} />
          {lines ? '\n' : null}
        </Fragment>,
      )
    else if (part.kind === 'escaped')
      nodes.push(
        <span key={key} className="escaped">
          {part.text}
        </span>,
      )
    else nodes.push(part.text)
  }
  return <>{nodes}</>
}
