// The bytes of a payload as a dump with a cursor: a click or the arrows put it on a byte. Bytes of a search, of a decoded field
// and the beginnings of messages stand out. Counterparts: hex-dump.ts (the lines), bytes-section.tsx, export/selected-bytes.ts.
import { type KeyboardEvent, type MouseEvent, memo, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ByteMark } from '../../search/marked-bytes.tsx'
import { byteOfColumn, dumpRow, dumpWidth, hexColumns, offsetDigits } from './hex-dump.ts'

export interface HexViewProps {
  readonly bytes: Uint8Array
  readonly shown: number
  readonly marks: readonly ByteMark[]
  /** The bytes of the field that is pointed at; null for none. */
  readonly linked: ByteMark | null
  /** Offsets at which messages begin. */
  readonly frames: ReadonlySet<number>
  readonly cursor: number | null
  readonly onCursor: (at: number | null) => void
}

/** The byte under the pointer; null beside the bytes. */
const byteUnder = (event: MouseEvent, end: number): number | null => {
  const row = (event.target as Element).closest('.dump-row')
  const dump = row?.parentElement
  if (row == null || dump == null) return null
  const before = [...dump.children].indexOf(row) * dumpWidth
  for (const [part, columns] of [
    ['.dump-hex', hexColumns],
    ['.dump-text', dumpWidth],
  ] as const) {
    const box = row.querySelector(part)?.getBoundingClientRect()
    if (box === undefined || event.clientX < box.left || event.clientX >= box.right) continue
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns)
    const at = before + (columns === dumpWidth ? column : byteOfColumn(column))
    return at < end ? at : null
  }
  return null
}

const moves: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -dumpWidth,
  ArrowDown: dumpWidth,
}

export const HexView = ({ bytes, shown, marks, linked, frames, cursor, onCursor }: HexViewProps) => {
  const { t } = useTranslation()
  const end = Math.min(bytes.length, shown)
  const digits = offsetDigits(end)
  const rows: ReactNode[] = []
  for (let from = 0; from < end; from += dumpWidth) {
    const to = Math.min(end, from + dumpWidth)
    const inRow = (at: number) => Math.max(from, Math.min(to, at))
    rows.push(
      <HexRow
        key={from}
        bytes={bytes}
        from={from}
        to={to}
        digits={digits}
        marks={marks}
        linkedFrom={linked === null ? to : inRow(linked.from)}
        linkedTo={linked === null ? to : inRow(linked.to)}
        frames={frames}
        cursor={cursor !== null && cursor >= from && cursor < to ? cursor : -1}
      />,
    )
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const by = moves[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || by === undefined || end === 0) return
    onCursor(cursor === null ? 0 : Math.max(0, Math.min(end - 1, cursor + by)))
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls
    <div
      className="dump data selectable"
      role="group"
      aria-label={t('decode.dump')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrows move its cursor
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        // Marking bytes to copy them is not pointing at one.
        if (document.getSelection()?.isCollapsed === false) return
        const at = byteUnder(event, end)
        if (at !== null) onCursor(at)
      }}
    >
      {rows}
    </div>
  )
}

interface HexRowProps {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
  readonly digits: number
  readonly marks: readonly ByteMark[]
  /** The linked bytes of this line alone: what is pointed at changes only the lines that it is in. */
  readonly linkedFrom: number
  readonly linkedTo: number
  readonly frames: ReadonlySet<number>
  /** -1 where it stands in another line. */
  readonly cursor: number
}

const HexRow = memo(({ bytes, from, to, digits, marks, linkedFrom, linkedTo, frames, cursor }: HexRowProps) => {
  const { t } = useTranslation()
  const row = dumpRow(
    bytes,
    from,
    to,
    digits,
    (offset) => marks.some((mark) => offset >= mark.from && offset < mark.to),
    {
      isLinked: (offset) => offset >= linkedFrom && offset < linkedTo,
      isCursor: (offset) => offset === cursor,
      startsFrame: (offset) => frames.has(offset),
    },
  )
  return (
    <div className="dump-row">
      <span className="dim">{row.offset}</span>
      <span className="dump-hex">
        {row.runs.map((run, i) => {
          const Run = run.marked ? 'mark' : 'span'
          const look = [
            run.quiet && !run.marked && run.linked !== true ? 'dim' : '',
            run.linked === true ? 'linked' : '',
            run.cursor === true ? 'cursor' : '',
            run.frame === true ? 'frame' : '',
          ]
          const className = look.filter(Boolean).join(' ')
          return (
            <Run
              // biome-ignore lint/suspicious/noArrayIndexKey: the runs of one line never move.
              key={i}
              className={className === '' ? undefined : className}
              title={run.frame === true ? t('messages.boundary') : undefined}
            >
              {run.text}
            </Run>
          )
        })}
      </span>
      <span className="dump-text">{row.characters}</span>
    </div>
  )
})
