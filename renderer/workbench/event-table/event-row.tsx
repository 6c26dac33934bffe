// One row of the event table. Everything in it follows from its seq and never changes, so it is rendered once it is held; only
// the endpoint's name, the selection and the pointer can touch it later. Counterpart: event-table.tsx.
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { eventLog } from '../../event-log/event-log.ts'
import { selectSeq } from '../../event-log/step.ts'
import type { HighlightRule } from '../../highlights/saved.ts'
import { MarkedBytes, marksOf } from '../../search/marked-bytes.tsx'
import { selectionStore } from '../../stores/selection.ts'
import { formatCount, formatDuration, splitSeconds } from '../../ui/format.ts'
import { EventMark } from '../../ui/marks.tsx'
import { detailWords } from './detail-words.ts'
import { Part } from './part.tsx'

/** Bytes of a payload that one line has room for, on any screen. */
const lineBytes = 192
/** A pause as long as this stands out. */
const longDeltaMs = 15

export interface EventRowProps {
  readonly row: number
  readonly seq: number
  /** `aria-rowindex`, from 1, the head included. */
  readonly index: number
  /** False while the event is still to be read: the row is there, and empty. */
  readonly held: boolean
  /** The event before it is held, so that the time between them can be told. */
  readonly afterHeld: boolean
  /** Where in its bytes matches of the search begin, and how long they are: `offset+length …`; empty for none. */
  readonly hits: string
  /** Its endpoint's; empty where it is not known any more. */
  readonly name: string
  /** What a relay's faults did to it; empty for nothing. */
  readonly acted: string
  readonly selected: boolean
  readonly hovered: boolean
  /** It does not match the filter, which marks what does. */
  readonly dimmed: boolean
  /** The note of its bookmark; null without one. */
  readonly note: string | null
  /** The colour of its highlight and the filter that gives it; null for none. */
  readonly highlight: HighlightRule | null
  /** It is part of the message that is selected. */
  readonly inMessage: boolean
}

export const rowId = (row: number): string => `event-row-${row}`

/** Bytes shown before the first match, where that begins too far on to be seen. */
const leadBytes = 8
const seenBytes = 48

const Payload = ({ seq, hits }: { readonly seq: number; readonly hits: string }) => {
  const preview = eventLog.preview(seq)
  const marks = marksOf(hits)
  const first = marks[0]?.from ?? 0
  const from = first > seenBytes && first < preview.length ? first - leadBytes : 0
  const shown = preview.subarray(from, from + lineBytes)
  return (
    <>
      {from > 0 ? '…' : null}
      <MarkedBytes bytes={shown} marks={marks.map((mark) => ({ from: mark.from - from, to: mark.to - from }))} />
      {eventLog.length(seq) > from + shown.length ? '…' : null}
    </>
  )
}

const Delta = ({ seq }: { readonly seq: number }) => {
  const before = eventLog.previous(seq)
  if (before === null) return <>–</>
  if (!eventLog.has(before)) return null
  const delta = eventLog.at(seq) - eventLog.at(before)
  const text = formatDuration(delta)
  return delta >= longDeltaMs ? <span className="long">{text}</span> : text
}

export const EventRow = memo(
  ({
    row,
    seq,
    index,
    held,
    hits,
    name,
    acted,
    selected,
    hovered,
    dimmed,
    note,
    highlight,
    inMessage,
  }: EventRowProps) => {
    const { t } = useTranslation()
    if (!held || !eventLog.has(seq))
      return (
        <Part
          id={rowId(row)}
          className="event-row unread"
          role="row"
          aria-rowindex={index}
          aria-selected={selected}
          aria-busy="true"
          onClick={() => selectSeq(seq)}
        >
          <Part role="gridcell" className="end dim">
            {seq}
          </Part>
        </Part>
      )
    const kind = eventLog.kind(seq)
    const isData = kind === 'data-received' || kind === 'data-sent'
    const [seconds, micros] = splitSeconds(eventLog.at(seq))
    const connection = eventLog.connection(seq)
    return (
      // The grid takes the keys: it names the active row, so that a row may leave the page without taking the focus along.
      <Part
        id={rowId(row)}
        className="event-row"
        role="row"
        aria-rowindex={index}
        aria-selected={selected}
        data-hovered={hovered || undefined}
        data-seq={seq}
        data-hit={hits === '' ? undefined : true}
        data-dimmed={dimmed || undefined}
        data-in-message={inMessage || undefined}
        onClick={() => selectSeq(seq)}
        onPointerEnter={() => selectionStore.getState().hover(eventLog.has(seq) ? eventLog.at(seq) : null)}
      >
        <Part role="gridcell" className="end dim seq">
          {highlight === null ? null : (
            <span
              className="row-highlight"
              style={{ background: `var(--highlight-${highlight.colour})` }}
              role="img"
              aria-label={t('filter.highlighted', { filter: highlight.filter })}
            />
          )}
          {note === null ? null : (
            <span
              className="row-bookmark"
              role="img"
              aria-label={note === '' ? t('bookmarks.marked') : t('bookmarks.markedNote', { note })}
            />
          )}
          {seq}
        </Part>
        <Part role="gridcell" className="end">
          {seconds}
          <span className="micros dim">{micros}</span>
        </Part>
        <Part role="gridcell" className="end dim">
          <Delta seq={seq} />
        </Part>
        <Part role="gridcell" className="conn cut">
          {connection === null ? null : `${connection} `}
          <span className="dim">{name}</span>
        </Part>
        <Part role="gridcell" className="event">
          <EventMark kind={kind} cause={eventLog.cause(seq)} />
          {kind}
        </Part>
        <Part role="gridcell" className="end">
          {isData ? formatCount(eventLog.length(seq)) : <span className="dim">–</span>}
        </Part>
        <Part role="gridcell" className={isData ? 'payload cut' : 'payload words cut'}>
          {!isData ? (
            detailWords(seq)
          ) : acted === '' ? (
            <Payload seq={seq} hits={hits} />
          ) : (
            <span className="acted-payload">
              <span className="cut">
                <Payload seq={seq} hits={hits} />
              </span>
              <span className="acted cut">{acted}</span>
            </span>
          )}
        </Part>
        <Part role="gridcell" className="end dim">
          {eventLog.iteration(seq)}
        </Part>
      </Part>
    )
  },
)

export interface GapRowProps {
  readonly events: number
  readonly oldest: boolean
  readonly index: number
}

/** Tells that events are missing between its neighbours. */
export const GapRow = memo(({ events, oldest, index }: GapRowProps) => {
  const { t } = useTranslation()
  const count = formatCount(events)
  return (
    <Part className="event-row gap" role="row" aria-rowindex={index}>
      <Part role="gridcell" aria-colspan={8}>
        {oldest ? t('eventTable.gapOldest', { events: count }) : t('eventTable.gap', { events: count })}
      </Part>
    </Part>
  )
})
