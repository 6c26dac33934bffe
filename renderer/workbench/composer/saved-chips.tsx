// The row under the composer: saved messages with their keys, the way to save what is written, and the library. Counterparts:
// saved.ts (sends them), renderer/library (all of them), workbench/keys.ts (the digits).
import { Popover } from '@base-ui/react/popover'
import { Library, Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SavedMessage, SavedTarget, WrittenMessage } from '../../../preload/contract/workspace.ts'
import { newId } from '../../library/new-id.ts'
import { useCommands } from '../../link/link.ts'
import { noticeStore } from '../../stores/notice.ts'
import { viewStore } from '../../stores/view.ts'
import { changeWorkspace, useWorkspace } from '../../stores/workspace.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Field } from '../../ui/field.tsx'
import { Hint } from '../../ui/hint.tsx'
import { Switch } from '../../ui/switch.tsx'
import { sendSaved, targetWords } from './saved.ts'

/** Chips that are listed at most: those with keys first, then the first others. */
const listedChips = 12

const chipsOf = (messages: readonly SavedMessage[]): readonly SavedMessage[] => {
  const keyed = messages.filter(({ key }) => key !== null).toSorted((a, b) => a.key! - b.key!)
  const others = messages.filter(({ key }) => key === null)
  return [...keyed, ...others].slice(0, listedChips)
}

const sameWriting = (a: WrittenMessage, b: WrittenMessage): boolean =>
  a.text === b.text && a.mode === b.mode && a.ending === b.ending && a.encoding === b.encoding

interface SaveFormProps {
  readonly written: WrittenMessage
  readonly target: SavedTarget | null
  readonly messages: readonly SavedMessage[]
  done(): void
}

const SaveForm = ({ written, target, messages, done }: SaveFormProps) => {
  const { t } = useTranslation()
  const [name, setName] = useState(() => written.text.replace(/\s+/g, ' ').trim().slice(0, 24))
  const [folder, setFolder] = useState('')
  const taken = new Set(messages.map(({ key }) => key))
  const [key, setKey] = useState(() => [1, 2, 3, 4, 5, 6, 7, 8, 9].find((digit) => !taken.has(digit)) ?? 0)
  const [bound, setBound] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    event.stopPropagation()
    const message: SavedMessage = {
      ...written,
      id: newId(),
      name: name.trim(),
      folder: folder.trim(),
      key: key === 0 ? null : key,
      target: bound ? target : null,
    }
    const saved = await changeWorkspace('messages', (kept) => [
      // A key that was somebody else's is this one's now.
      ...kept.map((other) => (other.key !== null && other.key === message.key ? { ...other, key: null } : other)),
      message,
    ])
    if (saved.ok) done()
    else setFailure(saved.failure.message)
  }
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Field label={t('composer.saveName')} maxLength={100} value={name} error={failure} onChange={setName} />
      <div className="composer-save-row">
        <Field
          label={t('composer.saveFolder')}
          aside={t('word.optional')}
          maxLength={100}
          value={folder}
          onChange={setFolder}
        />
        <div className="field">
          <span className="field-label">{t('composer.saveKey')}</span>
          <Choice
            label={t('composer.saveKey')}
            fieldSized
            value={key}
            options={[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => ({
              value: digit,
              text: digit === 0 ? t('composer.saveNoKey') : `${digit}`,
            }))}
            onChange={(digit) => setKey(digit)}
          />
        </div>
      </div>
      {target === null ? null : (
        // biome-ignore lint/a11y/noLabelWithoutControl: the switch inside is the control.
        <label className="composer-save-target">
          <Switch
            label={t('composer.saveTarget', { target: targetWords(target) })}
            checked={bound}
            onChange={setBound}
          />
          <span>{t('composer.saveTarget', { target: targetWords(target) })}</span>
        </label>
      )}
      <Button type="submit" weight="primary">
        {t('composer.save')}
      </Button>
    </form>
  )
}

export interface SavedChipsProps {
  /** What the composer holds now; null where there is nothing to save. */
  readonly written: WrittenMessage | null
  readonly target: SavedTarget | null
}

export const SavedChips = ({ written, target }: SavedChipsProps) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const messages = useWorkspace((state) => state.parts.messages)
  const [saving, setSaving] = useState(false)
  return (
    <div className="composer-chips">
      <ul className="chip-list" aria-label={t('composer.savedMessages')}>
        {chipsOf(messages).map((message) => (
          <li key={message.id}>
            <Hint
              text={
                message.target === null
                  ? t('composer.chipHint', { text: message.text.slice(0, 80) })
                  : t('composer.chipHintTo', { text: message.text.slice(0, 80), target: targetWords(message.target) })
              }
            >
              <button
                type="button"
                data-saved-key={message.key ?? undefined}
                className={written !== null && sameWriting(message, written) ? 'chip on' : 'chip'}
                onClick={() =>
                  void sendSaved(commands, message).then((result) => noticeStore.getState().report(result))
                }
              >
                {message.key === null ? null : <span className="kbd">{message.key}</span>}
                <span className="cut data">{message.name === '' ? message.text.slice(0, 24) : message.name}</span>
              </button>
            </Hint>
          </li>
        ))}
      </ul>
      <span className="grow" />
      <Popover.Root open={saving} onOpenChange={setSaving}>
        <Popover.Trigger
          render={
            <IconButton label={t('composer.saveMessage')} wide disabled={written === null} data-save-message>
              <Plus size={16} aria-hidden="true" />
            </IconButton>
          }
        />
        <Popover.Portal>
          <Popover.Positioner className="floating" side="top" align="end" sideOffset={4}>
            <Popover.Popup className="menu composer-popover" aria-label={t('composer.saveMessage')}>
              {written === null ? null : (
                <SaveForm written={written} target={target} messages={messages} done={() => setSaving(false)} />
              )}
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
      <IconButton
        label={t('library.open')}
        shortcut="V"
        wide
        onClick={() => viewStore.getState().showLibrary('messages')}
      >
        <Library size={16} aria-hidden="true" />
      </IconButton>
    </div>
  )
}
