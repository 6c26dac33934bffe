// The chunks that wait for a person: one row each, the selected one with what can be done to it, and opened to be edited. New
// ones come in at the end and move nothing; the focus is taken by nobody but the keys that are pressed here. Counterparts:
// held-queue.ts, chunk-editor-pane.tsx.
// biome-ignore-all lint/a11y/useSemanticElements: rows open in place, which no table does.
// biome-ignore-all lint/a11y/useFocusableInteractive: the row takes the focus, its cells do not need it.
import { ArrowDown } from 'lucide-react'
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useStore } from 'zustand'
import type { HeldChunk } from '../../preload/contract/faults.ts'
import { eventLog } from '../event-log/event-log.ts'
import { shownNow } from '../event-log/shown.ts'
import { Button } from '../ui/button.tsx'
import { ByteText } from '../ui/byte-text.tsx'
import { formatBytes, formatCount } from '../ui/format.ts'
import { Kbd } from '../ui/kbd.tsx'
import { ErrorMark, ReceivedMark } from '../ui/marks.tsx'
import { ChunkEditorPane } from './chunk-editor-pane.tsx'
import { sameBytes } from './edit-text.ts'
import { editedBytes, type HeldQueue, type HeldState } from './held-queue.ts'

/** Bytes of a chunk that its row shows. */
const previewBytes = 160

const engineNow = (): number => Math.max(shownNow(), eventLog.lastAt)

/** Now on the engine's clock, ms, twice a second while chunks wait: their age is shown. */
const useNow = (running: boolean): number => {
  const [now, setNow] = useState(engineNow)
  useEffect(() => {
    if (!running) return
    setNow(engineNow())
    const timer = setInterval(() => setNow(engineNow()), 500)
    return () => clearInterval(timer)
  }, [running])
  return now
}

const ageText = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 60) return `${seconds.toFixed(1)}\u202fs`
  const minutes = Math.floor(seconds / 60)
  return `${formatCount(minutes)}\u202fmin ${String(Math.floor(seconds % 60)).padStart(2, '0')}\u202fs`
}

interface RowProps {
  readonly queue: HeldQueue
  readonly chunk: HeldChunk
  readonly state: HeldState
  readonly tabStop: boolean
  readonly now: number
}

const Row = ({ queue, chunk, state, tabStop, now }: RowProps) => {
  const { t } = useTranslation()
  const { id, data } = chunk
  const selected = state.selected === id
  const dropped = state.dropped.has(id)
  const edit = state.edits.get(id)
  const made = edit === undefined ? data : (editedBytes(edit) ?? data)
  const edited = !sameBytes(made, data)
  const editing = selected && state.editing && edit !== undefined
  return (
    <div
      role="row"
      data-held={id}
      aria-selected={selected}
      aria-label={t('relay.held.row', { id, flow: t(`relay.flow.${chunk.flow}`), size: formatBytes(data.length) })}
      className={['held-row', selected ? 'selected' : '', dropped ? 'dropped' : ''].filter(Boolean).join(' ')}
      tabIndex={tabStop ? 0 : -1}
    >
      <span role="gridcell" className="held-way data">
        <ReceivedMark />
        <span>
          {chunk.from} <span className="dim">→</span> {chunk.to}
        </span>
        <span className="held-to dim">{t(`relay.flowTo.${chunk.flow}`)}</span>
      </span>
      <span role="gridcell" className="held-size data">
        {formatBytes(made.length)}
      </span>
      <span role="gridcell" className="held-age data dim">
        {ageText(now - chunk.at)}
      </span>
      <span role="gridcell" className="held-bytes data cut">
        {edited && !dropped ? <span className="held-mark">{t('relay.held.edited')}</span> : null}
        <ByteText bytes={made.subarray(0, previewBytes)} />
        {made.length > previewBytes ? '…' : null}
      </span>
      <span role="gridcell" className="held-actions">
        {dropped ? (
          <>
            <span className="held-mark err-text">{t('relay.held.dropped')}</span>
            <Button onClick={() => queue.undo(id)}>
              {t('relay.held.undo')}
              {selected ? <Kbd>Ctrl Z</Kbd> : null}
            </Button>
          </>
        ) : selected ? (
          <>
            <Button
              className={editing ? 'pressed' : ''}
              aria-pressed={editing}
              onClick={() => queue.setEditing(!editing)}
            >
              {t('relay.held.edit')}
              <Kbd>E</Kbd>
            </Button>
            <Button onClick={() => void queue.forward(id)}>
              {t('relay.held.forward')}
              <Kbd>{editing ? 'Ctrl Enter' : 'Enter'}</Kbd>
            </Button>
            <Button weight="quiet" onClick={() => queue.drop(id)}>
              {t('relay.held.drop')}
              <Kbd>Del</Kbd>
            </Button>
          </>
        ) : null}
      </span>
    </div>
  )
}

/** Follows how much of the list is new and out of sight. */
const useNewBelow = (chunks: readonly HeldChunk[]) => {
  const scroller = useRef<HTMLDivElement>(null)
  const seen = useRef<number | null>(null)
  const [fresh, setFresh] = useState(0)
  const look = useCallback(() => {
    const box = scroller.current
    const last = chunks.at(-1)?.id ?? 0
    if (box === null) return
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 12
    if (atEnd || seen.current === null) seen.current = chunks.length === 0 ? null : last
    setFresh(seen.current === null ? 0 : chunks.filter(({ id }) => id > seen.current!).length)
  }, [chunks])
  useLayoutEffect(look, [look])
  return { scroller, fresh, look }
}

export interface QueueProps {
  readonly queue: HeldQueue
  /** A direction intercepts now: the next chunk would be held. */
  readonly intercepting: boolean
  readonly running: boolean
  /** The first row takes the focus when the sheet opens on it. */
  readonly takeFocus: () => boolean
}

export const Queue = ({ queue, intercepting, running, takeFocus }: QueueProps) => {
  const { t } = useTranslation()
  const state = useStore(queue.store)
  const { chunks, count, selected, editing, known, failure } = state
  const now = useNow(chunks.length > 0)
  const { scroller, fresh, look } = useNewBelow(chunks)
  /** The focus is in the list, or was when what had it went: it stays there. */
  const inList = useRef(false)
  const firstLook = useRef(true)
  const tabStop = chunks.some(({ id }) => id === selected) ? selected : chunks[0]?.id

  const rowOf = (id: number | null) =>
    id === null ? null : scroller.current?.querySelector<HTMLElement>(`[data-held='${id}']`)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was done here moves the focus.
  useLayoutEffect(() => {
    if (known && firstLook.current) {
      firstLook.current = false
      // Chunks that come later take nobody's focus.
      const first = chunks[0]
      if (first !== undefined && takeFocus()) rowOf(first.id)?.focus()
    }
    // Once the list is empty the focus has gone elsewhere.
    if (known && chunks.length === 0) inList.current = false
    if (!inList.current || editing) return
    const row = rowOf(selected)
    if (row?.parentElement?.contains(document.activeElement) === false) row.focus()
  }, [chunks, selected, editing, known])

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement
    const row = target.closest<HTMLElement>('[data-held]')
    const onRow = row === target
    if (row === null || event.altKey) return
    const id = Number(row.dataset['held'])
    if (event.ctrlKey || event.metaKey) {
      if (event.key !== 'z') return
      queue.undo()
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      queue.select(id)
      queue.step(event.key === 'ArrowDown' ? 1 : -1)
    } else if (event.key === 'Home' || event.key === 'End') {
      const end = event.key === 'Home' ? chunks[0] : chunks.at(-1)
      if (end !== undefined) queue.select(end.id)
    } else if (event.key === 'Enter' && onRow && !event.shiftKey) {
      if (state.dropped.has(id)) queue.undo(id)
      else void queue.forward(id)
    } else if (event.key.toLowerCase() === 'e') {
      queue.select(id)
      queue.setEditing(true)
    } else if (event.key === 'Delete') {
      queue.drop(id)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  const onClick = (event: MouseEvent<HTMLElement>) => {
    const target = event.target as HTMLElement
    const row = target.closest<HTMLElement>('[data-held]')
    if (row === null || target.closest('button') !== null) return
    queue.select(Number(row.dataset['held']))
    if (event.detail === 2) queue.setEditing(true)
  }

  const selectedChunk = chunks.find(({ id }) => id === selected)
  const edit = selected === null ? undefined : state.edits.get(selected)
  return (
    <section className="held" aria-label={t('relay.held.title')} data-part="held">
      <header className="held-head">
        <h3>
          {t('relay.held.title')} <span className="dim data">{count > 0 ? formatCount(count) : ''}</span>
        </h3>
        <span className="visually-hidden" role="status">
          {t('relay.held.announce', { count })}
        </span>
        {count === 0 ? null : (
          <Button weight="quiet" onClick={() => void queue.forwardAll()}>
            {t('relay.held.forwardAll')}
            <Kbd>Shift Enter</Kbd>
          </Button>
        )}
      </header>
      {failure === null ? null : (
        <p className="field-error held-failure" role="alert">
          <ErrorMark />
          <span>{failure.message}</span>
        </p>
      )}
      {chunks.length === 0 ? (
        <p className="held-none dim">
          {!running
            ? t('relay.held.notRunning')
            : !known
              ? t('relay.held.loading')
              : t(intercepting ? 'relay.held.noneOn' : 'relay.held.none')}
        </p>
      ) : (
        <div className="held-area">
          <div
            ref={scroller}
            role="grid"
            aria-label={t('relay.held.list')}
            aria-rowcount={count}
            className="held-list scroll"
            onKeyDown={onKeyDown}
            onClick={onClick}
            onFocus={() => {
              inList.current = true
            }}
            onBlur={({ relatedTarget }) => {
              // What is taken away loses the focus to nobody.
              if (relatedTarget !== null && scroller.current?.contains(relatedTarget) !== true) inList.current = false
            }}
            onScroll={look}
          >
            {chunks.map((chunk) => (
              <div key={chunk.id} role="rowgroup" className="held-item">
                <Row queue={queue} chunk={chunk} state={state} tabStop={chunk.id === tabStop} now={now} />
                {chunk.id === selected && editing && selectedChunk !== undefined && edit !== undefined ? (
                  <div role="row">
                    <div role="gridcell">
                      <ChunkEditorPane
                        key={chunk.id}
                        queue={queue}
                        chunk={selectedChunk}
                        edit={edit}
                        onLeave={() => queue.setEditing(false)}
                        onForward={() => void queue.forward(chunk.id)}
                      />
                    </div>
                  </div>
                ) : null}
              </div>
            ))}
          </div>
          {count > chunks.length ? (
            <p className="held-more dim">{t('relay.held.notListed', { count: count - chunks.length })}</p>
          ) : null}
          {fresh > 0 ? (
            <button
              type="button"
              className="event-new"
              onClick={() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight })}
            >
              <ArrowDown size={12} aria-hidden="true" />
              {t('relay.held.newBelow', { count: fresh })}
            </button>
          ) : null}
        </div>
      )}
    </section>
  )
}
