// The lesson's file: the very text that ran, with the line of the step lit and who waits where. Counterpart: code-editor.ts.
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useCommands } from '../link/link.ts'
import { type CodeEditor, createCodeEditor, type LineNote } from './code-editor.ts'
import { currentStep, keepDraft, runChosen, shownText, stopEditing, useLessons } from './store.ts'

export const CodePane = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<CodeEditor | null>(null)
  const text = useLessons(shownText)
  const step = useLessons(currentStep)
  const run = useLessons((state) => state.run)
  const editing = useLessons((state) => state.editing)

  useEffect(() => {
    const element = host.current
    if (element === null) return
    const created = createCodeEditor(element, {
      onChange: keepDraft,
      onRun: () => {
        stopEditing()
        void runChosen(commands)
      },
    })
    editor.current = created
    // Letters that are typed are text, not keys of the page. Views and panes can still be changed.
    const keep = (event: KeyboardEvent) => {
      if (element.dataset['editor'] === 'on' && !event.ctrlKey && !event.metaKey && event.key !== 'F6')
        event.stopPropagation()
    }
    element.addEventListener('keydown', keep)
    return () => {
      editor.current = null
      element.removeEventListener('keydown', keep)
      created.dispose()
    }
  }, [commands])

  useEffect(() => {
    editor.current?.setEditable(editing, t(editing ? 'lessons.codeEditing' : 'lessons.code'))
    if (editing) editor.current?.focus()
  }, [editing, t])

  useEffect(() => {
    editor.current?.setText(text)
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
    editor.current?.setNotes(notes)
    editor.current?.setError(run?.source === text ? run.error : null)
  }, [text, step, run, editing, t])

  return <div ref={host} className="lesson-code" data-pane="code" />
}
