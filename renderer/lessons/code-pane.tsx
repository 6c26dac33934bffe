// The lesson's file: the very text that ran, with the line of the step lit and who waits where. Counterpart: code-editor.ts.
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useCommands } from '../link/link.ts'
import type { CodeEditor, LineNote } from './code-editor.ts'
import { currentStep, keepDraft, runChosen, shownText, stopEditing, useLessons } from './store.ts'

export const CodePane = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const host = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<CodeEditor | null>(null)
  const text = useLessons(shownText)
  const step = useLessons(currentStep)
  const run = useLessons((state) => state.run)
  const editing = useLessons((state) => state.editing)

  useEffect(() => {
    const element = host.current
    if (element === null) return
    let created: CodeEditor | null = null
    let gone = false
    // Fetched when a lesson is first shown: the editor is as large as the rest of the page.
    void import('./code-editor.ts').then(({ createCodeEditor }) => {
      if (gone) return
      created = createCodeEditor(element, {
        onChange: keepDraft,
        onRun: () => {
          stopEditing()
          void runChosen(commands)
        },
      })
      setEditor(created)
    })
    // Letters that are typed are text, not keys of the page. Views and panes can still be changed.
    const keep = (event: KeyboardEvent) => {
      if (element.dataset['editor'] === 'on' && !event.ctrlKey && !event.metaKey && event.key !== 'F6')
        event.stopPropagation()
    }
    element.addEventListener('keydown', keep)
    return () => {
      gone = true
      element.removeEventListener('keydown', keep)
      created?.dispose()
      setEditor(null)
    }
  }, [commands])

  useEffect(() => {
    editor?.setEditable(editing, t(editing ? 'lessons.codeEditing' : 'lessons.code'))
    if (editing) editor?.focus()
  }, [editor, editing, t])

  useEffect(() => {
    editor?.setText(text)
    const shown = step === null || editing || run?.source !== text ? null : step
    const notes: LineNote[] =
      shown === null
        ? []
        : [
            ...(shown.line === 0
              ? []
              : [{ line: shown.line, text: t('lessons.lineRuns', { name: shown.runs }), runs: true }]),
            ...shown.waiting.map(({ line, name, count }) => ({
              line,
              text: t(count === 1 ? 'lessons.lineWaits' : 'lessons.lineWaitsMany', { name, count }),
              runs: false,
            })),
          ]
    editor?.setNotes(notes)
    editor?.setError(run?.source === text ? run.error : null)
  }, [editor, text, step, run, editing, t])

  return <div ref={host} className="lesson-code" data-pane="code" />
}
