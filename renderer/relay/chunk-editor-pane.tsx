// The selected held chunk, opened: its editor, how it is written, and what the changes come to. Counterparts:
// chunk-editor.ts, held-queue.ts.
import { useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { HeldChunk } from '../../preload/contract/faults.ts'
import { Button } from '../ui/button.tsx'
import { formatBytes } from '../ui/format.ts'
import { Segmented } from '../ui/segmented.tsx'
import { type ChunkEditor, createChunkEditor } from './chunk-editor.ts'
import { editTextOf, mostEditedBytes, parseEdited, sameBytes } from './edit-text.ts'
import type { Edit, HeldQueue } from './held-queue.ts'
import { FieldProblem } from './pattern-field.tsx'

export interface ChunkEditorPaneProps {
  readonly queue: HeldQueue
  readonly chunk: HeldChunk
  readonly edit: Edit
  /** The focus goes back to the chunk's row. */
  onLeave(): void
  onForward(): void
}

const signed = (difference: number): string => (difference > 0 ? `+${difference}` : `−${-difference}`)

export const ChunkEditorPane = ({ queue, chunk, edit, onLeave, onForward }: ChunkEditorPaneProps) => {
  const { t } = useTranslation()
  const problemId = useId()
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<ChunkEditor | null>(null)
  /** Bumped where the text becomes another by more than typing. */
  const [written, setWritten] = useState(0)
  const { id, data } = chunk
  const { mode } = edit
  const parsed = parseEdited(edit.text, mode)
  const tooLarge = data.length > mostEditedBytes
  const handlers = useRef({ onLeave, onForward })
  useEffect(() => {
    handlers.current = { onLeave, onForward }
  })

  // The text is the editor's own from here on: what is typed comes back through `type`, and must not begin it anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: begun anew for another chunk, notation or reverted text.
  useEffect(() => {
    if (host.current === null) return
    const made = createChunkEditor(host.current, {
      label: t('relay.held.editor', { id }),
      mode,
      original: editTextOf(data, mode),
      text: edit.text,
      onChange: (text) => queue.type(id, text),
      onLeave: () => handlers.current.onLeave(),
      onForward: () => handlers.current.onForward(),
    })
    editor.current = made
    made.focus()
    host.current.parentElement?.scrollIntoView({ block: 'nearest' })
    return () => made.dispose()
  }, [queue, id, mode, written])

  if (tooLarge)
    return <p className="held-editor too-large dim">{t('relay.held.tooLarge', { size: formatBytes(data.length) })}</p>
  const changed = parsed.ok && !sameBytes(parsed.bytes, data)
  const difference = parsed.ok ? parsed.bytes.length - data.length : 0
  return (
    <div className={parsed.ok ? 'held-editor' : 'held-editor wrong'}>
      <div ref={host} className="held-editor-text" />
      <div className="held-editor-foot">
        <FieldProblem
          id={problemId}
          message={parsed.ok ? null : `${parsed.message}, ${t('relay.held.at', { at: parsed.at + 1 })}`}
        />
        <span className="grow caption">{parsed.ok ? t('relay.held.key') : ''}</span>
        {changed || !parsed.ok ? (
          <Button
            weight="quiet"
            onClick={() => {
              queue.revert(id)
              setWritten((times) => times + 1)
            }}
          >
            {t('relay.held.revert')}
          </Button>
        ) : null}
        <Segmented
          label={t('relay.held.mode')}
          value={mode}
          choices={[
            { value: 'text', text: t('relay.held.text') },
            { value: 'hex', text: t('relay.held.hex') },
          ]}
          onChange={(next) => queue.setMode(id, next)}
        />
        <span className="held-editor-size data" role="status">
          {parsed.ok ? formatBytes(parsed.bytes.length) : '–'}
          {difference === 0 ? null : <span className="held-difference"> {signed(difference)}</span>}
        </span>
      </div>
    </div>
  )
}
