// Edits one saved message. Counterparts: messages-panel.tsx, drafts.ts (keeps what is not saved).
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { encodingLabels, textEncodings } from '../../preload/contract/encodings.ts'
import { lineEndings } from '../../preload/contract/notation.ts'
import type { SavedMessage } from '../../preload/contract/workspace.ts'
import { changeWorkspace } from '../stores/workspace.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Field } from '../ui/field.tsx'
import { ErrorMark } from '../ui/marks.tsx'
import { composeMessage } from '../workbench/composer/message.ts'
import { messageProblem } from '../workbench/composer/sending.ts'
import { messageDrafts, useDrafts } from './drafts.ts'
import { TargetChoice } from './target-choice.tsx'

export const MessageForm = ({ message, done }: { readonly message: SavedMessage; done(): void }) => {
  const { t } = useTranslation()
  const value = useDrafts(messageDrafts).get(message.id)?.value ?? message
  const [failure, setFailure] = useState<string | null>(null)
  const set = (change: Partial<SavedMessage>) => messageDrafts.change(message, change)
  const composed = composeMessage(value.text, value.mode, value.ending, value.encoding)
  const problem = composed.ok ? failure : messageProblem(composed)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!composed.ok) return
    const saved = await changeWorkspace('messages', (kept) =>
      kept.map((other) => {
        if (other.id === message.id) return value
        return other.key !== null && other.key === value.key ? { ...other, key: null } : other
      }),
    )
    if (saved.ok) {
      messageDrafts.saved(value)
      done()
    } else setFailure(t('library.notSaved', { message: saved.failure.message }))
  }
  const cancel = () => {
    messageDrafts.drop(message.id)
    done()
  }
  return (
    <form className="library-form" onSubmit={(event) => void submit(event)} noValidate>
      <div className="library-fields">
        <Field label={t('library.name')} maxLength={100} value={value.name} onChange={(name) => set({ name })} />
        <Field
          label={t('library.folder')}
          maxLength={100}
          value={value.folder}
          onChange={(folder) => set({ folder })}
        />
        <div className="field">
          <span className="field-label">{t('library.key')}</span>
          <Choice
            label={t('library.key')}
            fieldSized
            value={value.key ?? 0}
            options={[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => ({
              value: digit,
              text: digit === 0 ? t('library.noKey') : `${digit}`,
            }))}
            onChange={(digit) => set({ key: digit === 0 ? null : digit })}
          />
        </div>
      </div>
      <div className="field">
        <span className="field-label">
          <label htmlFor={`text-${message.id}`}>{t('library.text')}</label>
        </span>
        <textarea
          id={`text-${message.id}`}
          className="input data library-text"
          spellCheck={false}
          aria-invalid={problem !== null}
          value={value.text}
          onChange={(event) => set({ text: event.target.value })}
        />
        {problem === null ? null : (
          <p className="field-error" role="alert">
            <ErrorMark />
            <span>{problem}</span>
          </p>
        )}
      </div>
      <div className="library-fields">
        <div className="field">
          <span className="field-label">{t('library.mode')}</span>
          <Choice
            label={t('library.mode')}
            fieldSized
            value={value.mode}
            options={[
              { value: 'text', text: t('library.textMode') },
              { value: 'hex', text: t('library.hexMode') },
            ]}
            onChange={(mode: 'text' | 'hex') => set({ mode })}
          />
        </div>
        <div className="field">
          <span className="field-label">{t('library.encoding')}</span>
          <Choice
            label={t('library.encoding')}
            fieldSized
            disabled={value.mode === 'hex'}
            value={value.encoding}
            options={textEncodings.map((encoding) => ({ value: encoding, text: encodingLabels[encoding] }))}
            onChange={(encoding) => set({ encoding })}
          />
        </div>
        <div className="field">
          <span className="field-label">{t('library.ending')}</span>
          <Choice
            label={t('library.ending')}
            fieldSized
            value={value.ending}
            options={lineEndings.map((ending) => ({ value: ending, text: t(`composer.eolChoice.${ending}`) }))}
            onChange={(ending) => set({ ending })}
          />
        </div>
      </div>
      <TargetChoice value={value.target} onChange={(target) => set({ target })} />
      <div className="library-bar">
        <span className="grow" />
        <Button weight="quiet" onClick={cancel}>
          {t('library.cancel')}
        </Button>
        <Button type="submit" weight="primary" disabled={!composed.ok}>
          {t('library.save')}
        </Button>
      </div>
    </form>
  )
}
