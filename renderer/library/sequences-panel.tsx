// The sequences that there are; one of them is open in the editor. Counterparts: sequence-editor.tsx, transfer.ts (exports one).
import { Copy, Download, ListOrdered, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Sequence } from '../../preload/contract/workspace.ts'
import { formatWorkspace } from '../../preload/contract/workspace-document.ts'
import { downloadParts } from '../loop/download.ts'
import { noticeStore } from '../stores/notice.ts'
import { changeWorkspace, useWorkspace } from '../stores/workspace.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { targetWords } from '../workbench/composer/saved.ts'
import { sameJson, sequenceDrafts, useDrafts } from './drafts.ts'
import { newId } from './new-id.ts'
import { SequenceEditor } from './sequence-editor.tsx'
import { newStep } from './step-row.tsx'

const exportOne = (sequence: Sequence) =>
  downloadParts(`${sequence.name.replace(/[^\w -]+/g, '_') || 'sequence'}.json`, 'application/json', [
    formatWorkspace({ sequences: [sequence] }),
  ])

export const SequencesPanel = () => {
  const { t } = useTranslation()
  const sequences = useWorkspace((state) => state.parts.sequences)
  const drafts = useDrafts(sequenceDrafts)
  const [editing, setEditing] = useState<Sequence | null>(null)
  const change = (next: (kept: readonly Sequence[]) => readonly Sequence[]) =>
    void changeWorkspace('sequences', next).then((result) => noticeStore.getState().report(result))
  // New ones that were never saved are nowhere else.
  const unsaved = [...drafts.values()].filter(({ base }) => !sequences.some(({ id }) => id === base.id))
  const isChanged = (sequence: Sequence): boolean => {
    const draft = drafts.get(sequence.id)
    return draft !== undefined && !sameJson(draft.value, sequence)
  }
  const make = () =>
    setEditing({
      id: newId(),
      name: t('library.sequenceName', { number: sequences.length + unsaved.length + 1 }),
      target: null,
      steps: [newStep('send'), newStep('expect')],
    })

  if (editing !== null) {
    const saved = sequences.find(({ id }) => id === editing.id)
    return <SequenceEditor key={editing.id} sequence={saved ?? editing} close={() => setEditing(null)} />
  }
  return (
    <>
      <div className="library-bar">
        <Button onClick={make}>
          <Plus size={14} aria-hidden="true" />
          {t('library.newSequence')}
        </Button>
      </div>
      {sequences.length + unsaved.length === 0 ? <p className="dim">{t('library.noSequences')}</p> : null}
      <ul className="library-rows">
        {sequences.map((sequence) => (
          <li key={sequence.id} className="library-row">
            <ListOrdered size={14} aria-hidden="true" />
            <span className="library-row-main">
              <span className="cut">{sequence.name}</span>
              <span className="cut dim">
                {t('library.steps', { count: sequence.steps.length })}
                {sequence.target === null ? '' : ` → ${targetWords(sequence.target)}`}
                {isChanged(sequence) ? `, ${t('library.unsaved')}` : ''}
              </span>
            </span>
            <Button onClick={() => setEditing(sequence)}>{t('library.edit')}</Button>
            <IconButton label={t('library.export')} onClick={() => exportOne(sequence)}>
              <Download size={14} aria-hidden="true" />
            </IconButton>
            <IconButton
              label={t('library.duplicate')}
              onClick={() => change((kept) => [...kept, { ...sequence, id: newId() }])}
            >
              <Copy size={14} aria-hidden="true" />
            </IconButton>
            <IconButton
              label={t('library.remove')}
              onClick={() => {
                sequenceDrafts.drop(sequence.id)
                change((kept) => kept.filter(({ id }) => id !== sequence.id))
              }}
            >
              <Trash2 size={14} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
        {unsaved.map(({ base, value }) => (
          <li key={base.id} className="library-row">
            <ListOrdered size={14} aria-hidden="true" />
            <span className="library-row-main">
              <span className="cut">{value.name}</span>
              <span className="cut dim">
                {t('library.steps', { count: value.steps.length })}, {t('library.unsaved')}
              </span>
            </span>
            <Button onClick={() => setEditing(base)}>{t('library.edit')}</Button>
            <IconButton label={t('library.remove')} onClick={() => sequenceDrafts.drop(base.id)}>
              <Trash2 size={14} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
    </>
  )
}
