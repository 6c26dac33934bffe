// The script: examples to start from, an editor, and where it failed last. Counterparts: lessons/code-editor.ts (the editor),
// examples.ts, main/scripts (runs it).
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Framing } from '../../preload/contract/framing.ts'
import type { ReplyScript } from '../../preload/contract/replies.ts'
import type { EventDetails } from '../../preload/contract/vocabulary.ts'
import type { CodeEditor } from '../lessons/code-editor.ts'
import { Choice } from '../ui/choice.tsx'
import { ErrorMark } from '../ui/marks.tsx'
import { examples } from './examples.ts'

export interface ScriptSectionProps {
  readonly script: ReplyScript
  /** Why it answers nothing any more, of the text that it runs. */
  readonly failed: EventDetails['script-failed'] | null
  /** The text that failed: a changed one is not marked. */
  readonly failedSource: string
  onChange(script: ReplyScript): void
  /** An example asks for a framing of its own. */
  onFraming(framing: Framing): void
  /** Ctrl Enter. */
  onApply(): void
}

export const ScriptSection = ({ script, failed, failedSource, onChange, onFraming, onApply }: ScriptSectionProps) => {
  const { t } = useTranslation()
  const host = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<CodeEditor | null>(null)
  const events = useRef({ change: (_text: string) => {}, apply: onApply })
  useEffect(() => {
    events.current = { change: (source) => onChange({ ...script, source }), apply: onApply }
  })

  useEffect(() => {
    const element = host.current
    if (element === null) return
    let created: CodeEditor | null = null
    let gone = false
    // Fetched when a script is first shown: the editor is as large as the rest of the page.
    void import('../lessons/code-editor.ts').then(({ createCodeEditor }) => {
      if (gone) return
      created = createCodeEditor(element, {
        onChange: (text) => events.current.change(text),
        onRun: () => events.current.apply(),
      })
      setEditor(created)
    })
    // Letters that are typed are text, not keys of the sheet; Escape leaves the editor first.
    const keep = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        event.stopPropagation()
        element.closest<HTMLElement>('.script-section')?.querySelector<HTMLElement>('.choice')?.focus()
      } else if (!event.ctrlKey && !event.metaKey) event.stopPropagation()
    }
    element.addEventListener('keydown', keep)
    return () => {
      gone = true
      element.removeEventListener('keydown', keep)
      created?.dispose()
      setEditor(null)
    }
  }, [])

  const shown = failed !== null && script.source === failedSource ? failed : null
  useEffect(() => editor?.setEditable(true, t('replies.scriptLabel')), [editor, t])
  useEffect(() => {
    editor?.setText(script.source)
    editor?.setError(
      shown === null || shown.line === 0
        ? null
        : { message: shown.error.message, line: shown.line, column: shown.column },
    )
  }, [editor, script.source, shown])

  return (
    <div className="script-section">
      <div className="script-head">
        <Choice
          label={t('replies.examples')}
          value={examples.find((example) => example.source === script.source)?.name ?? null}
          empty={t('replies.exampleChoose')}
          options={examples.map(({ name }) => ({
            value: name,
            text: t(`replies.example_${name}`),
            help: t(`replies.exampleHelp_${name}`),
          }))}
          onChange={(name) => {
            const example = examples.find((each) => each.name === name)
            if (example === undefined) return
            onChange({ name, source: example.source })
            if (example.framing !== null) onFraming(example.framing)
          }}
        />
      </div>
      <div ref={host} className="script-code" data-invalid={shown !== null} />
      {shown === null ? null : (
        <p className="field-error" role="alert">
          <ErrorMark />
          <span>
            {shown.line === 0
              ? t('replies.scriptFailedAnywhere', { message: shown.error.message })
              : t('replies.scriptFailed', { line: shown.line, message: shown.error.message })}
          </span>
        </p>
      )}
      {script.source.trim() === '' ? <p className="field-help">{t('replies.scriptEmpty')}</p> : null}
      <p className="field-help">{t('replies.scriptHelp')}</p>
    </div>
  )
}
